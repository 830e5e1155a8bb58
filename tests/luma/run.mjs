// A real catalogue (38 categories, 21 attributes with their options, 7 attribute sets, 2,040 products of every type, their 1,542 links) goes in through REST and is
// read back value by value; then every product is put again unchanged, and nothing may differ; then the 1,565 stores of a chain become
// sources. On SQLite and on MariaDB.
//
//   tests/luma/run FERRITE [--engine sandbox,sqlite,mariadb]
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request, close } from '../lib/client.mjs';
import { engines, mariadbStop } from '../lib/engines.mjs';
import { run, scratch } from '../lib/server.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const data = resolve(root, '../shared/data'), luma = join(data, 'luma');
const ferrite = resolve(process.argv[2] ?? join(root, 'build-gcc/ferrite'));
const wanted = (process.argv[process.argv.indexOf('--engine') + 1] ?? '').split(',');
const fixture = join(root, 'tests/data/fixture.json');
const admin = JSON.parse(readFileSync(fixture, 'utf8')).users.find((u) => u.username === 'admin');
let passed = 0, failed = 0, shown = 0;

const check = (what, why) => {
  if (!why) { passed++; return; }
  failed++;
  if (shown++ < 20) console.log(`FAILED  ${what}: ${why}`);
};
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const differs = (name, want, got) => (same(want, got) ? null : `${name}: sent ${JSON.stringify(want)}, read ${JSON.stringify(got)}`);
const sorted = (text) => String(text).split(',').sort().join();

// Magento keeps a custom value as text; a list of options is a set.
const customDiffers = ({ attribute_code: code, value }, read, lists) => {
  const there = read.custom_attributes.find((a) => a.attribute_code === code)?.value;
  if (value === '' || value === null) return null;
  if (lists.has(code)) return differs(code, sorted(value), sorted(there));
  return Number(value) === Number(there) && value !== '' ? null : differs(code, String(value), String(there));
};
const linksOf = (list) => (list ?? []).map((l) => `${l.category_id}@${l.position}`).sort();

// What a body names of an option or link reads back so; the server adds ids, and values that only a price of its own would have.
const optionsOf = (list) => (list ?? []).map((o) => `${o.attribute_id}:${o.label}@${o.position}=${o.values.map((v) => v.value_index).sort()}`);
const bundleOf = (list) => (list ?? []).map((o) => [o.title, o.required, o.type, o.position,
  o.product_links.map((l) => [l.sku, l.qty, l.position, l.is_default, l.can_change_quantity])]);
const downloadsOf = (list) => (list ?? []).map((l) => [l.title, l.sort_order, l.price, l.number_of_downloads, l.is_shareable, l.link_type, l.sample_type ?? null]);
const linkText = (l) => `${l.link_type}:${l.linked_product_sku}@${l.position}x${l.extension_attributes?.qty ?? ''}`;
const partsDiffer = (sent, ext, read, back) => differs('options', optionsOf(ext.configurable_product_options), optionsOf(back.configurable_product_options))
  ?? differs('children', ext.configurable_product_links ?? [], back.configurable_product_links ?? [])
  ?? differs('bundle', bundleOf(ext.bundle_product_options), bundleOf(back.bundle_product_options))
  ?? differs('links', downloadsOf(ext.downloadable_product_links), downloadsOf(back.downloadable_product_links))
  ?? differs('samples', downloadsOf(ext.downloadable_product_samples), downloadsOf(back.downloadable_product_samples))
  ?? (sent.product_links ? differs('members', sent.product_links.map(linkText).sort(),
    read.product_links.filter((l) => l.link_type === 'associated').map(linkText).sort()) : null);

const productDiffers = (sent, read, lists) => {
  const ext = sent.extension_attributes ?? {}, back = read.extension_attributes ?? {};
  for (const key of ['sku', 'name', 'price', 'status', 'visibility', 'type_id', 'weight', 'attribute_set_id'])
    if (key in sent && !(key === 'price' && sent.type_id === 'configurable') && differs(key, sent[key], read[key])) return differs(key, sent[key], read[key]);
  for (const [key, value] of Object.entries(ext.stock_item ?? {}))
    if (differs(key, value, back.stock_item?.[key])) return differs(`stock_item.${key}`, value, back.stock_item?.[key]);
  return differs('website_ids', ext.website_ids, back.website_ids) ?? differs('category_links', linksOf(ext.category_links), linksOf(back.category_links))
    ?? partsDiffer(sent, ext, read, back) ?? (sent.custom_attributes ?? []).map((a) => customDiffers(a, read, lists)).find(Boolean) ?? null;
};

// A name that another source has is refused; the rest reads back as it was sent, degrees to six decimals.
const micro = (v) => (typeof v === 'number' ? Math.sign(v) * Math.round(Math.abs(v) * 1e6) : v);
const checkSources = async (engine, call) => {
  const file = join(data, 'bestbuy/sources.jsonl'), names = new Set();
  if (!existsSync(file)) return;
  const sources = readFileSync(file, 'utf8').trimEnd().split('\n').map((l) => JSON.parse(l).source);
  const fresh = sources.filter(({ name }) => !names.has(name.trim().toLowerCase()) && names.add(name.trim().toLowerCase()));
  for (const source of sources) {
    const { status, body } = await call('POST', '/V1/inventory/sources', { source });
    check(`${engine.name}: source ${source.source_code}`, fresh.includes(source) ? differs('answer', [200, []], [status, body])
      : differs('answer', [400, { message: 'Could not save Source' }], [status, body]));
  }
  const read = new Map((await call('GET', '/V1/inventory/sources')).body.items.map((s) => [s.source_code, s]));
  check(`${engine.name}: sources`, differs('how many', fresh.length + 1, read.size));
  for (const source of fresh)
    check(`${engine.name}: source ${source.source_code} read`,
      Object.entries(source).map(([k, v]) => differs(k, micro(v), micro(read.get(source.source_code)?.[k]))).find(Boolean));
};

