// The registry of tokens through the front door: seen, narrowed down, taken back, asked about. The clock of the house is moved, never waited for.
export default async ({ check, request, as, ok, equal, fixture }) => {
  const password = fixture.users[0].password;
  let shift = 0;
  const signIn = async (username, headers = {}) => JSON.parse((await request({ method: 'POST', path: '/rest/V1/integration/admin/token',
    headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify({ username, password }) })).text);
  const call = async (token, method, path, body) => {
    const answer = await request({ method, path, body: body === undefined ? undefined : JSON.stringify(body),
      headers: { Authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) } });
    try { answer.json = JSON.parse(answer.text); } catch { /* not JSON */ }
    return answer;
  };
  const form = async (token, path, fields) => {
    const answer = await request({ method: 'POST', path, body: fields,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/x-www-form-urlencoded' } });
    try { answer.json = JSON.parse(answer.text); } catch { /* not JSON */ }
    return answer;
  };
  const root = await signIn('admin');
  const later = async (s) => { shift += s; equal((await call(root, 'PUT', '/ferrite/v1/sandbox/clock', { shift })).status, 200); };
  const works = async (token) => (await call(token, 'GET', '/rest/V1/categories')).status === 200;
  const list = async (query = '') => (await call(root, 'GET', `/ferrite/v1/tokens${query}`)).json;
  const nobody = { message: 'This needs a valid token in the Authorization header.' };

  await check('a token is in the list with all that is known of it, and its text is nowhere', async () => {
    const cat = await signIn('cat', { 'User-Agent': 'a shelf/1.0' });
    ok(await works(cat), 'the token works');
    const page = await list('?user=cat');
    equal(page.total_count, 1);
    const [row] = page.items;
    ok(/^[0-9A-Za-z]{22}$/.test(row.accessor), row.accessor);
    const claims = JSON.parse(Buffer.from(cat.split('.')[1], 'base64url'));
    const text = (s) => new Date(s * 1000).toISOString().slice(0, 19).replace('T', ' ');
    equal({ ...row, accessor: 0, last_used_at: 0 }, { accessor: 0, user_type: 'admin', user_id: claims.uid, user: 'cat', method: 'password', kid: '1', state: 'live',
      issued_at: text(claims.iat), expires_at: text(claims.exp), address: '127.0.0.1', user_agent: 'a shelf/1.0', last_used_at: 0, last_address: '127.0.0.1',
      revoked_at: null, revoked_by: null, reason: null });
    ok(row.last_used_at >= row.issued_at, row.last_used_at);
    equal((await call(root, 'GET', `/ferrite/v1/tokens/${row.accessor}`)).json, row);
    ok(!JSON.stringify(page).includes(cat.split('.')[2]), 'no signature in the list');
  });
  await check('two tokens of one user in one second are one token with one row', async () => {
    await later(5);
    const [a, b] = await Promise.all([signIn('little'), signIn('little')]);
    equal((await list('?user=little')).total_count, new Set([a, b]).size);
  });
  await check('an unknown accessor is a 404', async () => {
    equal((await call(root, 'GET', '/ferrite/v1/tokens/AAAAAAAAAAAAAAAAAAAAAA')).json,
      { message: 'No such entity with %fieldName = %fieldValue', parameters: { fieldName: 'accessor', fieldValue: 'AAAAAAAAAAAAAAAAAAAAAA' } });
  });
  await check('one token is revoked and the others of its user go on', async () => {
    await later(5);
    const first = await signIn('cat');
    await later(5);
    const second = await signIn('cat');
    const [newest] = (await list('?user=cat&state=live')).items;
    equal((await call(root, 'DELETE', `/ferrite/v1/tokens/${newest.accessor}?reason=a%20test`)).text, 'true');
    ok(!await works(second) && await works(first), 'the second is dead, the first lives');
    const row = (await call(root, 'GET', `/ferrite/v1/tokens/${newest.accessor}`)).json;
    equal([row.state, row.revoked_by, row.reason], ['revoked', 'admin:1', 'a test']);
    equal((await call(second, 'GET', '/ferrite/v1/sandbox/clock')).headers['www-authenticate'], 'Bearer realm="ferrite", error="invalid_token", error_description="revoked"');
    equal((await call(root, 'DELETE', `/ferrite/v1/tokens/${newest.accessor}`)).text, 'true', 'revoking again does no harm');
    equal((await call(root, 'GET', `/ferrite/v1/tokens/${newest.accessor}`)).json, row, 'and changes nothing');
  });
  await check('a token revokes itself, by either of two routes, and its user signs in again', async () => {
    for (const [method, path] of [['POST', '/ferrite/v1/token/self-revoke'], ['DELETE', '/ferrite/v1/token']]) {
      await later(5);
      const token = await signIn('cat');
      equal((await call(token, method, path)).text, 'true');
      equal((await call(token, method, path)).json, nobody);
      await later(5);
      ok(await works(await signIn('cat')), 'a new token works');
    }
  });
  await check('all tokens of a user up to a time', async () => {
    await later(5);
    const old = await signIn('cat');
    await later(100);
    const young = await signIn('cat');
    const { iat } = JSON.parse(Buffer.from(young.split('.')[1], 'base64url'));
    const live = (await list('?user=cat&state=live')).total_count;
    equal((await call(root, 'POST', '/ferrite/v1/tokens/revoke', { user: 'cat', issued_before: String(iat) })).json, { revoked: live - 1 });
    ok(!await works(old) && await works(young), 'the old one is dead, the young one lives');
    equal((await call(root, 'POST', '/ferrite/v1/tokens/revoke', { user: 'cat' })).json, { revoked: 1 });
    ok(!await works(young), 'now that is dead too');
  });
  await check('revoking many needs a filter, and a right of its own', async () => {
    equal((await call(root, 'POST', '/ferrite/v1/tokens/revoke', {})).json, { message: 'Say which tokens: by user_type, user or user_id, method, kid or a time; or say all.' });
    equal((await call(root, 'POST', '/ferrite/v1/tokens/revoke', { state: 'live' })).status, 400);
    await later(5);
    const cat = await signIn('cat');
    equal((await call(cat, 'POST', '/ferrite/v1/tokens/revoke', { user: 'admin' })).json, { message: 'This needs the ACL resource Ferrite_Token::revoke_many.' });
    equal((await call(cat, 'GET', '/ferrite/v1/tokens')).status, 403);
  });
  await check('a filter that is none is told by its name', async () => {
    for (const [name, value] of [['state', 'dead'], ['user_type', 'cook'], ['user_id', '-1'], ['method', 'magic'], ['used_before', 'yesterday'], ['expires_after', '2026-13-01']])
      equal((await call(root, 'GET', `/ferrite/v1/tokens?${name}=${value}`)).json, { message: 'Invalid value of "%value" provided for the %fieldName field.', parameters: { value, fieldName: name } });
    equal((await call(root, 'GET', '/ferrite/v1/tokens?user=nemo')).json, { message: 'There is no such user.' });
  });
  await check('pages are of the size asked for, in a stable order, and count everything', async () => {
    const all = (await list('?page_size=1000')).items;
    const pages = [];
    for (let page = 1; ; page++) {
      const got = await list(`?page=${page}&page_size=3`);
      equal([got.page, got.page_size, got.total_count], [page, 3, all.length]);
      if (!got.items.length) break;
      pages.push(...got.items);
    }
    equal(pages.map((r) => r.accessor), all.map((r) => r.accessor));
    for (const state of ['live', 'expired', 'revoked'])
      equal((await list(`?state=${state}&page_size=1000`)).items.map((r) => r.accessor), all.filter((r) => r.state === state).map((r) => r.accessor), state);
  });
  await check('a token of a Magento with the same key works, and is in the registry after its first use', async () => {
    const { createHmac } = await import('node:crypto');
    const pad = (key) => Buffer.concat([Buffer.alloc(1008, '&'), Buffer.from(key), Buffer.alloc(1008, '&')]);
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(Date.now() / 1000) + shift;
    const forged = (claims, key = fixture.crypt_key) => { const head = `${part({ kid: '1', alg: 'HS256' })}.${part(claims)}`; return `${head}.${createHmac('sha256', pad(key)).update(head).digest('base64url')}`; };
    const foreign = forged({ uid: 1, utypid: 2, iat: now - 60, exp: now + 600 });
    equal((await list('?method=foreign')).total_count, 0);
    ok(await works(foreign), 'it works');
    const { items, total_count } = await list('?method=foreign');
    equal([total_count, items[0].user, items[0].state], [1, 'admin', 'live']);
    equal((await call(foreign, 'DELETE', '/ferrite/v1/token')).text, 'true');
    ok(!await works(foreign), 'revoked before it was ever written down');
    const unseen = forged({ uid: 1, utypid: 2, iat: now - 50, exp: now + 600 });
    equal((await form(root, '/ferrite/v1/oauth/revoke', `token=${unseen}`)).status, 200);
    ok(!await works(unseen), 'revoked before it was ever used');
    const other = forged({ uid: 3, utypid: 2, iat: now - 40, exp: now + 600 });
    equal((await call(root, 'POST', '/ferrite/v1/tokens/revoke', { user_type: 'admin', user_id: '3' })).status, 200);
    ok(!await works(other), 'a rule also catches what no row is known of');
  });

  // -- introspection and revocation by their RFCs --------------------------------------------------------------------

  await check('introspection tells what is active and nothing of what is not', async () => {
    await later(5);
    const cat = await signIn('cat');
    const { uid, iat, exp } = JSON.parse(Buffer.from(cat.split('.')[1], 'base64url'));
    const answer = await form(root, '/ferrite/v1/oauth/introspect', `token=${cat}&token_type_hint=access_token`);
    equal({ ...answer.json, role_id: 0 }, { active: true, token_type: 'Bearer', sub: `admin:${uid}`, iat, exp, user_type: 'admin', user_id: uid, role_id: 0 });
    equal(answer.headers['cache-control'], 'no-store');
    for (const token of ['x', 'a.b.c', `${cat}x`, 'abcdefghijklmnopqrstuvwxyz012345'])
      equal((await form(root, '/ferrite/v1/oauth/introspect', `token=${token}&token_type_hint=refresh_token`)).json, { active: false }, token);
    equal((await form(cat, '/ferrite/v1/oauth/introspect', `token=${cat}`)).status, 403);
    equal((await call(cat, 'DELETE', '/ferrite/v1/token')).status, 200);
    equal((await form(root, '/ferrite/v1/oauth/introspect', `token=${cat}`)).json, { active: false });
  });
  await check('being looked at is no use of a token', async () => {
    await later(5);
    const cat = await signIn('cat');
    await form(root, '/ferrite/v1/oauth/introspect', `token=${cat}`);
    equal((await list('?user=cat&state=live')).items[0].last_used_at, null);
  });
  await check('what RFC 6749 calls an invalid request is one', async () => {
    for (const path of ['/ferrite/v1/oauth/introspect', '/ferrite/v1/oauth/revoke']) {
      const none = await form(root, path, 'token_type_hint=access_token');
      equal([none.status, none.json], [400, { error: 'invalid_request', error_description: 'the token is missing' }]);
      equal((await form(root, path, 'token=a&token=b')).json, { error: 'invalid_request', error_description: 'a parameter is there twice' });
      equal((await form(root, `${path}?token=abc`, '')).status, 400, 'a token in the query does not count');
      equal((await call(root, 'POST', path, { token: 'x' })).status, 415);
    }
  });
  await check('a token is revoked by its text: one\'s own, or any with the right', async () => {
    await later(5);
    const cat = await signIn('cat'), little = await signIn('little');
    equal((await form(cat, '/ferrite/v1/oauth/revoke', `token=${little}`)).status, 403);
    ok(await works(cat), 'cat goes on');
    equal((await form(cat, '/ferrite/v1/oauth/revoke', `token=${cat}&token_type_hint=access_token`)).status, 200);
    ok(!await works(cat), 'its own is gone');
    equal((await form(root, '/ferrite/v1/oauth/revoke', `token=${little}`)).status, 200);
    equal((await call(little, 'GET', '/ferrite/v1/tokens')).status, 401);
    for (const token of ['nonsense', little])
      equal((await form(root, '/ferrite/v1/oauth/revoke', `token=${token}`)).status, 200, 'an unknown or dead token is fine');
  });

  // -- how long ------------------------------------------------------------------------------------------------------

  await check('a longest lifetime shortens what is issued and what is out, and the shorter of two counts', async () => {
    await later(5);
    const before = await signIn('cat');
    const { uid } = JSON.parse(Buffer.from(before.split('.')[1], 'base64url'));
    equal((await call(root, 'PUT', `/ferrite/v1/token-lifetimes/admin/${uid}`, { minutes: 10 })).text, 'true');
    const role = (await call(root, 'GET', '/ferrite/v1/token-lifetimes')).json;
    equal(role, [{ of: 'admin', id: uid, name: 'cat', minutes: 10 }]);
    await later(5);
    const after = await signIn('cat');
    const { iat, exp } = JSON.parse(Buffer.from(after.split('.')[1], 'base64url'));
    equal(exp - iat, 600);
    await later(596);
    ok(await works(after), 'ten minutes are not over');
    equal((await call(before, 'GET', '/ferrite/v1/sandbox/clock')).headers['www-authenticate'], 'Bearer realm="ferrite", error="invalid_token", error_description="past its longest lifetime"');
    equal((await list('?user=cat')).items.filter((r) => r.issued_at < r.expires_at && r.state === 'live').length, 1, 'the list knows');
    const { role_id } = (await form(root, '/ferrite/v1/oauth/introspect', `token=${after}`)).json;
    equal((await call(root, 'PUT', `/ferrite/v1/token-lifetimes/role/${role_id}`, { minutes: 5 })).text, 'true');
    ok(!await works(after), 'the role has less');
    for (const path of [`admin/${uid}`, `role/${role_id}`]) {
      equal((await call(root, 'DELETE', `/ferrite/v1/token-lifetimes/${path}`)).text, 'true');
      equal((await call(root, 'DELETE', `/ferrite/v1/token-lifetimes/${path}`)).status, 404);
    }
    ok(await works(after) && await works(before), 'without a limit they live as long as they say');
    equal((await call(root, 'PUT', '/ferrite/v1/token-lifetimes/cook/1', { minutes: 5 })).status, 400);
    equal((await call(root, 'PUT', '/ferrite/v1/token-lifetimes/role/1', { minutes: 0 })).status, 400);
  });
  await check('an expired token is listed as such', async () => {
    await later(5);
    const cat = await signIn('cat');
    await later(3601);
    ok(!await works(cat), 'an hour is over');
  });
};
