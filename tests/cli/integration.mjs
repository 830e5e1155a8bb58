// Integrations at the command line, while a server runs on the same store: what is made signs, what is ended does not, and a secret is
// shown by one command only.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from '../lib/client.mjs';
import { authorization } from '../lib/oauth.mjs';
import { run, scratch, start } from '../lib/server.mjs';

const commands = ['create', 'list', 'show', 'activate', 'reauthorize', 'delete'];

export default async ({ ferrite, check, ok, equal }) => {
  const folder = scratch(), file = join(folder.path, 'integration.db'), database = `sqlite:${file}`;
  const call = (...line) => run(ferrite, ['integration', ...line, '--database', database]);
  const good = (...line) => { const d = call(...line); ok(d.status === 0, `${line.join(' ')}: ${d.status} ${d.err}${d.out}`); return d.out; };
  const bad = (what, ...line) => { const d = call(...line); ok(d.status === 1 && what.test(d.err), `${line.join(' ')}: ${d.status} ${d.err}${d.out}`); };

  await check('every integration command explains itself', () => {
    for (const name of commands) ok(run(ferrite, ['integration', name, '--help']).out.startsWith(`ferrite integration ${name}`), name);
  });
  await check('a store to work on', () => equal(run(ferrite, ['init', '--database', database]).status, 0));
  const server = await start(ferrite, ['serve', '--database', database, '--listen', '127.0.0.1:0']);
  const signed = (keys, method, path, extra) => request(server.base, { method, path, headers: { Authorization: authorization({ base: server.base, method, path, keys, extra }) } });
  // Another process's roles are seen within the setting poll, 250 ms.
  const seen = (ms) => new Promise((end) => setTimeout(end, ms));
  const websites = async (keys) => (await signed(keys, 'GET', '/rest/V1/store/websites')).status;

  let keys;
  await check('what create --activate prints signs at once', async () => {
    keys = JSON.parse(good('create', 'Robot', '--resources', 'Magento_Backend::store', '--email', 'robot@example.com', '--activate', '--json'));
    equal(Object.keys(keys), ['id', 'consumer_key', 'consumer_secret', 'access_token', 'access_token_secret']);
    for (let i = 0; i < 40 && await websites(keys) !== 200; i++) await seen(100);
    equal(await websites(keys), 200);
    equal((await signed(keys, 'GET', '/rest/V1/customerGroups/1')).status, 401);
  });
  await check('no other command shows a secret, and the store holds none readable', () => {
    const shown = good('list') + good('list', '--json') + good('show', 'Robot') + good('show', String(keys.id), '--json'), stored = readFileSync(file, 'latin1') + readFileSync(`${file}-wal`, 'latin1');
    for (const name of ['consumer_secret', 'access_token_secret']) ok(!shown.includes(keys[name]) && !stored.includes(keys[name]), name);
    ok(!shown.includes(keys.access_token), 'the token is shown');
  });
  await check('show says what it may and where it stands', () => {
    const shown = JSON.parse(good('show', 'Robot', '--json'));
    equal([shown.status, shown.token, shown.all, shown.resources], [1, 'access', false, ['Magento_Backend::admin', 'Magento_Backend::store']]);
  });
  await check('a second activation is refused, a reauthorization ends the old token', async () => {
    bad(/has its token already/, 'activate', 'Robot');
    const next = JSON.parse(good('reauthorize', 'Robot', '--json'));
    equal([await websites(keys), await websites(next)], [401, 200]);
    const rotated = JSON.parse(good('reauthorize', 'Robot', '--rotate', '--json'));
    equal([await websites(next), await websites({ ...rotated, consumer_secret: next.consumer_secret }), await websites(rotated)], [401, 401, 200]);
    keys = rotated;
  });
  await check('an endpoint gets a verifier to exchange, by hand', async () => {
    good('create', 'Hub', '--resources', 'Magento_Backend::all', '--endpoint', 'https://hub.example.com/oauth');
    const text = good('activate', 'Hub');
    ok(/Hand these to the endpoint now: the exchange is open for 300 seconds/.test(text), text);
    const hub = Object.fromEntries(text.trim().split('\n').slice(1).map((l) => l.split(/\s+/)));
    equal(Object.keys(hub), ['id', 'consumer_key', 'consumer_secret', 'verifier', 'store_base_url']);
    const pair = (a) => { equal(a.status, 200, a.text); const p = new URLSearchParams(a.text); return { access_token: p.get('oauth_token'), access_token_secret: p.get('oauth_token_secret') }; };
    const asked = { consumer_key: hub.consumer_key, consumer_secret: hub.consumer_secret };
    const first = pair(await signed(asked, 'POST', '/oauth/token/request'));
    const last = pair(await signed({ ...asked, ...first }, 'POST', '/oauth/token/access', { oauth_verifier: hub.verifier }));
    await seen(500);
    equal(await websites({ ...asked, ...last }), 200);
  });
  await check('mistakes are told', () => {
    bad(/exists/, 'create', 'robot', '--resources', 'Magento_Backend::all');
    bad(/no ACL resource No::such/, 'create', 'X', '--resources', 'No::such');
    bad(/without rights is no use/, 'create', 'X');
    bad(/begin with https:\/\//, 'create', 'X', '--resources', 'Magento_Backend::all', '--endpoint', 'http://x.example.com/');
    bad(/"nobody" doesn't exist/, 'show', 'nobody');
    bad(/"4711" doesn't exist/, 'activate', '4711');
  });
  await check('a deleted integration signs no more', async () => {
    good('delete', 'Robot');
    equal(await websites(keys), 401);
    bad(/doesn't exist/, 'delete', 'Robot');
  });
  const why = await server.stop();
  await check('the server stops cleanly', () => ok(!why, why));
  folder.remove();
};
