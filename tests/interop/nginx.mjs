// Forward authentication behind Debian's nginx: deploy/nginx/ferrite-auth.conf, with its addresses exchanged, in front of a shop that
// answers with what it was sent.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import { signer } from '../lib/cases.mjs';
import { request } from '../lib/client.mjs';
import { scratch, start } from '../lib/server.mjs';

const listening = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));
const freePort = async () => { const s = net.createServer(), port = await listening(s); await new Promise((end) => s.close(end)); return port; };

const shop = async () => {
  const server = http.createServer((q, a) => {
    q.resume();
    q.on('end', () => a.end(JSON.stringify({ method: q.method, url: q.url, headers: q.headers })));
  });
  const port = await listening(server);
  return { port, close: () => { server.closeAllConnections(); server.close(); } };
};

// The file as it is delivered, but for addresses and TLS.
const configuration = (text, folder, ports) => {
  const change = (from, to) => { if (!from.test(text)) throw new Error(`the configuration has no ${from}`); text = text.replace(from, to); };
  change(/server 127\.0\.0\.1:8080;/, `server 127.0.0.1:${ports.ferrite};`);
  change(/server 127\.0\.0\.1:8081;/, `server 127.0.0.1:${ports.shop};`);
  change(/listen 443 ssl http2;/, `listen 127.0.0.1:${ports.nginx};`);
  change(/\tssl_certificate .*\n\tssl_certificate_key .*\n/, '');
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((n) => `${n}_temp_path ${folder}/tmp;`).join(' ');
  return `daemon off; master_process off; pid ${folder}/pid; error_log stderr warn;\nevents {}\nhttp { access_log off; ${temp}\n${text}\n}\n`;
};