const oneEngine = async (engine, folder) => {
  const server = await engine.start(ferrite, fixture);
  const call = async (method, path, body) => {
    const answer = await request(server.base, { method, path: `/rest/default${path}`, body: body && JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', ...(call.token ? { Authorization: `Bearer ${call.token}` } : {}) } });
    return { status: answer.status, body: JSON.parse(answer.text) };
  };
  call.token = (await call('POST', '/V1/integration/admin/token', { username: admin.username, password: admin.password })).body;

  const out = join(folder, `${engine.name}.tsv`);
  const done = run('python3', [join(data, 'resolve.py'), luma, '--base', `${server.base}/rest`, '--user', admin.username, '--password', admin.password,
    '--only', 'categories,attributes,products,configurables,grouped,bundles,downloadables,links', '--emit', out]);
  check(`${engine.name}: import`, done.status === 0 && / failed 0\s*$/.test(done.out) ? null : (done.out + done.err).slice(-600));

  const sent = readFileSync(out, 'utf8').trimEnd().split('\n').map((l) => l.split('\t')).map(([method, path, body]) => ({ method, path, body: body && JSON.parse(body) }));
  const ids = JSON.parse(readFileSync(join(luma, 'ids-magento-2.4.7.json'), 'utf8'));
  const lists = new Set();
  for (const { path, body } of sent.filter((s) => s.path === '/V1/products/attributes' && s.body)) {
    const { body: read } = await call('GET', `${path}/${body.attribute.attribute_code}`);
    if (body.attribute.frontend_input === 'multiselect') lists.add(body.attribute.attribute_code);
    const labels = (list) => list.map((o) => o.label).filter((l) => l.trim()).sort();
    if (body.attribute.options?.length) check(`${engine.name}: attribute ${body.attribute.attribute_code}`, differs('options', labels(body.attribute.options ?? []), labels(read.options ?? [])));
  }
  for (const path of Object.keys(ids.categories).filter((p) => p.includes('/'))) {
    const { body } = await call('GET', `/V1/categories/${ids.categories[path]}`);
    check(`${engine.name}: category ${path}`, differs('name', path.split('/').pop(), body.name));
  }

  const keys = JSON.parse(readFileSync(join(luma, 'expected-url-keys.json'), 'utf8')), before = new Map();
  const products = sent.filter((s) => s.path === '/V1/products').map((s) => s.body.product);
  for (const product of products) {
    const { status, body } = await call('GET', `/V1/products/${encodeURIComponent(product.sku)}`);
    before.set(product.sku, body);
    check(`${engine.name}: ${product.sku}`, status !== 200 ? JSON.stringify(body) : productDiffers(product, body, lists)
      ?? (product.sku in keys ? differs('url_key', keys[product.sku], body.custom_attributes.find((a) => a.attribute_code === 'url_key')?.value) : null));
  }
  const links = sent.filter((s) => s.method === 'POST' && /\/links$/.test(s.path));
  let nLinks = 0;
  for (const { path, body } of links) {
    const got = new Set();
    for (const type of new Set(body.items.map((i) => i.link_type))) for (const l of (await call('GET', `${path}/${type}`)).body) got.add(linkText(l));
    nLinks += body.items.length;
    const missing = body.items.filter((i) => !got.has(linkText(i)));
    check(`${engine.name}: ${path}`, missing.length ? `of ${body.items.length} links ${missing.length} are not there: ${linkText(missing[0])}` : null);
  }
  check(`${engine.name}: links`, nLinks > 1500 ? null : `only ${nLinks} were sent`);

  // A body without the ids of its choices and downloads has them made anew; its links replace all; a product never counted is low from
  // its second save on.
  const anew = (key, value) => (['id', 'option_id', 'low_stock_date'].includes(key) ? 0 : value);
  const still = (p, sent) => JSON.stringify({ ...p, updated_at: '', ...(sent.product_links ? { product_links: sent.product_links } : {}) }, anew);
  for (const product of products) {
    const put = await call('PUT', `/V1/products/${encodeURIComponent(product.sku)}`, { product });
    const { body } = await call('GET', `/V1/products/${encodeURIComponent(product.sku)}`);
    check(`${engine.name}: ${product.sku} put again`, put.status !== 200 ? JSON.stringify(put.body)
      : still(body, product) === still(before.get(product.sku), product) ? null : `was ${still(before.get(product.sku), product).slice(0, 1800)}\n is ${still(body, product).slice(0, 1800)}`);
  }
  await checkSources(engine, call);
  check(`${engine.name}: stop`, await server.stop());
};

if (!existsSync(luma)) {
  console.log('no catalogue here\n0 passed, 0 failed');
  process.exit(0);
}
const folder = scratch();
try {
  for (const engine of engines(root).filter((e) => (process.argv.includes('--engine') ? wanted.includes(e.name) : e.name !== 'sandbox'))) await oneEngine(engine, folder.path);
} catch (e) { check('run', e.stack); }
folder.remove();
mariadbStop(root);
close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
