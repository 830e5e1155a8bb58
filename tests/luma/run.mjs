// Real shops go in through REST and are read back value by value; then every product and customer is put again unchanged, and nothing may
// differ. Luma: 38 categories, 21 attributes with their options, 7 attribute sets, 2,040 products of every type, their 1,542 links, its
// customer, its tax, CMS blocks and pages, sales rules and a coupon. An office retailer: 20 categories, 1,894 products, 793 customers with
// 4,910 addresses. Then the 1,565 stores of a chain become sources. On SQLite and on MariaDB.
//
//   tests/luma/run FERRITE [--engine sandbox,sqlite,mariadb] [--shop luma,superstore]
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request, close } from '../lib/client.mjs';
import { engines, mariadbStop } from '../lib/engines.mjs';
import { run, scratch } from '../lib/server.mjs';
import { categoryDiffers, differs, linkText, productDiffers, urlKeyOf } from './compare.mjs';
import { checkContent } from './content.mjs';
import { checkCustomers } from './customers.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const data = resolve(root, '../shared/data');
const option = (name) => { const i = process.argv.indexOf(`--${name}`); return i < 0 ? null : (process.argv[i + 1] ?? '').split(','); };
const ferrite = resolve(process.argv[2] ?? join(root, 'build-gcc/ferrite'));
const fixture = join(root, 'tests/data/fixture.json');
const admin = JSON.parse(readFileSync(fixture, 'utf8')).users.find((u) => u.username === 'admin');
let passed = 0, failed = 0, shown = 0;

const check = (what, why) => {
  if (!why) { passed++; return; }
  failed++;
  if (shown++ < 20) console.log(`FAILED  ${what}: ${why}`);
};
const lines = (file) => (existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []);
const rows = (file) => lines(file).map((line) => JSON.parse(line));
const json = (file, otherwise) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : otherwise);

// -- one shop ----------------------------------------------------------------------------------------------------

// What resolve.py sends for a shop: {method, path, body}, in order.
const bringIn = ({ server, check: told, folder, shop }) => {
  const out = join(folder, 'sent.tsv');
  const done = run('python3', [join(data, 'resolve.py'), shop.folder, '--base', `${server.base}/rest`, '--user', admin.username, '--password', admin.password,
    '--only', 'categories,attributes,products,configurables,grouped,bundles,downloadables,links,'
      + 'tax-rates,tax-rules,cms-blocks,cms-pages,sales-rules', '--emit', out]);
  told('import', done.status === 0 && / failed 0\s*$/.test(done.out) ? null : (done.out + done.err).slice(-600));
  return lines(out).map((l) => l.split('\t')).map(([method, path, body]) => ({ method, path, body: body && JSON.parse(body) }));
};

// Gives the attributes whose values are lists of options.
const checkAttributes = async ({ call, check: told }, sent) => {
  const lists = new Set(), labels = (list) => (list ?? []).map((o) => o.label).filter((l) => l.trim()).sort();
  for (const { path, body } of sent.filter((s) => s.path === '/V1/products/attributes' && s.body)) {
    const { body: read } = await call('GET', `${path}/${body.attribute.attribute_code}`);
    if (body.attribute.frontend_input === 'multiselect') lists.add(body.attribute.attribute_code);
    if (body.attribute.options?.length) told(`attribute ${body.attribute.attribute_code}`, differs('options', labels(body.attribute.options), labels(read.options)));
  }
  return lists;
};

const idsByPath = (category, above = '') => {
  const path = above ? `${above}/${category.name}` : category.name;
  return [[path, category.id], ...category.children_data.flatMap((child) => idsByPath(child, path))];
};

const checkCategories = async ({ call, check: told, shop }) => {
  const ids = new Map(idsByPath((await call('GET', '/V1/categories')).body)), real = shop.ids.categories ?? {};
  for (const { _path: path, category } of rows(join(shop.folder, 'categories.jsonl'))) {
    told(`category ${path} stands in the tree`, ids.has(path) ? differs('id', real[path] ?? ids.get(path), ids.get(path)) : 'it does not');
    told(`category ${path}`, categoryDiffers(category, (await call('GET', `/V1/categories/${ids.get(path)}`)).body));
  }
};

const checkProducts = async ({ call, check: told, shop }, products, lists) => {
  const before = new Map();
  for (const product of products) {
    const { status, body } = await call('GET', `/V1/products/${encodeURIComponent(product.sku)}`);
    before.set(product.sku, body);
    told(product.sku, status !== 200 ? JSON.stringify(body) : productDiffers(product, body, lists)
      ?? (product.sku in shop.urlKeys ? differs('url_key', shop.urlKeys[product.sku], urlKeyOf(body)) : null));
  }
  return before;
};

