// Tokens against a model of twenty lines: thousands of random steps (sign in, be issued elsewhere, use, revoke one, a user or a kind, sign out,
// expire, be idle, have the user disabled or given a new password, the key rotated) on several users at once, while the server is killed
// and started again. Every step's outcome is compared, and all tokens are looked at after each round: what was revoked by a request that
// was answered never works again.
//
// MODEL_SEED, MODEL_ROUNDS (default 12), MODEL_STEPS (a user and round, default 30). The seed is printed.
import { createHmac } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from '../lib/client.mjs';
import { engines, mariadbStop } from '../lib/engines.mjs';
import { run, scratch, start } from '../lib/server.mjs';

const seed = +(process.env.MODEL_SEED ?? Date.now() % 1e6), rounds = +(process.env.MODEL_ROUNDS ?? 12), steps = +(process.env.MODEL_STEPS ?? 30);
const key = 'abcdefghijklmnopqrstuvwxyz012345', idle_s = 30 * 60, admins = 5, customers = 3;
// Argon2 at its cheapest, of "model horse 1": what costs time elsewhere is not what is tested here.
const cheap = '0c9d4b6d828dfbc22e3fdda40082edd5e1d3541e9a487adc1944e427579b52c7:saltsaltsaltsaltsaltsaltsaltsalt:3_32_1_8192';
const fixture = {
  crypt_key: key, roles: [], config: [{ path: 'ferrite/token/idle_minutes', value: String(idle_s / 60) }, { path: 'webapi/jwtauth/admin_expiration', value: '525600' }],
  users: [{ username: 'root', hash: cheap, email: 'root@example.com', firstname: 'R', lastname: 'T', role: 'Administrators' },
    ...Array.from({ length: admins }, (_, i) => ({ username: `a${i}`, hash: cheap, email: `a${i}@example.com`, firstname: 'A', lastname: 'B', role: 'Administrators' }))],
  customers: Array.from({ length: customers }, (_, i) => ({ email: `c${i}@example.com`, firstname: 'C', lastname: 'D', hash: cheap })),
};
const open = ['--limit-token-source', '0', '--limit-token-user', '0', '--limit-api-source', '0', '--limit-api-user', '0', '--hash-budget', '0'];

const random = (from) => { let s = from >>> 0; return () => { s = (s + 0x6d2b79f5) >>> 0; let t = Math.imul(s ^ (s >>> 15), 1 | s); t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t; return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32; }; };
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const padded = Buffer.concat([Buffer.alloc(1008, '&'), Buffer.from(key), Buffer.alloc(1008, '&')]);
const mint = (claims) => { const head = `${part({ kid: '1', alg: 'HS256' })}.${part(claims)}`; return `${head}.${createHmac('sha256', padded).update(head).digest('base64url')}`; };
const claimsOf = (text) => JSON.parse(Buffer.from(text.split('.')[1], 'base64url'));

// -- the model: true, false, or null where a second's edge or a crash leaves both open ---------------------------------

const alive = (token, user, world, now) => {
  const edge = (a, b) => Math.abs(a - b) <= 2;
  const [first = Infinity, last = Infinity] = world.until[token.kid] ?? [];
  if (token.dead || last < now - 2) return false;
  if (first <= now + 2) return null;
  if (token.unsure || edge(token.exp, now)) return null;
  if (token.exp <= now) return false;
  for (const [first, last] of [user.before, world.before[user.type]]) {
    if (token.iat <= first) return false;
    if (token.iat <= last) return null;
  }
  if (token.used === undefined) return true;                    // nobody has seen it: the idle time begins with its first use
  if (edge(now - token.used, idle_s)) return null;
  return now - token.used <= idle_s ? true : token.crashed ? null : false;
};

// -- one server after the other on one store --------------------------------------------------------------------------

