// Service tokens through the front door: made, narrowed, bound, rotated, ended.
import { example, isToken } from '../lib/service.mjs';

const PRODUCTS = 'Magento_Catalog::products', GROUPS = 'Magento_Customer::group', CLOCK = 'Ferrite_Sandbox::clock';
const DAY = 86400;

export default async (t) => {
  const { check, ok, equal } = t;
  const call = async (token, method, path, body) => {
    const answer = await t.request({ method, path, body: body === undefined ? undefined : JSON.stringify(body),
      headers: { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) } });
    try { answer.json = JSON.parse(answer.text); } catch { /* not JSON */ }
    return answer;
  };
  // The clock moves in this story: whoever signs in does so at the time it shows.
  const signIn = async (username) => (await call(null, 'POST', '/rest/V1/integration/admin/token', { username, password: 'correct horse 1' })).json;
  let admin = await signIn('admin');
  const cat = await signIn('cat');
  const own = '/ferrite/v1/service-tokens';
  const make = async (body, token = admin) => call(token, 'POST', own, { name: 'A machine', resources: [PRODUCTS], expiresIn: 100 * DAY, ...body });
  const made = async (body, token) => {
    const answer = await make(body, token);
    ok(answer.status === 200, answer.text);
    return answer.json;
  };
  const products = async (token) => (await call(token, 'GET', '/rest/V1/products/types')).status;
  const groups = async (token) => (await call(token, 'GET', '/rest/V1/customerGroups/1')).status;
  const reason = async (token) => /error_description="([^"]+)"/.exec((await call(token, 'GET', '/ferrite/v1/auth')).headers['www-authenticate'] ?? '')?.[1];
  const moveClock = async (shift) => {
    const mover = await signIn('admin');
    equal((await call(mover, 'PUT', '/ferrite/v1/sandbox/clock', { shift })).status, 200);
    admin = await signIn('admin');
  };

  await check('the example of the published form fits its own rule', () => ok(isToken(example), example));
  let token, accessor;
  await check('a token is made, and its text fits the published form', async () => {
    const answer = await make({ addresses: ['127.0.0.0/8', '::1'] });
    equal([answer.status, answer.headers['cache-control']], [200, 'no-store']);
    ({ token, accessor } = answer.json);
    ok(isToken(token), token);
    equal(answer.json, { token, accessor: '<text>', name: 'A machine', user_type: 'admin', user_id: 1, user: 'admin', resources: [PRODUCTS],
      addresses: ['127.0.0.0/8', '::1'], unused_days: 90, issued_at: '<time>', issued_by_type: 'admin', issued_by: 1, expires_at: '<time>',
      last_used_at: null, last_address: null, state: 'live', replaced_by: null });
    ok(isToken((await made({})).token) && (await made({})).token !== (await made({})).token, 'texts repeat');
  });
  await check('neither list nor page shows a text again', async () => {
    const list = await call(admin, 'GET', own), one = await call(admin, 'GET', `${own}/${accessor}`);
    ok(list.json.length >= 4 && list.json.some((row) => row.accessor === accessor), list.text);
    equal(list.text.includes('ferp_') || one.text.includes('ferp_'), false);
    equal([one.status, one.json.accessor, one.json.name], [200, accessor, 'A machine']);
    equal((await call(admin, 'GET', `${own}/nothing`)).status, 404);
  });
  await check('it opens exactly what it names: below /rest, below /ferrite/v1 and at the gate', async () => {
    equal([await products(token), await groups(token), (await call(token, 'GET', own)).status], [200, 401, 403]);
    const gate = (path) => t.request({ path: '/ferrite/v1/auth', headers: { Authorization: `Bearer ${token}`, 'X-Original-Method': 'GET', 'X-Original-URI': path } });
    const [open, shut] = [await gate('/rest/V1/products/x'), await gate('/rest/V1/customerGroups/1')];
    equal([open.status, open.headers['x-ferrite-user'], shut.status], [200, '1', 403]);
    equal((await call((await made({ resources: [CLOCK] })).token, 'GET', '/ferrite/v1/sandbox/clock')).status, 200);
  });
  await check('a resource above opens nothing below it, and no scope opens what is in no tree', async () => {
    equal(await products((await made({ resources: ['Magento_Backend::all', 'Magento_Catalog::catalog'] })).token), 401);
    equal((await call((await made({ resources: ['Magento_Backend::all'] })).token, 'GET', '/rest/V1/customers/me')).status, 401);
  });
  await check('an empty scope means nothing', async () => {
    const empty = (await made({ resources: [] })).token;
    equal([await products(empty), (await call(empty, 'GET', own)).status, (await call(empty, 'GET', '/ferrite/v1/auth')).status], [401, 403, 200]);
  });
  await check('an owner with less gets less', async () => {
    const machine = await made({ owner: 'cat' });
    equal([machine.user, machine.user_id, await products(machine.token)], ['cat', 2, 200]);
    const refused = await make({ owner: 'cat', resources: [PRODUCTS, GROUPS] });
    equal([refused.status, refused.json.parameters], [400, [GROUPS]]);
  });
  await check('nobody gives away what he has not got, nor in another name', async () => {
    equal((await make({}, cat)).status, 403);
    equal((await make({})).status, 200);
  });

  const refusals = [
    [{ name: '' }, 400, 'A service token needs a name of at most %1 characters.'],
    [{ name: 'x'.repeat(256) }, 400, 'A service token needs a name of at most %1 characters.'],
    [{ name: undefined }, 400, '"%fieldName" is required. Enter and try again.'],
    [{ resources: undefined }, 400, '"%fieldName" is required. Enter and try again.'],
    [{ expiresIn: undefined }, 400, '"%fieldName" is required. Enter and try again.'],
    [{ resources: ['Magento_Nothing::here'] }, 400, 'There is no ACL resource %1.'],
    [{ resources: ['self'] }, 400, 'There is no ACL resource %1.'],
    [{ resources: [`${PRODUCTS},${GROUPS}`] }, 400, 'There is no ACL resource %1.'],
    [{ expiresIn: 59 }, 400, 'A service token lives for at least 60 and at most %1 seconds.'],
    [{ expiresIn: 367 * DAY }, 400, 'A service token lives for at least 60 and at most %1 seconds.'],
    [{ expiresIn: -1 }, 400, 'A service token lives for at least 60 and at most %1 seconds.'],
    [{ unusedDays: 5000 }, 400, 'A service token may be unused for at most %1 days; 0 is for ever.'],
    [{ addresses: ['10.0.0.1/8'] }, 400, '%1 is neither an IP address nor a range of them.'],
    [{ addresses: ['10.0.0.0/8,::/0'] }, 400, '%1 is neither an IP address nor a range of them.'],
    [{ addresses: [''] }, 400, '%1 is neither an IP address nor a range of them.'],
    [{ addresses: Array.from({ length: 33 }, (_, i) => `10.0.0.${i}`) }, 400, 'A service token is bound to at most %1 addresses and ranges.'],
    [{ owner: 'nobody' }, 404, 'There is no admin user %1.'],
    [{ owner: 'off' }, 400, 'The owner %1 is disabled, or his account has ended.'],
  ];
  for (const [body, status, message] of refusals)
    await check(`refused: ${JSON.stringify(body).slice(0, 60)}`, async () => {
      const answer = await make(body);
      equal([answer.status, answer.json?.message], [status, message]);
    });
  await check('thirty-two ranges are taken', async () => {
    const addresses = [...Array.from({ length: 31 }, (_, i) => `2001:db8:${i}::/48`), '127.0.0.1'];
    equal(await products((await made({ addresses })).token), 200);
  });

  await check('a text that is none is told from one that is unknown, by its checksum', async () => {
    equal(await reason(`${token.slice(0, 20)}${token[20] === 'x' ? 'y' : 'x'}${token.slice(21)}`), 'malformed token');
    equal(await reason(token.slice(0, -1)), 'malformed token');
    equal(await reason(`${token}0`), 'malformed token');
    equal(await reason(token.toLowerCase()), 'malformed token');
    equal(await reason(example), 'unknown token');
    equal([await products(example), await products(token.toLowerCase())], [401, 401]);
  });
  await check('from outside its addresses it is refused, and says so below /ferrite', async () => {
    for (const addresses of [['10.0.0.0/8'], ['::/0'], ['192.0.2.1', '2001:db8::/32']]) {
      const far = await made({ addresses });
      equal([await products(far.token), await reason(far.token)], [401, 'from an address outside its ranges']);
      equal((await call(admin, 'GET', `${own}/${far.accessor}`)).json.last_used_at, null);
    }
  });
  await check('an explanation names address, scope and revocation', async () => {
    const bound = await made({ addresses: ['10.0.0.0/8'] });
    const explain = async (more) => { const { code, reason: why } = (await call(admin, 'POST', '/ferrite/v1/token/explain', { token: bound.token, ...more })).json; return [code, why]; };
    equal(await explain({ address: '192.0.2.1' }), ['address', 'The address is outside the ranges the service token was made for.']);
    equal((await explain({}))[0], 'address');
    equal((await explain({ address: '10.1.2.3' }))[0], 'good');
    equal(await explain({ address: '10.1.2.3', method: 'GET', path: '/rest/V1/customerGroups/1' }), ['missing_resource', `The ACL resource ${GROUPS} is not in the token's scope.`]);
    equal((await call(admin, 'DELETE', `${own}/${bound.accessor}`)).status, 200);
    equal((await explain({ address: '10.1.2.3' }))[0], 'revoked');
  });
  await check('a service token makes no other one, and rotates none but itself', async () => {
    const maker = await made({ resources: ['Ferrite_ServiceToken::create', 'Ferrite_ServiceToken::rotate'] });
    const refused = await make({ resources: [] }, maker.token);
    equal([refused.status, refused.json.message], [400, 'A service token can rotate itself, but neither make nor rotate another one.']);
    equal((await call(maker.token, 'POST', `${own}/${accessor}/rotate`, { overlap: 0 })).status, 400);
    const next = await call(maker.token, 'POST', `${own}/${maker.accessor}/rotate`, { overlap: 0 });
    equal([next.status, isToken(next.json.token)], [200, true]);
    equal([await reason(maker.token), (await call(next.json.token, 'GET', '/ferrite/v1/auth')).status], ['revoked', 200]);
  });
  await check('revoked, it is dead with the next request, and stays so', async () => {
    const machine = await made({});
    equal(await products(machine.token), 200);
    equal((await call(cat, 'DELETE', `${own}/${machine.accessor}`)).status, 403);
    equal((await call(admin, 'DELETE', `${own}/${machine.accessor}`)).text, 'true');
    equal([await products(machine.token), await reason(machine.token)], [401, 'revoked']);
    equal((await call(admin, 'DELETE', `${own}/${machine.accessor}`)).text, 'true');
    equal((await call(admin, 'GET', `${own}/${machine.accessor}`)).json.state, 'revoked');
    equal((await call(admin, 'DELETE', `${own}/nothing`)).status, 404);
    equal((await call(admin, 'POST', `${own}/${machine.accessor}/rotate`, { overlap: 5 })).json.parameters, ['revoked']);
  });

  let old, next;
  await check('rotated, both texts work for the overlap', async () => {
    old = await made({ addresses: ['127.0.0.1'], unusedDays: 7, expiresIn: 20 * DAY });
    equal(await products(old.token), 200);
    for (const overlap of [-1, 31 * DAY]) equal((await call(admin, 'POST', `${own}/${old.accessor}/rotate`, { overlap })).status, 400);
    next = (await call(admin, 'POST', `${own}/${old.accessor}/rotate`, { overlap: 3600 })).json;
    for (const same of ['name', 'user', 'resources', 'addresses', 'unused_days']) equal(next[same], old[same]);
    equal([await products(old.token), await products(next.token), next.accessor === old.accessor], [200, 200, false]);
    const row = (await call(admin, 'GET', `${own}/${old.accessor}`)).json;
    equal([row.state, row.replaced_by], ['live', next.accessor]);
    ok(Date.parse(`${row.expires_at}Z`) - Date.now() <= 3600e3, row.expires_at);
    equal((await call(admin, 'POST', `${own}/${old.accessor}/rotate`, { overlap: 5 })).json.parameters, ['replaced']);
  });
  await check('of ten who rotate one token at once, one does', async () => {
    const machine = await made({});
    const all = await Promise.all(Array.from({ length: 10 }, () => call(admin, 'POST', `${own}/${machine.accessor}/rotate`, { overlap: 60 })));
    equal(all.map((a) => a.status).sort(), [200, ...Array(9).fill(400)]);
    equal((await call(admin, 'GET', own)).json.filter((row) => row.accessor !== machine.accessor && row.accessor === all.find((a) => a.status === 200).json.accessor).length, 1);
  });
  const idle = await made({ unusedDays: 10 }), lasting = await made({ unusedDays: 0 }), short = await made({ expiresIn: 2 * DAY });
  await check('an hour later the old one has expired, and the new one has not', async () => {
    await moveClock(3601);
    equal([await reason(old.token), await products(old.token), await products(next.token)], ['expired', 401, 200]);
    equal([await products(idle.token), await products(lasting.token), await products(short.token)], [200, 200, 200]);
  });
  await check('past its end it is expired', async () => {
    await moveClock(2 * DAY + 1);
    equal([await reason(short.token), await products(idle.token)], ['expired', 200]);
  });
  await check('what is used within its days goes on, however long', async () => {
    await moveClock(11 * DAY);
    equal(await products(idle.token), 200);
  });
  await check('what is not used for its days is dead, and what need not be used is not', async () => {
    await moveClock(22 * DAY);
    equal([await products(idle.token), await reason(idle.token), await products(lasting.token)], [401, 'not used for too long', 200]);
    const { code, reason: why } = (await call(admin, 'POST', '/ferrite/v1/token/explain', { token: idle.token })).json;
    equal([code, why], ['idle', 'The token was not used for more than 10 days.']);
  });
};
