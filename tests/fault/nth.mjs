// The n-th failure: every chapter of the story is asked for again and again, while the n-th allocation, write or statement fails, for n = 1,
// 2, 3 … until nothing fails any more. After each: the server lives, what it answered is in the database, what it did not answer is there
// wholly or not at all. After all: keys hold, and what was revoked stays revoked.
//
// FAULT_SECONDS (default 40) bounds the run: with few seconds not every n is tried, but each stretch of them. Zero tries all.
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { request } from '../lib/client.mjs';
import { engines, mariadbStop } from '../lib/engines.mjs';
import { scratch, start } from '../lib/server.mjs';
import { openPage } from './lib/page.mjs';
import { outside, unsound } from './lib/outside.mjs';
import { chapters } from './lib/story.mjs';

const seconds = process.env.FAULT_SECONDS === undefined ? 40 : +process.env.FAULT_SECONDS;
const only = process.env.FAULT_ONLY;
const failing = {
  sqlite: [['memory', 1], ['memory', 0], ['disk full', 1], ['disk full', 0], ['disk error', 1]],
  mariadb: [['query lost', 1], ['answer lost', 1], ...(seconds ? [] : [['memory', 1]])],
};

const world = async (server, store) => {
  const t = { server, shift: 0 };
  const out = outside(store);
  const tokens = {};
  const post = (path, body) => request(server.base, { method: 'POST', path, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  t.ask = out.ask;
  t.close = out.close;
  t.token = async (who) => {
    if (!tokens[who]) tokens[who] = JSON.parse((await post('/rest/V1/integration/admin/token', { username: who, password: 'correct horse 1' })).text);
    return tokens[who];
  };
  t.fill = async (r) => {
    const token = r.as ? await t.token(r.as) : r.token;
    return { ...r, headers: { ...r.headers, ...(token ? { Authorization: `Bearer ${token}` } : {}), Connection: 'close' } };
  };
  t.send = async (r) => request(server.base, await t.fill(r));
  t.remove = async (what, id) => (id ? t.send({ method: 'DELETE', path: `/rest/V1/${what}/${id}`, as: 'admin' }) : null);
  // A token is not older than a second after a revocation: the sandbox's clock is moved on.
  t.customerToken = async () => {
    await t.send({ method: 'PUT', path: '/ferrite/v1/sandbox/clock', as: 'admin', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ shift: t.shift += 2 }) });
    return JSON.parse((await post('/rest/V1/integration/customer/token', { username: 'fault@example.com', password: 'Fay#Secret1' })).text);
  };
  // A connection that a failure left behind broken costs the request that finds it a 5xx: it asks again.
  t.works = async (token, left = 3) => {
    const { status } = await request(server.base, { path: '/rest/V1/customers/me', headers: { Authorization: `Bearer ${token}` } });
    return status >= 500 && left ? t.works(token, left - 1) : status;
  };
  return t;
};

const state = async (t, chapter) => {
  const counts = chapter.tables.map((table) => `SELECT '${table}', COUNT(*) FROM ${table}`).join(' UNION ALL ');
  const rows = [];
  for (const sql of [...(counts ? [counts] : []), ...chapter.columns]) rows.push(await t.ask(sql));
  return rows.join('\n');
};

// One failure. Null: all is well.
const one = async (t, page, chapter, [kind, count], n, known) => {
  const r = await t.fill(typeof chapter.request === 'function' ? await chapter.request(t) : chapter.request);
  let answer = null;
  page.arm(kind, n, count);
  try { answer = await request(t.server.base, r); } catch { /* not answered */ }
  const { seen, failed } = page.disarm();
  const fail = (why) => ({ seen, failed, why: `${kind} ${count ? `at ${n}` : `from ${n} on`}: ${why}${answer ? `; answer ${answer.status} ${answer.text.slice(0, 300)}` : '; no answer'}` });
  await new Promise((go) => setImmediate(go));
  if (t.server.code !== undefined || t.server.signal) return fail(`the server ended (${t.server.code ?? t.server.signal})\n${t.server.log.slice(-2500)}`);
  if (answer && answer.status !== known.status && answer.status < 500) return fail('the client is blamed');
  const now = await state(t, chapter), good = answer?.status === known.status;
  if (good && now !== known.after) return fail(`answered and not done:\n${now}\nexpected\n${known.after}`);
  if (now !== known.after && now !== known.before) return fail(`half done:\n${now}\nexpected\n${known.before}\nor\n${known.after}`);
  if (chapter.revokes && good) {
    const works = await t.works(r.headers.Authorization.slice(7));
    if (works !== 401) return fail(`revoked and still good: ${works}`);
    t.revoked = r.headers.Authorization.slice(7);
  }
  if (now !== known.before) await chapter.back?.(t);
  const back = await state(t, chapter);
  return back === known.before ? { seen, failed } : fail(`the state before cannot be had again:\n${back}\nexpected\n${known.before}`);
};