const play = async (ferrite, store, next, ok) => {
  const world = { shift: 0, before: { 2: [0, 0], 3: [0, 0] }, until: {}, steps: 0, kills: 0 };
  const users = [...Array.from({ length: admins }, (_, i) => ({ type: 2, name: `a${i}`, password: 'model horse 1' })),
    ...Array.from({ length: customers }, (_, i) => ({ type: 3, name: `c${i}@example.com`, password: 'model horse 1' }))]
    .map((u, i) => Object.assign(u, { tokens: [], before: [0, 0], next: random(seed * 31 + i) }));
  const now = () => Math.floor(Date.now() / 1000) + world.shift;
  let server, root;
  const ask = async (token, method, path, body, type = 'application/json') => {
    const answer = await request(server.base, { method, path, body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      headers: { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...(body === undefined ? {} : { 'Content-Type': type }) } });
    world.steps++;
    try { answer.json = JSON.parse(answer.text); } catch { /* not JSON */ }
    return answer;
  };
  const must = (answer, what) => { ok(answer.status === 200, `${what}: ${answer.status} ${answer.text}`); return answer.json; };
  const clock = async () => must(await ask(root, 'PUT', '/ferrite/v1/sandbox/clock', { shift: world.shift }), 'clock');
  const signIn = async (user) => must(await ask(null, 'POST', `/rest/V1/integration/${user.type === 2 ? 'admin' : 'customer'}/token`,
    { username: user.name, password: user.password }), 'sign-in');
  const renew = async () => { root = await signIn({ type: 2, name: 'root', password: 'model horse 1' }); };
  const serve = async () => {
    server = await start(ferrite, ['serve', '--database', store.database, '--listen', '127.0.0.1:0', '--sandbox', 'on', '--access-log', 'off', ...open]);
    if (!root) await renew();
    await clock();
  };
  const say = (token, user) => `${user.name} iat ${token.iat} exp ${token.exp} used ${token.used} kid ${token.kid} before ${user.before} at ${now()}`;
  const compare = (token, user, works, how) => {
    const expected = alive(token, user, world, now());
    ok(expected === null || expected === works, `${how}: ${works ? 'works' : 'is refused'} and should not: ${say(token, user)}`);
    if (!works) token.dead = token.dead || token.unsure || token.exp <= now();     // what died of a cause that does not go away
    token.unsure = false;
  };
  const add = (user, text, used) => {
    const { iat, exp } = claimsOf(text), there = user.tokens.find((t) => t.text === text);
    if (there) return there;
    const token = { text, iat, exp, used, kid: JSON.parse(Buffer.from(text.split('.')[0], 'base64url')).kid };
    user.tokens.push(token);
    return token;
  };
  // A rule reaches every token up to the second it was made in; that second lies between two looks at the clock.
  const ruled = async (of, send) => { const first = now(); await send(); of(first, now()); };
  const spread = (place, first, last) => [Math.max(place[0], first), Math.max(place[1], last)];
  const pick = (user) => user.tokens[Math.floor(user.next() * user.tokens.length)];

  const moves = [
    [3, async (user) => { if (!user.disabled) add(user, await signIn(user), now()); }],   // sign in
    [20, async (user) => {                                                          // a Magento with the same key issues one
      if (world.until['1'] && next() < 0.8) return;
      if (world.until['1']) { if (!user.disabled) add(user, await signIn(user), now()); return; }
      const iat = user.next() < 0.3 ? now() - 1 - Math.floor(user.next() * 900) : now() + 1 + Math.floor(user.next() * 60);
      add(user, mint({ uid: user.id, utypid: user.type, iat, exp: iat + 60 + Math.floor(user.next() * 4000) }));
    }],
    [45, async (user) => {                                                          // use
      const token = pick(user);
      if (!token) return;
      const works = (await ask(token.text, 'GET', user.type === 2 ? '/rest/V1/modules' : '/rest/V1/customers/me')).status === 200;
      compare(token, user, works, 'use');
      if (works) { token.used = now(); token.crashed = false; }
    }],
    [8, async (user) => {                                                           // sign out, in three ways
      const token = pick(user);
      if (!token) return;
      const way = Math.floor(user.next() * 3), expected = alive(token, user, world, now());
      const answer = way === 0 ? await ask(token.text, 'DELETE', '/ferrite/v1/token') : way === 1 ? await ask(token.text, 'POST', '/ferrite/v1/token/self-revoke')
        : await ask(root, 'POST', '/ferrite/v1/oauth/revoke', `token=${token.text}`, 'application/x-www-form-urlencoded');
      ok(way === 2 || expected === null || (answer.status === 200) === expected, `self-revoke ${answer.status}: ${say(token, user)}`);
      if (answer.status === 200 && (way < 2 || expected)) token.dead = true;
      if (way === 2 && expected === null) token.unsure = true;
    }],
    [5, async (user) => {                                                           // by its public name
      const token = pick(user);
      if (!token) return;
      const { items } = must(await ask(root, 'GET', `/ferrite/v1/tokens?user_type=${user.type === 2 ? 'admin' : 'customer'}&user_id=${user.id}&issued_after=${token.iat}&issued_before=${token.iat + 1}`), 'list');
      if (items.length !== 1 || user.tokens.filter((t) => t.iat === token.iat).length !== 1) return;
      must(await ask(root, 'DELETE', `/ferrite/v1/tokens/${items[0].accessor}`), 'revoke');
      token.dead = true;
    }],
    [1.5, (user) => ruled((first, last) => { user.before = spread(user.before, first, last); }, async () => {   // all of a user
      const token = user.tokens.find((t) => alive(t, user, world, now()));
      if (user.type === 3 && token) { must(await ask(token.text, 'POST', '/rest/V1/integration/customer/revoke-customer-token'), 'revoke-customer-token'); token.used = now(); }
      else must(await ask(root, 'POST', '/ferrite/v1/tokens/revoke', { user_type: user.type === 2 ? 'admin' : 'customer', user_id: String(user.id) }), 'revoke a user');
    })],
    [1.5, async (user) => {                                                         // all of a user up to a time
      const at = now() - Math.floor(user.next() * 600);
      must(await ask(root, 'POST', '/ferrite/v1/tokens/revoke', { user_type: user.type === 2 ? 'admin' : 'customer', user_id: String(user.id), issued_before: String(at) }), 'revoke up to a time');
      user.before = spread(user.before, at - 1, at - 1);
    }],
    [1, async (user) => {                                                           // disable, enable
      if (user.type !== 2) return;
      await ruled((first, last) => { if (user.disabled) user.before = spread(user.before, first, last); },
        async () => { user.disabled = !user.disabled; must(await ask(root, 'PUT', `/ferrite/v1/users/${user.id}`, { is_active: !user.disabled }), 'disable'); });
    }],
    [0.3, async (user) => {                                                         // a new password
      if (user.type !== 2) return;
      const password = `model horse ${Math.floor(user.next() * 1e9)}`;
      await ruled((first, last) => { user.before = spread(user.before, first, last); },
        async () => { must(await ask(root, 'PUT', `/ferrite/v1/users/${user.id}/password`, { password }), 'password'); user.password = password; });
    }],
  ];
  const total = moves.reduce((sum, [weight]) => sum + weight, 0);
  const step = (user) => { let at = user.next() * total; return moves.find(([weight]) => (at -= weight) < 0)[1](user); };

  // Every token, by looking at it: that is no use of it.
  const sweep = async (how) => {
    await Promise.all(users.map(async (user) => {
      for (const token of user.tokens) {
        if (token.gone) continue;
        const { active } = must(await ask(root, 'POST', '/ferrite/v1/oauth/introspect', `token=${token.text}`, 'application/x-www-form-urlencoded'), 'introspect');
        compare(token, user, active, how);
        token.gone = token.dead && next() < 0.5;                                    // half of the dead are looked at again
      }
    }));
  };
  // The server dies, perhaps in the middle of a revocation, perhaps with last uses that were not written yet.
  const kill = async () => {
    const written = next() < 0.5, user = users[Math.floor(next() * users.length)], token = user.tokens.find((t) => alive(t, user, world, now()));
    if (written) must(await ask(root, 'GET', '/ferrite/v1/tokens?page_size=1'), 'list');
    const torn = token && next() < 0.5 ? ask(token.text, 'DELETE', '/ferrite/v1/token').then((a) => a.status === 200, () => null) : null;
    if (torn && next() < 0.5) await new Promise((go) => setTimeout(go, next() * 4));
    process.kill(server.pid, 'SIGKILL');
    const answered = await torn;
    await server.ended;
    if (torn && answered) token.dead = true;
    else if (torn) token.unsure = true;
    if (!written) for (const u of users) for (const t of u.tokens) t.crashed = true;
    world.kills++;
    await serve();
  };
  const events = [
    [4, kill],
    [4, async () => {                                                               // time goes by, sometimes so much that what nobody used is idle
      world.shift += next() < 0.4 ? idle_s + Math.floor(next() * 600) : Math.floor(next() * 1500);
      await clock();
      await renew();
      must(await ask(root, 'GET', '/ferrite/v1/tokens?page_size=1'), 'list');
    }],
    [1, async () => {                                                               // the key is rotated; the old one goes on for a while, or not
      const compromised = next() < 0.4, first = now();
      const { old_kid } = must(await ask(root, 'POST', '/ferrite/v1/keys/rotate', compromised ? { compromised } : { retire_after: 10 }), 'rotate');
      world.until[old_kid] = compromised ? [0, 0] : [first + 600, now() + 600];
      await renew();
    }],
    [0.7, async () => { const type = next() < 0.5 ? 2 : 3; if (type === 3) await ruled((first, last) => { world.before[3] = spread(world.before[3], first, last); }, async () => must(await ask(root, 'POST', '/ferrite/v1/tokens/revoke', { user_type: 'customer' }), 'revoke a kind')); }],
  ];

  await serve();
  for (const user of users) user.id = claimsOf(await signIn(user)).uid;
  for (let round = 0; round < rounds; round++) {
    await Promise.all(users.map(async (user) => { for (let i = 0; i < steps; i++) await step(user); }));
    let at = next() * 9.7;
    await (round % 4 === 0 ? kill : events.find(([weight]) => (at -= weight) < 0)[1])();
    await sweep(`look after round ${round + 1}`);
  }
  const why = await server.stop();
  ok(!why, why);
  return world;
};

export default async ({ root, ferrite, check, ok }) => {
  if (!existsSync(ferrite)) return;
  const folder = scratch(), file = join(folder.path, 'model.json');
  writeFileSync(file, JSON.stringify(fixture));
  for (const name of ['sqlite', 'mariadb']) {
    const engine = engines(root).find((e) => e.name === name), began = Date.now();
    if (!engine) continue;
    let store, world;
    await check(`tokens do on ${name} what the model says (seed ${seed})`, async () => {
      store = await engine.prepare(ferrite, file);
      world = await play(ferrite, store, random(seed), ok);
    });
    if (world) console.log(`fault   model of tokens on ${name}: ${world.steps} requests, ${world.kills} kills, seed ${seed}, ${((Date.now() - began) / 1000).toFixed(0)} s`);
    store?.remove();
  }
  mariadbStop(root);
  folder.remove();
};
