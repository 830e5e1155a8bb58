// kill -9 while eight clients write over HTTP: each round the server dies at some moment and is started again. Every write that was answered
// is there, whole; of those that were not answered each is there wholly or not at all; and it listens again within a second.
import { existsSync } from 'node:fs';
import { request } from '../lib/client.mjs';
import { engines } from '../lib/engines.mjs';
import { start } from '../lib/server.mjs';
import { outside, unsound } from './lib/outside.mjs';

const rounds = +(process.env.KILL_ROUNDS ?? 20), clients = 8, longest_ms = 400;
const json = { 'Content-Type': 'application/json', Connection: 'close' };

// A repeatable stream of numbers from 0 to 1.
const random = (seed) => () => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return seed / 2 ** 32; };

const product = (sku) => ({ sku, name: sku, attribute_set_id: 4, price: 5, extension_attributes: { stock_item: { qty: 3, is_in_stock: true } } });

// Products are made, every third is taken away again; `sure` gets what was answered.
const writer = async (base, token, client, round, sure, maybe) => {
  const headers = { ...json, Authorization: `Bearer ${token}` };
  const ask = (method, path, body) => request(base, { method, path, headers, body: body && JSON.stringify(body) });
  for (let n = 0; ; n++) {
    const sku = `k-${round}-${client}-${n}`;
    maybe.add(sku);
    if ((await ask('POST', '/rest/V1/products', { product: product(sku) })).status === 200) { maybe.delete(sku); sure.set(sku, true); }
    if (n % 3) continue;
    maybe.add(sku); sure.delete(sku);
    if ((await ask('DELETE', `/rest/V1/products/${sku}`)).status === 200) { maybe.delete(sku); sure.set(sku, false); }
  }
};

const signIn = async (base) => JSON.parse((await request(base, { method: 'POST', path: '/rest/V1/integration/admin/token', headers: json,
  body: JSON.stringify({ username: 'admin', password: 'correct horse 1' }) })).text);

// SKU, and how many rows of each kind it has.
const rows = async (t) => new Map((await t.ask("SELECT p.sku, (SELECT COUNT(*) FROM catalog_product_entity_varchar v WHERE v.entity_id = p.entity_id AND v.store_id = 0) > 0, " +
  '(SELECT COUNT(*) FROM catalog_product_entity_decimal d WHERE d.entity_id = p.entity_id), (SELECT COUNT(*) FROM catalog_product_website w WHERE w.product_id = p.entity_id), ' +
  "(SELECT COUNT(*) FROM cataloginventory_stock_item s WHERE s.product_id = p.entity_id) FROM catalog_product_entity p WHERE p.sku LIKE 'k-%'"))
  .split('\n').filter(Boolean).map((line) => { const [sku, ...n] = line.split('\t'); return [sku, n.join(' ')]; }));

const judge = (there, sure, maybe) => {
  for (const [sku, present] of sure) if (there.has(sku) !== present) return `${sku} was answered and is ${present ? 'not ' : ''}there`;
  for (const [sku, n] of there) if (n !== '1 1 1 1') return `${sku} is half there: ${n}`;
  for (const sku of there.keys()) if (!sure.has(sku) && !maybe.has(sku)) return `${sku} is there and nobody sent it`;
  return null;
};

export default async ({ root, ferrite, fixtureFile, check, ok }) => {
  if (!existsSync(ferrite)) return;
  const next = random(+(process.env.KILL_SEED ?? 1)), began = Date.now(), sure = new Map(), maybe = new Set();
  const store = await engines(root).find((e) => e.name === 'sqlite').prepare(ferrite, fixtureFile);
  const serve = () => start(ferrite, ['serve', '--database', store.database, '--listen', '127.0.0.1:0', '--access-log', 'off']);
  let token, slowest = 0;
  await check(`after each of ${rounds} kill -9 every answered write is there, and no half of one`, async () => {
    for (let round = 1; round <= rounds; round++) {
      const from = Date.now(), server = await serve();
      slowest = Math.max(slowest, Date.now() - from);
      token ??= await signIn(server.base);
      const all = Array.from({ length: clients }, (_, client) => writer(server.base, token, client, round, sure, maybe).catch(() => {}));
      await new Promise((go) => setTimeout(go, 20 + next() * longest_ms));
      process.kill(server.pid, 'SIGKILL');
      await Promise.all([...all, server.ended]);
      const t = outside(store), why = judge(await rows(t), sure, maybe);
      t.close();
      ok(!why, `round ${round}: ${why}`);
    }
  });
  await check('pages and keys of the store are sound', async () => { const why = await unsound(store); ok(!why, why); });
  await check('it listens again within a second', () => ok(slowest < 1000, `${slowest} ms`));
  console.log(`fault   kill -9: ${rounds} rounds, ${sure.size} answered writes, ${maybe.size} open, slowest start ${slowest} ms, ${((Date.now() - began) / 1000).toFixed(0)} s`);
  store.remove();
};
