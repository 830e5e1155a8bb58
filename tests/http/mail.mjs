// Mail to customers: read where a sandbox keeps it, and sent by a mail server and by a program, through every way to fail.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { house } from '../lib/house.mjs';
import { run, scratch, start } from '../lib/server.mjs';
import { request } from '../lib/client.mjs';
import { parseMail, smtpServer, until } from '../lib/smtp.mjs';

const SHOP = 'https://shop.example/', OLD = 'Secret#123', NEXT = 'Another#456';
const MISMATCH = { message: 'The password token is mismatched. Reset and try again.' };

export default async (t) => {
  const { check, ok, equal, ferrite, engine } = t;
  const is = (answer, status, json) => equal([answer.status, answer.json], [status, json]);

  const h = await house(t, { 'web/unsecure/base_url': SHOP, 'web/secure/base_url': SHOP, 'general/store_information/name': 'Magnets & Co' });
  let admin;
  const enter = async () => { admin = (await h.post('/V1/integration/admin/token', { username: 'admin', password: t.fixture.users.find((u) => u.username === 'admin').password })).json; };
  await enter();
  const mailbox = async (to) => (await h.get(`/ferrite/v1/sandbox/mail${to ? `?to=${encodeURIComponent(to)}` : ''}`, admin)).json;
  const last = async (to) => (await mailbox(to))[0];
  const key = (mail, name) => new URL(/https:\S+/.exec(mail.body)[0]).searchParams.get(name);
  const signIn = (email, password) => h.post('/V1/integration/customer/token', { username: email, password });
  const config = (path, value) => h.send('PUT', `/ferrite/v1/config/${path}`, { value }, admin);
  const register = (email, extra = {}, password = OLD) => h.post('/V1/customers', { customer: { email, firstname: 'Ann', lastname: 'Berg' }, password, ...extra });

  // -- accounts ----------------------------------------------------------------------------------------------------

  await check('a guest who makes an account is welcomed', async () => {
    equal((await register('ann@example.com')).status, 200);
    const mail = await last('ann@example.com');
    equal([mail.kind, mail.store_id, mail.from, mail.to, mail.subject], ['customer_create_account_email_template', 1,
      { name: 'Owner', email: 'owner@example.com' }, { name: 'Ann Berg', email: 'ann@example.com' }, 'Welcome to Magnets & Co']);
    ok(mail.body.includes(`${SHOP}customer/account/\n`), mail.body);
    ok(!mail.body.includes(OLD), 'the password is not in it');
  });
  await check('an account that is refused sends nothing', async () => {
    equal((await register('ann@example.com')).status, 400);
    equal((await register('weak@example.com', {}, 'weak')).status, 400);
    equal((await mailbox()).length, 1);
  });
  await check('an account made by an admin without a password asks to choose one, and the link does', async () => {
    const made = await h.post('/V1/customers', { customer: { email: 'bo@example.com', firstname: 'Bo', lastname: 'Cole' } }, admin);
    const mail = await last('bo@example.com');
    equal(mail.kind, 'customer_create_account_email_no_password_template');
    equal(key(mail, 'id'), String(made.json.id));
    is(await h.post('/V1/customers/resetPassword', { email: 'bo@example.com', resetToken: key(mail, 'token'), newPassword: NEXT }), 200, true);
    equal((await signIn('bo@example.com', NEXT)).status, 200);
    equal((await last('bo@example.com')).kind, 'customer_password_reset_password_template');
  });

  // -- forgotten passwords -----------------------------------------------------------------------------------------

  const forget = (email, template = 'email_reset') => h.send('PUT', '/V1/customers/password', { email, template, websiteId: 1 });
  const reset = (email, resetToken, newPassword = NEXT) => h.post('/V1/customers/resetPassword', { email, resetToken, newPassword });
  await check('a forgotten password is set by the link that was mailed, which then is dead', async () => {
    is(await forget('ann@example.com'), 200, true);
    const first = key(await last('ann@example.com'), 'token');
    is(await forget('ann@example.com', 'email_reminder'), 200, true);
    const mail = await last('ann@example.com'), token = key(mail, 'token'), id = (await h.get('/V1/customers/search?searchCriteria[filterGroups][0][filters][0][field]=email&searchCriteria[filterGroups][0][filters][0][value]=ann@example.com', admin)).json.items[0].id;
    equal([mail.kind, mail.from.email], ['customer_password_remind_email_template', 'support@example.com']);
    ok(mail.body.includes(`${SHOP}customer/account/createPassword/?token=`), mail.body);
    ok(first !== token && /^\w{32}$/.test(token));
    is(await reset('ann@example.com', first), 400, MISMATCH);
    is(await h.get(`/V1/customers/${id}/password/resetLinkToken/${token}`), 200, true);
    is(await reset('ann@example.com', token, 'weak'), 400, { message: 'The password needs at least %1 characters. Create a new password and try again.', parameters: ['8'] });
    is(await reset('ann@example.com', token), 200, true);
    is(await reset('ann@example.com', token), 400, MISMATCH);
    is(await h.get(`/V1/customers/${id}/password/resetLinkToken/${token}`), 400, MISMATCH);
    equal((await signIn('ann@example.com', NEXT)).status, 200);
    equal((await signIn('ann@example.com', OLD)).status, 401);
  });
  await check('a template that is not there is refused and mails nothing', async () => {
    const n = (await mailbox()).length;
    equal((await forget('ann@example.com', 'email_magic')).status, 400);
    equal((await forget('nobody@example.com')).status, 404);
    equal((await mailbox()).length, n);
  });
  await check('a link is no longer taken when its time is over', async () => {
    await forget('ann@example.com');
    const token = key(await last('ann@example.com'), 'token');
    await h.send('PUT', '/ferrite/v1/sandbox/clock', { shift: 2 * 3600 + 60 }, admin);
    is(await reset('ann@example.com', token), 400, { message: 'The password token is expired. Reset and try again.' });
    await enter();
    await h.send('PUT', '/ferrite/v1/sandbox/clock', { shift: 0 }, admin);
    await enter();
    is(await reset('ann@example.com', token), 200, true);
  });

  // -- changes -----------------------------------------------------------------------------------------------------

  await check('who changes the password is told so, and who changes the address at both', async () => {
    const token = (await signIn('ann@example.com', NEXT)).json;
    is(await h.send('PUT', '/V1/customers/me/password', { currentPassword: NEXT, newPassword: OLD }, token), 200, true);
    equal((await last('ann@example.com')).kind, 'customer_password_reset_password_template');
    await forget('ann@example.com');
    const dead = key(await last('ann@example.com'), 'token');
    equal((await h.send('PUT', '/V1/customers/me', { customer: { email: 'anna@example.com', firstname: 'Ann', lastname: 'Berg', websiteId: 1 } }, token)).status, 200);
    for (const to of ['ann@example.com', 'anna@example.com']) {
      const mail = await last(to);
      equal(mail.kind, 'customer_account_information_change_email_template');
      ok(mail.body.includes('from ann@example.com to anna@example.com'), mail.body);
    }
    is(await reset('anna@example.com', dead), 400, MISMATCH);
    const n = (await mailbox()).length;
    equal((await h.send('PUT', '/V1/customers/me', { customer: { email: 'anna@example.com', firstname: 'Anne', lastname: 'Berg', websiteId: 1 } }, token)).status, 200);
    equal((await mailbox()).length, n, 'another name is no news');
  });

  // -- confirmation ------------------------------------------------------------------------------------------------

  await check('where accounts are confirmed, the key from the mail opens the account', async () => {
    equal((await config('customer/create_account/confirm', '1')).status, 200);
    equal((await register('cleo@example.com', { redirectUrl: 'https://evil.example/' })).status, 200);
    const first = await last('cleo@example.com');
    equal(first.kind, 'customer_create_account_email_confirmation_template');
    ok(!first.body.includes('evil'), 'a link that leads out of the shop is not mailed');
    equal((await signIn('cleo@example.com', OLD)).status, 401);
    is(await h.post('/V1/customers/confirm', { email: 'cleo@example.com', websiteId: 1, redirectUrl: `${SHOP}checkout/` }, admin), 200, true);
    const mail = await last('cleo@example.com');
    equal([key(mail, 'key'), key(mail, 'back_url')], [key(first, 'key'), `${SHOP}checkout/`]);
    is(await h.send('PUT', '/V1/customers/cleo@example.com/activate', { confirmationKey: 'x' }, admin), 400,
      { message: 'The confirmation token is invalid. Verify the token and try again.' });
    equal((await h.send('PUT', '/V1/customers/cleo@example.com/activate', { confirmationKey: key(mail, 'key') }, admin)).status, 200);
    equal((await last('cleo@example.com')).kind, 'customer_create_account_email_confirmed_template');
    equal((await signIn('cleo@example.com', OLD)).status, 200);
    is(await h.post('/V1/customers/confirm', { email: 'cleo@example.com', websiteId: 1 }, admin), 400, { message: 'Confirmation isn\'t needed.' });
    await config('customer/create_account/confirm', '0');
  });

  await check('where another address is confirmed too, the account waits for the key that went there', async () => {
    await config('customer/account_information/confirm', '1');
    const token = (await signIn('cleo@example.com', OLD)).json;
    equal((await h.send('PUT', '/V1/customers/me', { customer: { email: 'cleo@new.example', firstname: 'Cleo', lastname: 'Dahl', websiteId: 1 } }, token)).status, 200);
    equal((await mailbox('cleo@new.example')).map((m) => m.kind), ['customer_account_information_change_email_template', 'customer_create_account_email_confirmation_template']);
    const given = key((await mailbox('cleo@new.example'))[1], 'key');
    equal((await signIn('cleo@new.example', OLD)).status, 401);
    equal((await h.send('PUT', '/V1/customers/me', { customer: { email: 'cleo@new.example', firstname: 'Cleo', lastname: 'Dahl', websiteId: 1, confirmation: '' } }, token)).status, 200);
    equal((await signIn('cleo@new.example', OLD)).status, 401, 'the owner does not take the key out');
    equal((await h.send('PUT', '/V1/customers/me/activate', { confirmationKey: given }, token)).status, 200);
    equal((await signIn('cleo@new.example', OLD)).status, 200);
    await config('customer/account_information/confirm', '0');
  });
  await check('requests for links are limited where the shop wants it: by time, by number, by whom', async () => {
    const refused = { message: 'We received too many requests for password resets. Please wait and try again later or contact %1.', parameters: ['hello@example.com'] };
    is(await forget('anna@example.com'), 200, true);
    equal((await config('ferrite/password/limit_reset_requests', '1')).status, 200);
    is(await forget('anna@example.com'), 200, true);
    is(await forget('anna@example.com'), 400, refused);
    is(await forget('nobody@example.com'), 400, refused);
    await config('customer/password/password_reset_protection_type', '3');
    equal((await forget('nobody@example.com')).status, 404);
    is(await forget('nobody@example.com'), 400, refused);
    await config('customer/password/min_time_between_password_reset_requests', '0');
    for (let i = 0; i < 4; i++) is(await forget('anna@example.com'), 200, true);
    is(await forget('anna@example.com'), 400, refused);
    await config('customer/password/password_reset_protection_type', '0');
    is(await forget('anna@example.com'), 200, true);
    await config('ferrite/password/limit_reset_requests', '0');
  });
  await check('with an account go what names it: letters of news, sign-ins, tokens', async () => {
    const made = (await h.post('/V1/customers', { customer: { email: 'dora@example.com', firstname: 'Dora', lastname: 'Eng', extension_attributes: { is_subscribed: true } }, password: OLD })).json;
    const token = (await signIn('dora@example.com', OLD)).json;
    const count = () => ['newsletter_subscriber', 'customer_log'].map((table) => +run('sqlite3', [h.server.file, `SELECT COUNT(*) FROM ${table} WHERE customer_id = ${made.id}`]).out);
    if (engine === 'sqlite') equal(count(), [1, 1]);
    is(await h.send('DELETE', `/V1/customers/${made.id}`, undefined, admin), 200, true);
    if (engine === 'sqlite') equal(count(), [0, 0]);
    equal((await h.get('/V1/customers/me', token)).status, 401);
    equal((await forget('dora@example.com')).status, 404);
  });

  // -- the box itself ----------------------------------------------------------------------------------------------

  await check('the shop\'s switches hold: sender, and no mail at all', async () => {
    await config('customer/password/forgot_email_identity', 'sales');
    await forget('anna@example.com');
    equal((await last('anna@example.com')).from, { name: 'Sales', email: 'sales@example.com' });
    await config('system/smtp/disable', '1');
    const n = (await mailbox()).length;
    is(await forget('anna@example.com'), 200, true);
    equal((await mailbox()).length, n);
    await config('system/smtp/disable', '0');
  });
  await check('mail is listed newest first, for one or all, and cleared', async () => {
    const all = await mailbox();
    ok(all.length > 8 && all.every((m, i) => i === 0 || m.id < all[i - 1].id));
    equal((await h.get('/ferrite/v1/sandbox/mail?limit=1', admin)).json, [all[0]]);
    equal((await h.get('/ferrite/v1/sandbox/mail?limit=0', admin)).status, 400);
    const bo = (await mailbox('bo@example.com')).length;
    is(await h.send('DELETE', '/ferrite/v1/sandbox/mail?to=bo@example.com', undefined, admin), 200, { deleted: bo });
    is(await h.send('DELETE', '/ferrite/v1/sandbox/mail', undefined, admin), 200, { deleted: all.length - bo });
    equal(await mailbox(), []);
  });
  await check('nobody reads it without its resource', async () => {
    equal((await h.get('/ferrite/v1/sandbox/mail')).status, 401);
    equal((await t.as('cat', { path: '/ferrite/v1/sandbox/mail' })).status, 403);
    equal((await t.as('cat', { method: 'DELETE', path: '/ferrite/v1/sandbox/mail' })).status, 403);
  });
  await check('no link that opens an account is in the log or the audit log', async () => {
    await forget('anna@example.com');
    const token = key(await last('anna@example.com'), 'token');
    const audit = (await h.get('/ferrite/v1/audit?limit=200', admin)).text;
    ok(!h.server.log.includes(token) && !audit.includes(token) && !audit.includes(NEXT));
  });
  await check('the server of the sandbox stops cleanly', async () => equal(await h.server.stop(), null));

  // -- sending -----------------------------------------------------------------------------------------------------

  if (engine === 'sandbox') return;
  const folder = scratch(), servers = [];
  const serve = async (...args) => {
    const server = await start(ferrite, ['serve', '--database', t.server.database, '--listen', '127.0.0.1:0', '--mail-retry', '1', ...args]);
    servers.push(server);
    return server;
  };
  let n = 0;
  const order = async (server, customer = {}) => {
    const email = `c${++n}@example.com`;
    const answer = await request(server.base, { method: 'POST', path: '/rest/V1/customers', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ customer: { email, firstname: 'Dörte', lastname: 'O\'Neil', ...customer }, password: OLD }) });
    equal(answer.status, 200, answer.text);
    return customer.email ?? email;
  };

  await check('a mail goes out by a mail server, whole and encoded', async () => {
    const post = await smtpServer(), server = await serve('--smtp-server', `127.0.0.1:${post.port}`, '--smtp-tls', 'off');
    const to = await order(server);
    const mail = await until(() => post.mails[0]);
    equal([mail.from, mail.to], ['owner@example.com', [to]]);
    ok(mail.text.split('\r\n').every((line) => line.length <= 78 && !/[^\t\x20-\x7e]/.test(line)), mail.text);
    const { fields, body } = parseMail(mail.text);
    equal([fields.from, fields.to, fields.subject].flat(), ['"Owner" <owner@example.com>', `Dörte O'Neil <${to}>`, 'Welcome to Main Website Store']);
    ok(body.startsWith('Hello Dörte O\'Neil,\n\n'), body);
    equal([fields['mime-version'], fields['auto-submitted'], fields['message-id'].length], [['1.0'], ['auto-generated'], 1]);
    await server.stop(); await post.stop();
  });
  await check('nothing in a name adds a field, a recipient or a command', async () => {
    const post = await smtpServer(), server = await serve('--smtp-server', `127.0.0.1:${post.port}`, '--smtp-tls', 'off');
    const shop = ['X\r\nBcc: all@example.com', '=?UTF-8?B?QmNjOiBhQGI=?=', '"><script>, <b@example.com>', '\u2028\u0000'.slice(0, 1), 'é'.repeat(200)];
    for (const name of shop) {
      run(ferrite, ['config', 'set', '--database', t.server.database, 'general/store_information/name', name]);
      run(ferrite, ['config', 'set', '--database', t.server.database, 'trans_email/ident_general/name', name]);
      await new Promise((r) => setTimeout(r, 400));
      const to = await order(server), got = post.mails.length;
      const mail = await until(() => post.mails.find((m) => m.to[0] === to), `${name}: ${got}`);
      const { fields } = parseMail(mail.text);
      equal(Object.keys(fields).sort(), ['auto-submitted', 'content-transfer-encoding', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to'], name);
      equal([mail.to, fields.to.length, fields.subject.length], [[to], 1, 1]);
      ok(mail.text.split('\r\n').every((line) => line.length <= 78), mail.text);
    }
    run(ferrite, ['config', 'delete', '--database', t.server.database, 'general/store_information/name']);
    run(ferrite, ['config', 'set', '--database', t.server.database, 'trans_email/ident_general/email', 'a@b.example>\r\nRCPT TO:<x@y.example']);
    await new Promise((r) => setTimeout(r, 400));
    await order(server);
    await until(() => server.log.includes('the shop\'s sender has no valid address'));
    run(ferrite, ['config', 'delete', '--database', t.server.database, 'trans_email/ident_general/email']);
    run(ferrite, ['config', 'delete', '--database', t.server.database, 'trans_email/ident_general/name']);
    equal(post.talk.lines.filter((l) => l.startsWith('RCPT')).length, shop.length);
    await server.stop(); await post.stop();
  });
  await check('a mail server that is away or busy gets it later, under the same name, and once', async () => {
    let busy = 2;
    const first = await smtpServer(), port = first.port;
    await first.stop();
    const server = await serve('--smtp-server', `127.0.0.1:${port}`, '--smtp-tls', 'off');
    const to = await order(server);
    await until(() => server.log.includes('is tried again'));
    const seen = [], post = await smtpServer({ port, refuse: (verb, line) => (verb === 'END' && busy-- > 0 ? (seen.push(parseMail(line).fields['message-id'][0]), '451 later') : undefined) });
    const mail = await until(() => post.mails[0]);
    equal(mail.to, [to]);
    equal(new Set([...seen, parseMail(mail.text).fields['message-id'][0]]).size, 1);
    await new Promise((r) => setTimeout(r, 2500));
    equal(post.mails.length, 1);
    await server.stop(); await post.stop();
  });
  await check('a mailbox that is not there is given up, and so is one that never answers', async () => {
    let full = true;
    const post = await smtpServer({ refuse: (verb, line) => (verb !== 'RCPT' ? undefined : line.includes('gone@') ? '550 no such user' : full && line.includes('full@') ? '452 full' : undefined) });
    const server = await serve('--smtp-server', `127.0.0.1:${post.port}`, '--smtp-tls', 'off', '--mail-attempts', '2');
    await order(server, { email: 'gone@example.com' });
    await until(() => (server.log.match(/a mail was given up/g) ?? []).length === 1);
    equal(post.talk.lines.filter((l) => l.includes('gone@')).length, 1);
    await order(server, { email: 'full@example.com' });
    await until(() => (server.log.match(/a mail was given up/g) ?? []).length === 2);
    equal(post.talk.lines.filter((l) => l.includes('full@')).length, 2);
    ok(!server.log.includes('gone@') && !server.log.includes('full@'), 'addresses are not in the log');
    const mine = (...args) => run(ferrite, ['mail', ...args, '--database', t.server.database]);
    const rows = JSON.parse(mine('list', '--json').out);
    equal(rows.map((m) => [m.state, m.to, m.attempts]), [['failed', 'gone@example.com', 1], ['failed', 'full@example.com', 2]]);
    ok(rows[0].reason.includes('550') && rows[1].reason.includes('452') && !('body' in rows[0]), JSON.stringify(rows));
    full = false;
    equal(mine('retry', '0').status, 1);
    equal(mine('retry', '99999').status, 1);
    equal(mine('retry', String(rows[1].id)).out, '1 to be tried again\n');
    await until(() => post.mails.find((m) => m.to[0] === 'full@example.com'));
    await until(() => JSON.parse(mine('list', '--json').out).length === 1);
    await server.stop(); await post.stop();
  });
  await check('kill -9 between the answer and the mail loses nothing', async () => {
    const first = await smtpServer(), port = first.port;
    await first.stop();
    const server = await serve('--smtp-server', `127.0.0.1:${port}`, '--smtp-tls', 'off');
    const to = [await order(server), await order(server)];
    server.child.kill('SIGKILL');
    await server.ended;
    const post = await smtpServer({ port }), again = await serve('--smtp-server', `127.0.0.1:${port}`, '--smtp-tls', 'off');
    // One of them may be claimed by the process that was killed: it comes up again when its three minutes are over.
    await until(() => post.mails.length >= 1);
    ok(to.includes(post.mails[0].to[0]));
    await again.stop(); await post.stop();
  });

  await check('a mail that was under way when its server was killed comes up again, under the same name', async () => {
    if (engine !== 'sqlite') return;
    let hang = true;
    const seen = [], post = await smtpServer({ refuse: (verb, line) => (verb === 'END' ? (seen.push(parseMail(line).fields['message-id'][0]), hang ? '' : undefined) : undefined) });
    const server = await serve('--smtp-server', `127.0.0.1:${post.port}`, '--smtp-tls', 'off');
    const to = await order(server);
    await until(() => seen.length === 1);
    const [helper] = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim().split(' ');
    const status = readFileSync(`/proc/${helper}/status`, 'utf8');
    ok(/^NoNewPrivs:\t1$/m.test(status), 'the process that sends gains no rights');
    if (!/asan|tsan/.test(ferrite)) ok(/^Seccomp:\t2$/m.test(status), 'and has a filter of system calls');
    equal(readFileSync(`/proc/${helper}/cmdline`, 'utf8'), 'ferrite\0postman\0');
    server.child.kill('SIGKILL');
    await server.ended;
    hang = false;
    equal(run('sqlite3', [t.server.file, `UPDATE ferrite_mail SET next_at = 1 WHERE attempts > 0`]).status, 0);
    const again = await serve('--smtp-server', `127.0.0.1:${post.port}`, '--smtp-tls', 'off');
    await until(() => post.mails.find((m) => m.to[0] === to));
    equal(new Set(seen.slice(0, 2)).size, 1);
    await again.stop(); await post.stop();
    await until(() => !existsSync(`/proc/${helper}`) || /^State:\tZ/m.test(readFileSync(`/proc/${helper}/status`, 'utf8')), 'the old process is still there');
  });
  await check('over STARTTLS and with a password, to a certificate that is right, and to no other', async () => {
    const at = (name) => join(folder.path, name);
    const made = run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at('key.pem'), '-out', at('cert.pem'),
      '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']);
    equal(made.status, 0, made.err);
    const pair = { key: readFileSync(at('key.pem')), cert: readFileSync(at('cert.pem')) };
    const post = await smtpServer({ ...pair, login: ['shop', 'open sesame'] });
    writeFileSync(at('password'), 'open sesame\n', { mode: 0o600 });
    const good = ['--smtp-server', `localhost:${post.port}`, '--smtp-user', 'shop', '--smtp-password-file', at('password')];
    const server = await serve(...good, '--smtp-ca', at('cert.pem'));
    const to = await order(server);
    const mail = await until(() => post.mails.find((m) => m.to[0] === to), server.log);
    equal(mail.secure, true);
    await server.stop();
    const stranger = await serve(...good);
    await order(stranger);
    await until(() => stranger.log.includes('is tried again'));
    ok(!post.talk.lines.some((l) => l.includes('open')) && !stranger.log.includes('sesame'));
    await stranger.stop(); await post.stop();
  });

  await check('a mail goes out by a program, which gets no argument from anybody', async () => {
    const out = join(folder.path, 'out'), program = join(folder.path, 'sendmail');
    mkdirSync(out);
    writeFileSync(program, `#!/bin/sh\nn=$(ls ${out} | wc -l)\n[ -e ${folder.path}/busy ] && exit 75\n{ echo "$@"; env; echo; cat; } > ${out}/.new && mv ${out}/.new ${out}/$n\n`);
    chmodSync(program, 0o755);
    writeFileSync(join(folder.path, 'busy'), '');
    const server = await serve('--mail-command', `${program} -t -i`);
    const to = await order(server);
    await until(() => server.log.includes('status 75'));
    run('rm', [join(folder.path, 'busy')]);
    const file = await until(() => readdirSync(out).find((f) => readFileSync(join(out, f), 'utf8').includes(to)));
    const text = readFileSync(join(out, file), 'utf8');
    equal(text.split('\n')[0], '-t -i');
    ok(!text.includes('\r') && !/FERRITE/.test(text), text);
    const { fields } = parseMail(text.slice(text.indexOf('\n\n') + 2).replace(/\n/g, '\r\n'));
    equal(fields.to, [`Dörte O'Neil <${to}>`]);
    await server.stop();
    ok(existsSync(out));
  });

  await check('settings that contradict each other stop the start', () => {
    const refuse = (why, ...args) => {
      const done = run(ferrite, ['serve', '--database', t.server.database, '--listen', '127.0.0.1:0', ...args]);
      ok(done.status !== 0 && done.err.includes(why), done.err);
    };
    refuse('two ways', '--mail-command', '/bin/true', '--smtp-server', 'localhost:25');
    refuse('whole path', '--mail-command', 'sendmail -t');
    refuse('HOST:PORT', '--smtp-server', 'smtp://mail.example/x');
    refuse('starttls, tls or off', '--smtp-server', 'localhost:25', '--smtp-tls', 'yes');
    for (const host of ['mail.example', '127.mail.example', 'localhost.mail.example'])
      refuse('in the clear', '--smtp-server', `${host}:25`, '--smtp-tls', 'off', '--smtp-user', 'x');
    const alone = run('sh', ['-c', `'${ferrite}' postman </dev/null`]);
    ok(alone.status === 1 && alone.err.includes('no use by hand'), alone.err);
  });
  await check('without a way to send, a mail is dropped with a line in the log', async () => {
    const server = await serve();
    await order(server);
    await until(() => server.log.includes('neither mail_command nor smtp_server is set'));
    equal(await server.stop(), null);
  });
  for (const server of servers) await server.stop();
  folder.remove();
};
