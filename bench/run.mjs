// The figures of ferrite, each as a ratio to a yardstick measured in the same run on the same machine.
//
//   bench/run BUILDDIR [NAME …]      one line a figure: NAME: ratio R, goal <= G: met|missed (how it was taken)
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request, close } from '../tests/lib/client.mjs';
import { run, scratch, start } from '../tests/lib/server.mjs';
import { fillMariadb, fillSqlite, shapes } from './sizes.mjs';
import { writeFigures } from './writes.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const builddir = resolve(process.argv[2] ?? join(root, 'build-bench')), names = process.argv.slice(3);
const ferrite = join(builddir, 'ferrite'), tool = (name) => join(builddir, 'bench', `bench_${name}`);
const fixture = join(root, 'tests/data/fixture.json');
const cores = cpus().length, seconds = +(process.env.BENCH_SECONDS ?? 2), rounds = +(process.env.BENCH_ROUNDS ?? 5);
let missed = 0;

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const tell = (name, ratio, sign, goal, how) => {
  const met = sign === '<=' ? ratio <= goal : ratio >= goal;
  if (!met) missed++;
  console.log(`${name}: ratio ${ratio.toFixed(2)}, goal ${sign} ${goal}: ${met ? 'met' : 'missed'} (${how})`);
};
const figure = (name, value, unit, goal, how) => {
  const met = value <= goal;
  if (!met) missed++;
  console.log(`${name}: ${value.toFixed(1)} ${unit}, goal <= ${goal} ${unit}: ${met ? 'met' : 'missed'} (${how})`);
};

// User and system time of a process in microseconds, from ticks of 10 ms.
const cpu_us = (pid) => { const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' '); return (+f[11] + +f[12]) * 10000; };

const wrk = (args, env = {}) => new Promise((end) => {
  const child = spawn('wrk', args, { env: { ...process.env, ...env } });
  let out = '';
  child.stdout.on('data', (d) => { out += d; });
  child.on('exit', (code) => end({ code, requests: +(/(\d+) requests in/.exec(out)?.[1] ?? 0), rate: +(/Requests\/sec:\s+([\d.]+)/.exec(out)?.[1] ?? 0), bad: /Non-2xx/.test(out) }));
});

const cost_us = async (server, path, token, script) => {
  const before = cpu_us(server.pid);
  const done = await wrk(['-t1', '-c16', `-d${seconds}`, '-H', `Authorization: Bearer ${token}`, ...(script ? ['-s', join(root, 'bench', script)] : []), server.base + path],
    { SUBJECT: token });
  if (done.bad || !done.requests) throw new Error(`${path}: not every answer was 200`);
  return (cpu_us(server.pid) - before) / done.requests;
};

// Rounds alternate, so that a busy moment of the machine hits both.
const compare = async (bare, server, path, token) => {
  const theirs = [], ours = [];
  await cost_us(bare, path, token);
  await cost_us(server, path, token);
  for (let i = 0; i < rounds; i++) {
    theirs.push(await cost_us(bare, path, token));
    ours.push(await cost_us(server, path, token));
  }
  return { bare: median(theirs), ours: median(ours), ratio: median(ours.map((v, i) => v / theirs[i])) };
};

const signIn = async (base) => JSON.parse((await request(base, { method: 'POST', path: '/rest/V1/integration/admin/token',
  headers: { 'Content-Type': 'application/json' }, body: '{"username":"admin","password":"correct horse 1"}' })).text);

const serve = (folder, ...more) => start(ferrite, ['serve', '--database', `sqlite:${join(folder, 'bench.db')}`, '--listen', '127.0.0.1:0', '--event-threads', String(Math.max(2, cores)), ...more]);
const open = async (folder, ...more) => {
  const database = `sqlite:${join(folder, 'bench.db')}`;
  const made = run(ferrite, ['init', '--database', database, '--fixture', fixture]);
  if (made.status) throw new Error(made.err);
  return serve(folder, ...more);
};

