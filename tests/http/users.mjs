// Admin users and roles below /ferrite/v1: who may make whom what, and that nobody gets further than he was.
export default async ({ check, as, request, base, equal, ok }) => {
  const own = (path) => `/ferrite/v1/${path}`;
  const body = (answer) => { try { return JSON.parse(answer.text); } catch { return answer.text; } };
  const call = async (token, method, path, data) => {
    const answer = await request({ method, path: own(path), body: data === undefined ? undefined : JSON.stringify(data),
      headers: { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...(data === undefined ? {} : { 'Content-Type': 'application/json' }) } });
    return { ...answer, json: body(answer) };
  };
  const signIn = async (username, password) => {
    const answer = await request({ method: 'POST', path: '/rest/V1/integration/admin/token', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username, password }) });
    return { status: answer.status, token: answer.status === 200 ? body(answer) : null };
  };
  const admin = async (method, path, data) => { const a = await as('admin', { method, path: own(path), body: data }); return { ...a, json: body(a) }; };
  const good = async (...args) => { const a = await admin(...args); ok(a.status < 300, `${args[0]} ${args[1]}: ${a.status} ${a.text}`); return a.json; };
  const grant = (resource) => ({ message: `This takes the ACL resource ${resource}, which you do not hold yourself.` });
  const refused = (answer, status, expected, what) => equal([answer.status, answer.json], [status, expected], what);
  let helper, narrow, made;

  // A helper may do everything with users and roles, and little else.
  const helping = ['Ferrite_User::list', 'Ferrite_User::save', 'Ferrite_User::delete', 'Ferrite_User::unlock', 'Ferrite_User::rights',
    'Ferrite_Role::list', 'Ferrite_Role::save', 'Ferrite_Role::delete', 'Magento_Catalog::products'];

  await check('a role is made, shown with its own and its effective rights, renamed, and unused deleted', async () => {
    const role = await admin('POST', 'roles', { name: 'Helpers', resources: helping });
    equal(role.status, 201);
    equal([role.json.name, role.json.all, role.json.users], ['Helpers', false, []]);
    equal(role.json.resources.length, helping.length + 1, 'its own rules: what was chosen, and the frame of the admin pages');
    ok(helping.every((r) => role.json.allowed.includes(r)) && !role.json.allowed.includes('Ferrite_Key::rotate'), role.text);
    helper = { role: role.json.id };
    const brief = await good('POST', 'roles', { name: 'Brief', resources: ['Magento_Backend::store'] });
    equal((await good('PUT', `roles/${brief.id}`, { name: 'Briefer', resources: ['Magento_Catalog::products'] })).allowed.includes('Magento_Backend::store'), false);
    equal((await good('GET', `roles/${brief.id}`)).name, 'Briefer');
    equal((await good('GET', 'roles')).some((r) => r.name === 'Briefer' && r.n_users === 0), true);
    equal(await good('DELETE', `roles/${brief.id}`), true);
    equal((await admin('GET', `roles/${brief.id}`)).status, 404);
    for (const [data, status] of [[{ name: 'Helpers', resources: ['Magento_Backend::store'] }, 400], [{ name: ' ', resources: ['Magento_Backend::store'] }, 400],
      [{ name: 'Typo', resources: ['Magento_Nothing::here'] }, 400], [{ resources: [] }, 400], [{ name: 'x'.repeat(51), resources: [] }, 400]])
      equal((await admin('POST', 'roles', data)).status, status, JSON.stringify(data));
  });
  await check('the tree of resources is shown, parents before their children', async () => {
    const tree = await good('GET', 'acl');
    const seen = new Set();
    for (const row of tree) { ok(row.parent === null || seen.has(row.parent), row.id); seen.add(row.id); }
    ok(seen.has('Magento_Catalog::products') && seen.has('Ferrite_User::save'), 'both trees');
  });
  await check('a user is made with a first password that is shown once, signs in, and is listed without any hash', async () => {
    const user = await admin('POST', 'users', { username: 'helper', email: 'helper@example.com', firstname: 'Hel', lastname: 'Per', roleId: helper.role });
    equal(user.status, 201);
    ok(/^\w{20}$/.test(user.json.password), user.text);
    equal([user.json.username, user.json.is_active, user.json.role, user.json.role_id], ['helper', true, 'Helpers', helper.role]);
    Object.assign(helper, { id: user.json.id, password: user.json.password, ...(await signIn('helper', user.json.password)) });
    ok(helper.token, 'signs in');
    const shown = await good('GET', `users/${helper.id}`), listed = await admin('GET', 'users');
    ok(!('password' in shown), 'shown again');
    ok(!/argon|:3_32_2|password/i.test(listed.text + JSON.stringify(shown)), 'a hash');
  });
  await check('without the resources nothing of this is open', async () => {
    for (const [method, path, resource] of [['GET', 'users', 'Ferrite_User::list'], ['GET', `users/${helper.id}`, 'Ferrite_User::list'],
      ['GET', `users/${helper.id}/rights`, 'Ferrite_User::rights'], ['POST', 'users', 'Ferrite_User::save'], ['PUT', `users/${helper.id}`, 'Ferrite_User::save'],
      ['PUT', `users/${helper.id}/password`, 'Ferrite_User::save'], ['POST', `users/${helper.id}/unlock`, 'Ferrite_User::unlock'],
      ['DELETE', `users/${helper.id}`, 'Ferrite_User::delete'], ['GET', 'roles', 'Ferrite_Role::list'], ['GET', 'acl', 'Ferrite_Role::list'],
      ['POST', 'roles', 'Ferrite_Role::save'], ['PUT', `roles/${helper.role}`, 'Ferrite_Role::save'], ['DELETE', `roles/${helper.role}`, 'Ferrite_Role::delete']]) {
      const answer = await as('cat', { method, path: own(path) });
      equal([answer.status, body(answer)], [403, { message: `This needs the ACL resource ${resource}.` }], `${method} ${path}`);
      equal((await call(null, method, path)).status, 401, `${method} ${path} without a token`);
    }
  });

  await check('nobody makes a user, or gives a role, that may more than himself', async () => {
    const roles = await good('GET', 'roles'), all = roles.find((r) => r.all).id, catalog = roles.find((r) => r.name === 'Catalog').id;
    const person = (name, roleId) => ({ username: name, email: `${name}@example.com`, firstname: 'A', lastname: 'B', roleId, password: 'long enough 1' });
    refused(await call(helper.token, 'POST', 'users', person('boss2', all)), 403, grant('Magento_Backend::all'), 'a role with everything');
    const wider = await call(helper.token, 'POST', 'users', person('cat2', catalog));
    ok(wider.status === 403 && /Magento_Catalog::/.test(wider.text), wider.text);
    equal((await call(helper.token, 'POST', 'users', person('peer', helper.role))).status, 201, 'an equal is fine');
    const peer = (await good('GET', 'users')).find((u) => u.username === 'peer').id;
    refused(await call(helper.token, 'PUT', `users/${peer}`, { roleId: all }), 403, grant('Magento_Backend::all'), 'a wider role for another');
    refused(await call(helper.token, 'PUT', `users/${helper.id}`, { roleId: all }), 403, grant('Magento_Backend::all'), 'a wider role for himself');
    equal((await good('GET', `users/${helper.id}`)).role, 'Helpers');
    equal((await good('GET', 'users')).some((u) => ['boss2', 'cat2'].includes(u.username)), false, 'nothing was made');
    equal((await call(helper.token, 'DELETE', `users/${peer}`)).text, 'true');
  });
  await check('nobody touches an account that may more than himself: not its password, name, state, lock or life', async () => {
    const boss = (await good('GET', 'users')).find((u) => u.username === 'admin').id, before = await good('GET', `users/${boss}`);
    for (const [method, path, data] of [['PUT', `users/${boss}`, { email: 'mine@example.com' }], ['PUT', `users/${boss}`, { isActive: false }],
      ['PUT', `users/${boss}`, { roleId: helper.role }], ['PUT', `users/${boss}`, { expiresAt: '2090-01-01' }],
      ['PUT', `users/${boss}/password`, { password: 'taken over 1' }], ['POST', `users/${boss}/unlock`], ['DELETE', `users/${boss}`]])
      refused(await call(helper.token, method, path, data), 403, grant('Magento_Backend::all'), `${method} ${path} ${JSON.stringify(data)}`);
    equal(await good('GET', `users/${boss}`), before);
    equal((await signIn('admin', 'taken over 1')).status, 401);
  });
  await check('nobody makes a role wider than himself, nor his own, nor narrows one that is', async () => {
    const roles = await good('GET', 'roles'), all = roles.find((r) => r.all).id;
    refused(await call(helper.token, 'POST', 'roles', { name: 'Everything', resources: ['Magento_Backend::all'] }), 403, grant('Magento_Backend::all'), 'all');
    refused(await call(helper.token, 'POST', 'roles', { name: 'Keys', resources: ['Ferrite_Key::rotate'] }), 403, grant('Ferrite_Key::rotate'), 'one more');
    refused(await call(helper.token, 'POST', 'roles', { name: 'Mixed', resources: ['Magento_Backend::all', 'Magento_Catalog::products'] }), 403, grant('Magento_Backend::all'), 'all among others');
    refused(await call(helper.token, 'PUT', `roles/${helper.role}`, { resources: [...helping, 'Ferrite_Key::kill'] }), 403, grant('Ferrite_Key::kill'), 'his own role');
    refused(await call(helper.token, 'PUT', `roles/${all}`, { resources: ['Magento_Backend::store'] }), 403, grant('Magento_Backend::all'), 'the role of his betters');
    refused(await call(helper.token, 'PUT', `roles/${all}`, { name: 'Nobodies' }), 403, grant('Magento_Backend::all'), 'its name');
    refused(await call(helper.token, 'DELETE', `roles/${all}`), 403, grant('Magento_Backend::all'), 'its life');
    narrow = await call(helper.token, 'POST', 'roles', { name: 'Narrow', resources: ['Magento_Catalog::products'] });
    equal(narrow.status, 201, 'a narrower one is fine');
    equal((await call(helper.token, 'PUT', `roles/${narrow.json.id}`, { resources: ['Ferrite_User::list'] })).status, 200);
  });
  await check('whoever lost a right cannot give it any more, though his token is older', async () => {
    await good('PUT', `roles/${helper.role}`, { resources: helping.filter((r) => r !== 'Magento_Catalog::products') });
    refused(await call(helper.token, 'PUT', `roles/${narrow.json.id}`, { resources: ['Magento_Catalog::products'] }), 403, grant('Magento_Catalog::products'));
    await good('PUT', `roles/${helper.role}`, { resources: helping });
  });

  await check('fields are changed one by one; what is taken, empty or no address is refused', async () => {
    const changed = await good('PUT', `users/${helper.id}`, { lastname: 'Ful', expiresAt: '2090-12-31' });
    equal([changed.firstname, changed.lastname, changed.expires_at], ['Hel', 'Ful', '2090-12-31 00:00:00']);
    equal((await good('PUT', `users/${helper.id}`, { expiresAt: '' })).expires_at, null);
    for (const [data, message] of [[{ email: 'cat@example.com' }, /already exists/], [{ username: 'CAT' }, /already exists/], [{ email: 'nowhere' }, /valid email/],
      [{ firstname: ' ' }, /First Name/], [{ expiresAt: 'tomorrow' }, /expiry/], [{ expiresAt: '2001-01-01' }, /later than the present/], [{ roleId: 4711 }, /no role/]]) {
      const answer = await admin('PUT', `users/${helper.id}`, data);
      ok(answer.status >= 400 && answer.status < 500 && message.test(answer.text), `${JSON.stringify(data)}: ${answer.status} ${answer.text}`);
    }
    for (const [method, path] of [['GET', 'users/4711'], ['PUT', 'users/4711'], ['DELETE', 'users/4711'], ['POST', 'users/4711/unlock'], ['GET', 'users/4711/rights']])
      equal((await admin(method, path, method === 'PUT' ? { lastname: 'x' } : undefined)).status, 404, `${method} ${path}`);
  });
  await check('rights tell the rule that decided: own, inherited, all, none', async () => {
    const of = async (id) => { const all = await good('GET', `users/${id}/rights`); return [all.all, Object.fromEntries(all.resources.map((r) => [r.resource, r]))]; };
    const [helps, rights] = await of(helper.id);
    equal([helps, rights['Ferrite_User::save'].allowed, rights['Ferrite_User::save'].rule], [false, true, 'own']);
    equal([rights['Ferrite_Key::kill'].allowed, rights['Ferrite_Key::kill'].rule, rights['Ferrite_Key::kill'].from], [false, 'own', 'Ferrite_Key::kill']);
    const users = await good('GET', 'users'), [everything, boss] = await of(users.find((u) => u.username === 'admin').id);
    equal([everything, boss['Ferrite_Key::kill']], [true, { resource: 'Ferrite_Key::kill', allowed: true, rule: 'all', from: 'Magento_Backend::all' }]);
    const [, none] = await of(users.find((u) => u.username === 'noone').id);
    ok(Object.values(none).every((r) => !r.allowed && r.rule === 'none' && r.from === null), 'no role');
  });
  await check('me: whoever shows a token learns who he is, what he may and until when', async () => {
    const me = (await call(helper.token, 'GET', 'me')).json;
    equal([me.user_type, me.user_id, me.username, me.role, me.all], ['admin', helper.id, 'helper', 'Helpers', false]);
    equal(me.resources.length, helping.length + 1);
    ok(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(me.token.expires_at), JSON.stringify(me.token));
    equal((await call(null, 'GET', 'me')).status, 401);
    equal((await as('admin', { path: own('me') })).json.all, true);
  });
  await check('one changes his own password with the present one only, and every token of before dies', async () => {
    const change = (currentPassword, newPassword) => call(helper.token, 'PUT', 'me/password', { currentPassword, newPassword });
    refused(await call(helper.token, 'PUT', `users/${helper.id}/password`, { password: 'around it 1' }), 403,
      { message: 'Your own password is changed with the present one, at /ferrite/v1/me/password.' });
    refused(await change('not this 1', 'brand new 1'), 403, { message: 'The present password is wrong.' });
    equal((await change(helper.password, 'short')).status, 400);
    equal((await change(helper.password, helper.password)).status, 400, 'the same again');
    equal((await change(helper.password, 'brand new 1')).text, 'true');
    equal((await call(helper.token, 'GET', 'me')).status, 401, 'the token of before');
    equal((await signIn('helper', helper.password)).status, 401);
    await new Promise((go) => setTimeout(go, 1100));
    helper = { ...helper, password: 'brand new 1', ...(await signIn('helper', 'brand new 1')) };
    ok(helper.token, 'signs in with the new one');
  });
  await check('wrong present passwords count as failed sign-ins, until the account is locked and unlocked', async () => {
    const wrong = () => call(helper.token, 'PUT', 'me/password', { currentPassword: 'guess 1', newPassword: 'never mind 1' });
    for (let i = 0; i < 6; i++) equal((await wrong()).status, 403, `guess ${i}`);
    equal((await wrong()).status, 401, 'locked');
    equal((await call(helper.token, 'PUT', 'me/password', { currentPassword: 'brand new 1', newPassword: 'never mind 1' })).status, 401, 'and the right one too');
    equal((await signIn('helper', 'brand new 1')).status, 401);
    ok((await good('GET', `users/${helper.id}`)).locked_until, 'is told');
    equal(await good('POST', `users/${helper.id}/unlock`), true);
    equal((await good('GET', `users/${helper.id}`)).locked_until, null);
    equal((await signIn('helper', 'brand new 1')).status, 200);
  });
  await check('another admin gives a new password, and the tokens of before die', async () => {
    const before = (await signIn('helper', 'brand new 1')).token;
    equal(await good('PUT', `users/${helper.id}/password`, { password: 'from above 1' }), true);
    equal((await call(before, 'GET', 'me')).status, 401);
    equal((await signIn('helper', 'from above 1')).status, 200);
  });
  await check('a disabled user loses his tokens at once, a deleted one everything', async () => {
    await new Promise((go) => setTimeout(go, 1100));
    made = (await signIn('helper', 'from above 1')).token;
    equal((await call(made, 'GET', 'me')).status, 200);
    equal((await good('PUT', `users/${helper.id}`, { isActive: false })).is_active, false);
    equal((await call(made, 'GET', 'me')).status, 401);
    equal((await signIn('helper', 'from above 1')).status, 401);
    equal((await good('PUT', `users/${helper.id}`, { isActive: true })).is_active, true);
    equal((await admin('DELETE', `roles/${helper.role}`)).status, 400, 'a role in use stays');
    equal(await good('DELETE', `users/${helper.id}`), true);
    equal((await admin('GET', `users/${helper.id}`)).status, 404);
    equal((await signIn('helper', 'from above 1')).status, 401);
    equal(await good('DELETE', `roles/${helper.role}`), true);
  });
  await check('the last active admin with all resources is neither disabled, deleted, given another role, nor is that role narrowed', async () => {
    const users = await good('GET', 'users'), id = (name) => users.find((u) => u.username === name).id;
    const roles = await good('GET', 'roles'), all = roles.find((r) => r.all).id;
    await good('PUT', `users/${id('forgetful')}`, { isActive: false });
    for (const [method, path, data] of [['DELETE', `users/${id('admin')}`], ['PUT', `users/${id('admin')}`, { isActive: false }],
      ['PUT', `users/${id('admin')}`, { roleId: roles.find((r) => r.name === 'Catalog').id }], ['PUT', `users/${id('admin')}`, { roleId: 0 }],
      ['PUT', `roles/${all}`, { resources: ['Magento_Backend::store'] }]])
      refused(await admin(method, path, data), 409, { message: 'This is the last active admin with all resources: make another one first.' }, `${method} ${path}`);
    equal((await good('GET', `users/${id('admin')}`)).is_active, true);
    await good('PUT', `users/${id('forgetful')}`, { isActive: true });
    equal((await good('PUT', `users/${id('admin')}`, { lastname: 'Still' })).lastname, 'Still');
  });
  await check('each change left a row of the audit log, with who did it and to whom, and each refusal its resource', async () => {
    const events = async (event) => (await good('GET', `audit?event=${event}&lines=500`)).items.map((r) => `${r.actor} ${r.outcome} ${r.target}`);
    for (const [event, row] of [['user.create', `admin allowed user:${helper.id}`], ['user.password', `helper allowed user:${helper.id}`],
      ['user.password', `admin allowed user:${helper.id}`], ['user.unlock', `admin allowed user:${helper.id}`], ['user.disable', `admin allowed user:${helper.id}`],
      ['user.delete', `admin allowed user:${helper.id}`], ['role.create', `helper allowed role:${narrow.json.id}`], ['role.change', `admin allowed role:${helper.role}`]]) {
      const rows = await events(event);
      ok(rows.includes(row), `${event}: no "${row}" in\n${rows.join('\n')}`);
    }
  });
  await check('a service token of an admin who may everything gives no more than its own scope', async () => {
    const made = await good('POST', 'service-tokens', { name: 'Clerk', resources: helping, expiresIn: 3600 });
    const all = (await good('GET', 'roles')).find((r) => r.all).id, person = { username: 'clerk', email: 'clerk@example.com', firstname: 'A', lastname: 'B', password: 'long enough 1' };
    refused(await call(made.token, 'POST', 'users', { ...person, roleId: all }), 403, grant('Magento_Backend::all'), 'a user');
    refused(await call(made.token, 'POST', 'roles', { name: 'Clerks', resources: ['Ferrite_Key::kill'] }), 403, grant('Ferrite_Key::kill'), 'a role');
    equal((await call(made.token, 'PUT', 'me/password', { currentPassword: 'correct horse 1', newPassword: 'taken over 1' })).status, 403, 'its owner');
    equal((await call(made.token, 'GET', 'me')).json.all, false);
  });
  await check('of two that disable the last two admins with all resources at once, one is refused', async () => {
    const users = await good('GET', 'users'), id = (name) => users.find((u) => u.username === name).id, names = ['admin', 'forgetful'];
    for (let round = 0; round < 4; round++) {
      await new Promise((go) => setTimeout(go, 1100));
      const tokens = [];
      for (const name of names) tokens.push((await signIn(name, 'correct horse 1')).token);
      const done = await Promise.all(names.map((name, i) => call(tokens[1 - i], 'PUT', `users/${id(name)}`, { isActive: false })));
      equal(done.filter((a) => a.status === 200).length, 1, done.map((a) => a.status).join());
      const alive = done[0].status === 200 ? 1 : 0;
      ok([401, 409].includes(done[alive].status), String(done[alive].status));
      equal((await call(tokens[alive], 'PUT', `users/${id(names[1 - alive])}`, { isActive: true })).status, 200);
    }
  });
};
