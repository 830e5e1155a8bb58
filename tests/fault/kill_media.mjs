// kill -9 while clients send pictures and downloads: after each, every row has its file with the bytes that were sent; and once the marks of
// what was under way are old, a start leaves no file without a row.
import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { request } from '../lib/client.mjs';
import { engines } from '../lib/engines.mjs';
import { start } from '../lib/server.mjs';

const rounds = +(process.env.KILL_ROUNDS ?? 8), clients = 6, longest_ms = 400;
const json = { 'Content-Type': 'application/json', Connection: 'close' };
const random = (seed) => () => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return seed / 2 ** 32; };
// A GIF whose comment tells it from others.
const gif = (text) => Buffer.concat([Buffer.from('R0lGODlhAQABAIAAAP///wAAAA==', 'base64'), Buffer.from([0x21, 0xFE, text.length]), Buffer.from(text), Buffer.from([0]),
  Buffer.from('LAAAAAABAAEAAAICRAEAOw==', 'base64')]);

const caller = async (base) => {
  const ask = async (method, path, body, token) => {
    const answer = await request(base, { method, path: `/rest${path}`, headers: { ...json, ...(token && { Authorization: `Bearer ${token}` }) }, body: body && JSON.stringify(body) });
    return { status: answer.status, json: JSON.parse(answer.text) };
  };
  const token = (await ask('POST', '/V1/integration/admin/token', { username: 'admin', password: 'correct horse 1' })).json;
  return (method, path, body) => ask(method, path, body, token);
};

// Each name is sent by all clients, so that they meet, and once to a product, where its label would be lent to others of the name. Label and
// title hold what the bytes are.
const writer = async (call, client, round, sure) => {
  for (let n = 0; ; n++) {
    const text = `${round}-${client}-${n}`, name = `x${round}_${n}`, sku = n % 2 ? 'FILM' : `CARD-${client}`;
    const content = { base64_encoded_data: gif(text).toString('base64'), type: 'image/gif', name: `${name}.gif` };
    const entry = { media_type: 'image', label: text, position: 1, disabled: false, types: ['image'], content };
    const link = { title: text, sort_order: 1, is_shareable: 1, price: 1, number_of_downloads: 0, link_type: 'file', link_file_content: { file_data: Buffer.from(text).toString('base64'), name: `${name}.txt` } };
    const done = n % 2 ? await call('POST', `/all/V1/products/${sku}/downloadable-links`, { link, isGlobalScopeContent: true }) : await call('POST', `/all/V1/products/${sku}/media`, { entry });
    if (done.status === 200) sure.add(text);
    if (n % 5 === 4) await call('PUT', `/all/V1/products/CARD-${client}`, { product: { media_gallery_entries: [] } });
  }
};

const products = async (call) => {
  for (let i = 0; i < clients; i++) await call('POST', '/all/V1/products', { product: { sku: `CARD-${i}`, name: `Card ${i}`, attribute_set_id: 4, price: 1 } });
  await call('POST', '/all/V1/products', { product: { sku: 'FILM', name: 'Film', attribute_set_id: 4, price: 1, type_id: 'downloadable' } });
};

// What rows name: path below the media folder, and what it holds.
const named = async (call) => {
  const items = (await call('GET', '/all/V1/products?searchCriteria')).json.items;
  return new Map(items.flatMap((p) => [...p.media_gallery_entries.map((e) => [`catalog/product${e.file}`, gif(e.label)]),
    ...(p.extension_attributes.downloadable_product_links ?? []).map((l) => [`downloadable/files/links${l.link_file}`, Buffer.from(l.title)])]));
};
const files = (folder) => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile()).map((f) => join(f.path, f.name).slice(folder.length + 1)).sort();

export default async ({ root, ferrite, fixtureFile, check, ok, equal }) => {
  if (!existsSync(ferrite)) return;
  const next = random(+(process.env.KILL_SEED ?? 7)), store = await engines(root).find((e) => e.name === 'sqlite').prepare(ferrite, fixtureFile);
  const serve = () => start(ferrite, ['serve', '--database', store.database, '--listen', '127.0.0.1:0', '--access-log', 'off']);
  const sure = new Set();
  let left = 0;
  const judge = async (call) => {
    const rows = await named(call);
    for (const [path, bytes] of rows)
      if (!existsSync(join(store.media, path)) || !readFileSync(join(store.media, path)).equals(bytes)) return `${path} is named and is not what was sent`;
    return null;
  };
  try {
    await check(`after each of ${rounds} kill -9 every row has its file, with the bytes that were sent`, async () => {
      for (let round = 1; round <= rounds; round++) {
        const server = await serve(), call = await caller(server.base);
        if (round === 1) await products(call);
        const why = await judge(call);
        if (why) throw new Error(`round ${round}: ${why}`);
        const all = Array.from({ length: clients }, (_, client) => writer(call, client, round, sure).catch(() => {}));
        await new Promise((go) => setTimeout(go, 60 + next() * longest_ms));
        process.kill(server.pid, 'SIGKILL');
        await server.ended;
        await Promise.all(all);
        left = files(store.media).filter((f) => f.includes('.new-')).length;
      }
      ok(sure.size >= rounds, `${sure.size} files were taken`);
    });
    await check('a start leaves young marks alone, and of old ones no file that no row names', async () => {
      let server = await serve();
      equal([await judge(await caller(server.base)), await server.stop()], [null, null]);
      const marks = files(store.media).filter((f) => f.includes('.new-'));
      equal(marks.length, left);
      for (const mark of marks) utimesSync(join(store.media, mark), 1e9, 1e9);
      server = await serve();
      const call = await caller(server.base), rows = await named(call);
      equal(await judge(call), null);
      equal(files(store.media), [...rows.keys()].sort());
      equal(await server.stop(), null);
      ok(left > 0, 'some were under way when they were killed');
    });
  } finally { store.remove(); }
};
