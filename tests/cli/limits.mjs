// Rate limits and the proxies that say whom they speak for. Each server has a trusted proxy on loopback, which is this test.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from '../lib/client.mjs';
import { scratch, start } from '../lib/server.mjs';

const TOKEN = '/rest/V1/integration/admin/token', BUSY = '{"message":"Too Many Requests"}';
const pause = (ms) => new Promise((go) => setTimeout(go, ms));

export default async ({ ferrite, check, ok, equal, fixture, fixtureFile }) => {
  const folder = scratch();
  const open = (...options) => start(ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', fixtureFile, ...options]);
  const from = (address, more = {}) => ({ ...(address ? { 'X-Forwarded-For': address } : {}), ...more });
  const signIn = (server, address, username, password, path = TOKEN) => request(server.base, { method: 'POST', path,
    headers: from(address, { 'Content-Type': 'application/json' }), body: JSON.stringify({ username, password }) });
  const good = (server, address) => signIn(server, address, fixture.users[0].username, fixture.users[0].password);
  const get = (server, address, path, token, headers = {}) => request(server.base, { path, headers: from(address, { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...headers }) });
  const statuses = async (n, one) => { const list = []; for (let i = 0; i < n; i++) list.push((await one(i)).status); return list; };
  const times = (n, value) => Array.from({ length: n }, () => value);
  const closing = async (server) => { const why = await server.stop(); ok(!why, why); };
  let n = 0;
  const nobody = () => `nobody-${++n}`;

  let server = await open('--trusted-proxies', '127.0.0.1', '--limit-token-source', '4', '--limit-token-user', '0');
  await check('as many sign-ins of one address may be refused as the setting says, then it is a 429 in the shape of every error', async () => {
    equal(await statuses(4, () => signIn(server, '203.0.113.1', nobody(), 'wrong 1')), times(4, 401));
    const fifth = await signIn(server, '203.0.113.1', nobody(), 'wrong 1');
    equal([fifth.status, fifth.text, fifth.headers['content-type']], [429, BUSY, 'application/json; charset=utf-8']);
    equal(fifth.headers['ratelimit-policy'], '"token-source";q=4;w=60');
    const [, left, t] = /^"token-source";r=(\d+);t=(\d+)$/.exec(fifth.headers.ratelimit);
    ok(+left === 0 && +t >= 1 && +t <= 15 && +fifth.headers['retry-after'] >= +t, `${fifth.headers.ratelimit} ${fifth.headers['retry-after']}`);
    equal((await good(server, '203.0.113.1')).status, 429);
  });
  await check('the 429 is XML for who asks for XML', async () => {
    const answer = await request(server.base, { method: 'POST', path: TOKEN, headers: from('203.0.113.1', { 'Content-Type': 'application/json', Accept: 'application/xml' }), body: '{}' });
    equal(answer.status, 429);
    ok(answer.text.includes('<message>Too Many Requests</message>'), answer.text);
  });
  await check('another address is not concerned, and every answer of a limited route says how it stands', async () => {
    const first = await signIn(server, '203.0.113.2', nobody(), 'wrong 1');
    equal([first.status, first.headers['ratelimit-policy'], first.headers['retry-after'] ?? null], [401, '"token-source";q=4;w=60', null]);
    ok(/^"token-source";r=3;t=1[0-5]$/.test(first.headers.ratelimit), first.headers.ratelimit);
  });
  await check('a sign-in that succeeds gives its place back', async () => {
    for (let i = 0; i < 9; i++) {
      const answer = await good(server, '203.0.113.3');
      equal(answer.status, 200);
      ok(/^"token-source";r=4;/.test(answer.headers.ratelimit), answer.headers.ratelimit);
    }
  });
  await check('a /64 of IPv6 is one source, and an IPv4 address in IPv6 is that address', async () => {
    equal(await statuses(4, (i) => signIn(server, `2001:db8::${i + 1}`, nobody(), 'wrong 1')), times(4, 401));
    equal((await signIn(server, '2001:db8::ffff:1', nobody(), 'wrong 1')).status, 429);
    equal((await signIn(server, '2001:db8:0:1::1', nobody(), 'wrong 1')).status, 401);
    equal((await signIn(server, '::ffff:203.0.113.1', nobody(), 'wrong 1')).status, 429);
  });
  await check('what stands left of the first untrusted address was made up, and changes nothing', async () => {
    equal((await signIn(server, '6.6.6.6, 203.0.113.1', nobody(), 'wrong 1')).status, 429);
    equal((await signIn(server, '203.0.113.1, 127.0.0.1', nobody(), 'wrong 1')).status, 429);
    equal((await signIn(server, '203.0.113.1, 203.0.113.77', nobody(), 'wrong 1')).status, 401);
  });
  await check('routes that hand out no token are not limited and say nothing of it', async () => {
    const answer = await get(server, '203.0.113.1', '/rest/V1/modules');
    equal([answer.status, answer.headers.ratelimit ?? null, answer.headers['ratelimit-policy'] ?? null], [401, null, null]);
  });
  await check('asking for a new password counts every time', async () => {
    const ask = () => request(server.base, { method: 'PUT', path: '/rest/V1/customers/password', headers: from('203.0.113.4', { 'Content-Type': 'application/json' }), body: JSON.stringify({ email: `${nobody()}@example.com`, template: 'email_reset', websiteId: 1 }) });
    const list = await statuses(5, ask);
    equal([list.slice(0, 4).includes(429), list[4]], [false, 429]);
  });
  await check('guessing the secret of a reset link is limited too', async () => {
    const list = await statuses(5, () => get(server, '203.0.113.5', '/rest/V1/customers/1/password/resetLinkToken/abcdefabcdefabcdefabcdefabcdefab'));
    equal([list.slice(0, 4).includes(429), list[4]], [false, 429]);
  });
  await check('what was used up comes back with time', async () => {
    const token = JSON.parse((await good(server, '203.0.113.6')).text);
    const moved = await request(server.base, { method: 'PUT', path: '/ferrite/v1/sandbox/clock', headers: from('203.0.113.6', { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }), body: '{"shift":31}' });
    equal(moved.status, 200, moved.text);
    equal(await statuses(3, () => signIn(server, '203.0.113.1', nobody(), 'wrong 1')), [401, 401, 429]);
  });
  await check('/metrics is not local for whom a proxy brings from elsewhere', async () => {
    equal((await get(server, '203.0.113.9', '/metrics')).status, 404);
    equal((await get(server, '', '/metrics')).status, 200);
  });
  await check('the log names the client, not the proxy', () => { ok(/"source":"203\.0\.113\.1"/.test(server.log), server.log.slice(-500)); });
  await check('it stops cleanly', () => closing(server));

  server = await open('--trusted-proxies', '127.0.0.1', '--limit-token-source', '0', '--limit-token-user', '2', '--limit-token-burst', '3');
  await check('guesses at one name are counted from wherever they come, whether there is such a user or not', async () => {
    for (const name of ['cat', 'nobody']) {
      const spell = [name, name.toUpperCase(), `${name} `, name, name];
      equal(await statuses(5, (i) => signIn(server, `198.51.100.${i}`, spell[i], 'wrong 1')), [401, 401, 401, 429, 429], name);
    }
    const refused = await signIn(server, '198.51.100.77', 'cat', 'wrong 1');
    equal(refused.headers['ratelimit-policy'], '"token-user";q=3;w=90');
    ok(+refused.headers['retry-after'] >= 1, JSON.stringify(refused.headers));
  });
  await check('guesses at the present password of whoever shows a token are his own, from wherever', async () => {
    const token = JSON.parse((await good(server, '198.51.100.1')).text);
    const change = (i) => request(server.base, { method: 'PUT', path: '/ferrite/v1/me/password', headers: from(`198.51.100.${i}`, { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` }), body: '{"currentPassword":"guess 1","newPassword":"never mind 1"}' });
    const list = await statuses(4, change), last = await change(9);
    equal([list.slice(0, 3).includes(429), list[3], last.status, last.headers['ratelimit-policy']], [false, 429, 429, '"token-user";q=3;w=90']);
    equal((await get(server, '198.51.100.1', '/ferrite/v1/me', token)).status, 200);
  });
  await check('how often somebody else was guessed at is not shown before it refuses', async () => {
    const answer = await signIn(server, '198.51.100.1', 'little', 'wrong 1');
    equal([answer.status, answer.headers.ratelimit ?? null, answer.headers['ratelimit-policy'] ?? null], [401, null, null]);
  });
  await check('it stops cleanly', () => closing(server));

  server = await open('--trusted-proxies', '127.0.0.1', '--limit-api-source', '5', '--limit-api-user', '3', '--hash-budget', '4');
  await check('the API is limited by address before anything is looked at', async () => {
    const list = await Promise.all(Array.from({ length: 40 }, () => get(server, '203.0.113.1', '/rest/V1/no/such/route')));
    ok(list.filter((a) => a.status === 404).length >= 5 && list.filter((a) => a.status === 429).length >= 20, list.map((a) => a.status).join());
    const refused = list.find((a) => a.status === 429);
    equal([refused.text, refused.headers['ratelimit-policy'], refused.headers['retry-after']], [BUSY, '"api-source";q=5;w=1', '1']);
    ok(/^"api-source";r=0;t=1$/.test(refused.headers.ratelimit), refused.headers.ratelimit);
  });
  await check('and by user, from wherever he calls', async () => {
    const token = JSON.parse((await good(server, '203.0.113.9')).text);
    const list = await Promise.all(Array.from({ length: 40 }, (_, i) => get(server, `198.51.100.${i}`, '/rest/V1/store/storeGroups', token)));
    ok(list.filter((a) => a.status === 200).length >= 3 && list.filter((a) => a.status === 429).length >= 20, list.map((a) => a.status).join());
    const one = list.find((a) => a.status === 200);
    equal(one.headers['ratelimit-policy'], '"api-source";q=5;w=1, "api-user";q=3;w=1');
    ok(/^"api-source";r=4;t=1, "api-user";r=\d;t=1$/.test(one.headers.ratelimit), one.headers.ratelimit);
  });
  await check('passwords are hashed for one address up to its budget, right or wrong', async () => {
    const list = await statuses(6, (i) => pause(i ? 250 : 0).then(() => (i % 2 ? good(server, '203.0.113.20') : signIn(server, '203.0.113.20', nobody(), 'wrong 1'))));
    equal(list, [401, 200, 401, 200, 429, 429]);
    const refused = await good(server, '203.0.113.20');
    ok(refused.headers['ratelimit-policy'].endsWith('"hash-source";q=4;w=60') && +refused.headers['retry-after'] > 1, JSON.stringify(refused.headers));
  });
  await check('health and metrics answer whatever is used up', async () => {
    equal(await statuses(20, () => get(server, '203.0.113.1', '/health/live')), times(20, 200));
  });
  await check('it stops cleanly', () => closing(server));

  server = await open('--limit-token-source', '2');
  await check('without trusted_proxies forwarding headers are ignored, and loopback is exempt', async () => {
    equal(await statuses(9, (i) => signIn(server, `203.0.113.${i}`, nobody(), 'wrong 1')), times(9, 401));
    equal((await get(server, '203.0.113.9', '/metrics')).status, 200);
    ok(!server.log.includes('203.0.113.'), server.log);
  });
  await check('it stops cleanly', () => closing(server));

  server = await open('--limit-token-source', '2', '--limit-exempt', '');
  await check('with nobody exempt, a made-up X-Forwarded-For is no way around', async () => {
    equal(await statuses(3, (i) => signIn(server, `203.0.113.${i}`, nobody(), 'wrong 1')), [401, 401, 429]);
  });
  await check('it stops cleanly', () => closing(server));

  server = await open('--trusted-proxies', '127.0.0.1');
  await check('a sandbox limits nobody unless it is told to', async () => {
    equal([...new Set(await statuses(40, () => signIn(server, '203.0.113.1', 'nobody', 'wrong 1')))], [401]);
  });
  await check('it stops cleanly', () => closing(server));

  const file = join(folder.path, 'ferrite.ini');
  writeFileSync(file, 'trusted_proxies = 127.0.0.1\nlimit_token_source = 1\n');
  server = await open('--config', file);
  const reload = async (text) => { writeFileSync(file, text); process.kill(server.pid, 'SIGHUP'); await pause(400); };
  await check('SIGHUP takes new limits and proxies', async () => {
    equal(await statuses(2, () => signIn(server, '203.0.113.1', nobody(), 'wrong 1')), [401, 429]);
    await reload('trusted_proxies = 127.0.0.1\nlimit_token_source = 600\n');
    equal(await statuses(4, () => signIn(server, '203.0.113.1', nobody(), 'wrong 1')), times(4, 401));
    await reload('trusted_proxies = 10.0.0.0/8\nlimit_token_source = 1\nlimit_exempt =\n');
    equal(await statuses(2, (i) => signIn(server, `203.0.113.${i}`, nobody(), 'wrong 1')), [401, 429]);
  });
  await check('a list with a slip in it is refused with its place, and the old settings stay', async () => {
    await reload('trusted_proxies = 127.0.0.1, 10.0.0.1/8\nlimit_token_source = 0\n');
    ok(/reload refused.*trusted_proxies: \\"10\.0\.0\.1\\\/8\\"/.test(server.log), server.log.slice(-600));
    equal((await signIn(server, '', nobody(), 'wrong 1')).status, 429);
  });
  await check('it stops cleanly', () => closing(server));
  folder.remove();
};