const startNginx = async (folder, port) => {
  const child = spawn('/usr/sbin/nginx', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '', ended = false;
  child.stderr.on('data', (d) => { log += d; });
  const end = new Promise((done) => child.on('exit', () => { ended = true; done(); }));
  for (let i = 0; i < 200 && !ended; i++) {
    const up = await new Promise((done) => { const s = net.connect(port, '127.0.0.1', () => { s.destroy(); done(true); }); s.on('error', () => done(false)); });
    if (up) return { log: () => log, stop: () => { child.kill('SIGTERM'); return end; } };
    await new Promise((r) => setTimeout(r, 25));
  }
  child.kill('SIGKILL');
  throw new Error(`nginx does not listen\n${log}`);
};

const cases = async ({ base, sign, check, ok, equal }) => {
  const get = async (path, { user, token, method = 'GET', headers = {}, body } = {}) => {
    const bearer = token ?? (user && await sign(user));
    const answer = await request(base, { method, path, body, headers: { ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}), ...headers } });
    try { answer.json = JSON.parse(answer.text); } catch { /* not JSON */ }
    return answer;
  };
  const told = (answer) => Object.fromEntries(Object.entries(answer.json.headers).filter(([name]) => name.startsWith('x-ferrite')));
  const refused = (answer, status) => {
    equal([answer.status, answer.headers['content-type']], [status, 'application/json; charset=utf-8']);
    ok(answer.json?.message, answer.text);
  };

  await check('an allowed request reaches the shop as it was sent, with who sent it', async () => {
    const answer = await get('/rest/V1/products/a%2Fb?fields=sku', { user: 'cat' });
    equal([answer.status, answer.json?.method, answer.json?.url], [200, 'GET', '/rest/V1/products/a%2Fb?fields=sku']);
    const { 'x-ferrite-token': accessor, ...rest } = told(answer);
    equal(rest, { 'x-ferrite-user': '2', 'x-ferrite-user-type': 'admin', 'x-ferrite-role': '2' });
  });
  await check('a body reaches the shop and not the gate', async () => {
    const answer = await get('/rest/V1/products', { user: 'cat', method: 'POST', body: '{"product":', headers: { 'Content-Type': 'application/json' } });
    equal([answer.status, answer.json?.method, answer.json?.headers['content-length']], [200, 'POST', '11']);
  });
  await check('without a token it is a 401 with a challenge, in the shape of an API error', async () => {
    const answer = await get('/rest/V1/products/x');
    refused(answer, 401);
    equal(answer.headers['www-authenticate'], 'Bearer realm="ferrite"');
  });
  await check('with a bad one the challenge says why', async () => {
    const answer = await get('/rest/V1/products/x', { token: `${await sign('cat')}x` });
    refused(answer, 401);
    ok(/error="invalid_token"/.test(answer.headers['www-authenticate']), answer.headers['www-authenticate']);
  });
  await check('without the resource it is a 403 that names it', async () => {
    const answer = await get('/rest/V1/customerGroups/1', { user: 'cat' });
    refused(answer, 403);
    ok(/scope="Magento_Customer::group"/.test(answer.headers['www-authenticate']), answer.headers['www-authenticate']);
  });
  await check('the method counts', async () => refused(await get('/rest/V1/customerGroups/1', { user: 'cat', method: 'DELETE' }), 403));
  await check('an anonymous route is open to guests, who cannot say that they are somebody', async () => {
    const answer = await get('/rest/V1/directory/countries', { headers: { 'X-Ferrite-User': '1', 'X-Ferrite-Role': '1', 'X-Ferrite-Token': 'x', 'X-Ferrite-User-Type': 'admin' } });
    equal([answer.status, told(answer)], [200, { 'x-ferrite-user-type': 'guest' }]);
  });
  await check('what a client says about the original request is not believed', async () => {
    for (const headers of [{ 'X-Original-Method': 'GET', 'X-Original-URI': '/rest/V1/directory/countries' }, { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': '/rest/V1/directory/countries' }])
      refused(await get('/rest/V1/customerGroups/1', { headers }), 401);
  });
  await check('a path that climbs into the guarded part is refused', async () => {
    refused(await get('/rest/V1/directory/../customerGroups/1', { user: 'admin' }), 403);
    refused(await get('/rest/V1/directory/%2e%2e/customerGroups/1', { user: 'admin' }), 403);
    equal((await get('/other/../rest/V1/products/x')).status, 403);
  });
  await check('a path without a route is refused', async () => refused(await get('/rest/V1/nothing', { user: 'admin' }), 403));
  await check('the gate itself cannot be asked from outside', async () => equal((await get('/ferrite-gate', { user: 'admin' })).status, 404));
};

export default async (t) => {
  const folder = scratch(), upstream = await shop();
  const server = await start(t.ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', t.fixtureFile]);
  let nginx;
  try {
    const port = await freePort();
    mkdirSync(join(folder.path, 'tmp'));
    writeFileSync(join(folder.path, 'nginx.conf'), configuration(readFileSync(join(t.root, 'deploy/nginx/ferrite-auth.conf'), 'utf8'), folder.path,
      { ferrite: new URL(server.base).port, shop: upstream.port, nginx: port }));
    nginx = await startNginx(folder.path, port);
    await cases({ ...t, base: `http://127.0.0.1:${port}`, sign: signer(server.base, t.fixture) });
    await t.check('no client was shown an error that nginx logs', async () => t.equal(nginx.log().split('\n').filter((l) => /\[(error|crit|alert|emerg)\]/.test(l)), []));
    await server.stop();
    await t.check('without ferrite nothing passes', async () => t.equal((await request(`http://127.0.0.1:${port}`, { path: '/rest/V1/directory/countries' })).status, 500));
  } finally {
    await nginx?.stop();
    upstream.close();
    const why = await server.stop();
    await t.check('the server behind nginx stops cleanly', () => t.ok(!why, why));
    folder.remove();
  }

  const open = await start(t.ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', t.fixtureFile, '--gate-unknown-routes', 'on']);
  await t.check('a setting lets paths without a route pass with any good token, and with no bad one', async () => {
    const ask = async (headers) => (await request(open.base, { path: '/ferrite/v1/auth', headers: { 'X-Original-Method': 'GET', 'X-Original-URI': '/graphql', ...headers } })).status;
    t.equal([await ask({}), await ask({ Authorization: `Bearer ${await signer(open.base, t.fixture)('little')}` })], [401, 200]);
  });
  const why = await open.stop();
  if (why) t.report('the open gate stops cleanly', why);
};
