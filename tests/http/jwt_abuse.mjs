// Everything RFC 8725 warns of, and what else could be done to a token: each is refused like no token at all, costs no more than a
// good one, and the server lives. Most are signed with the right key, so that only what is wrong about them can refuse them.
import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratch, start } from '../lib/server.mjs';
import { request as send } from '../lib/client.mjs';

const path = '/rest/V1/store/websites';
const refusal = `{"message":"The consumer isn't authorized to access %resources.","parameters":{"resources":"Magento_Backend::store"}}`;
const b64 = (x) => Buffer.from(x).toString('base64url');
const padded = (key) => { const left = Math.floor((2048 - key.length) / 2); return '&'.repeat(left) + key + '&'.repeat(2048 - key.length - left); };
const json = (x) => (typeof x === 'string' ? x : JSON.stringify(x));

const forge = (fixture) => {
  const key = padded(fixture.crypt_key);
  const now = Math.floor(Date.now() / 1000), good = { uid: 1, utypid: 2, iat: now, exp: now + 3000 }, header = { kid: '1', alg: 'HS256' };
  const hmac = (text, hash = 'sha256', secret = key) => createHmac(hash, secret).update(text).digest('base64url');
  const sign = (h, p, hash, secret) => { const text = `${b64(json(h))}.${b64(json(p))}`; return `${text}.${hmac(text, hash, secret)}`; };
  return { key, now, good, header, hmac, sign, token: sign(header, good), claims: (more) => sign(header, { ...good, ...more }), headed: (more) => sign({ ...header, ...more }, good) };
};

