// Runs case files against a server. A .jsonl file is a story: one case a line, sent in order to a fresh store.
//   {"name": a sentence, "method", "path", "as": user of the fixture | "token": text, "headers", "body": JSON | "raw": text,
//    "repeat": n, "status", "type": content type, "expected": JSON | "text": exact bytes, "header": {name: value or null},
//    "capture": {NAME: "path.in.body"}}        ${NAME} is replaced in path, headers, body, raw and expected
// A .mjs file exports default async (t) => …, with t.check(name, fn), t.request, t.as, t.raw, t.base, t.fixture.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { request, raw } from './client.mjs';
import { differ } from './match.mjs';

const fill = (vars, x) => {
  if (typeof x === 'string') {
    const whole = /^\$\{(\w+)\}$/.exec(x);
    if (whole && whole[1] in vars) return vars[whole[1]];
    return x.replace(/\$\{(\w+)\}/g, (m, name) => (name in vars ? vars[name] : m));
  }
  if (Array.isArray(x)) return x.map((v) => fill(vars, v));
  if (x && typeof x === 'object') return Object.fromEntries(Object.entries(x).map(([k, v]) => [k, fill(vars, v)]));
  return x;
};

const at = (value, path) => (path === '' ? value : path.split('.').reduce((v, key) => (v == null ? undefined : v[key]), value));

// One Bearer token a user, got when first needed.
export const signer = (base, fixture) => {
  const tokens = {};
  return async (name) => {
    if (!tokens[name]) {
      const user = fixture.users.find((u) => u.username === name);
      if (!user) throw new Error(`the fixture has no user "${name}"`);
      const answer = await request(base, { method: 'POST', path: '/rest/V1/integration/admin/token',
        headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username: user.username, password: user.password }) });
      if (answer.status !== 200) throw new Error(`no token for ${name}: ${answer.status} ${answer.text}`);
      tokens[name] = JSON.parse(answer.text);
    }
    return tokens[name];
  };
};

const build = async (row, vars, sign) => {
  const headers = fill(vars, row.headers ?? {});
  const token = row.as ? await sign(row.as) : fill(vars, row.token);
  if (token) headers.Authorization ??= `Bearer ${token}`;
  let body = row.raw === undefined ? undefined : fill(vars, row.raw);
  if (row.body !== undefined) {
    body = JSON.stringify(fill(vars, row.body));
    headers['Content-Type'] ??= 'application/json';
  }
  return { method: row.method ?? 'GET', path: fill(vars, row.path), headers, body };
};

const judge = (row, vars, answer) => {
  if (answer.status !== (row.status ?? 200)) return `status ${answer.status}, expected ${row.status ?? 200}: ${answer.text.slice(0, 400)}`;
  if (row.type && answer.headers['content-type'] !== row.type) return `type ${answer.headers['content-type']}, expected ${row.type}`;
  for (const [name, value] of Object.entries(row.header ?? {}))
    if ((answer.headers[name.toLowerCase()] ?? null) !== value) return `header ${name} is ${answer.headers[name.toLowerCase()]}, expected ${value}`;
  if (row.text !== undefined) return answer.text === fill(vars, row.text) ? null : `body ${JSON.stringify(answer.text.slice(0, 1000))}, expected ${JSON.stringify(row.text)}`;
  if (row.expected === undefined) return null;
  let body;
  try { body = JSON.parse(answer.text); } catch { return `body is not JSON: ${answer.text.slice(0, 400)}`; }
  return differ(fill(vars, row.expected), body);
};

const capture = (row, vars, answer) => {
  for (const [name, path] of Object.entries(row.capture ?? {})) vars[name] = at(JSON.parse(answer.text), path);
};

const runRow = async (row, vars, sign, base) => {
  let answer;
  for (let i = 0; i < (row.repeat ?? 1); i++) answer = await request(base, await build(row, vars, sign));
  const why = judge(row, vars, answer);
  if (!why) capture(row, vars, answer);
  return why;
};

export const readRows = (file) => readFileSync(file, 'utf8').split('\n')
  .map((line, i) => ({ line, n: i + 1 })).filter(({ line }) => line.trim() && !line.startsWith('//'))
  .map(({ line, n }) => { try { return { ...JSON.parse(line), n }; } catch (e) { throw new Error(`${file}:${n}: ${e.message}`); } });

const runTable = async (file, { base, fixture, report }) => {
  const vars = {}, sign = signer(base, fixture);
  for (const row of readRows(file)) {
    let why;
    try { why = await runRow(row, vars, sign, base); } catch (e) { why = e.message; }
    report(`${row.name ?? `${row.method} ${row.path}`} (line ${row.n})`, why);
  }
};

// What a .mjs case file gets.
export const context = ({ base, fixture, report, server, ferrite, engine }) => {
  const sign = signer(base, fixture);
  const t = {
    base, fixture, server, ferrite, engine, sign, raw: (text, options) => raw(base, text, options),
    request: (options) => request(base, options),
    as: async (user, options) => {
      const body = options.body === undefined || typeof options.body === 'string' ? options.body : JSON.stringify(options.body);
      const answer = await request(base, { ...options, body,
        headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), Authorization: `Bearer ${await sign(user)}`, ...options.headers } });
      try { answer.json = JSON.parse(answer.text); } catch { /* not JSON */ }
      return answer;
    },
    equal: (actual, expected, what = '$') => { const why = differ(expected, actual, what); if (why) throw new Error(why); },
    ok: (truth, what) => { if (!truth) throw new Error(what); },
    check: async (name, fn) => { try { await fn(); report(name, null); } catch (e) { report(name, e.message); } },
  };
  return t;
};

export const runFile = async (file, world) => {
  if (file.endsWith('.jsonl')) return runTable(file, world);
  return (await import(pathToFileURL(file))).default(context(world));
};