const checkLinks = async ({ call, check: told, shop }, sent) => {
  let n = 0;
  for (const { path, body } of sent.filter((s) => s.method === 'POST' && /\/links$/.test(s.path))) {
    const got = new Set();
    for (const type of new Set(body.items.map((i) => i.link_type))) for (const l of (await call('GET', `${path}/${type}`)).body) got.add(linkText(l));
    n += body.items.length;
    const missing = body.items.filter((i) => !got.has(linkText(i)));
    told(path, missing.length ? `of ${body.items.length} links ${missing.length} are not there: ${linkText(missing[0])}` : null);
  }
  told('links', n >= shop.links ? null : `only ${n} were sent`);
};

// A body without the ids of its choices and downloads has them made anew; its links replace all; a product never counted is low from
// its second save on.
const checkAgain = async ({ call, check: told }, products, before) => {
  const anew = (key, value) => (['id', 'option_id', 'low_stock_date'].includes(key) ? 0 : value);
  const still = (p, sent) => JSON.stringify({ ...p, updated_at: '', ...(sent.product_links ? { product_links: sent.product_links } : {}) }, anew);
  for (const product of products) {
    const put = await call('PUT', `/V1/products/${encodeURIComponent(product.sku)}`, { product });
    const { body } = await call('GET', `/V1/products/${encodeURIComponent(product.sku)}`);
    told(`${product.sku} put again`, put.status !== 200 ? JSON.stringify(put.body)
      : still(body, product) === still(before.get(product.sku), product) ? null : `was ${still(before.get(product.sku), product).slice(0, 1800)}\n is ${still(body, product).slice(0, 1800)}`);
  }
};

// Names may repeat; all reads back as it was sent, degrees to six decimals.
const micro = (v) => (typeof v === 'number' ? Math.sign(v) * Math.round(Math.abs(v) * 1e6) : v);
const checkSources = async ({ call, check: told }) => {
  const sources = rows(join(data, 'bestbuy/sources.jsonl')).map((r) => r.source);
  for (const source of sources) {
    const { status, body } = await call('POST', '/V1/inventory/sources', { source });
    told(`source ${source.source_code}`, differs('answer', [200, []], [status, body]));
  }
  const read = new Map((await call('GET', '/V1/inventory/sources')).body.items.map((s) => [s.source_code, s]));
  told('sources', differs('how many', sources.length + 1, read.size));
  for (const source of sources)
    told(`source ${source.source_code} read`, Object.entries(source).map(([k, v]) => differs(k, micro(v), micro(read.get(source.source_code)?.[k]))).find(Boolean));
};

const oneShop = async (engine, shop, folder) => {
  const server = await engine.start(ferrite, fixture);
  const call = async (method, path, body) => {
    const answer = await request(server.base, { method, path: `/rest/default${path}`, body: body && JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', ...(call.token ? { Authorization: `Bearer ${call.token}` } : {}) } });
    return { status: answer.status, body: JSON.parse(answer.text) };
  };
  const t = { ferrite, server, call, shop, folder, check: (what, why) => check(`${engine.name}, ${shop.name}: ${what}`, why) };
  call.token = (await call('POST', '/V1/integration/admin/token', { username: admin.username, password: admin.password })).body;

  const sent = bringIn(t), products = sent.filter((s) => s.path === '/V1/products').map((s) => s.body.product);
  const lists = await checkAttributes(t, sent);
  await checkCategories(t);
  const before = await checkProducts(t, products, lists);
  await checkLinks(t, sent);
  await checkAgain(t, products, before);
  await checkContent(t, sent);
  await checkCustomers(t, rows(join(shop.folder, 'customers.jsonl')));
  if (shop.sources) await checkSources(t);
  t.check('stop', await server.stop());
};

// -- all of them -------------------------------------------------------------------------------------------------

const shopOf = (name, more) => {
  const folder = join(data, name);
  return { name, folder, ids: json(join(folder, 'ids-magento-2.4.7.json'), {}), urlKeys: json(join(folder, 'expected-url-keys.json'), {}), ...more };
};
const shops = [shopOf('luma', { links: 1500, content: 26, sources: true }), shopOf('superstore', { links: 0, content: 0 })].filter((s) => existsSync(s.folder) && (option('shop')?.includes(s.name) ?? true));

if (!shops.length) {
  console.log('no shops here\n0 passed, 0 failed');
  process.exit(0);
}
const folder = scratch();
for (const engine of engines(root).filter((e) => option('engine')?.includes(e.name) ?? e.name !== 'sandbox'))
  for (const shop of shops) {
    const began = Date.now(), so_far = passed + failed;
    try { await oneShop(engine, shop, folder.path); } catch (e) { check(`${engine.name}, ${shop.name}`, e.stack); }
    console.log(`${shop.name}  ${engine.name}: ${passed + failed - so_far} checks, ${((Date.now() - began) / 1000).toFixed(0)} s`);
  }
folder.remove();
mariadbStop(root);
close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