const product = (i) => JSON.stringify({ product: { sku: `bench-${i}`, name: `Product ${i}`, attribute_set_id: 4, price: 12.5 + (i % 100), type_id: 'simple', status: 1, visibility: 4, weight: 1,
  extension_attributes: { website_ids: [1], category_links: [{ position: 0, category_id: '2' }], stock_item: { qty: 100, is_in_stock: true } },
  custom_attributes: [{ attribute_code: 'description', value: `A description of some length, as products have one, for product ${i}` }, { attribute_code: 'short_description', value: 'Short' }, { attribute_code: 'url_key', value: `bench-${i}` }] } });
const post = (base, token, path, body) => request(base, { method: 'POST', path, body, headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` } });

// -- the figures -------------------------------------------------------------------------------------------------

// Limits that are asked and never reached: both buckets of the API, and nobody exempt.
const limits = async ({ token, folder }) => {
  const bare = await start(tool('bare'), [String(Math.max(2, cores))]);
  const server = await serve(folder, '--limit-api-source', '1000000', '--limit-api-user', '1000000', '--limit-exempt', '');
  const c = await compare(bare, server, '/rest/V1/store/storeGroups', token);
  tell('protected request with limits', c.ratio, '<=', 1.25, `as above, with the limits by source and by user asked and told in two headers: ${c.ours.toFixed(2)} against ${c.bare.toFixed(2)} us of CPU a request, median of ${rounds} rounds`);
  bare.child.kill();
  await server.stop();
};

const reads = async ({ server, token }) => {
  const bare = await start(tool('bare'), [String(Math.max(2, cores))]);
  const how = (c) => `${c.ours.toFixed(2)} against ${c.bare.toFixed(2)} us of CPU a request, wrk with 16 connections, ${rounds} rounds of ${seconds} s in turn, median`;
  let c = await compare(bare, server, '/rest/V1/store/storeGroups', token);
  tell('protected request', c.ratio, '<=', 1.25, `GET /rest/V1/store/storeGroups with a Bearer token against a bare libmicrohttpd server: ${how(c)}`);
  const made = await post(server.base, token, '/rest/V1/products', product(1));
  if (made.status !== 200) console.log(`product read: not measured, the product could not be made: ${made.status} ${made.text.slice(0, 200)}`);
  else {
    c = await compare(bare, server, '/rest/V1/products/bench-1', token);
    tell('product read', c.ratio, '<=', 2, `GET /rest/V1/products/bench-1: ${how(c)}`);
  }
  bare.child.kill();
};

const pace = (server, token, path, s) => new Promise((end, fail) => {
  const child = spawn(tool('pace'), [new URL(server.base).port, path, String(s), '500'], { env: { ...process.env, TOKEN: token } });
  let out = '';
  child.stdout.on('data', (d) => { out += d; });
  child.on('exit', (code) => (code ? fail(new Error(`pace ended with ${code}`)) : end(out.trim().split(' ').map(Number))));
});

const tokens = async ({ server, token }) => {
  const rates = [], ratios = [];
  for (let i = 0; i < 3; i++) {
    const alone = +run(tool('verify'), [String(cores), '4']).out;
    const done = await wrk(['-t1', `-c${2 * cores}`, '-d4', '-s', join(root, 'bench/token.lua'), `${server.base}/rest/V1/integration/admin/token`]);
    rates.push([alone, done.rate]);
    ratios.push(done.bad ? 0 : done.rate / alone);
  }
  const [alone, rate] = rates[ratios.indexOf(median(ratios))];
  tell('token issue', median(ratios), '>=', 0.95, `${rate.toFixed(1)} tokens a second against ${alone.toFixed(1)} hashes of libsodium alone on ${cores} cores, 3 rounds of 4 s in turn, median`);
  const p99s = [];
  for (let i = 0; i < 3; i++) {
    const quiet = await pace(server, token, '/rest/V1/modules', 4);
    const load = wrk(['-t1', `-c${2 * cores}`, '-d5', '-s', join(root, 'bench/token.lua'), `${server.base}/rest/V1/integration/admin/token`]);
    await new Promise((go) => setTimeout(go, 500));
    p99s.push([quiet[1], (await pace(server, token, '/rest/V1/modules', 4))[1]]);
    await load;
  }
  const pick = p99s.map(([q, b]) => b / q), [quiet, busy] = p99s[pick.indexOf(median(pick))];
  tell('others while tokens are issued', median(pick), '<=', 2, `p99 of 500 requests a second on one connection: ${busy} us while tokens are issued at full rate, ${quiet} us alone, 3 rounds, median`);
};

const memory_mb = (pid) => +/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1] / 1024;

const starts = async ({ folder }) => {
  const database = `sqlite:${join(folder, 'bench.db')}`, times = [];
  let idle = 0;
  for (let i = 0; i < 5; i++) {
    const began = process.hrtime.bigint();
    const server = await start(ferrite, ['serve', '--database', database, '--listen', '127.0.0.1:0']);
    await request(server.base, { path: '/health/ready' });
    times.push(Number(process.hrtime.bigint() - began) / 1e6);
    idle = memory_mb(server.pid);
    close();
    await server.stop();
  }
  figure('start to first answer', median(times), 'ms', 100, 'from exec to the answer of /health/ready on an existing store, 5 starts, median');
  figure('idle memory', idle, 'MB', 30, 'resident memory after start and one request');
};

// Rows as the registry writes them, made by SQLite itself: a million tokens, of which a hundred thousand are revoked one by one.
const million = `PRAGMA synchronous = OFF;
INSERT INTO ferrite_token (accessor, hash, user_type, user_id, method, kid, issued_at, expires_at, address, user_agent, revoked_at)
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
  SELECT lower(hex(randomblob(11))), substr(hex(randomblob(22)), 1, 42) || 'A', 2 + i % 2, i % 50000, 'password', '1', unixepoch() - i % 3000,
    unixepoch() + 3600, '192.0.2.1', 'bench', CASE WHEN i % 10 = 0 THEN unixepoch() ELSE 0 END FROM n;
INSERT INTO ferrite_token_revoked (hash, number, expires_at) SELECT hash, 1, expires_at FROM ferrite_token WHERE revoked_at > 0;`;

const timed_ms = async (server, token, path, n = 7) => {
  const times = [];
  for (let i = 0; i < n; i++) {
    const began = process.hrtime.bigint(), answer = await request(server.base, { path, headers: { Authorization: `Bearer ${token}` } });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
    times.push(Number(process.hrtime.bigint() - began) / 1e6);
  }
  return median(times);
};

const registry = async ({ server, token }) => {
  const path = '/rest/V1/store/storeGroups', how = (a, b) => `${b.toFixed(2)} against ${a.toFixed(2)} us of CPU a request, ${rounds} rounds of ${seconds} s in turn, median`;
  const plain = [], looked = [], other = scratch();
  for (let i = 0; i <= rounds; i++) {
    plain.push(await cost_us(server, path, token));
    looked.push(await cost_us(server, '/ferrite/v1/oauth/introspect', token, 'introspect.lua'));
  }
  tell('introspection', median(looked.map((v, i) => v / plain[i])), '<=', 1, `POST /ferrite/v1/oauth/introspect of a JWT against GET ${path}: ${how(median(plain), median(looked))}`);
  const made = await open(other.path);
  await made.stop();
  const filled = run('sqlite3', [join(other.path, 'bench.db')], { input: million });
  if (filled.status) throw new Error(filled.err);
  const full = await start(ferrite, ['serve', '--database', `sqlite:${join(other.path, 'bench.db')}`, '--listen', '127.0.0.1:0', '--event-threads', String(Math.max(2, cores))]);
  const c = await compare(server, full, path, token);
  tell('a million registered tokens', c.ratio, '<=', 1.1, `GET ${path} with 1,000,000 rows, 100,000 of them revoked one by one, against none: ${how(c.bare, c.ours)}`);
  for (const [what, query] of [['a page of all tokens', ''], ['of one user', '?user_type=admin&user_id=4242'], ['of what is live', '?state=live'], ['of what was not used', '?used_before=2030-01-01'], ['of what ends soon', '?expires_before=2000-01-01']])
    figure(`${what}, of a million`, await timed_ms(full, token, `/ferrite/v1/tokens${query}`), 'ms', 1000, '7 requests, median');
  close();
  await full.stop();
  other.remove();
};

// Pages of 20 out of 100,000 products against pages out of 2,000, without the reply cache: asked again and again, so that the total is known, and
// first after a product changed, so that it is counted anew.
const pages_ms = async (database) => {
  const server = await start(ferrite, ['serve', '--database', database, '--listen', '127.0.0.1:0', '--cache-memory', '0']), token = await signIn(server.base), out = {};
  for (const [name, path] of Object.entries(shapes)) {
    const known = await timed_ms(server, token, path), anew = [];
    for (let i = 0; i < 5; i++) {
      const put = await request(server.base, { method: 'PUT', path: '/rest/all/V1/products/bench-1', body: `{"product":{"weight":${i + 1}}}`, headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` } });
      if (put.status !== 200) throw new Error(`a product cannot be changed: ${put.status} ${put.text}`);
      anew.push(await timed_ms(server, token, path, 1));
    }
    out[name] = [known, median(anew)];
  }
  close();
  await server.stop();
  return out;
};

