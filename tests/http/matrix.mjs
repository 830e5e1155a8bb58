// Every route as every kind of caller: denied exactly where the rows say. Rows come from `ferrite routes`, so that a new route is tested
// without a line here. Bodies are broken on purpose: who may is told by that complaint, and nothing is changed by it. Rows behind a
// setting are asked on a server of their own, where each such setting is on.
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { everything, may, narrowed, nothing, ofRole, routes, tree } from '../lib/acl.mjs';
import { request } from '../lib/client.mjs';
import { scratch, start } from '../lib/server.mjs';

const AT_ONCE = 24;

const b64 = (x) => Buffer.from(x).toString('base64url');
// A token as Magento signs it, for users who cannot sign in.
const signed = (key, claims) => {
  const left = Math.floor((2048 - key.length) / 2), padded = '&'.repeat(left) + key + '&'.repeat(2048 - key.length - left);
  const text = `${b64('{"kid":"1","alg":"HS256"}')}.${b64(JSON.stringify(claims))}`;
  return `${text}.${createHmac('sha256', padded).update(text).digest('base64url')}`;
};

// Where nobody is: no row has these numbers, and no name is so long.
const pathOf = (row) => (row.own ? '' : '/rest') + row.path.replace(/:\w+\*?/g, '4000000000');
const hasBody = (row) => row.method === 'POST' || row.method === 'PUT';
// Ends the token it is called with: run last, with a token that nothing else needs.
const endsToken = (row) => row.own && row.method === 'DELETE' && !row.path.includes(':');

const denied = (row, answer) => {
  let body = {};
  try { body = JSON.parse(answer.text); } catch { /* a page */ }
  if (row.own) return answer.status === 403 || (answer.status === 401 && /^This needs a valid token/.test(body.message));
  return answer.status === 401 && body.message === 'The consumer isn\'t authorized to access %resources.' && body.parameters?.resources === row.acl;
};

// Where Magento itself stumbles, its page is answered on purpose (errors.def, CRASH): the door was open. Any other 500 is ours.
const ours = (answer) => answer.status >= 500 && !answer.text.startsWith('An error has happened during application run.');

const wrongs = async (t, callers, rows, at_once = AT_ONCE) => {
  const wrong = [], jobs = callers.flatMap((caller) => rows(caller).map((row) => ({ caller, row })));
  let n = 0;
  const work = async () => {
    for (let job; (job = jobs[n++]);) {
      const { row, caller } = job, token = await caller.token(row);
      const headers = { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...(hasBody(row) ? { 'Content-Type': 'application/json' } : {}) };
      const answer = await t.request({ method: row.method, path: pathOf(row), headers, body: hasBody(row) ? '{' : undefined });
      if (denied(row, answer) !== !may(row, caller) || ours(answer))
        wrong.push(`${row.method} ${row.path} (${row.acl}) as ${caller.name}: ${answer.status} ${answer.text.slice(0, 120)}`);
    }
  };
  await Promise.all(Array.from({ length: at_once }, work));
  return { wrong, n: jobs.length };
};

const post = async (t, token, path, body) => {
  const answer = await t.request({ method: 'POST', path, headers: { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) }, body: JSON.stringify(body) });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  return JSON.parse(answer.text);
};

// Service tokens of the first admin, who may everything; one a scope.
const serviceTokens = (t, admin) => {
  const made = new Map();
  return (scope, owner) => {
    const key = `${owner} ${scope}`;
    if (!made.has(key)) made.set(key, post(t, admin, '/ferrite/v1/service-tokens', { name: 'matrix', resources: scope, expiresIn: 3600, owner }).then((answer) => answer.token));
    return made.get(key);
  };
};

const customer = async (t) => {
  await post(t, null, '/rest/V1/customers', { customer: { email: 'matrix@example.com', firstname: 'Ma', lastname: 'Trix' }, password: 'correct Horse 1' });
  const token = await post(t, null, '/rest/V1/integration/customer/token', { username: 'matrix@example.com', password: 'correct Horse 1' });
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).uid;
};

const roleOf = (fixture, user) => (user.role === 'Administrators' ? everything : ofRole(fixture.roles.find((role) => role.name === user.role)));

