// The command line as a person meets it: names, exit statuses, what is said and what never is.
import { statSync, writeFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { run, scratch, start } from '../lib/server.mjs';
import { request } from '../lib/client.mjs';

const names = ['init', 'serve', 'sandbox', 'user create', 'user list', 'user disable', 'user enable', 'user password', 'user unlock', 'user tfa',
  'role create', 'role list', 'role show', 'role delete', 'role change', 'role resources', 'user show', 'user rights', 'user change', 'user delete',
  'token service create', 'token service list', 'token service rotate', 'token service revoke', 'key list', 'key next', 'key rotate', 'key kill', 'key reencrypt', 'config get', 'config set', 'config list', 'config delete', 'config export', 'config diff', 'config import', 'routes', 'settings', 'version',
  'audit list', 'audit tail', 'audit verify', 'audit checkpoint', 'audit export', 'audit key'];

export default async ({ ferrite, check, ok, equal, fixtureFile }) => {
  const folder = scratch();
  const database = `sqlite:${join(folder.path, 'cli.db')}`;
  const call = (line, options) => run(ferrite, [...line, ...(options?.bare ? [] : ['--database', database])], options);
  const good = (line, options) => { const d = call(line, options); ok(d.status === 0, `${line.join(' ')}: ${d.status} ${d.err}${d.out}`); return d.out; };
  const bad = (line, status, what, options) => {
    const d = call(line, options);
    ok(d.status === status && what.test(d.err), `${line.join(' ')}: ${d.status} ${JSON.stringify(d.err)}, expected ${status} ${what}`);
  };
  const token = async (base, username, password) => (await request(base, { method: 'POST', path: '/rest/V1/integration/admin/token',
    headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username, password }) })).status;

  await check('every command explains itself with --help and ends with 0', () => {
    for (const name of names) {
      const d = run(ferrite, [...name.split(' '), '--help']);
      ok(d.status === 0 && d.out.startsWith(`ferrite ${name}`) && d.out.split('\n').length > 2, `${name}: ${d.status} ${d.out}`);
    }
  });
  await check('help names the commands that begin so, and explains one', () => {
    const [config, one, all] = [['help', 'config'], ['help', 'config', 'diff'], ['help']].map((line) => run(ferrite, line));
    equal([config.status, one.status, all.status, run(ferrite, ['help', 'nothing']).status], [0, 0, 0, 2]);
    equal([config.out.split('\n').length, one.out.split('\n')[0]], [8, 'ferrite config diff [options] ENVIRONMENT ENVIRONMENT']);
    ok(names.every((name) => all.out.includes(`  ferrite ${name} `)), all.out);
  });
  await check('no command, an unknown one, an unknown option and a missing word are wrong usage', () => {
    for (const line of [[], ['nonsense'], ['user'], ['version', '--loud'], ['user', 'create'], ['user', 'list', 'x'], ['serve', '--listen']])
      equal(run(ferrite, line).status, 2, line.join(' '));
  });
  await check('version names the libraries it runs with', () => ok(/^ferrite \d+\.\d+\.\d+\nlibmicrohttpd /.test(run(ferrite, ['version']).out), 'no'));
  await check('settings prints every setting with its limits', () => {
    const text = run(ferrite, ['settings']).out;
    for (const name of ['listen', 'database', 'max_body', 'crypt_key', 'tls_certificate', 'hash_queue']) ok(text.includes(`\n${name}\n`), name);
  });
  await check('a setting that is unknown, out of range or of the wrong form is refused with its name', () => {
    bad(['serve', '--no-such-thing', '1'], 2, /no setting "no_such_thing"/);
    bad(['serve', '--store-threads', '0'], 2, /store_threads must be a number from 1 to 64/);
    bad(['serve', '--allow-plain-http', 'perhaps'], 2, /allow_plain_http must be true or false/);
  });
  await check('a secret on the command line is refused', () => bad(['serve', '--crypt-key', 'x'], 2, /crypt_key is a secret/));
  await check('serve on a store that is not there says what to do', () => bad(['serve'], 1, /no database at .*ferrite init/));

  let password;
  await check('init makes a store and shows a generated password once', () => {
    password = /password \(shown only now\): (\w{20})\n/.exec(good(['init', '--admin', 'boss', '--email', 'boss@example.com']))?.[1];
    ok(password, 'no password shown');
    ok(!good(['init']).includes('password'), 'init again shows or makes a password');
  });
  await check('the store is readable by its owner only', () => equal(statSync(join(folder.path, 'cli.db')).mode & 0o077, 0));

  const server = await start(ferrite, ['serve', '--database', database, '--listen', '127.0.0.1:0']);
  await check('the generated password signs in', async () => equal(await token(server.base, 'boss', password), 200));
  await check('a user made while the server runs can sign in, be disabled, enabled and given a new password', async () => {
    good(['role', 'create', 'Readers', '--resources', 'Magento_Catalog::products,Magento_Backend::store']);
    good(['user', 'create', 'ann', '--email', 'ann@example.com', '--role', 'Readers', '--password-stdin'], { input: 'first pass 1\n' });
    equal(await token(server.base, 'ann', 'first pass 1'), 200, 'created');
    good(['user', 'disable', 'ann']);
    equal(await token(server.base, 'ann', 'first pass 1'), 401, 'disabled');
    good(['user', 'enable', 'ann']);
    good(['user', 'password', 'ann'], { env: { FERRITE_USER_PASSWORD: 'second pass 2' } });
    equal(await token(server.base, 'ann', 'first pass 1'), 401, 'old password');
    equal(await token(server.base, 'ann', 'second pass 2'), 200, 'new password');
  });
  await check('six failures lock a user, unlock opens again', async () => {
    for (let i = 0; i < 6; i++) await token(server.base, 'ann', 'wrong');
    equal(await token(server.base, 'ann', 'second pass 2'), 401, 'locked');
    good(['user', 'unlock', 'ann']);
    equal(await token(server.base, 'ann', 'second pass 2'), 200, 'unlocked');
  });
  await check('user list and role list show rows, as text and as JSON', () => {
    ok(/\tann\tann@example\.com\t1\tReaders/.test(good(['user', 'list'])), good(['user', 'list']));
    equal(JSON.parse(good(['user', 'list', '--json'])).map((u) => u.username), ['boss', 'ann']);
    ok(/\tReaders\t1\t/.test(good(['role', 'list'])), good(['role', 'list']));
    ok(!/password|hash|\$/i.test(good(['user', 'list', '--json'])), 'a hash is listed');
  });
  await check('role show names users and rights; a role in use is not deleted', () => {
    const text = good(['role', 'show', 'Readers']);
    ok(/\n {2}ann\n/.test(text) && /\n {2}Magento_Catalog::products\n/.test(text), text);
    bad(['role', 'delete', 'Readers'], 1, /./);
    good(['role', 'create', 'Short', '--resources', 'Magento_Backend::store']);
    good(['role', 'delete', 'Short']);
  });
  await check('a user is shown, changed and deleted, a role changed', async () => {
    good(['role', 'create', 'Passing', '--resources', 'Magento_Catalog::products']);
    good(['user', 'create', 'pat', '--email', 'pat@example.com', '--password-stdin'], { input: 'first pass 1\n' });
    good(['user', 'change', 'pat', '--role', 'Passing', '--lastname', 'Bypass', '--expires', '2090-12-31']);
    ok(/\nlastname\tBypass\n[^]*\nrole\tPassing\n[^]*\nexpires_at\t2090-12-31 00:00:00\n/.test(good(['user', 'show', 'pat'])), good(['user', 'show', 'pat']));
    const right = () => JSON.parse(good(['user', 'rights', 'pat', '--json'])).find((r) => r.resource === 'Magento_Backend::store');
    equal(right(), { resource: 'Magento_Backend::store', allowed: false, rule: 'own', from: 'Magento_Backend::store' });
    good(['role', 'change', 'Passing', '--name', 'Passed', '--resources', 'Magento_Backend::store']);
    equal([right().allowed, /\trole\tPassed\n|\nrole\tPassed\n/.test(good(['user', 'show', 'pat']))], [true, true]);
    bad(['user', 'change', 'pat', '--expires', 'soon'], 1, /date/);
    bad(['user', 'change', 'pat', '--email', 'boss@example.com'], 1, /already exists/);
    bad(['user', 'delete', 'boss'], 1, /last active admin/);
    bad(['user', 'disable', 'boss'], 1, /last active admin/);
    good(['user', 'change', 'pat', '--role', '', '--expires', 'never']);
    good(['user', 'delete', 'pat']);
    bad(['user', 'show', 'pat'], 1, /pat/);
    good(['role', 'delete', 'Passed']);
    ok(/\nFerrite_User::save\tFerrite_User::users\t/.test(run(ferrite, ['role', 'resources']).out), 'the tree');
  });
  await check('stricter passwords are a setting, and a list of known ones a file', async () => {
    const known = join(folder.path, 'known.txt'), create = (password, options) => call(['user', 'create', 'strict', '--email', 'strict@example.com', '--password-stdin', ...(options ?? [])], { input: `${password}\n` });
    writeFileSync(known, 'password\ncorrect horse battery\r\nlast line of it');
    good(['config', 'set', 'ferrite/password/min_length', '12']);
    for (const [password, why] of [['eleven chars'.slice(1), /at least 12/], ['x'.repeat(129), /at most 128/]]) {
      const d = create(password);
      ok(d.status === 1 && why.test(d.err), `${password}: ${d.err}`);
    }
    for (const password of ['correct horse battery', 'last line of it']) {
      const d = create(password, ['--breached-passwords', known]);
      ok(d.status === 1 && /list of known/.test(d.err), `${password}: ${d.err}`);
    }
    ok(create('twelve chars', ['--breached-passwords', join(folder.path, 'nowhere')]).status === 1, 'a list that cannot be read lets nobody through');
    equal(create('only letters, and blanks — ümläut', ['--breached-passwords', known]).status, 0, 'no rule but length');
    good(['user', 'delete', 'strict']);
    equal(create('y'.repeat(128), ['--role', 'Readers']).status, 0, '128');
    equal(await token(server.base, 'strict', 'y'.repeat(128)), 200, 'all of it');
    equal(await token(server.base, 'strict', 'y'.repeat(127)), 401, 'no part of it');
    good(['user', 'delete', 'strict']);
    good(['config', 'delete', 'ferrite/password/min_length']);
  });
  await check('what is not there, or there already, is said', () => {
    bad(['user', 'disable', 'nobody'], 1, /nobody/);
    bad(['role', 'show', 'Nothing'], 1, /Nothing/);
    bad(['user', 'create', 'boss', '--email', 'other@example.com', '--password-stdin'], 1, /./, { input: 'long enough 1\n' });
    bad(['user', 'create', 'x', '--email', 'x@example.com', '--password-stdin'], 1, /./, { input: 'short\n' });
    bad(['role', 'create', 'Wrong', '--resources', 'No::such'], 1, /No::such/);
  });
  await check('config set, get, list and delete work on scopes', () => {
    const path = 'webapi/jwtauth/admin_expiration';
    equal(good(['config', 'get', path]), '60\n');
    good(['config', 'set', path, '5']);
    equal(good(['config', 'get', path]), '5\n');
    good(['config', 'set', 'general/store_information/name', 'Näme & Co', '--scope', 'stores', '--scope-code', 'default']);
    equal(good(['config', 'get', 'general/store_information/name', '--store', 'default']), 'Näme & Co\n');
    bad(['config', 'set', 'a/b/c', '1'], 1, /not known/);
    good(['config', 'set', 'a/b/c', '--stdin', '--unknown'], { input: 'kept quiet\n' });
    equal(JSON.parse(good(['config', 'list', 'a/b', '--json'])), [{ scope: 'default', scope_id: 0, path: 'a/b/c', value: 'kept quiet' }]);
    good(['config', 'set', 'payment/payflowpro/pwd', '--stdin', '--scope', 'websites/base'], { input: 'hush-hush' });
    const listed = good(['config', 'list', 'payment/payflowpro']);
    ok(listed.includes('(secret)') && !listed.includes('hush-hush') && !/\d:3:/.test(listed), listed);
    bad(['config', 'get', 'payment/payflowpro/pwd', '--store', 'default'], 1, /is set, and secret/);
    good(['config', 'delete', path]);
    equal(good(['config', 'get', path]), '60\n');
    bad(['config', 'delete', path], 1, /not set/);
    bad(['config', 'get', 'no/such/path'], 1, /not set/);
    bad(['config', 'set', path, '1', '--scope', 'planets'], 1, /The scope "planets" is not default/);
    bad(['config', 'set', path, '1', '--scope', 'stores', '--scope-code', 'mars'], 1, /no scope "stores\/mars"/);
  });
  await check('SIGHUP keeps serving, SIGTERM ends with 0', async () => {
    process.kill(server.pid, 'SIGHUP');
    await new Promise((go) => setTimeout(go, 300));
    equal((await request(server.base, { path: '/health/live' })).status, 200);
    const why = await server.stop();
    ok(!why, why);
    ok(/"message":"reloaded"/.test(server.log), server.log);
  });
  await check('SIGTERM under load answers what runs and ends with 0', async () => {
    const s = await start(ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', fixtureFile]);
    const answers = { ok: 0, other: 0, lost: 0 };
    let going = true;
    const client = async () => { while (going) try {
      const status = await token(s.base, 'admin', 'correct horse 1');
      status === 200 ? answers.ok++ : answers.other++;
    } catch { answers.lost++; going = false; } };
    const clients = [client(), client(), client(), client()];
    await new Promise((go) => setTimeout(go, 1500));
    const why = await s.stop();
    going = false;
    await Promise.all(clients);
    ok(!why, why);
    ok(answers.ok > 0 && answers.other === 0, JSON.stringify(answers));
  });
  await check('a second server on the same port is refused with a sentence', async () => {
    const first = await start(ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', fixtureFile]);
    const d = run(ferrite, ['sandbox', '--listen', first.base.replace('http://', ''), '--fixture', fixtureFile]);
    ok(d.status === 1 && /cannot listen on/.test(d.err), d.err);
    ok(!await first.stop(), 'the first does not stop');
  });
  await check('plain HTTP beyond loopback needs an explicit setting', () => {
    const d = run(ferrite, ['sandbox', '--listen', '0.0.0.0:0', '--fixture', fixtureFile]);
    ok(d.status === 1 && /plain HTTP/.test(d.err), d.err);
  });
  await check('a sandbox without a fixture shows its admin, who can sign in', async () => {
    const s = await start(ferrite, ['sandbox', '--listen', '127.0.0.1:0'], { env: { FERRITE_ADMIN_PASSWORD: '' } });
    const made = /admin: admin, password: (\w+)\n/.exec(s.out)?.[1];
    equal(await token(s.base, 'admin', made), 200);
    ok(!await s.stop(), 'it does not stop');
  });
  await check('a sandbox with --sample lists a catalogue', async () => {
    const s = await start(ferrite, ['sandbox', '--sample', '--listen', '127.0.0.1:0', '--fixture', fixtureFile]);
    const answer = await request(s.base, { method: 'POST', path: '/rest/V1/integration/admin/token', headers: { 'Content-Type': 'application/json' }, body: '{"username":"admin","password":"correct horse 1"}' });
    const list = await request(s.base, { path: '/rest/V1/products?searchCriteria[pageSize]=1&fields=total_count', headers: { Authorization: `Bearer ${JSON.parse(answer.text)}` } });
    equal(list.text, '{"total_count":12}');
    ok(!await s.stop(), 'it does not stop');
  });
  await check('settings come from a file, the environment wins, an option wins over both', async () => {
    const file = join(folder.path, 'ferrite.ini');
    writeFileSync(file, 'listen = 127.0.0.1:1\naccess_log = all\n; a remark\nmax_body = 1\n');
    const s = await start(ferrite, ['serve', '--config', file, '--database', database, '--listen', '127.0.0.1:0'], { env: { FERRITE_LISTEN: '127.0.0.1:2' } });
    const big = await request(s.base, { method: 'POST', path: '/rest/V1/integration/admin/token', headers: { 'Content-Type': 'application/json' }, body: 'x'.repeat(1025) });
    equal(big.status, 413);
    ok(!await s.stop(), 'it does not stop');
    ok(/"message":"request".*"status":"413"/.test(s.log), s.log);
    writeFileSync(file, 'crypt_key = 0123456789abcdef0123456789abcdef\n');
    bad(['serve', '--config', file], 2, /crypt_key is a secret/);
  });
  await check('a crypt key comes from a file or a systemd credential', async () => {
    const key = join(folder.path, 'crypt_key');
    writeFileSync(key, '0123456789abcdef0123456789abcdef\n', { mode: 0o600 });
    for (const env of [{ FERRITE_CRYPT_KEY_FILE: key }, { CREDENTIALS_DIRECTORY: folder.path }]) {
      const s = await start(ferrite, ['serve', '--database', database, '--listen', '127.0.0.1:0'], { env });
      ok(!await s.stop(), 'it does not stop');
    }
    writeFileSync(key, 'too short\n');
    bad(['serve', '--listen', '127.0.0.1:0'], 1, /key/i, { env: { FERRITE_CRYPT_KEY_FILE: key } });
  });
  await check('a second factor is shown, set from a file or standard input, and reset', () => {
    const file = join(folder.path, 'secret'), secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
    writeFileSync(file, `${secret}\n`);
    const google = () => JSON.parse(good(['user', 'tfa', 'ann', '--json'])).find((row) => row.provider === 'google').set_up;
    equal(google(), 'no');
    ok(!good(['user', 'tfa', 'ann', '--secret-file', file]).includes(secret), 'the secret is said again');
    equal(google(), 'yes');
    good(['user', 'tfa', 'ann', '--reset', 'google']);
    equal(google(), 'no');
    good(['user', 'tfa', 'ann', '--secret-file', '-'], { input: secret.toLowerCase() });
    equal(google(), 'yes');
    bad(['user', 'tfa', 'ann', '--secret-file', '-'], 1, /base32/, { input: 'not a secret!' });
    bad(['user', 'tfa', 'ann', '--secret-file', '-'], 1, /holds no secret/);
    bad(['user', 'tfa', 'ann', '--reset', 'sms'], 1, /Unknown provider sms/);
    bad(['user', 'tfa', 'nobody'], 1, /no admin user nobody/);
  });
  await check('a configuration token is printed, and the link when the shop has one', () => {
    const token = good(['user', 'tfa', 'ann', '--token']).trim();
    const claims = JSON.parse(Buffer.from(token, 'base64').toString().split('.')[0]);
    ok(claims.user_id > 1 && claims.tfa_configuration === true, JSON.stringify(claims));
    good(['config', 'set', 'twofactorauth/general/webapi_notification_url', 'https://shop.example/tfa?t=:tfat&x=1']);
    const [again, link] = good(['user', 'tfa', 'ann', '--token']).trim().split('\n');
    equal(link, `https://shop.example/tfa?t=${again}&x=1`);
  });
  await check('serve warns when the shop forces a factor that ferrite does not ask for', async () => {
    const warned = async () => {
      const s = await start(ferrite, ['serve', '--database', database, '--listen', '127.0.0.1:0']);
      ok(!await s.stop(), 'it does not stop');
      return /"level":"warn".*second factor.*"provider":"google"/.test(s.log);
    };
    ok(!await warned(), 'warned for nothing');
    good(['config', 'set', 'twofactorauth/general/force_providers', 'google']);
    ok(await warned(), 'not warned');
    good(['config', 'set', 'ferrite/tfa/enabled', '1']);
    ok(!await warned(), 'warned although it is on');
  });
  folder.remove();
  ok(!existsSync(folder.path), 'scratch stays');
};
