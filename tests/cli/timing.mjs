// How long a refused sign-in takes must not say why it was refused. Every kind of refusal is asked for in turn, round after round on the
// same server, and the distributions are compared with that of a wrong password; no time is compared with a clock's.
import { join } from 'node:path';
import { request } from '../lib/client.mjs';
import { run, scratch, start } from '../lib/server.mjs';

const ROUNDS = 11;
const ADMIN = '/rest/V1/integration/admin/token', CUSTOMER = '/rest/V1/integration/customer/token';

const quartiles = (list) => { const s = [...list].sort((a, b) => a - b); return [0.25, 0.5, 0.75].map((q) => s[Math.round((s.length - 1) * q)]); };
const show = (name, list) => `${name}: quartiles ${quartiles(list).map((t) => t.toFixed(1)).join(' / ')} ms`;

export default async ({ ferrite, check, ok, equal, fixture, fixtureFile }) => {
  const folder = scratch(), file = join(folder.path, 'timing.db'), database = `sqlite:${file}`;
  const must = (done) => { if (done.status !== 0) throw new Error(done.err || done.out); return done.out; };
  // Of the collation, the names used here need no more than this.
  const sql = (text) => must(run('python3', ['-c', `
import sqlite3, sys
fold = lambda s: s.rstrip().lower()
db = sqlite3.connect(sys.argv[1], timeout=5)
db.create_collation('utf8mb4_general_ci', lambda a, b: (fold(a) > fold(b)) - (fold(a) < fold(b)))
db.executescript(sys.argv[2])
db.commit()`, file, text]));
  must(run(ferrite, ['init', '--database', database, '--fixture', fixtureFile]));
  // Nobody is locked by being asked too often here; whoever is locked below is so from the start.
  for (const [path, value] of [['oauth/authentication_lock/max_failures_count', '1000'], ['customer/password/lockout_failures', '0']])
    must(run(ferrite, ['config', 'set', '--database', database, path, value]));
  sql(`INSERT INTO oauth_token_request_log(user_name, user_type, failures_count, lock_expires_at) VALUES ('lockedadmin', 3, 1000, '2037-01-01 00:00:00'), ('locked@example.com', 2, 1000, '2037-01-01 00:00:00')`);
  // "correct horse 1" as Magento 2.0 kept it: one SHA-256.
  const old = must(run('sh', ['-c', 'printf %s "saltsaltsaltsaltsaltsaltsaltsalt$1" | sha256sum | cut -d" " -f1', 'sh', fixture.users[0].password])).trim();
  sql(`UPDATE admin_user SET password = '${old}:saltsaltsaltsaltsaltsaltsaltsalt:1' WHERE username = 'little'`);
  const server = await start(ferrite, ['serve', '--database', database, '--listen', '127.0.0.1:0']);
  const post = (path, body, headers = {}) => request(server.base, { method: 'POST', path, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) });
  const right = fixture.users[0].password;
  const made = await post('/rest/V1/customers', { customer: { email: 'tess@example.com', firstname: 'Tess', lastname: 'Timing' }, password: 'Correct horse 1' });
  let n = 0;
  const kinds = {
    'a wrong password': { path: ADMIN, username: () => 'cat', password: 'wrong horse 1' },
    'an unknown user': { path: ADMIN, username: () => `nobody${++n}`, password: 'wrong horse 1' },
    'a locked name': { path: ADMIN, username: () => 'lockedadmin', password: 'wrong horse 1' },
    'an inactive user with the right password': { path: ADMIN, username: () => 'off', password: right },
    'a user without a role with the right password': { path: ADMIN, username: () => 'noone', password: right },
    'a user whose time is over': { path: ADMIN, username: () => 'forgetful', password: right,
      before: () => sql(`UPDATE admin_user SET is_active = 1 WHERE username = 'forgetful'; INSERT INTO admin_user_expiration(user_id, expires_at) SELECT user_id, '2020-01-01 00:00:00' FROM admin_user WHERE username = 'forgetful'`) },
    'a user whose hash is from before Argon2': { path: ADMIN, username: () => 'little', password: 'wrong horse 1' },
    'a customer with a wrong password': { path: CUSTOMER, username: () => 'tess@example.com', password: 'wrong horse 1' },
    'an unknown customer': { path: CUSTOMER, username: () => `nobody${++n}@example.com`, password: 'wrong horse 1' },
    'a locked customer': { path: CUSTOMER, username: () => 'locked@example.com', password: 'wrong horse 1' },
  };
  const times = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
  const once = async (kind) => {
    const { path, username, password, before } = kinds[kind];
    before?.();
    const body = { username: username(), password }, began = process.hrtime.bigint(), answer = await post(path, body);
    times[kind].push(Number(process.hrtime.bigint() - began) / 1e6);
    return answer.status;
  };
  await check('every kind of refusal is one', async () => {
    equal(made.status, 200, made.text);
    const names = Object.keys(kinds);
    for (let i = 0; i < ROUNDS; i++)
      for (let k = 0; k < names.length; k++) { const name = names[(k + i) % names.length]; equal(await once(name), 401, name); }
  });
  await check('the right password of a hash from before Argon2 is still right', async () => {
    equal((await post(ADMIN, { username: 'little', password: right })).status, 200);
  });
  for (const [kind, { path }] of Object.entries(kinds)) {
    const yardstick = path === ADMIN ? 'a wrong password' : 'a customer with a wrong password';
    if (kind === yardstick) continue;
    await check(`${kind} takes as long as ${yardstick}`, () => {
      const ours = quartiles(times[kind]), theirs = quartiles(times[yardstick]), both = `${show(kind, times[kind])}\n${show(yardstick, times[yardstick])}`;
      ok(ours[1] / theirs[1] > 0.6 && ours[1] / theirs[1] < 1.67, `the medians are apart\n${both}`);
      // Work that is the same to the last step must overlap too; the others differ by a commit or a statement.
      if (/unknown/.test(kind)) ok(ours[0] <= theirs[2] && theirs[0] <= ours[2], `the middle halves are apart\n${both}`);
    });
  }
  if (process.env.SHOW_TIMES) for (const kind of Object.keys(kinds)) console.log(show(kind, times[kind]));
  await check('it stops cleanly', async () => { const why = await server.stop(); ok(!why, why); });
  folder.remove();
};