// Everybody with a token of his own, and another one each time with fresh().
const peopleOf = (fixture, customerId) => {
  const now = Math.floor(Date.now() / 1000);
  let n = 0;
  const one = (name, kind, utypid, uid, rights) => {
    const token = (more) => signed(fixture.crypt_key, { uid, utypid, iat: now, exp: now + 3600 + more });
    const lasting = token(0);
    return { name, kind, rights, token: () => lasting, fresh: () => token(++n) };
  };
  return [
    { name: 'nobody', kind: 'guest', rights: nothing, token: () => null, fresh: () => null },
    one('a customer', 'customer', 3, customerId, nothing),
    one('an integration with all resources', 'integration', 1, 1, everything),
    ...fixture.users.filter((user) => user.is_active !== false).map((user) => one(user.username, 'admin', 2, fixture.users.indexOf(user) + 1, user.role ? roleOf(fixture, user) : nothing)),
  ];
};

const matrix = async (t, rows, people, where) => {
  const admin = people.find((one) => one.name === 'admin').token(), service = serviceTokens(t, admin);
  const known = (row) => row.resources.filter((name) => tree.has(name)), ids = [...tree.keys()];
  const scoped = (name, scope) => ({ name, kind: 'admin', rights: narrowed(everything, scope), token: () => service(scope) });
  const scopes = new Map(rows.filter((row) => known(row).length).map((row) => [row.acl, known(row)]));
  const part = (name, callers, which) => t.check(`${name}${where}`, async () => {
    const { wrong, n } = await wrongs(t, callers, which);
    t.ok(n, 'no route was asked');
    t.ok(!wrong.length, `${wrong.length} of ${n} are wrong:\n${wrong.slice(0, 30).join('\n')}`);
  });
  const same = (caller) => rows.filter((row) => row.acl === caller.acl);
  const rights = ofRole(t.fixture.roles.find((role) => role.name === 'Catalog'));

  await part('every route is denied to people exactly where its row says', people, () => rows);
  await part('with a service token that names nothing only what needs a good token is open', [scoped('an empty scope', [])], () => rows);
  await part('with one that names everything, all but what is in no tree is open', [scoped('every resource', ids)], () => rows);
  await part('with one that names exactly the resources of the row, it is open', [...scopes].map(([acl, names]) => ({ ...scoped(`only ${acl}`, names), acl })), same);
  await part('with one that names everything but one of them, it is shut',
    [...scopes].flatMap(([acl, names]) => names.map((name) => ({ ...scoped(`all but ${name}`, ids.filter((id) => id !== name)), acl }))), same);
  await part('one whose owner has less opens no more than he may',
    [{ name: 'a token of cat', kind: 'admin', rights: narrowed(rights, ids), token: () => service(ids.filter(rights), 'cat') }], () => rows);
};

// A sandbox with every setting on that a row stands behind.
const behindSettings = async (t, rows) => {
  const folder = scratch(), file = join(folder.path, 'fixture.json');
  writeFileSync(file, JSON.stringify({ ...t.fixture, config: [...new Set(rows.map((row) => row.setting))].map((path) => ({ path, value: '1' })) }));
  const server = await start(t.ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', file]);
  const its = { ...t, base: server.base, request: (options) => request(server.base, options) };
  try { await matrix(its, rows, peopleOf(t.fixture, await customer(its)), ', behind a setting'); } finally {
    const why = await server.stop();
    folder.remove();
    if (why) t.report('the server with every setting on stops cleanly', why);
  }
};

export default async (t) => {
  const all = routes(t.ferrite), rows = all.filter((row) => !endsToken(row) && !row.setting), people = peopleOf(t.fixture, await customer(t));

  await t.check('every route asks for something that there is', () => {
    const unknown = all.flatMap((row) => row.resources.filter((name) => !tree.has(name) && !['anonymous', 'self', 'caller'].includes(name)).map((name) => `${row.path}: ${name}`));
    t.equal(unknown, []);
  });
  await matrix(t, rows, people, '');
  const hidden = all.filter((row) => row.setting);
  await t.check('a row behind a setting that is off is not there, for anybody', async () => {
    for (const row of hidden)
      for (const one of people) {
        const token = one.token(), answer = await t.request({ method: row.method, path: pathOf(row), headers: token ? { Authorization: `Bearer ${token}` } : {} });
        if (answer.status !== 404) throw new Error(`${row.method} ${row.path} as ${one.name}: ${answer.status} ${answer.text}`);
      }
  });
  if (hidden.length && t.engine === 'sandbox') await behindSettings(t, hidden);

  // Last: each call ends its token.
  await t.check('what ends a token is open to whom its row says', async () => {
    const { wrong } = await wrongs(t, people.map((one) => ({ ...one, token: one.fresh })), () => all.filter(endsToken), 1);
    t.ok(!wrong.length, wrong.join('\n'));
  });
};
