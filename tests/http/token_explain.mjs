// Why a token is taken or refused, as the pipeline itself decides it.
import { createHmac } from 'node:crypto';

export default async ({ check, request, equal, ok, fixture }) => {
  const password = fixture.users[0].password;
  let shift = 0;
  const signIn = async (username) => JSON.parse((await request({ method: 'POST', path: '/rest/V1/integration/admin/token',
    headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username, password }) })).text);
  const call = async (token, method, path, body) => JSON.parse((await request({ method, path, body: body === undefined ? undefined : JSON.stringify(body),
    headers: { Authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) } })).text);
  const root = await signIn('admin');
  const later = async (s) => { shift += s; await call(root, 'PUT', '/ferrite/v1/sandbox/clock', { shift }); };
  const explain = (token, more = {}) => call(root, 'POST', '/ferrite/v1/token/explain', { token, ...more });
  const says = async (code, reason, token, more) => {
    const answer = await explain(token, more);
    equal([answer.code, answer.taken], [code, ['good', 'missing_resource', 'no_route', 'not_a_customer_here', 'refused'].includes(code)], answer.reason);
    ok(reason.test(answer.reason), answer.reason);
    return answer;
  };
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const pad = (key) => Buffer.concat([Buffer.alloc(1008, '&'), Buffer.from(key), Buffer.alloc(1008, '&')]);
  const make = (header, claims, key = fixture.crypt_key) => { const head = `${part(header)}.${part(claims)}`; return `${head}.${createHmac('sha256', pad(key)).update(head).digest('base64url')}`; };
  const now = Math.floor(Date.now() / 1000);
  const header = { kid: '1', alg: 'HS256' }, claims = { uid: 1, utypid: 2, iat: now, exp: now + 600 };

  await check('a good token says until when', async () => {
    const cat = await signIn('cat');
    const answer = await says('good', /^The token is good for another (59 minutes|1 hour), until 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.$/, cat);
    equal([answer.user_type, answer.token.user, answer.token.last_used_at], ['admin', 'cat', null], 'and it was not used by that');
  });
  await check('what is no token, in each way', async () => {
    await says('malformed', /three base64url parts/, `${'x'.repeat(40)}.y.z`);
    await says('malformed', /blank/, 'two words');
    await says('unknown', /no such opaque token/, 'abcdefghijklmnopqrstuvwxyz012345');
    await says('bad_signature', /no key of this shop/, make(header, claims, 'x'.repeat(32)));
    await says('wrong_algorithm', /jwt_alg/, make({ kid: '1', alg: 'none' }, claims));
    await says('missing_claims', /uid, utypid, iat or exp/, make(header, { uid: 1, utypid: 2, iat: now }));
    await says('good', /good/, make(header, claims));
  });
  await check('a route is judged as a real request would be', async () => {
    const cat = await signIn('cat');
    await says('good', /^The request would be let in; the token is good/, cat, { method: 'GET', path: '/rest/V1/products/x?fields=sku' });
    await says('missing_resource', /^The ACL resource Magento_Backend::store is missing from role Catalog\.$/, cat, { path: '/rest/default/V1/store/websites' });
    await says('missing_resource', /^The ACL resource Ferrite_Token::list is missing from role Catalog\.$/, cat, { path: '/ferrite/v1/tokens' });
    await says('no_route', /^Request does not match any route\.$/, cat, { path: '/rest/V1/nothing' });
    await says('no_route', /^The PATCH HTTP method is not supported\.$/, cat, { method: 'PATCH', path: '/rest/V1/products' });
    await says('not_a_customer_here', /for customers/, cat, { path: '/rest/V1/customers/me' });
    await says('missing_resource', /^The user has no role, and the route needs/, make(header, { ...claims, uid: 4711 }), { path: '/rest/V1/products/x' });
  });
  await check('what was taken back says when, by whom and why', async () => {
    await later(5);
    const cat = await signIn('cat'), little = await signIn('little');
    const [row] = (await call(root, 'GET', '/ferrite/v1/tokens?user=cat&state=live&page_size=1')).items;
    await call(root, 'DELETE', `/ferrite/v1/tokens/${row.accessor}?reason=left%20on%20a%20train`);
    await says('revoked', /^The token was revoked at 20[\d: -]+ by admin:1: left on a train\.$/, cat);
    await call(root, 'POST', '/ferrite/v1/tokens/revoke', { user: 'little' });
    await says('revoked', /^The token was revoked at 20[\d: -]+ by admin:1\.$/, little);
    await says('revoked', /^All tokens this user had up to the second/, make(header, { uid: JSON.parse(Buffer.from(little.split('.')[1], 'base64url')).uid, utypid: 2, iat: now - 1, exp: now + 999 }));
  });
  await check('time is told in words', async () => {
    await later(5);
    const cat = await signIn('cat');
    await later(3600 + 185);
    const fresh = await signIn('admin');
    const answer = await call(fresh, 'POST', '/ferrite/v1/token/explain', { token: cat });
    equal(answer.code, 'expired');
    ok(/^The token expired 3 minutes ago, at 20/.test(answer.reason), answer.reason);
  });
  await check('explaining needs a right of its own', async () => {
    equal(await call(await signIn('cat'), 'POST', '/ferrite/v1/token/explain', { token: 'x' }), { message: 'This needs the ACL resource Ferrite_Token::explain.' });
  });
};
