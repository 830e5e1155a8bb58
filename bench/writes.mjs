// Products written over HTTP against the same rows written by a plain SQLite program (bench/insert.c).
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { request, close } from '../tests/lib/client.mjs';
import { engines, mariadbStop } from '../tests/lib/engines.mjs';
import { run, scratch } from '../tests/lib/server.mjs';

const values = ['varchar', 'int', 'decimal', 'text', 'datetime'].map((type) => `catalog_product_entity_${type}`);
const first = ['catalog_product_entity', ...values, 'catalog_product_website', 'catalog_category_product', 'cataloginventory_stock_item', 'inventory_source_item', 'url_rewrite'];
const tables = [...first, 'cataloginventory_stock_status', 'catalog_product_index_price'];

// Rows of each table that a product is made of.
const count = (file) => {
  const done = run('sqlite3', [file, `${tables.map((t) => `SELECT '${t}', count(*) FROM ${t}`).join(' UNION ALL ')};`]);
  if (done.status) throw new Error(done.err);
  return Object.fromEntries(done.out.trim().split('\n').map((l) => l.split('|')).map(([t, n]) => [t, +n]));
};
const sum = (rows, names) => names.reduce((n, t) => n + rows[t], 0);
const less = (a, b) => Object.fromEntries(tables.map((t) => [t, a[t] - b[t]]));

