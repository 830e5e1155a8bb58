// Rules around tokens that hang on a setting or on what becomes of their owner: each on a throw-away server with its own fixture.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from '../lib/client.mjs';
import { scratch, start } from '../lib/server.mjs';

const denied = (resource) => ({ message: "The consumer isn't authorized to access %resources.", parameters: { resources: resource } });
const generic = { message: 'The account sign-in was incorrect or your account is disabled temporarily. Please wait and try again later.' };
const missing = (name) => ({ message: '"%fieldName" is required. Enter and try again.', parameters: { fieldName: name } });

export default async ({ fixture, ferrite, engine, check, equal, ok }) => {
  if (engine !== 'sandbox') return;
  const password = 'Correct horse 1', folder = scratch();
  let base, server;
  const call = async (method, path, { token, body, type } = {}) => {
    const answer = await request(base, { method, path, body: body === undefined ? undefined : JSON.stringify(body),
      headers: { ...(body === undefined ? {} : { 'Content-Type': type ?? 'application/json' }), ...(token ? { Authorization: `Bearer ${token}` } : {}) } });
    try { answer.json = JSON.parse(answer.text); } catch { /* not JSON */ }
    return answer;
  };
  const admin = async (name = 'admin') => (await call('POST', '/rest/V1/integration/admin/token', { body: { username: name, password: fixture.users[0].password } })).json;
  const register = async (email) => (await call('POST', '/rest/V1/customers', { body: { customer: { email, firstname: 'A', lastname: 'B' }, password } })).json.id;
  const customer = (email, pw = password, store = '') => call('POST', `/rest/${store}V1/integration/customer/token`, { body: { username: email, password: pw } });
  const clock = async (shift, token) => equal((await call('PUT', '/ferrite/v1/sandbox/clock', { token, body: { shift } })).status, 200);
  const withConfig = async (config, fn, words = []) => {
    const file = join(folder.path, 'fixture.json');
    writeFileSync(file, JSON.stringify({ ...fixture, config: Object.entries(config).map(([path, value]) => ({ path, value })) }));
    server = await start(ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', file, ...words]);
    base = server.base;
    try { await fn(); } finally { const why = await server.stop(); ok(!why, why); }
  };

  await check('a customer\'s token: its website, its store, its end', () => withConfig({}, async () => {
    const id = await register('ann@example.com');
    for (const store of ['', 'default/', 'all/']) equal((await customer('ann@example.com', password, store)).status, 200, store);
    equal((await customer('ANN@example.com')).status, 200);
    const { json: token } = await customer('ann@example.com');
    equal((await call('GET', '/rest/V1/customers/me', { token })).json.id, id);
    equal((await call('GET', '/rest/all/V1/customers/me', { token })).json, denied('self'));
    equal((await call('GET', `/rest/V1/customers/${id}`, { token })).json, denied('Magento_Customer::customer'));
    equal((await call('PUT', '/rest/V1/customers/me', { token, body: { customer: { id: 4711, group_id: 3, email: 'ann@example.com', firstname: 'Anna', lastname: 'B', website_id: 1 } } })).json.id, id);
    equal((await call('GET', '/rest/V1/customers/me', { token })).json.group_id, 1);
    equal((await call('PUT', '/rest/V1/customers/me/password', { token, body: { currentPassword: password, newPassword: 'Another horse 2' } })).json, true);
    equal((await call('GET', '/rest/V1/customers/me', { token })).status, 200, 'a new password takes no token back');
    equal((await call('DELETE', `/rest/V1/customers/${id}`, { token: await admin() })).json, true);
    equal((await call('GET', '/rest/V1/customers/me', { token })).json, denied('self'));
    equal([(await customer('ann@example.com')).status, (await customer('ann@example.com')).json], [401, generic]);
  }));
  await check('taking tokens back takes those of that second too, and none of another customer', () => withConfig({}, async () => {
    await register('bea@example.com'); await register('cid@example.com');
    const { json: bea } = await customer('bea@example.com'), { json: cid } = await customer('cid@example.com'), boss = await admin();
    equal((await call('POST', '/rest/V1/integration/customer/revoke-customer-token', { token: bea })).json, true);
    equal((await call('GET', '/rest/V1/customers/me', { token: bea })).json, denied('self'));
    equal((await call('GET', '/rest/V1/customers/me', { token: cid })).status, 200);
    await clock(2, boss);
    const { json: later } = await customer('bea@example.com');
    equal((await call('GET', '/rest/V1/customers/me', { token: later })).status, 200);
    equal((await call('POST', '/rest/V1/integration/customer/revoke-customer-token', { token: later, body: { customerId: 2 } })).json, true);
    equal((await call('GET', '/rest/V1/customers/me', { token: cid })).status, 200, 'the id in the body does not count');
  }));
  await check('an admin on a route of a customer\'s own', () => withConfig({}, async () => {
    const boss = await admin(), little = await admin('little');
    for (const [method, path] of [['GET', '/rest/V1/customers/me'], ['POST', '/rest/V1/integration/customer/revoke-customer-token'], ['GET', '/rest/V1/customers/me/billingAddress']]) {
      const answer = await call(method, path, { token: boss });
      equal([answer.status, answer.json], [400, missing('customerId')], path);
      equal((await call(method, path, { token: little })).json, denied('self'), path);
      equal((await call(method, path)).json, denied('self'), path);
    }
  }));
  await check('six wrong passwords lock a name, and half an hour opens it', () => withConfig({}, async () => {
    const boss = await admin();
    await register('dot@example.com');
    for (let i = 0; i < 5; i++) equal((await customer('dot@example.com', 'wrong')).json, generic);
    equal((await customer('dot@example.com')).status, 200, 'the right one clears the count');
    for (let i = 0; i < 6; i++) await customer('dot@example.com', 'wrong');
    equal((await customer('DOT@example.com')).json, generic);
    equal((await call('POST', '/rest/V1/integration/admin/token', { body: { username: 'dot@example.com', password } })).json, generic);
    await clock(1780, boss);
    equal((await customer('dot@example.com')).status, 401);
    await clock(1810, boss);
    equal((await customer('dot@example.com')).status, 200);
  }));
  await check('with the name\'s lock out of the way ten wrong passwords lock the account', () => withConfig({ 'oauth/authentication_lock/max_failures_count': '1000' }, async () => {
    const boss = await admin();
    await register('eve@example.com');
    for (let i = 0; i < 9; i++) await customer('eve@example.com', 'wrong');
    equal((await customer('eve@example.com')).status, 200);
    equal((await customer('eve@example.com', 'wrong')).json, generic);
    equal((await customer('eve@example.com')).json, generic, 'a token does not clear the count');
    await clock(610, boss);
    equal((await customer('eve@example.com')).status, 200);
  }));
  await check('max_failures_count 0 locks everyone', () => withConfig({ 'oauth/authentication_lock/max_failures_count': '0' }, async () => {
    equal((await call('POST', '/rest/V1/integration/admin/token', { body: { username: 'admin', password: fixture.users[0].password } })).json, generic);
  }));
  await check('an account that waits for its confirmation gets no token', () => withConfig({ 'customer/create_account/confirm': '1' }, async () => {
    await register('fay@example.com');
    equal((await customer('fay@example.com')).json, generic);
  }));
  await check('lifetimes are minutes, and rubbish is thirty', () => withConfig({ 'webapi/jwtauth/customer_expiration': '2', 'webapi/jwtauth/admin_expiration': 'x' }, async () => {
    await register('gus@example.com');
    const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
    const { json: token } = await customer('gus@example.com'), c = claims(token), a = claims(await admin());
    equal([c.exp - c.iat, a.exp - a.iat], [120, 1800]);
  }));
  for (const alg of ['HS384', 'HS512'])
    await check(`${alg} signs and is asked for`, () => withConfig({ 'webapi/jwtauth/jwt_alg': alg }, async () => {
      const token = await admin();
      equal(JSON.parse(Buffer.from(token.split('.')[0], 'base64url').toString()), { kid: '1', alg });
      equal((await call('GET', '/rest/V1/modules', { token })).status, 200);
    }));
  await check('a route for https only judges the caller first', () => withConfig({}, async () => {
    equal((await call('GET', '/rest/V1/analytics/link')).json, denied('Magento_Analytics::analytics_api'));
    const plain = await call('GET', '/rest/V1/analytics/link', { token: await admin() });
    equal([plain.status, plain.json], [400, { message: 'Operation allowed only in HTTPS' }]);
  }));
  await check('and over https there is no report yet', () => withConfig({}, async () => {
    const answer = await call('GET', '/rest/V1/analytics/link', { token: await admin() });
    equal([answer.status, answer.json], [404, { message: 'File is not ready yet.' }]);
  }, ['--behind-tls', 'on']));
  await check('an integration bears its token where the setting is on', async () => {
    const token = fixture.integrations[0].access_token;
    await withConfig({ 'oauth/consumer/enable_integration_as_bearer': '1' }, async () => equal((await call('GET', '/rest/V1/store/websites', { token })).status, 200));
    await withConfig({}, async () => equal((await call('GET', '/rest/V1/store/websites', { token })).json, denied('Magento_Backend::store')));
  });
  folder.remove();
};