const learn = async (t, page, chapter, kind) => {
  await chapter.before?.(t);
  const before = await state(t, chapter);
  const r = typeof chapter.request === 'function' ? await chapter.request(t) : chapter.request;
  const began = Date.now();
  const full = await t.fill(r);
  page.arm(kind, 1n << 60n, 1);
  const answer = await request(t.server.base, full);
  const { seen } = page.disarm();
  const after = await state(t, chapter);
  await chapter.back?.(t);
  await chapter.before?.(t);
  if (answer.status !== 200) throw new Error(`${chapter.name} without any failure: ${answer.status} ${answer.text}`);
  return { before, after, status: answer.status, seen, ms: Date.now() - began };
};

const torture = async (t, page, chapter, way, ms, sum) => {
  await learn(t, page, chapter, way[0]);
  const known = await learn(t, page, chapter, way[0]);
  const end = Date.now() + ms, stride = seconds ? Math.max(1, Math.ceil(known.seen * known.ms / ms)) : 1;
  for (let n = 1, last = 1; last && (!seconds || Date.now() < end); n += n < Math.min(stride, 8) ? 1 : stride) {
    const done = await one(t, page, chapter, way, n, known);
    sum.runs++;
    sum.failures += done.failed;
    if (done.why) return [false, done.why];
    last = done.failed;
  }
  return [true];
};

// What a restart finds: keys that hold, and a revocation that still does.
const reopened = async (store, program, t) => {
  const why = await unsound(store);
  if (why) return why;
  const server = await start(program, ['serve', '--database', store.database, '--listen', '127.0.0.1:0']);
  const answer = t.revoked ? await request(server.base, { path: '/rest/V1/customers/me', headers: { Authorization: `Bearer ${t.revoked}` } }) : { status: 401 };
  return await server.stop() ?? (answer.status === 401 ? null : `a revoked token is good again: ${answer.status}`);
};

const run = async ({ engine, fixtureFile, ferrite, program, ms, check, ok }) => {
  const folder = scratch(), page = openPage(join(folder.path, 'page')), store = await engine.prepare(ferrite, fixtureFile);
  const server = await start(program, ['serve', '--database', store.database, '--listen', '127.0.0.1:0', '--sandbox', 'on', '--access-log', 'off'], { env: { FERRITE_FAULT: page.path } });
  const t = await world(server, store), sum = { runs: 0, failures: 0 }, began = Date.now();
  const ways = failing[engine.name].flatMap((way) => chapters.map((chapter) => [way, chapter])).filter(([way, chapter]) => !only || `${way[0]}: ${chapter.name}`.includes(only));
  for (const [way, chapter] of ways)
    await check(`${engine.name}: ${chapter.name}, ${way[0]}${way[1] ? '' : ' for good'}`, async () => ok(!server.signal && server.code === undefined, 'the server is gone') ?? ok(...await torture(t, page, chapter, way, ms / ways.length, sum)));
  t.close();
  await check(`${engine.name}: the server stops cleanly`, async () => { const why = await server.stop(); ok(!why, why); });
  await check(`${engine.name}: after a restart keys hold and revoked is revoked`, async () => { const why = await reopened(store, ferrite, t); ok(!why, why); });
  console.log(`fault   ${engine.name}: ${sum.runs} requests, ${sum.failures} failures injected, ${((Date.now() - began) / 1000).toFixed(0)} s`);
  page.close(); folder.remove(); store.remove();
};

export default async ({ root, builddir, ferrite, fixtureFile, check, ok }) => {
  const program = join(builddir, 'tests/fault/ferrite-fault');
  if (!existsSync(program)) return;
  for (const engine of engines(root).filter((e) => failing[e.name] && (!process.env.FAULT_ENGINE || process.env.FAULT_ENGINE === e.name)))
    await run({ engine, fixtureFile, ferrite, program, ms: seconds * 500, check, ok });
  mariadbStop(root);
};