const tell_sizes = (engine, few, many) => {
  const ms = (k, name) => `${many[name][k].toFixed(1)} against ${few[name][k].toFixed(1)} ms`;
  for (const name of Object.keys(shapes)) {
    tell(`page ${name}, ${engine}`, many[name][0] / few[name][0], '<=', 10, `20 of 100,000 products against 20 of 2,000: ${ms(0, name)}, 7 requests, median`);
    console.log(`page ${name}, ${engine}, counted anew: ratio ${(many[name][1] / few[name][1]).toFixed(2)} (${ms(1, name)}, each after a product changed, 5 requests, median)`);
  }
};

const sizes = async ({ folder }) => {
  const [few, many] = [2000, 100000].map((n) => fillSqlite(ferrite, tool('insert'), join(folder, `${n}.db`), fixture, n));
  tell_sizes('SQLite', await pages_ms(few), await pages_ms(many));
  const script = join(root, 'tests/mariadb.sh'), begun = run(script, ['start']);
  if (begun.status) { console.log(`sizes on MariaDB: not measured: ${begun.err}`); missed++; return; }
  const at = { url: /URL=(\S+)/.exec(begun.out)[1], dir: /DIR=(\S+)/.exec(begun.out)[1] };
  try {
    const [few, many] = [2000, 100000].map((n) => fillMariadb(ferrite, at, fixture, n));
    tell_sizes('MariaDB', await pages_ms(few), await pages_ms(many));
  } finally { run(script, ['stop', at.dir]); }
};

const { writes, imports } = writeFigures({ root, ferrite, tool, fixture, open, signIn, wrk, tell, figure, median, timed_ms, memory_mb });
const folder = scratch();
const server = await open(folder.path);
const token = await signIn(server.base);
const world = { server, token, folder: folder.path };
for (const [name, take] of Object.entries({ reads, limits, registry, tokens, writes, imports, sizes, starts })) {
  if (names.length && !names.includes(name)) continue;
  try { await take(world); } catch (e) { console.log(`${name}: not measured: ${e.message}`); missed++; }
}
close();
await server.stop();
folder.remove();
console.log(missed ? `${missed} figures missed or not measured` : 'every goal met');
