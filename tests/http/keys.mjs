// The life of a key: next, in use, retired until a stated time, killed; and what tokens of each are worth meanwhile.
import { createHmac } from 'node:crypto';
import { request as send } from '../lib/client.mjs';
import { run, start } from '../lib/server.mjs';

const b64 = (x) => Buffer.from(x).toString('base64url');

// A token as Magento would sign it: the key padded to 2,048 bytes with '&', the odd one right.
const forge = (key, header, claims) => {
  const left = Math.floor((2048 - key.length) / 2);
  const secret = '&'.repeat(left) + key + '&'.repeat(2048 - key.length - left);
  const text = `${b64(typeof header === 'string' ? header : JSON.stringify(header))}.${b64(JSON.stringify(claims))}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
};

export default async ({ check, base, fixture, server, ferrite, engine, equal, ok }) => {
  const at = (where) => ({
    call: async (token, method, path, body) => {
      const answer = await send(where, { method, path: `/ferrite/v1/${path}`, body: body && JSON.stringify(body),
        headers: { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...(body ? { 'Content-Type': 'application/json' } : {}) } });
      try { answer.json = JSON.parse(answer.text); } catch { /* a page */ }
      return answer;
    },
    sign: async (username = 'admin') => JSON.parse((await send(where, { method: 'POST', path: '/rest/V1/integration/admin/token',
      headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username, password: 'correct horse 1' }) })).text),
    good: async (token) => (await send(where, { path: '/rest/V1/store/websites', headers: { Authorization: `Bearer ${token}` } })).status,
  });
  const { call, sign, good } = at(base);
  const header = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url').toString());
  const reason = (answer) => /error_description="([^"]*)"/.exec(answer.headers['www-authenticate'] ?? '')?.[1];
  const shift = (token, s) => call(token, 'PUT', 'sandbox/clock', { shift: s });
  const states = async (token) => (await call(token, 'GET', 'keys')).json.keys.map((k) => `${k.state}${k.verifies ? '+' : ''}`);
  let first, second, third;

  await check('the first key of a store signs exactly as Magento does, under kid 1', async () => {
    first = await sign();
    equal(header(first), { kid: '1', alg: 'HS256' });
    const list = (await call(first, 'GET', 'keys')).json;
    equal(list, { source: 'ferrite', note: '<text>', keys: [{ kid: '1', state: 'current', place: 0, created_at: '<time>', retires_at: null, verifies: true, live_tokens: 1 }] });
  });
  await check('without the resources there is no list, no next, no rotation, no killing', async () => {
    const cat = await sign('cat');
    for (const [method, path, resource] of [['GET', 'keys', 'list'], ['POST', 'keys/next', 'rotate'], ['POST', 'keys/rotate', 'rotate'], ['DELETE', 'keys/1', 'kill']]) {
      const answer = await call(cat, method, path);
      equal([answer.status, answer.json], [403, { message: `This needs the ACL resource Ferrite_Key::${resource}.` }], path);
      equal((await call(null, method, path)).status, 401, path);
    }
  });
  await check('a next key is made once and signs nothing yet', async () => {
    const made = await call(first, 'POST', 'keys/next');
    equal([made.status, made.json], [201, { kid: '<text>', state: 'next' }]);
    ok(/^\w{16}$/.test(made.json.kid), made.text);
    equal((await call(first, 'POST', 'keys/next')).status, 409);
    equal(header(await sign()).kid, '1');
    second = { kid: made.json.kid };
  });
  await check('rotation takes the next key while clients go on: no request with a good token fails', async () => {
    let going = true, asked = 0;
    const bad = [];
    const client = async () => { while (going) { const s = await good(first); asked++; if (s !== 200) bad.push(s); } };
    const clients = [client(), client(), client(), client()];
    const rotated = await call(first, 'POST', 'keys/rotate', { retireAfter: 10 });
    equal([rotated.status, rotated.json], [200, { kid: second.kid, old_kid: '1', old_state: 'retired', old_retires_at: '<time>', note: '<text>' }]);
    second.token = await sign();
    await new Promise((go) => setTimeout(go, 200));
    going = false;
    await Promise.all(clients);
    equal(bad, []);
    ok(asked > 20, `${asked} requests`);
    equal(header(second.token), { kid: second.kid, alg: 'HS256' });
    equal([await good(first), await good(second.token)], [200, 200]);
    equal(await states(second.token), ['retired+', 'current+']);
    ok((await call(second.token, 'GET', 'keys')).json.keys.every((k) => k.live_tokens >= 1), 'tokens are counted by key');
  });
  const claims = () => { const now = Math.floor(Date.now() / 1000); return { uid: 1, utypid: 2, iat: now - 5, exp: now + 3000 }; };
  await check('a kid selects among our keys and does nothing else', async () => {
    const key = fixture.crypt_key;
    equal(await good(forge(key, { kid: '1', alg: 'HS256' }, claims())), 200, 'the old key under its own name');
    const tricks = [{ kid: second.kid }, { kid: '' }, {}, { kid: 1 }, { kid: null }, { kid: ['1'] }, { kid: { a: '1' } }, { kid: '01' }, { kid: '1 ' }, { kid: ' 1' },
      { kid: '1\0' }, { kid: '../../../../dev/null' }, { kid: "1' OR '1'='1" }, { kid: "x' UNION SELECT 'abcdefghijklmnopqrstuvwxyz012345" },
      { kid: 'http://127.0.0.1/key' }, { kid: '1'.repeat(3000) }, { kid: '0' }, { kid: second.kid.toLowerCase() + 'X' }, { kid: '１' }];
    for (const trick of tricks)
      equal(await good(forge(key, { ...trick, alg: 'HS256' }, claims())), 401, JSON.stringify(trick).slice(0, 80));
    equal(await good(forge(key, '{"kid":"x","kid":"1","alg":"HS256"}', claims())), 401, 'two names');
    for (const empty of ['', '&', '&'.repeat(32)])
      for (const kid of ['1', second.kid, 'x']) equal(await good(forge(empty, { kid, alg: 'HS256' }, claims())), 401, `the key "${empty}"`);
    const [, payload, signature] = second.token.split('.');
    equal(await good(`${b64(JSON.stringify({ kid: '1', alg: 'HS256' }))}.${payload}.${signature}`), 401, 'another name on a good token');
  });
  await check('a retired key verifies until the stated time, and not a second longer', async () => {
    const until = Date.parse(`${(await call(second.token, 'GET', 'keys')).json.keys[0].retires_at.replace(' ', 'T')}Z`) / 1000;
    const left = until - (await call(second.token, 'GET', 'sandbox/clock')).json.now;
    ok(left > 500 && left <= 600, `${left} s left`);
    await shift(second.token, left - 3);
    equal(await good(first), 200, 'before');
    await shift(second.token, left + 1);
    const late = await call(first, 'GET', 'keys');
    equal([late.status, reason(late)], [401, 'signed by a key that has retired']);
    equal(await states(second.token), ['retired', 'current+']);
    await shift(second.token, 0);
    equal(await good(first), 200, 'the clock back again');
  });
  await check('a retired key can be killed; the one in use cannot, and what is not there cannot', async () => {
    equal((await call(second.token, 'DELETE', 'keys/1')).text, 'true');
    const dead = await call(first, 'GET', 'keys');
    equal([dead.status, reason(dead)], [401, 'signed by a key that was killed']);
    equal((await call(second.token, 'DELETE', `keys/${second.kid}`)).status, 409);
    for (const kid of ['nobody', '%2e%2e%2f1', '2', "1'--"]) equal((await call(second.token, 'DELETE', `keys/${kid}`)).status, 404, kid);
    equal(await good(second.token), 200);
  });
  await check('a compromised key dies at once, with every token it signed', async () => {
    const others = [await sign(), await sign('cat')];
    const rotated = await call(second.token, 'POST', 'keys/rotate', { compromised: true });
    equal([rotated.status, rotated.json.old_state, rotated.json.old_retires_at], [200, 'killed', null]);
    for (const token of [second.token, ...others]) {
      const answer = await call(token, 'GET', 'keys');
      equal([answer.status, reason(answer)], [401, 'signed by a key that was killed']);
    }
    third = await sign();
    equal(header(third).kid, rotated.json.kid);
    equal(await states(third), ['killed', 'killed', 'current+']);
  });
  await check('minutes that make no sense are refused, and change nothing', async () => {
    for (const retireAfter of [-1, 600000, 'soon', 9e18])
      equal((await call(third, 'POST', 'keys/rotate', { retireAfter })).status, 400, String(retireAfter));
    equal((await call(third, 'GET', 'keys')).json.keys.length, 3);
  });
  await check('without a stated time the old key verifies as long as its longest-lived token', async () => {
    const rotated = (await call(third, 'POST', 'keys/rotate')).json;
    const { now } = (await call(third, 'GET', 'sandbox/clock')).json;
    const left = Date.parse(`${rotated.old_retires_at.replace(' ', 'T')}Z`) / 1000 - now;
    ok(left > 3500 && left <= 3600, `${left} s`);
    third = await sign();
  });
  await check('secrets sealed before still open: a signed request of an integration is taken', async () => {
    const integration = fixture.integrations[0], url = `${base}/rest/V1/store/websites`;
    const params = { oauth_consumer_key: integration.consumer_key, oauth_nonce: 'n'.repeat(32), oauth_signature_method: 'HMAC-SHA256',
      oauth_timestamp: String(Math.floor(Date.now() / 1000)), oauth_token: integration.access_token, oauth_version: '1.0' };
    const text = Object.keys(params).sort().map((k) => `${k}=${encodeURIComponent(params[k])}`).join('&');
    const signature = createHmac('sha256', `${integration.consumer_secret}&${integration.access_token_secret}`)
      .update(`GET&${encodeURIComponent(url)}&${encodeURIComponent(text)}`).digest('base64');
    const Authorization = `OAuth ${Object.entries({ ...params, oauth_signature: signature }).map(([k, v]) => `${k}="${encodeURIComponent(v)}"`).join(',')}`;
    equal((await send(base, { path: '/rest/V1/store/websites', headers: { Authorization } })).status, 200);
  });
  await check('each change of a key left its rows in the audit log', async () => {
    const rows = async (event) => (await call(third, 'GET', `audit?event=${event}`)).json.items.map((r) => r.target);
    ok((await rows('key.create')).includes(`key:${second.kid}`) && (await rows('key.rotate')).includes(`key:${second.kid}`), 'made and taken');
    ok((await rows('key.retire')).includes('key:1') && (await rows('key.kill')).includes('key:1') && (await rows('key.kill')).includes(`key:${second.kid}`), 'retired and killed');
  });
  if (engine === 'sandbox') return;

  const command = (...words) => { const d = run(ferrite, ['key', ...words, '--database', server.database]); ok(d.status === 0, `${words.join(' ')}: ${d.err}`); return d.out; };
  await check('two servers on one store: each knows within its poll what the other, or a command, did', async () => {
    const other = await start(ferrite, ['serve', '--database', server.database, '--listen', '127.0.0.1:0', '--poll', '50', '--sandbox', 'on']);
    try {
      const there = at(other.base);
      equal(await there.good(third), 200);
      equal((await call(third, 'POST', 'keys/rotate', { retireAfter: 5 })).status, 200);
      await new Promise((go) => setTimeout(go, 400));
      const fresh = await there.sign();
      equal(header(fresh).kid, header(await sign()).kid);
      equal([await there.good(third), await good(fresh)], [200, 200]);
      command('rotate', '--compromised');
      await new Promise((go) => setTimeout(go, 800));
      equal([await there.good(fresh), await good(fresh), await there.good(third)], [401, 401, 200]);
      command('next');
      ok(/ is in use\n/.test(command('rotate', '--retire-after', '0')), 'rotate');
      third = await there.sign();
    } finally { await other.stop(); }
  });
  await check('re-encryption counts, moves every secret once, and what was sealed still opens', async () => {
    const count = (...words) => JSON.parse(command('reencrypt', '--json', ...words)).filter((r) => r.secrets).map((r) => [r.what, r.secrets, r.with_older_keys]);
    const all = [['oauth_consumer.secret', 1, 1], ['oauth_token.secret', 1, 1], ['ferrite_audit_key.secret_key', 1, 1]];
    equal(count('--dry-run'), all);
    equal(count('--dry-run'), all);
    equal(count(), all);
    equal(count('--dry-run'), all.map(([what, n]) => [what, n, 0]));
    ok(/ is in use\n/.test(command('rotate')), 'and the log still signs its rows');
    await new Promise((go) => setTimeout(go, 400));
    equal(header(await sign()).kid, JSON.parse(command('list', '--json')).find((k) => k.state === 'current').kid);
  });
  await check("Magento's keys are listed as Magento's and not rotated", async () => {
    const env = { FERRITE_CRYPT_KEY: `${'k'.repeat(32)} ${fixture.crypt_key}` };
    const list = run(ferrite, ['key', 'list', '--database', server.database], { env });
    ok(/\n\tkilled\t0\t\t\t\t0\n1\tcurrent\t1\t\t\t1\t\d+\n.*Magento's/.test(list.out), list.out);
    const rotated = run(ferrite, ['key', 'rotate', '--database', server.database], { env });
    ok(rotated.status === 1 && /Magento's/.test(rotated.err), rotated.err);
    const own = await start(ferrite, ['serve', '--database', server.database, '--listen', '127.0.0.1:0', '--sandbox', 'on'], { env });
    try {
      const there = at(own.base), token = await there.sign();
      equal(header(token), { kid: '1', alg: 'HS256' });
      for (const kid of ['1', '0', '2', 'x', second.kid]) equal(await there.good(forge(fixture.crypt_key, { kid, alg: 'HS256' }, claims())), 200, kid);
      equal(await there.good(forge('k'.repeat(32), { kid: '0', alg: 'HS256' }, claims())), 401, 'an older key');
      equal((await there.call(token, 'GET', 'keys')).json.source, 'magento');
      for (const [method, path] of [['POST', 'keys/rotate'], ['POST', 'keys/next'], ['DELETE', 'keys/1']])
        equal((await there.call(token, method, path)).status, 409, path);
    } finally { await own.stop(); }
  });
};
