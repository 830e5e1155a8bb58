// The registry from the command line, beside a server on the same store.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, scratch, start } from '../lib/server.mjs';
import { request } from '../lib/client.mjs';

export default async ({ ferrite, check, ok, equal, fixtureFile, fixture }) => {
  const folder = scratch();
  const database = `sqlite:${join(folder.path, 'token.db')}`;
  const call = (line, options) => run(ferrite, [...line, '--database', database], options);
  const good = (line, options) => { const d = call(line, options); ok(d.status === 0, `${line.join(' ')}: ${d.status} ${d.err}${d.out}`); return d.out; };
  const bad = (line, status, what, options) => { const d = call(line, options); ok(d.status === status && what.test(d.err), `${line.join(' ')}: ${d.status} ${JSON.stringify(d.err)}`); };
  const made = run(ferrite, ['init', '--database', database, '--fixture', fixtureFile]);
  ok(made.status === 0, made.err);
  const server = await start(ferrite, ['serve', '--database', database, '--listen', '127.0.0.1:0', '--poll', '50']);
  const signIn = async (username) => JSON.parse((await request(server.base, { method: 'POST', path: '/rest/V1/integration/admin/token',
    headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username, password: fixture.users[0].password }) })).text);
  const status = async (token) => (await request(server.base, { path: '/rest/V1/categories', headers: { Authorization: `Bearer ${token}` } })).status;
  const polled = () => new Promise((go) => setTimeout(go, 400));
  const cat = await signIn('cat'), admin = await signIn('admin');
  let accessor;

  for (const name of ['list', 'show', 'revoke', 'explain', 'lifetimes', 'lifetime'])
    await check(`token ${name} explains itself`, () => ok(run(ferrite, ['token', name, '--help']).out.startsWith(`ferrite token ${name}`), name));
  await check('tokens are listed, as text and as JSON, without their text', () => {
    const rows = JSON.parse(good(['token', 'list', '--user', 'cat', '--state', 'live', '--json']));
    equal(rows.map((r) => [r.user, r.method]), [['cat', 'password']]);
    accessor = rows[0].accessor;
    const text = good(['token', 'list']);
    ok(text.split('\n').length === 4 && text.includes(accessor) && !text.includes(cat.split('.')[2]), text);
    ok(good(['token', 'show', accessor]).includes('cat'), 'show');
  });
  await check('a token is explained from standard input and from a file', () => {
    ok(/^good: The token is good/.test(good(['token', 'explain'], { input: `${cat}\n` })), 'good');
    const file = join(folder.path, 'token.txt');
    writeFileSync(file, cat, { mode: 0o600 });
    ok(/^missing_resource: The ACL resource \S+ is missing from role Catalog\.\n$/.test(good(['token', 'explain', '--token-file', file, '--path', '/rest/V1/store/websites'])), 'a route');
    ok(/^bad_signature: /.test(good(['token', 'explain'], { input: `${cat.slice(0, -4)}AAAA` })), 'forged');
    bad(['token', 'explain'], 1, /standard input holds no token/);
    bad(['token', 'explain', '--token', 'x'], 2, /./);
  });
  await check('a token that is revoked here is refused by the running server', async () => {
    equal(await status(cat), 200);
    equal(good(['token', 'revoke', accessor, '--reason', 'a test']), 'revoked 1 token\n');
    await polled();
    equal(await status(cat), 401);
    const row = JSON.parse(good(['token', 'show', accessor, '--json']));
    ok(row.state === 'revoked' && /^cli:/.test(row.revoked_by) && row.reason === 'a test', JSON.stringify(row));
    ok(/^revoked: The token was revoked at .* by cli:\S+: a test\.$/m.test(good(['token', 'explain'], { input: cat })), 'explained');
  });
  await check('a token is revoked by its text', async () => {
    equal(good(['token', 'revoke', '--token-stdin'], { input: admin }), 'revoked 1 token\n');
    await polled();
    equal(await status(admin), 401);
    bad(['token', 'revoke', '--token-stdin'], 1, /not taken anyway: revoked/, { input: admin });
  });
  await check('what names no token is refused', () => {
    bad(['token', 'revoke'], 1, /say which tokens, or --all/);
    bad(['token', 'revoke', '--user', 'nemo'], 1, /There is no such user/);
    bad(['token', 'list', '--state', 'dead'], 1, /"dead" is no value of state/);
    bad(['token', 'show', 'x'], 1, /there is no token x/);
  });
  await check('a longest lifetime is set, shown and taken away', () => {
    equal(good(['token', 'lifetime', 'role', '1', '15']), 'role 1: 15 minutes\n');
    equal(JSON.parse(good(['token', 'lifetimes', '--json'])), [{ of: 'role', id: 1, name: 'Administrators', minutes: 15 }]);
    equal(good(['token', 'lifetime', 'role', '1', '0']), 'role 1: 0 minutes\n');
    bad(['token', 'lifetime', 'role', '1', '0'], 1, /No such entity/);
    bad(['token', 'lifetime', 'cook', '1', '5'], 1, /not of a cook/);
  });
  await check('the server says nothing about all this but stops cleanly', async () => equal(await server.stop(), null));
  folder.remove();
};