export const writeFigures = ({ root, ferrite, tool, fixture, open, signIn, wrk, tell, figure, median, timed_ms, memory_mb }) => {
  const script = join(root, 'bench/product.lua');
  const insert = (folder, n, which) => {
    const file = join(folder, 'plain.db');
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
    const done = run(tool('insert'), [file, String(n), which]);
    if (done.status) throw new Error(done.err);
    return { ...JSON.parse(done.out), there: count(file) };
  };
  // What an empty store holds, and one product more, is in both.
  const plain = (folder, n, which) => {
    const one = insert(folder, 1, which), all = insert(folder, n, which);
    return { ...all, counts: less(all.there, one.there) };
  };
  const load = async (server, token, { from, n = 0, s }) => {
    const began = process.hrtime.bigint();
    const done = await wrk(['-t1', '-c64', `-d${s}`, '--timeout', '10', '-H', `Authorization: Bearer ${token}`, '-s', script, `${server.base}/rest/V1/products`], { FROM: String(from), COUNT: String(n) });
    if (done.bad || done.code || (!n && !done.requests)) throw new Error('not every product was taken');
    return { products: n || done.requests, s: Number(process.hrtime.bigint() - began) / 1e9 };
  };
  // The plain program must have written as many rows of each table a product, or the two are not compared.
  const same = (ours, theirs) => {
    for (const t of tables)
      if (ours[t] / ours.catalog_product_entity !== theirs[t] / theirs.catalog_product_entity)
        throw new Error(`${t}: ${ours[t]} rows of ${ours.catalog_product_entity} products, the plain program has ${theirs[t]} of ${theirs.catalog_product_entity}`);
  };

  const writes = async ({ server, token, folder }) => {
    const file = join(folder, 'bench.db'), rounds = [];
    for (let i = 0; i < 3; i++) {
      const all = plain(folder, 2000, 'saved'), old = plain(folder, 2000, 'first'), before = count(file);
      const { s, products } = await load(server, token, { from: (i + 1) * 1000000, s: 4 }), rows = less(count(file), before);
      same(rows, all.counts);
      rounds.push({ ratio: sum(rows, tables) / s / all.rows_per_second, rate: sum(rows, tables) / s, plain: all.rows_per_second, products: products / s,
        old: sum(rows, first) / s / old.rows_per_second, old_plain: old.rows_per_second });
    }
    const m = rounds.find((x) => x.ratio === median(rounds.map((y) => y.ratio)));
    tell('product write', m.ratio, '>=', 0.5, `POST /rest/V1/products, one a request on 64 connections, each durable before its answer: ${m.products.toFixed(0)} products, ${m.rate.toFixed(0)} rows a second; `
      + `a plain program, the same rows in one transaction: ${m.plain.toFixed(0)}; 3 rounds of 4 s in turn, median. By the yardstick of before, which leaves out stock status and price index: ratio ${m.old.toFixed(2)}, plain ${m.old_plain.toFixed(0)}`);
  };

  // -- imports ---------------------------------------------------------------------------------------------------

  const send = (server, token, { method, path, body }) => request(server.base, { method, path: `/rest${path}`, body, headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` } });
  const sendAll = async (server, token, list, n_connections, answered = () => {}) => {
    let next = 0;
    const worker = async () => {
      while (next < list.length) {
        const one = list[next++], r = await send(server, token, one);
        if (r.status !== 200) throw new Error(`${r.status} ${r.text.slice(0, 200)}`);
        answered(one, r.text);
      }
    };
    await Promise.all(Array.from({ length: n_connections }, worker));
  };

  const within = async (server, work) => {
    try { await work(await signIn(server.base)); } finally { close(); await server.stop(); }
  };

  // A real shop goes in, one request after the other; what was sent goes into an empty store again: all but products first, then products of the
  // types that need no others, then those that do, then links.
  const luma = async (folder) => {
    const data = resolve(root, '../shared/data'), out = join(folder, 'luma.tsv');
    if (!existsSync(join(data, 'luma'))) { console.log('luma import: not measured, the shop is not here'); return; }
    const first = await open(folder);
    await within(first, async () => {
      const done = run('python3', [join(data, 'resolve.py'), join(data, 'luma'), '--base', `${first.base}/rest`, '--user', 'admin', '--password', 'correct horse 1',
        '--only', 'categories,attributes,products,configurables,grouped,bundles,downloadables,links', '--emit', out]);
      if (done.status) throw new Error(done.err.slice(-300));
    });
    for (const end of ['', '-wal', '-shm']) rmSync(join(folder, 'bench.db') + end, { force: true });
    const sent = readFileSync(out, 'utf8').trimEnd().split('\n').map((l) => l.split('\t')).map(([method, path, body]) => ({ method, path, body }));
    const isProduct = (x) => x.method === 'POST' && x.path === '/V1/products', isSimple = (x) => /"type_id":"(simple|virtual|downloadable)"/.test(x.body), isLink = (x) => /\/links$/.test(x.path);
    const server = await open(folder), file = join(folder, 'bench.db');
    await within(server, async (token) => {
      await sendAll(server, token, sent.filter((x) => !isProduct(x) && !isLink(x)), 1);
      const before = count(file), products = sent.filter(isProduct), began = process.hrtime.bigint();
      // The n-th product had the number n; sent all at once, they have others.
      const now = new Map(), renumbered = (x) => ({ ...x, body: JSON.stringify(JSON.parse(x.body, (key, value) => (key === 'configurable_product_links' ? value.map((id) => now.get(id)) : value))) });
      await sendAll(server, token, products.filter(isSimple), 32, (x, text) => now.set(products.indexOf(x) + 1, JSON.parse(text).id));
      await sendAll(server, token, products.filter((x) => !isSimple(x)).map(renumbered), 8);
      await sendAll(server, token, sent.filter(isLink), 8);
      const s = Number(process.hrtime.bigint() - began) / 1e9, rows = sum(less(count(file), before), tables), base = plain(folder, 2000, 'saved').rows_per_second;
      console.log(`luma import: ratio ${(rows / s / base).toFixed(2)} (${products.length} products of every type and their links through REST from one node process on 32 connections: ${(products.length / s).toFixed(0)} products, ${(rows / s).toFixed(0)} rows a second; a plain program: ${base.toFixed(0)})`);
    });
  };

  const watch = (pid) => {
    const seen = [], timer = setInterval(() => seen.push(memory_mb(pid)), 500);
    return () => { clearInterval(timer); return seen; };
  };
  const at = async (server, token) => ({
    read: await timed_ms(server, token, '/rest/V1/products/bench-1500'),
    search: await timed_ms(server, token, '/rest/all/V1/products?searchCriteria[pageSize]=20&searchCriteria[filterGroups][0][filters][0][field]=sku&searchCriteria[filterGroups][0][filters][0][conditionType]=in&searchCriteria[filterGroups][0][filters][0][value]=bench-7,bench-70,bench-700,bench-1500'),
  });
  const generated = async (folder) => {
    const n = 100000, server = await open(folder, '--cache-memory', '0'), file = join(folder, 'bench.db');
    await within(server, async (token) => {
      await load(server, token, { from: 0, n: 2000, s: 60 });
      const few = await at(server, token), before = count(file), stop = watch(server.pid);
      const { s, products } = await load(server, token, { from: 10000, n: n - 2000, s: 150 }), rss = stop(), rows = less(count(file), before), many = await at(server, token);
      const base = plain(folder, n, 'saved'), rate = sum(rows, tables) / s, fifth = rss[Math.floor(rss.length / 5)];
      same(rows, base.counts);
      tell('100,000 products', rate / base.rows_per_second, '>=', 0.5, `${rows.catalog_product_entity} by POST /rest/V1/products on 64 connections, each durable before its answer: ${(products / s).toFixed(0)} products, ${rate.toFixed(0)} rows a second; a plain program, the same rows of 100,000 products in one transaction: ${base.rows_per_second.toFixed(0)}`);
      figure('memory while 100,000 products come in', rss.at(-1) - fifth, 'MB more', 8, `${fifth.toFixed(0)} MB after a fifth of them, ${rss.at(-1).toFixed(0)} MB at the end, ${Math.max(...rss).toFixed(0)} MB at most`);
      for (const what of ['read', 'search'])
        tell(`product ${what} among 100,000`, many[what] / few[what], '<=', 10, `${many[what].toFixed(2)} ms against ${few[what].toFixed(2)} ms among 2,000, without the reply cache, 7 requests, median`);
    });
  };

  const onMariadb = async () => {
    const server = await engines(root).find((e) => e.name === 'mariadb').start(ferrite, fixture);
    try {
      await within(server, async (token) => {
        const { products, s } = await load(server, token, { from: 0, s: 8 });
        console.log(`product write on MariaDB: ${(products / s).toFixed(0)} products a second (64 connections, a commit each, 8 s; no plain program is compared)`);
      });
    } finally { mariadbStop(root); }
  };

  const imports = async () => {
    for (const part of [luma, generated, onMariadb]) {
      const folder = scratch();
      try { await part(folder.path); } finally { folder.remove(); }
    }
  };
  return { writes, imports };
};
