// Foreign clients: a PHP script with cURL, and a JWT library that shares nothing with ferrite but the key.
import { join } from 'node:path';
import { request } from '../lib/client.mjs';
import { install } from '../lib/packages.mjs';
import { run, start } from '../lib/server.mjs';

// Magento signs with the key padded to 2048 bytes by '&' on both sides, the odd byte right.
const padded = (key) => { const left = Math.floor((2048 - key.length) / 2); return new TextEncoder().encode('&'.repeat(left) + key + '&'.repeat(2048 - key.length - left)); };

const guide = async ({ root, fixture, server, check, ok, equal }) => {
  const php = (env) => run('php', [join(root, 'tests/interop/guide.php'), server.base], { env });
  await check('the guide\'s PHP script prints a token that opens a protected route', async () => {
    const user = fixture.users[0];
    const d = php({ GUIDE_USER: user.username, GUIDE_PASSWORD: user.password });
    ok(d.status === 0 && /^[\w-]+\.[\w-]+\.[\w-]+\n$/.test(d.out), d.out + d.err);
    const answer = await request(server.base, { path: '/rest/V1/modules', headers: { Authorization: `Bearer ${d.out.trim()}` } });
    equal(answer.status, 200);
  });
};

const jose = async ({ root, fixture, server, sign, check, ok, equal }) => {
  const why = install(root, ['jose']);
  if (why) { await check('npm fetches jose', () => ok(false, why)); return; }
  const { SignJWT, jwtVerify, decodeProtectedHeader } = await import('jose');
  const key = padded(fixture.crypt_key), now = Math.floor(Date.now() / 1000);
  const open = async (token) => (await request(server.base, { path: '/rest/V1/modules', headers: { Authorization: `Bearer ${token}` } })).status;
  const make = (claims, header = { kid: '1', alg: 'HS256' }, secret = key) => new SignJWT(claims).setProtectedHeader(header).sign(secret);
  const good = { uid: 1, utypid: 2, iat: now, exp: now + 60 };

  await check('jose verifies a token of ours', async () => {
    const token = await sign('admin');
    const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'] });
    equal(decodeProtectedHeader(token), { kid: '1', alg: 'HS256' });
    equal(Object.keys(payload), ['uid', 'utypid', 'iat', 'exp']);
    equal([payload.uid, payload.utypid, payload.exp - payload.iat], [1, 2, 3600]);
  });
  await check('a token made by jose with the same key is accepted', async () => equal(await open(await make(good)), 200));
  await check('a token without kid, with further claims, is accepted', async () => equal(await open(await make({ ...good, nbf: now + 999, aud: 'x' }, { alg: 'HS256' })), 200));
  await check('another key, another algorithm, an expired or claimless token are all refused', async () => {
    equal(await open(await make(good, undefined, padded('x'.repeat(32)))), 401, 'key');
    equal(await open(await make(good, { kid: '1', alg: 'HS512' })), 401, 'algorithm');
    equal(await open(await make({ ...good, exp: now })), 401, 'expired');
    equal(await open(await make({ uid: 1, utypid: 2, exp: now + 60 })), 401, 'no iat');
    equal(await open(`${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(good)).toString('base64url')}.`), 401, 'none');
  });
};

export default async (t) => {
  const server = await start(t.ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', t.fixtureFile]);
  const { signer } = await import('../lib/cases.mjs');
  const world = { ...t, server, sign: signer(server.base, t.fixture) };
  await guide(world);
  await jose(world);
  await t.check('the server stops cleanly', async () => { const why = await server.stop(); t.ok(!why, why); });
};