// [what is done, tokens]: all refused.
const abuses = ({ key, now, good, header, hmac, sign, token, claims, headed }) => {
  const [h, p, s] = token.split('.'), nested = (n) => '['.repeat(n) + ']'.repeat(n);
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }), ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const asymmetric = (alg, pair, more = {}) => {
    const text = `${b64(json({ ...header, alg }))}.${b64(json(good))}`;
    return `${text}.${createSign('sha256').update(text).sign({ key: pair.privateKey, ...more }, 'base64url')}`;
  };
  const payload = (text) => sign(header, text), raw = JSON.stringify(good).slice(1, -1);
  const one = (name, value) => payload(`{${raw.replace(new RegExp(`"${name}":[^,]+`), `"${name}":${value}`)}}`);
  const numbers = ['1.0', '1e3', '1E+3', '-1', '0', '-0', '01', '+1', '0x1', '1_000', '1.', '.5', 'NaN', 'Infinity', '1e400', '99999999999999999999', '9223372036854775808',
    '4294967297', '18446744073709551617', '9'.repeat(300)];
  const types = ['null', 'true', 'false', '[]', '{}', '[1]', '{"a":1}', '""', '"0"', '"x"', '"1 "', '" 1"', '"1.0"', '"1e3"', '"-1"', '"0x1"', '"٣"', '"1\\u0000"'];
  return [
    ['alg none', ['none', 'None', 'NONE', 'nOnE', ''].flatMap((alg) => [headed({ alg }), `${b64(json({ ...header, alg }))}.${p}.`, `${b64(json({ alg }))}.${p}.${s}`])],
    ['no signature', [`${h}.${p}.`, `${h}.${p}`, `${h}..${s}`, `.${p}.${s}`, '..', '...', '.', '']],
    ['another HMAC', ['sha384', 'sha512', 'sha1', 'md5'].flatMap((hash) => [sign(header, good, hash), sign({ ...header, alg: `HS${hash.slice(3)}` }, good, hash)])],
    ['alg in another case or type', ['hs256', 'HS256 ', ' HS256', 'HS256\0', ['HS256'], { a: 'HS256' }, 256, null, true].map((alg) => headed({ alg })).concat(sign({ kid: '1' }, good))],
    ['asymmetric algorithms', [asymmetric('RS256', rsa), asymmetric('PS256', rsa), asymmetric('ES256', ec, { dsaEncoding: 'ieee-p1363' }), headed({ alg: 'RS256' }), headed({ alg: 'ES256' }), headed({ alg: 'EdDSA' }),
      sign({ ...header, alg: 'RS256' }, good, 'sha256', rsa.publicKey.export({ type: 'spki', format: 'pem' }))]],
    ['another key', ['', 'a', 'x'.repeat(32), '&'.repeat(2048), key.slice(1), `${key}&`, key.replaceAll('&', '')].map((k) => sign(header, good, 'sha256', k))],
    ['a key of its own', [sign({ ...header, jwk: { kty: 'oct', k: b64('mine') } }, good, 'sha256', 'mine'), sign({ ...header, jku: 'https://127.0.0.1/keys', x5u: 'file:///etc/passwd', x5c: ['MII'] }, good, 'sha256', 'mine')]],
    ['kid with another key', ['../../../dev/null', '/dev/null', "x' UNION SELECT 'mine'--", 'k'.repeat(4000), '\0', '%00', '$(id)', 2, null].map((kid) => sign({ ...header, kid }, good, 'sha256', '')).concat(sign({ ...header, kid: '2' }, good, 'sha256', 'mine'))],
    ['crit', [headed({ crit: ['exp'] }), headed({ crit: [] }), headed({ crit: ['b64'], b64: true }), headed({ crit: 'b64' }), headed({ crit: null })]],
    ['b64', [headed({ b64: false }), headed({ b64: true }), (() => { const text = `${b64(json({ ...header, b64: false, crit: ['b64'] }))}.${json(good)}`; return `${text}.${hmac(text)}`; })()]],
    ['cty', ['JWT', 'jwt', '', 'application/json', null].map((cty) => headed({ cty }))],
    ['members twice', [sign('{"kid":"1","alg":"HS256","alg":"none"}', good), sign('{"alg":"none","alg":"HS256"}', good), sign('{"alg":"HS256","\\u0061lg":"HS256"}', good),
      payload(`{${raw},"uid":2}`), payload(`{"uid":2,${raw}}`), payload(`{${raw},"\\u0065xp":4102444800}`), payload(`{${raw},"x":1,"x":2}`)]],
    ['numbers that are no ids', numbers.flatMap((n) => [one('uid', n), one('utypid', n)]).concat(one('utypid', '1.5'), one('utypid', '4'))],
    ['times that are none', ['iat', 'exp'].flatMap((name) => numbers.filter((n) => !['4294967297'].includes(n)).map((n) => one(name, n)))],
    ['wrong types', ['uid', 'utypid', 'iat', 'exp'].flatMap((name) => types.map((t) => one(name, t)))],
    ['a claim is missing', ['uid', 'utypid', 'iat', 'exp'].map((name) => { const less = { ...good }; delete less[name]; return sign(header, less); })],
    ['expired', [claims({ exp: now }), claims({ exp: now - 1 }), claims({ exp: 1 }), claims({ iat: now - 7200, exp: now - 3600 })]],
    ['no object', ['null', 'true', '5', '"x"', '[]', `[${raw}]`, `[{${raw}}]`, '', ' ', '{', '{}', `{${raw}`, `{${raw},}`, `{${raw}}x`, `{${raw}}{}`, `\ufeff{${raw}}`, `{${raw}}\0`, `{'uid':1}`, `{${raw},"x":"\n"}`, `{${raw},"x":"\\x"}`, `{${raw},"x":"\\ud800"}`].flatMap((t) => [payload(t), sign(t, good)])],
    ['bytes that are no UTF-8', [Buffer.from([0x7b, 0xff, 0x7d]), Buffer.concat([Buffer.from(`{${raw},"x":"`), Buffer.from([0xc0, 0x80]), Buffer.from('"}')]), Buffer.concat([Buffer.from(`{${raw},"x":"`), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')])]
      .map((bytes) => { const text = `${h}.${bytes.toString('base64url')}`; return `${text}.${hmac(text)}`; })],
    ['deep nesting', [100, 1000, 2000].flatMap((n) => [payload(`{${raw},"x":${nested(n)}}`), sign(`{"kid":"1","alg":"HS256","x":${nested(n)}}`, good), payload('{"a":'.repeat(n) + '1' + '}'.repeat(n))])],
    ['many members', [payload(`{${raw},${Array.from({ length: 200 }, (_, i) => `"m${i}":1`).join()}}`)]],
    ['longer than 8 KiB', [8192, 12000].map((n) => claims({ x: 'x'.repeat(n) })).concat(headed({ kid: 'x'.repeat(9000) }), 'a'.repeat(9000), `${'.'.repeat(9000)}`)],
    ['cut off at every byte', Array.from({ length: token.length }, (_, i) => token.slice(0, i))],
    ['one bit flipped', Array.from({ length: token.length }, (_, i) => [1, 2, 4].map((bit) => String.fromCharCode(token.charCodeAt(i) ^ bit))
      .filter((c) => c >= '!' && c <= '~').map((c) => token.slice(0, i) + c + token.slice(i + 1))).flat()],
    ['base64 spelt otherwise', [`${h}=.${p}.${s}`, `${h}.${p}=.${s}`, `${h}.${p}.${s}=`, `${h}==.${p}==.${s}==`, `${h}.${p}.${s.replaceAll('-', '+').replaceAll('_', '/')}x`, `${h}.${p}.${s}A`, `${h}.${p}.${s}\\n`,
      // the bits of the last letter that hold nothing
      ...'AEIMQUYcgkosw048'.split('').filter((c) => c !== s.at(-1)).flatMap((c) => ['B', 'C', 'D'].map(() => `${h}.${p}.${s.slice(0, -1)}${String.fromCharCode(c.charCodeAt(0) + 1)}`)),
      (() => { const text = `${Buffer.from(json(header)).toString('base64')}.${Buffer.from(json({ ...good, x: '??>>' })).toString('base64')}`; return `${text}.${hmac(text)}`; })()]],
    ['parts too many', [`${token}.`, `.${token}`, `${token}.${s}`, `${token}.${s}.${s}`, `${h}.${b64('key')}.${b64('iv0123456789')}.${b64('text')}.${b64('tag')}`,
      `${b64(json({ alg: 'A128KW', enc: 'A128GCM' }))}.${b64('&'.repeat(24))}.${b64('iv0123456789')}.${p}.${b64('tag')}`, `${b64(json({ alg: 'dir', enc: 'A128GCM' }))}..${b64('iv')}.${p}.${b64('tag')}`]],
    ['JSON serializations', [json({ payload: p, signatures: [{ protected: h, signature: s }] }), json({ payload: p, protected: h, signature: s })]],
    ['letters beyond ASCII', ['\xa0', '\xff', '\xc3\xa4'].flatMap((c) => [token + c, c + token, token.replace('.', `${c}.`)])],
  ];
};

// What the real one accepts though it looks odd.
const oddities = ({ now, claims, headed, good, sign }) => [
  ['any kid', ['2', 'x', '../../etc/passwd', 'k'.repeat(2000), 5, null, ['1']].map((kid) => headed({ kid })).concat(sign({ alg: 'HS256' }, good))],
  ['other header members', [headed({ typ: 'JWT' }), headed({ typ: 'at+jwt' }), headed({ jku: 'https://example.com/keys', x5c: ['MII'] })]],
  ['an iat in the future', [claims({ iat: now + 86400, exp: now + 90000 })]],
  ['nbf and aud unseen', [claims({ nbf: now + 99999, aud: 'elsewhere', iss: 'nobody' })]],
  ['uid as text', [claims({ uid: '1' }), claims({ uid: '1', utypid: '2' })]],
  ['members in another order, with blanks', [sign(' { "alg" : "HS256" } ', ` {"exp":${now + 60} , "iat":${now},"utypid":2,"uid":1}\n`)]],
];

const median = (xs) => xs.sort((a, b) => a - b)[Math.floor(xs.length / 2)];

// Medians of the same run, taken in turn, so that whatever slows the machine slows all alike. Each is { token, pad }: bytes in a header
// that nobody reads, so that a long head is compared with a long head.
const paces = async (base, requests, rounds) => {
  const spent = requests.map(() => []);
  for (let i = 0; i < rounds; i++)
    for (let t = 0; t < requests.length; t++) {
      const began = process.hrtime.bigint();
      await send(base, { path, headers: { Authorization: `Bearer ${requests[t].token}`, 'X-Pad': 'x'.repeat(requests[t].pad) } });
      spent[t].push(Number(process.hrtime.bigint() - began));
    }
  return spent.map(median);
};

export default async ({ fixture, ferrite, engine, check, request, raw, ok, equal }) => {
  const f = forge(fixture), rows = abuses(f);
  const bear = (token) => request({ path, headers: { Authorization: `Bearer ${token}` } });

  await check('the token that all this is done to is good', async () => equal((await bear(f.token)).status, 200));
  for (const [what, tokens] of rows) {
    await check(`refused: ${what} (${tokens.length})`, async () => {
      // No database has a say in it: one of ten is enough on the slower ones.
      for (const token of tokens.filter((_, i) => engine === 'sandbox' || tokens.length < 50 || i % 10 === 0)) {
        const answer = await bear(token);
        // A head past the listener's limit never reaches the API.
        if (answer.status === 431 && token.length > 8192) continue;
        ok(answer.status === 401 && answer.text === refusal, `${answer.status} ${answer.text.slice(0, 200)} for ${token.slice(0, 300)}`);
      }
    });
  }
  await check('refused: blanks in and around it', async () => {
    for (const value of [`Bearer  ${f.token}`, `Bearer ${f.token} x`, `Bearer\t${f.token}`, `Bearer ${f.token.replace('.', ' .')}`, `Bearer ${f.token.replace('.', '.\t')}`, 'Bearer', `Basic ${f.token}`, f.token, `Bearer,${f.token}`]) {
      const text = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${value}\r\nConnection: close\r\n\r\n`);
      ok(text.startsWith('HTTP/1.1 401') && text.endsWith(refusal), `${text.slice(0, 300)} for ${value}`);
    }
  });
  await check('a token anywhere but in its header opens nothing', async () => {
    equal((await request({ path: `${path}?access_token=${f.token}` })).status, 401);
    equal((await request({ path, headers: { Cookie: `token=${f.token}`, 'X-Authorization': `Bearer ${f.token}` } })).status, 401);
  });
  for (const [what, tokens] of oddities(f))
    await check(`accepted, as Magento does: ${what}`, async () => { for (const token of tokens) equal((await bear(token)).status, 200, token); });

  if (engine !== 'sandbox') return;
  await check('no abuse costs more than a small multiple of a good token', async () => {
    const folder = scratch(), file = join(folder.path, 'fixture.json');
    writeFileSync(file, JSON.stringify({ crypt_key: fixture.crypt_key, users: [fixture.users[0]] }));
    const server = await start(ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', file, '--audit', 'off', '--log-level', 'error', '--access-log', 'off']);
    try {
      equal((await send(server.base, { path, headers: { Authorization: `Bearer ${f.token}` } })).status, 200);
      const longest = rows.map(([what, tokens]) => [what, [...tokens].sort((x, y) => y.length - x.length)[0]]);
      const pad = (n) => ({ token: f.token, pad: Math.max(0, n - f.token.length) });
      const spent = await paces(server.base, longest.flatMap(([, token]) => [pad(token.length), { token, pad: 0 }]), 60);
      const ratios = longest.map(([what], i) => [spent[2 * i + 1] / spent[2 * i], what]).sort((x, y) => y[0] - x[0]);
      console.log(`abuse   the slowest take ${ratios.slice(0, 3).map(([r, w]) => `${r.toFixed(2)} (${w})`).join(', ')} times a good token in a head as long`);
      ok(ratios[0][0] < 3, ratios.slice(0, 3).map(([r, w]) => `${w}: ${r.toFixed(2)} times`).join(', '));
    } finally { await server.stop(); folder.remove(); }
  });
};
