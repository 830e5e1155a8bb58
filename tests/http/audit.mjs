// What the audit log holds after a story, row by row: each decision, its true reason, who and what; and what happens when it cannot be written.
import { join, dirname } from 'node:path';
import { run } from '../lib/server.mjs';
import { authorization } from '../lib/oauth.mjs';

const PASSWORD = 'correct horse 1';

export default async ({ check, request, as, sign, ok, equal, ferrite, server, engine, fixture, base }) => {
  const secrets = new Set([PASSWORD, fixture.crypt_key, ...Object.entries(fixture.integrations[0]).filter(([k]) => /key|secret|token/.test(k)).map(([, v]) => v)]);
  const post = (path, body, headers = {}) => request({ method: 'POST', path, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) });
  const token = (kind, username, password, headers) => { secrets.add(password); return post(`/rest/V1/integration/${kind}/token`, { username, password }, headers); };
  const log = async (query = '') => (await as('admin', { path: `/ferrite/v1/audit?limit=1000&${query}` })).json.items;
  const last = async (event, query = '') => (await log(`event=${event}&${query}`))[0];
  // The row that one request left, by the id in its answer.
  const rowOf = async (answer) => { const rows = await log(`requestId=${answer.headers['x-request-id']}`); equal(rows.length, 1, `rows of ${answer.status} ${answer.text}`); return rows[0]; };
  const refused = async (answer, status, event, reason, more = {}) => {
    equal(answer.status, status, answer.text);
    const row = await rowOf(answer);
    equal([row.event, row.outcome, row.reason], [event, 'denied', reason]);
    for (const [name, value] of Object.entries(more)) equal(row[name], value, name);
    return row;
  };

  // -- signing in ---------------------------------------------------------------------------------------------------
  await check('an admin who signs in is in the log, with the accessor of his token', async () => {
    const answer = await token('admin', 'cat', PASSWORD, { 'User-Agent': 'test/1' });
    const row = await rowOf(answer);
    equal([row.event, row.outcome, row.actor_type, row.actor, row.target, row.reason, row.user_agent, row.route],
      ['sign-in', 'allowed', 'admin', 'cat', 'user:cat', '', 'test/1', 'POST /V1/integration/admin/token']);
    ok(/^(127\.0\.0\.1|::1)$/.test(row.source), row.source);
    const listed = await as('admin', { path: `/ferrite/v1/tokens/${row.accessor}` });
    equal([listed.status, listed.json.user], [200, 'cat'], listed.text);
    secrets.add(JSON.parse(answer.text));
  });
  await check('each refusal of an admin has its true reason, the client is told the same', async () => {
    const cases = [['cat', 'wrong password 1', 'wrong password', 'user:cat'], ['CAT ', 'wrong password 1', 'wrong password', 'user:cat'],
      ['off', PASSWORD, 'inactive', 'user:off'], ['noone', PASSWORD, 'no role', 'user:noone']];
    for (const [name, password, reason, target] of cases)
      await refused(await token('admin', name, password), 401, 'sign-in', reason, { target, actor_type: 'guest', actor: '' });
  });
  await check('an unknown name, which may be a password, is a keyed hash, the same each time', async () => {
    const rows = [];
    for (const name of ['MyS3cret!pass', 'MyS3cret!pass', 'another']) rows.push(await refused(await token('admin', name, 'x'), 401, 'sign-in', 'unknown user'));
    secrets.add('MyS3cret!pass');
    ok(rows.every((r) => /^user:\?[0-9a-f]{16}$/.test(r.target)), rows[0].target);
    equal(rows[0].target, rows[1].target);
    ok(rows[0].target !== rows[2].target, rows[2].target);
  });
  await check('a locked name is told as such, whatever the password', async () => {
    for (let i = 0; i < 6; i++) await token('admin', 'forgetful', 'wrong password 2');
    await refused(await token('admin', 'forgetful', PASSWORD), 401, 'sign-in', 'locked', { target: 'user:forgetful' });
  });
  await check('customers: allowed, wrong password, unknown', async () => {
    const customer = { email: 'audit@example.com', firstname: 'Au', lastname: 'Dit', website_id: 1, store_id: 1, group_id: 1 };
    equal((await as('admin', { method: 'POST', path: '/rest/V1/customers', body: { customer, password: 'Cust0mer!pass' } })).status, 200);
    const row = await rowOf(await token('customer', customer.email, 'Cust0mer!pass'));
    equal([row.outcome, row.actor_type, row.target], ['allowed', 'customer', 'customer:audit@example.com']);
    await refused(await token('customer', customer.email, 'Wr0ng!pass'), 401, 'sign-in', 'wrong password', { target: 'customer:audit@example.com' });
    const unknown = await refused(await token('customer', 'nobody@example.com', 'Wr0ng!pass'), 401, 'sign-in', 'unknown customer');
    ok(/^customer:\?[0-9a-f]{16}$/.test(unknown.target), unknown.target);
  });
  await check('a customer who takes his tokens back, and one who mistypes his password, are in the log', async () => {
    const mine = JSON.parse((await token('customer', 'audit@example.com', 'Cust0mer!pass')).text);
    const bearer = { Authorization: `Bearer ${mine}` };
    secrets.add(mine);
    const wrong = await request({ method: 'PUT', path: '/rest/default/V1/customers/me/password', headers: { ...bearer, 'Content-Type': 'application/json' },
      body: JSON.stringify({ currentPassword: 'Not!my0ne', newPassword: 'An0ther!one' }) });
    secrets.add('Not!my0ne').add('An0ther!one');
    await refused(wrong, 401, 'password.check', 'wrong password', { actor_type: 'customer' });
    const changed = await request({ method: 'PUT', path: '/rest/default/V1/customers/me/password', headers: { ...bearer, 'Content-Type': 'application/json' },
      body: JSON.stringify({ currentPassword: 'Cust0mer!pass', newPassword: 'An0ther!one' }) });
    const change = await rowOf(changed);
    equal([changed.status, change.event, change.outcome, change.actor_type, change.details], [200, 'customer.password', 'allowed', 'customer', { by: 'password' }]);
    const row = await rowOf(await post('/rest/default/V1/integration/customer/revoke-customer-token', {}, bearer));
    equal([row.event, row.outcome, row.actor_type, /^customer:\d+$/.test(row.target)], ['token.revoke', 'allowed', 'customer', true]);
    await refused(await request({ path: '/rest/default/V1/customers/me', headers: bearer }), 401, 'access.denied', 'revoked', { actor_type: 'guest' });
  });

  await check('a reset link that is guessed is in the log', async () => {
    const answer = await as('admin', { method: 'PUT', path: '/rest/V1/customers/password', body: { email: 'audit@example.com', template: 'email_reset', websiteId: 1 } });
    equal(answer.status, 200, answer.text);
    secrets.add('guessedlink000000000000000000000');
    const guess = await post('/rest/V1/customers/resetPassword', { email: 'audit@example.com', resetToken: 'guessedlink000000000000000000000', newPassword: 'Wh4tever!you' });
    await refused(guess, guess.status, 'reset-link', 'another link');
  });

  // -- access -------------------------------------------------------------------------------------------------------
  await check('a request without a token, or with one that is none, says so', async () => {
    const path = '/rest/V1/modules', row = await refused(await request({ path }), 401, 'access.denied', 'no token');
    equal([row.actor_type, row.target, row.route], ['guest', 'acl:Magento_Backend::admin', 'GET /V1/modules']);
    const good = await sign('admin'), [head, , signature] = good.split('.');
    const none = Buffer.from('{"kid":"1","alg":"none"}').toString('base64url');
    secrets.add(good);
    const cases = [['abcdefgh', 'unknown token'], ['x'.repeat(40), 'malformed token'], [`${good.slice(0, -4)}AAAA`, 'wrong signature'],
      [`${none}.${good.split('.')[1]}.${signature}`, 'wrong algorithm'], [`${head}.e30.${signature}`, 'wrong signature']];
    for (const [bearer, reason] of cases) {
      secrets.add(bearer);
      await refused(await request({ path, headers: { Authorization: `Bearer ${bearer}` } }), 401, 'access.denied', reason);
    }
  });
  await check('a role without the resource is told, with who it was and by which token', async () => {
    const row = await refused(await as('little', { path: '/rest/V1/products?searchCriteria[pageSize]=1' }), 401, 'access.denied', 'the role lacks Magento_Catalog::products');
    equal([row.actor_type, row.actor, row.target, row.route], ['admin', 'little', 'acl:Magento_Catalog::products', 'GET /V1/products']);
    equal((await as('admin', { path: `/ferrite/v1/tokens/${row.accessor}` })).json.user, 'little');
    await refused(await as('little', { path: '/ferrite/v1/audit' }), 403, 'access.denied', 'the role lacks Ferrite_Audit::read');
  });
  await check('an OAuth signature that is refused has its first reason', async () => {
    const keys = { ...fixture.integrations[0], consumer_secret: 'x'.repeat(32) };
    const path = '/rest/V1/store/websites', answer = await request({ path, headers: { Authorization: authorization({ base, path, keys }) } });
    const row = await refused(answer, 401, 'access.denied', 'oauth: OAUTH_SIGNATURE');
    equal(row.actor_type, 'guest');
  });
  await check('a permitted request leaves no row', async () => {
    const answer = await as('admin', { path: '/rest/V1/modules' });
    equal([answer.status, (await log(`requestId=${answer.headers['x-request-id']}`)).length], [200, 0]);
  });
  await check('a default group, which is configuration, is a change of configuration', async () => {
    const row = await rowOf(await as('admin', { method: 'PUT', path: '/rest/V1/customerGroups/default/1', body: {} }));
    equal([row.event, row.outcome, row.actor, row.target], ['config.set', 'allowed', 'admin', 'config:default/0/customer/create_account/default_group']);
  });
  await check('text of a client cannot break a line, and a token in it does not get in', async () => {
    const stolen = await sign('cat');
    secrets.add(stolen);
    const row = await rowOf(await request({ path: '/rest/V1/modules', headers: { 'User-Agent': `a\tb\u00e9 ${stolen} c` } }));
    ok(!/[\u0000-\u001f\u007f-\u009f]/.test(row.user_agent) && row.user_agent.includes(' * '), row.user_agent);
    equal((await rowOf(await request({ path: '/rest/V1/modules', headers: { 'User-Agent': 'x'.repeat(31).concat(' ').repeat(20) } }))).user_agent.length, 255);
  });

  // -- the log itself -----------------------------------------------------------------------------------------------
  await check('filters and cursors', async () => {
    const all = await log(), seen = [];
    let next = '';
    for (let i = 0; i < 200 && next !== null; i++) {
      const page = (await as('admin', { path: `/ferrite/v1/audit?limit=7&until=${encodeURIComponent(all[0].time)}${next ? `&after=${next}` : ''}` })).json;
      seen.push(...page.items.map((r) => r.seq));
      next = page.next;
    }
    equal(seen, all.slice(1).map((r) => r.seq));
    ok((await log('outcome=denied')).every((r) => r.outcome === 'denied'), 'outcome');
    equal((await log('actor=little&event=access.denied')).length, 2);
    equal(await log('since=2999-01-01'), []);
    equal((await log('since=1h')).length, all.length);
    for (const bad of ['since=never', 'after=1.x', 'after=zz'])
      equal((await as('admin', { path: `/ferrite/v1/audit?${bad}` })).status, 400, bad);
  });
  await check('an export is JSON lines or syslog, oldest first, and is in the log itself', async () => {
    const lines = (await as('admin', { path: '/ferrite/v1/audit/export?limit=5' }));
    equal(lines.headers['content-type'], 'application/jsonl; charset=utf-8');
    const rows = lines.text.trim().split('\n').map((l) => JSON.parse(l));
    equal(rows.map((r) => r.seq), [1, 2, 3, 4, 5]);
    const on = await as('admin', { path: `/ferrite/v1/audit/export?limit=1&after=${lines.headers['x-next-after']}` });
    equal(JSON.parse(on.text).seq, 6);
    const syslog = (await as('admin', { path: '/ferrite/v1/audit/export?format=syslog' })).text.trim().split('\n');
    const form = /^<1(07|08|09)>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z [!-~]{1,255} ferrite - [!-~]{1,32} \[ferrite@32473( [a-z_]+="([^"\\\]]|\\["\\\]])*")+\] [!-~]+ (allowed|denied|failed)$/u;
    equal(syslog.filter((l) => !form.test(l)), []);
    equal((await as('admin', { path: '/ferrite/v1/audit/export?format=xml' })).status, 400);
    equal((await last('audit.export')).actor, 'admin');
  });
  await check('the chain is whole, and checkpoints kept elsewhere agree', async () => {
    const points = (await as('admin', { method: 'POST', path: '/ferrite/v1/audit/checkpoints' })).json;
    equal(points.length, 1);
    const checkpoints = points.map((p) => JSON.stringify(p)).join('\n');
    const report = (await as('admin', { method: 'POST', path: '/ferrite/v1/audit/verify', body: { checkpoints } })).json;
    equal([report.whole, report.findings], [true, []]);
    const forged = (await as('admin', { method: 'POST', path: '/ferrite/v1/audit/verify', body: { checkpoints: checkpoints.replace(/"hash":"./, '"hash":"z') } })).json;
    equal([forged.whole, forged.n_findings], [false, 1]);
    equal((await as('admin', { method: 'POST', path: '/ferrite/v1/audit/verify', body: { checkpoints: '{}' } })).status, 400);
    ok((await as('admin', { path: '/ferrite/v1/audit/checkpoints' })).json.some((p) => p.signature === points[0].signature), 'stored');
    equal((await as('admin', { path: '/ferrite/v1/audit/keys' })).json.map((k) => k.public_key), [points[0].public_key]);
    equal((await as('admin', { path: '/ferrite/v1/audit/verify' })).json.whole, true);
  });
  await check('two hundred refusals at once are two hundred rows of one whole chain', async () => {
    const before = (await log())[0].seq;
    const answers = await Promise.all(Array.from({ length: 200 }, () => request({ path: '/rest/V1/modules' })));
    equal(answers.filter((a) => a.status !== 401).length, 0);
    const ids = new Set((await log()).filter((r) => r.seq > before).map((r) => r.request_id));
    equal(answers.filter((a) => !ids.has(a.headers['x-request-id'])).length, 0);
    equal((await as('admin', { path: '/ferrite/v1/audit/verify' })).json.whole, true);
  });
  await check('no password, token, key or secret stands in any row', async () => {
    const text = (await as('admin', { path: '/ferrite/v1/audit/export' })).text;
    ok(text.split('\n').length > 200, 'too few rows to mean anything');
    for (const secret of secrets) ok(secret.length < 4 || !text.includes(secret), `a row holds ${secret}`);
    for (const part of [...secrets].filter((s) => s.split('.').length === 3).flatMap((s) => s.split('.'))) ok(part.length < 20 || !text.includes(part), 'a part of a token');
    ok(!/\$argon2|:3:[A-Za-z0-9+/]{20}|eyJ/.test(text), 'a hash, an encrypted secret or a token');
  });

  // -- when it cannot be written ------------------------------------------------------------------------------------
  if (engine === 'sandbox') return;
  const sql = (...statements) => { const d = run(join(dirname(ferrite), 'tests/fault/sql'), [server.database, ...statements]); ok(d.status === 0, d.err); };
  await check('what cannot be written down does not happen: refusals, signing in and changes are masked 500s', async () => {
    const admin = await sign('admin');
    sql('ALTER TABLE ferrite_audit RENAME TO ferrite_audit_gone');
    try {
      for (const answer of [await request({ path: '/rest/V1/modules' }), await token('admin', 'cat', PASSWORD), await token('admin', 'cat', 'wrong password 3')]) {
        equal(answer.status, 500, answer.text);
        ok(/^\{"message":"Internal Error\. Details are available in Magento log file\. Report ID: webapi-[0-9a-f]+"\}$/.test(answer.text), answer.text);
      }
      equal((await request({ path: '/rest/V1/modules', headers: { Authorization: `Bearer ${admin}` } })).status, 200, 'a permitted request needs no row');
      const made = run(ferrite, ['role', 'create', 'Unwritten', '--resources', 'Magento_Cms::page', '--database', server.database]);
      equal(made.status, 1);
    } finally { sql('ALTER TABLE ferrite_audit_gone RENAME TO ferrite_audit'); }
    ok(!run(ferrite, ['role', 'list', '--database', server.database]).out.includes('Unwritten'), 'the role was made');
    equal((await request({ path: '/rest/V1/modules' })).status, 401);
    equal((await as('admin', { path: '/ferrite/v1/audit/verify' })).json.whole, true);
  });
  await check('with audit = open it happens, and the process log says what is missing', async () => {
    sql('ALTER TABLE ferrite_audit RENAME TO ferrite_audit_gone');
    try {
      const made = run(ferrite, ['role', 'create', 'Open', '--resources', 'Magento_Cms::page', '--audit', 'open', '--database', server.database]);
      equal(made.status, 0, made.err);
      ok(/"message":"an audit row could not be written","event":"role.create"/.test(made.err), made.err);
    } finally { sql('ALTER TABLE ferrite_audit_gone RENAME TO ferrite_audit'); }
    equal(run(ferrite, ['role', 'create', 'Off', '--resources', 'Magento_Cms::page', '--audit', 'off', '--database', server.database]).status, 0);
    equal((await log('event=role.create')).filter((r) => /"(Open|Off)"/.test(JSON.stringify(r.details))), []);
    equal((await as('admin', { path: '/ferrite/v1/audit/verify' })).json.whole, true);
    equal(run(ferrite, ['role', 'list', '--audit', 'perhaps', '--database', server.database]).status, 1);
  });
};
