// The second factor, with one-time codes made and QR pictures read by other projects (otplib, jsqr).
import { createDecipheriv, createHmac } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { house } from '../lib/house.mjs';
import { differ } from '../lib/match.mjs';
import { install } from '../lib/packages.mjs';
import { run } from '../lib/server.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const PASSWORD = 'correct horse 1';
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
// Reads a store of ours from outside: any order will do for its collation.
const PYTHON = `import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
c.create_collation('utf8mb4_general_ci', lambda a, b: (a > b) - (a < b))
for row in c.execute(sys.argv[2]): print('|'.join('' if v is None else str(v) for v in row))`;
const SIGN_IN = 'The account sign-in was incorrect or your account is disabled temporarily. Please wait and try again later.';
const FORGED = { message: 'Invalid two-factor authorization token' };
const WRONG = { message: 'Invalid code.' };
const now = () => Math.floor(Date.now() / 1000);
const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });

// Waits for the quiet middle of a period, so that no code changes between making and checking it.
const settle = async () => { const at = now() % 30; if (at < 2 || at > 20) await sleep(((32 - at) % 30) * 1000); };

const tfat = (key, claims) => {
  const json = typeof claims === 'string' ? claims : JSON.stringify(claims);
  const signature = Buffer.from(createHmac('sha256', key).update(json).digest('hex')).toString('base64');
  return Buffer.from(`${json}.${signature}`).toString('base64');
};

const ON = { 'ferrite/tfa/enabled': '1', 'twofactorauth/general/force_providers': 'google' };

export default async (t) => {
  const { check, equal, ok, fixture } = t;
  const why = install(root, ['otplib', 'jsqr', 'pngjs']);
  if (why) { await check('npm fetches otplib, jsqr and pngjs', () => ok(false, why)); return; }
  const { authenticator } = (await import('otplib')).default;
  const { default: jsqr } = await import('jsqr');
  const { PNG } = (await import('pngjs')).default;
  const code = (secret, at = now()) => authenticator.clone({ epoch: at * 1000 }).generate(secret);
  const claims = (user_id, iss = now()) => ({ user_id, tfa_configuration: true, iss });
  const token = (id, iss) => tfat(fixture.crypt_key, claims(id, iss));
  const uid = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url')).uid;
  const sign = (h, otp, username = 'admin', password = PASSWORD) => h.post('/V1/tfa/provider/google/authenticate', { username, password, otp });
  const is = (answer, status, json) => {
    const different = answer.status !== status ? `status ${answer.status}, expected ${status}: ${answer.text}` : differ(json, answer.json);
    if (different) throw new Error(different);
  };

  // -- off --------------------------------------------------------------------------------------------------------

  await check('while it is off there is no such route, and a password gives a token', async () => {
    for (const path of ['/V1/tfa/provider/google/configure', '/V1/tfa/provider/google/authenticate', '/V1/tfa/provider/u2fkey/verify']) {
      const answer = await t.request({ method: 'POST', path: `/rest${path}`, headers: { 'Content-Type': 'application/json' }, body: '{}' });
      equal([answer.status, answer.text], [404, '{"message":"Request does not match any route."}'], path);
    }
    equal((await t.as('admin', { path: '/rest/V1/tfa/forced-providers' })).status, 404);
  });

  // -- google, from nothing to a token ------------------------------------------------------------------------------

  const h = await house(t, { ...ON, 'system/smtp/disable': '1', 'web/unsecure/base_url': 'https://shop.example:8443/' });
  const login = (username = 'admin', password = PASSWORD) => h.post('/V1/integration/admin/token', { username, password });
  const google = (what, body) => h.post(`/V1/tfa/provider/google/${what}`, body);
  let secret, jwt;

  await check('a right password asks to set the factor up, a wrong one is refused as ever', async () => {
    is(await login(), 400, { message: 'You are required to configure personal Two-Factor Authorization in order to login. Please check your email.',
      parameters: { providers: ['google'], active_providers: [] } });
    is(await login('admin', 'wrong'), 401, { message: SIGN_IN });
    is(await login('noone'), 401, { message: 'More permissions are needed to access this.' });
    is(await login('', ''), 400, { message: 'One or more input exceptions have occurred.', errors: ['username', 'password'].map((fieldName) =>
      ({ message: '"%fieldName" is required. Enter and try again.', parameters: { fieldName } })) });
  });
  await check('what is no configuration token is refused, whatever it is', async () => {
    const bad = ['', 'abc', '!!!', Buffer.from('5').toString('base64'), Buffer.from('{"user_id":"1"}.x').toString('base64'),
      Buffer.from('{"user":1}.x').toString('base64'), Buffer.from('[1].x').toString('base64'), 'A'.repeat(5000)];
    for (const tfaToken of bad) is(await google('configure', { tfaToken }), 401, FORGED);
  });
  await check('a forged, an old, a purposeless and an unsigned configuration token are refused', async () => {
    const good = token(1), text = Buffer.from(good, 'base64').toString(), flipped = text.replace('"user_id":1', '"user_id":2');
    for (const tfaToken of [Buffer.from(flipped).toString('base64'), tfat(`${fixture.crypt_key.slice(1)}x`, claims(1)), token(1, now() - 3600),
      token(1, -9e18), tfat(fixture.crypt_key, { user_id: 1, tfa_configuration: false, iss: now() }), tfat(fixture.crypt_key, { user_id: 1, iss: now() }),
      Buffer.from(text.split('.')[0]).toString('base64'), Buffer.from(`${text.split('.')[0]}.`).toString('base64')])
      is(await google('configure', { tfaToken }), 401, FORGED);
    is(await h.get(`/V1/tfa/tfat-user-providers?tfaToken=${Buffer.from(flipped).toString('base64')}`), 401, { message: 'Invalid token.' });
    is(await h.get('/V1/tfa/tfat-user-providers?tfaToken=abc'), 401, { message: 'Invalid token.' });
  });
  await check('configure gives a secret of Magento\'s shape and the same as a picture', async () => {
    const answer = await google('configure', { tfaToken: token(1, now() - 3500) });
    equal(answer.status, 200, answer.text);
    equal(Object.keys(answer.json), ['qr_code_base64', 'secret_code']);
    secret = answer.json.secret_code;
    ok(/^MFRGGZ[A-Z2-7]{206}$/.test(secret), secret);
    const png = PNG.sync.read(Buffer.from(answer.json.qr_code_base64, 'base64'));
    equal([png.width, png.height], [400, 400]);
    const read = jsqr(new Uint8ClampedArray(png.data), png.width, png.height);
    equal(read?.data, `otpauth://totp/shop.example%3Aadmin%40example.com?issuer=shop.example&secret=${secret}`);
    equal(answer.headers['cache-control'], 'no-store');
  });
  await check('configure again gives the same secret; another admin gets another one', async () => {
    equal((await google('configure', { tfaToken: token(1) })).json.secret_code, secret);
    const other = (await google('configure', { tfaToken: token(2) })).json.secret_code;
    ok(other && other !== secret, 'one secret for two');
  });
  await check('before it is activated nobody signs in with it', async () => is(await sign(h, code(secret)), 400, { message: 'Provider is not configured.' }));
  await check('activate wants the code of this admin', async () => {
    is(await google('activate', { tfaToken: token(1), otp: '' }), 401, WRONG);
    is(await google('activate', { tfaToken: token(1), otp: code(SECRET) }), 401, WRONG);
    is(await google('activate', { tfaToken: token(2), otp: code(secret) }), 401, WRONG);
    is(await google('activate', { tfaToken: token(1) }), 400, { message: '"%fieldName" is required. Enter and try again.', parameters: { fieldName: 'otp' } });
    await settle();
    is(await google('activate', { tfaToken: token(1), otp: code(secret) }), 200, []);
  });
  await check('a factor that is set up is set up no second time, even for a forged token', async () => {
    for (const tfaToken of [token(1), tfat('x'.repeat(32), claims(1))])
      is(await google('configure', { tfaToken }), 400, { message: 'Provider is already configured.' });
  });
  await check('the password alone now names the provider to go to', async () => is(await login(), 400,
    { message: 'Please use the 2fa provider-specific endpoints to obtain a token.', parameters: { active_providers: ['google'] } }));
  await check('name, password and code give a token that opens a protected route', async () => {
    await settle();
    const answer = await sign(h, code(secret));
    equal(answer.status, 200, answer.text);
    jwt = answer.json;
    equal(uid(jwt), 1);
    equal((await h.get('/V1/modules', jwt)).status, 200);
    const listed = await h.get('/ferrite/v1/tokens?method=second_factor', jwt);
    equal(listed.json.items?.map((row) => row.method), ['second_factor'], listed.text);
  });
  await check('a code is good 29 seconds before and after its time, and no longer', async () => {
    await settle();
    for (const shift of [-29, 0, 29]) equal((await sign(h, code(secret, now() + shift))).status, 200, `${shift} s`);
    for (const shift of [-61, 61]) is(await sign(h, code(secret, now() + shift)), 401, WRONG);
  });
  await check('as in Magento a code is taken again while its time runs', async () => {
    await settle();
    const otp = code(secret);
    equal([(await sign(h, otp)).status, (await sign(h, otp)).status], [200, 200]);
  });
  await check('wrong, empty, absent and oddly typed codes', async () => {
    for (const otp of ['000000', '', '0', '12345', '1234567', ' 123456', 'abcdef', true]) is(await sign(h, otp), 401, WRONG);
    is(await h.post('/V1/tfa/provider/google/authenticate', {}), 400, { message: 'One or more input exceptions have occurred.',
      errors: ['username', 'password', 'otp'].map((fieldName) => ({ message: '"%fieldName" is required. Enter and try again.', parameters: { fieldName } })) });
    is(await sign(h, [1]), 400, { message: 'The "array" value\'s type is invalid. The "string" type was expected. Verify and try again.' });
  });
  await check('a right code does not help a wrong password or another admin', async () => {
    is(await sign(h, code(secret), 'admin', 'wrong'), 401, { message: SIGN_IN });
    is(await sign(h, code(secret), 'nobody', 'wrong'), 401, { message: SIGN_IN });
    is(await sign(h, code(secret), 'cat'), 400, { message: 'Provider is not configured.' });
  });
  await check('as in Magento twenty wrong codes lock nobody', async () => {
    for (let i = 0; i < 20; i++) is(await sign(h, '000000'), 401, WRONG);
    await settle();
    equal((await sign(h, code(secret))).status, 200);
  });

  // -- what stands in the database ----------------------------------------------------------------------------------

  if (t.engine === 'sqlite') {
    const open = (text) => {
      const [, version, coded] = text.split(':'), bytes = Buffer.from(coded, 'base64'), nonce = bytes.subarray(0, 12);
      equal(version, '3');
      const d = createDecipheriv('chacha20-poly1305', fixture.crypt_key, nonce, { authTagLength: 16 });
      d.setAAD(nonce, { plaintextLength: bytes.length - 28 });
      d.setAuthTag(bytes.subarray(-16));
      return Buffer.concat([d.update(bytes.subarray(12, -16)), d.final()]).toString();
    };
    const sql = (text) => run('python3', ['-c', PYTHON, join(h.server.folder, 'test.db'), text]).out.trim();
    await check('what is set up is stored as Magento stores it: encrypted, and the secret once more', () => {
      const config = JSON.parse(open(sql('SELECT encoded_config FROM tfa_user_config WHERE user_id = 1')));
      equal(Object.keys(config), ['google']);
      equal([config.google.active, open(config.google.secret)], [true, secret]);
      equal(sql('SELECT encoded_providers FROM tfa_user_config WHERE user_id = 1'), '[]');
    });
    await check('the audit log tells of the factor and of no code', () => {
      const rows = sql("SELECT outcome, target, reason, details FROM ferrite_audit WHERE event = 'second-factor' ORDER BY seq").split('\n');
      for (const wanted of ['allowed|user:1||{"change":"configure","provider":"google"}', 'allowed|user:1||{"change":"activate","provider":"google"}'])
        ok(rows.includes(wanted), `no row ${wanted} in\n${rows.join('\n')}`);
      ok(rows.some((r) => /^denied\|user:1\|wrong code\|/.test(r)) && rows.some((r) => /^allowed\|user:1\|\|$/.test(r)), rows.join('\n'));
      ok(!rows.some((r) => r.includes(secret) || /\b\d{6}\b/.test(r)), 'a row holds a secret or a code');
    });
  }

  // -- routes about providers ---------------------------------------------------------------------------------------

  const GOOGLE = { enabled: true, engine: { enabled: true }, code: 'google', name: 'Google Authenticator',
    icon: 'Magento_TwoFactorAuth::images/providers/google.png', reset_allowed: true, configure_action: 'tfa/google/configure',
    auth_action: 'tfa/google/auth', extra_actions: ['tfa/google/qr', 'tfa/google/configurepost', 'tfa/google/authpost'] };
  await check('the provider lists', async () => {
    is(await h.get('/V1/tfa/forced-providers', jwt), 200, [GOOGLE]);
    is(await h.get('/V1/tfa/user-providers/1', jwt), 200, [GOOGLE]);
    is(await h.get('/V1/tfa/providers-to-activate/1', jwt), 200, []);
    is(await h.get('/V1/tfa/providers-to-activate/2', jwt), 200, [GOOGLE]);
    is(await h.get(`/V1/tfa/tfat-user-providers?tfaToken=${token(1)}`), 200, [GOOGLE]);
    for (const of of ['user-providers', 'providers-to-activate', 'default-provider-code'])
      is(await h.get(`/V1/tfa/${of}/x`, jwt), 400, { message: 'The "x" value\'s type is invalid. The "int" type was expected. Verify and try again.' });
    is(await h.get('/V1/tfa/tfat-providers-to-activate?tfaToken=abc'), 401, { message: 'Invalid token.' });
    is(await h.get(`/V1/tfa/tfat-providers-to-activate?tfaToken=${token(1)}`), 200, []);
    is(await h.get(`/V1/tfa/tfat-providers-to-activate?tfaToken=${token(2)}`), 200, [GOOGLE]);
    const all = await h.get('/V1/tfa/installed-providers', jwt);
    equal(all.json.map((p) => [p.code, p.enabled, p.reset_allowed]), [['google', true, true], ['duo_security', false, false], ['authy', false, true], ['u2fkey', true, true]]);
  });
  await check('they want their ACL resource', async () => {
    const routes = [['GET', 'installed-providers'], ['GET', 'forced-providers'], ['GET', 'user-providers/1'], ['GET', 'providers-to-activate/1'],
      ['GET', 'default-provider-code/1'], ['PUT', 'default-provider-code/1'], ['PUT', 'user-providers/1']];
    for (const [method, path] of routes) is(await h.send(method, `/V1/tfa/${path}`, method === 'PUT' ? {} : undefined), 401,
      { message: 'The consumer isn\'t authorized to access %resources.', parameters: { resources: 'Magento_TwoFactorAuth::tfa' } });
  });
  await check('the default provider of an admin', async () => {
    is(await h.get('/V1/tfa/default-provider-code/1', jwt), 200, '');
    is(await h.send('PUT', '/V1/tfa/default-provider-code/1', { providerCode: 'google' }, jwt), 200, true);
    is(await h.get('/V1/tfa/default-provider-code/1', jwt), 200, 'google');
    for (const [body, code_] of [[{ providerCode: 'authy' }, 'authy'], [{ provider_code: 'sms' }, 'sms'], [{ providerCode: '' }, '']])
      is(await h.send('PUT', '/V1/tfa/default-provider-code/1', body, jwt), 404, { message: 'Unknown or not enabled provider %1 for this user', parameters: [code_] });
    equal((await h.send('PUT', '/V1/tfa/default-provider-code/99', { providerCode: 'google' }, jwt)).status, 404);
  });
  await check('the list of an admin is kept, and of no effect', async () => {
    is(await h.send('PUT', '/V1/tfa/user-providers/1', { providersCodes: 'google , google' }, jwt), 200, true);
    is(await h.send('PUT', '/V1/tfa/user-providers/1', { providersCodes: 'google,duo_security' }, jwt), 404,
      { message: 'Unknown or not enabled provider %1 for this user', parameters: ['duo_security'] });
    is(await h.get('/V1/tfa/user-providers/1', jwt), 200, [GOOGLE]);
    equal((await sign(h, code(secret))).status, 200, 'the secret is lost');
  });
  await check('providers that are not forced are not allowed, before anything else is said of them', async () => {
    const who = { username: 'admin', password: PASSWORD }, refused = { message: 'Provider is not allowed.' };
    const asked = { 'authy/configure': { tfaToken: token(1), deviceData: { country: '1', phone_number: '5', method: 'sms' } }, 'authy/activate': { tfaToken: token(1), otp: '1' },
      'authy/authenticate': { ...who, otp: '1' }, 'authy/authenticate-onetouch': who, 'authy/send-token/sms': who,
      'duo_security/configure': { tfaToken: token(1) }, 'duo_security/activate': { tfaToken: token(1), signatureResponse: 'x' },
      'duo_security/get-authentication-data': who, 'duo_security/authenticate': { ...who, signatureResponse: 'x' },
      'u2fkey/configure': { tfaToken: token(1) }, 'u2fkey/activate': { tfaToken: token(1), publicKeyCredentialJson: '{}' },
      'u2fkey/authentication-challenge': who, 'u2fkey/verify': { ...who, publicKeyCredentialJson: '{}' } };
    for (const [path, body] of Object.entries(asked)) {
      is(await h.post(`/V1/tfa/provider/${path}`, body), 400, refused);
      is(await h.post(`/V1/tfa/provider/${path}`, 'username' in body ? { ...body, password: 'wrong' } : { ...body, tfaToken: 'x' }), 401,
        'username' in body ? { message: SIGN_IN } : FORGED);
    }
  });
  await check('an hour later the configuration token is old', async () => {
    const fresh = token(3);
    equal((await h.send('PUT', '/ferrite/v1/sandbox/clock', { shift: 3590 }, jwt)).status, 200);
    equal((await google('configure', { tfaToken: fresh })).status, 200);
    const later = await sign(h, code(secret, now() + 3590));
    equal(later.status, 200, later.text);
    await h.send('PUT', '/ferrite/v1/sandbox/clock', { shift: 3601 }, later.json);
    is(await google('configure', { tfaToken: fresh }), 401, FORGED);
  });
  await check('the first server stops cleanly', async () => equal(await h.server.stop(), null));

  // -- hardening ----------------------------------------------------------------------------------------------------

  const hard = await house(t, { ...ON, 'ferrite/tfa/once': '1', 'ferrite/tfa/count_failures': '1', 'twofactorauth/google/otp_window': '0' },
    { admin: SECRET, cat: SECRET, little: SECRET });
  await check('with ferrite/tfa/once a code is good once, and for no one else spent', async () => {
    await settle();
    const otp = code(SECRET);
    equal((await sign(hard, otp)).status, 200);
    is(await sign(hard, otp), 401, WRONG);
    equal((await sign(hard, otp, 'cat')).status, 200, 'another admin with the same secret');
    is(await sign(hard, code(SECRET, now() + 30)), 401, WRONG);
  });
  await check('two that show one code at once: one gets in', async () => {
    await settle();
    const otp = code(SECRET), all = await Promise.all([1, 2, 3, 4].map(() => sign(hard, otp, 'little')));
    equal(all.map((a) => a.status).sort(), [200, 401, 401, 401]);
  });
  await check('with ferrite/tfa/count_failures six wrong codes lock the name, and the password alone unlocks nothing', async () => {
    for (let i = 0; i < 6; i++) {
      is(await sign(hard, '000000', 'cat'), 401, WRONG);
      if (i < 5) equal((await hard.post('/V1/integration/admin/token', { username: 'cat', password: PASSWORD })).status, 400);
    }
    is(await sign(hard, '000000', 'cat'), 401, { message: SIGN_IN });
    is(await hard.post('/V1/integration/admin/token', { username: 'cat', password: PASSWORD }), 401, { message: SIGN_IN });
  });
  await check('the second server stops cleanly', async () => equal(await hard.server.stop(), null));

  // What follows touches no statement of its own: one engine less to start two servers on.
  if (t.engine === 'mariadb') return;

  // -- other ways to set it up --------------------------------------------------------------------------------------

  const odd = await house(t, { ...ON, 'trans_email/ident_general/email': 'owner@example.com', 'web/unsecure/base_url': 'https://shop.example/',
    'twofactorauth/general/force_providers': 'u2fkey , google,authy,sms,duo_security', 'twofactorauth/duo/api_hostname': 'a',
    'twofactorauth/duo/integration_key': 'b', 'twofactorauth/duo/secret_key': 'c' }, { admin: SECRET });
  await check('of several forced providers those that are set up are named, and the mail has a token for the others', async () => {
    is(await odd.post('/V1/integration/admin/token', { username: 'admin', password: PASSWORD }), 400,
      { message: 'You are required to configure personal Two-Factor Authorization in order to login. Please check your email.',
        parameters: { providers: ['u2fkey', 'google', 'duo_security'], active_providers: ['google'] } });
    const jwt = (await sign(odd, code(SECRET))).json;
    const [mail] = (await odd.get('/ferrite/v1/sandbox/mail', jwt)).json;
    equal([mail.kind, mail.from.email, mail.to.email], ['twofactorauth_general_user_config', 'owner@example.com', t.fixture.users[0].email]);
    const given = mail.body.split('\n\n')[2];
    equal((await odd.get(`/V1/tfa/tfat-providers-to-activate?tfaToken=${encodeURIComponent(given)}`)).json.map((p) => p.code), ['u2fkey', 'duo_security']);
    await odd.send('PUT', '/ferrite/v1/config/admin/emails/forgot_email_identity', { value: 'nobody' }, jwt);
    is(await odd.post('/V1/integration/admin/token', { username: 'admin', password: PASSWORD }), 400,
      { message: 'Failed to send the message. Please contact the administrator' });
    const list = await odd.get(`/V1/tfa/tfat-providers-to-activate?tfaToken=${token(1)}`);
    equal(list.json.map((p) => p.code), ['u2fkey', 'duo_security']);
    equal((await sign(odd, code(SECRET))).status, 200, 'one of them is enough to sign in');
  });
  await check('a provider of another company is refused by name where only its service could answer', async () => {
    is(await odd.post('/V1/tfa/provider/duo_security/configure', { tfaToken: token(1) }), 501,
      { message: 'This server cannot check the second factor of provider %1.', parameters: ['duo_security'] });
    is(await odd.post('/V1/tfa/provider/duo_security/authenticate', { username: 'admin', password: PASSWORD, signatureResponse: 'x' }), 400,
      { message: 'Provider is not configured.' });
  });
  await check('a key is registered up to the challenge, and what does not answer it is refused', async () => {
    const key = (what, body) => odd.post(`/V1/tfa/provider/u2fkey/${what}`, body), tfaToken = token(1);
    is(await key('activate', { tfaToken, publicKeyCredentialJson: '{}' }), 400, { message: 'U2f key registration was not started.' });
    const started = await key('configure', { tfaToken });
    equal(started.status, 200, started.text);
    const { publicKey } = JSON.parse(started.json.credential_request_options_json);
    equal([publicKey.challenge.length, publicKey.rp, publicKey.user.name], [16, { name: 'shop.example', id: 'shop.example' }, 'admin']);
    equal(Buffer.from(publicKey.user.id).toString(), '356a192b7913b04c54574d18c28d46e6395428ab');
    const credential = (changes) => ({ id: 'aWQ', response: { attestationObject: 'o2M', clientData: { type: 'webauthn.create',
      challenge: Buffer.from(publicKey.challenge).toString('base64url'), origin: 'https://shop.example', ...changes } } });
    const send = (value) => key('activate', { tfaToken, publicKeyCredentialJson: JSON.stringify(value) });
    for (const changes of [{ type: 'webauthn.get' }, { challenge: 'AAAA' }, { origin: 'https://evil.example' }, { origin: 'shop.example' }])
      is(await send(credential(changes)), 400, { message: 'Invalid U2F key.' });
    is(await send({ ...credential({}), id: '' }), 400, { message: 'Invalid U2F key data' });
    is(await key('activate', { tfaToken, publicKeyCredentialJson: 'no JSON' }), 400, { message: 'Invalid U2F key data' });
    equal((await send(credential({}))).status, 501);
  });
  await check('the third server stops cleanly', async () => equal(await odd.server.stop(), null));

  const bare = await house(t, { 'ferrite/tfa/enabled': '1' }, { admin: SECRET });
  await check('with nothing forced nobody gets a token, and an administrator must be asked', async () => {
    is(await bare.post('/V1/integration/admin/token', { username: 'admin', password: PASSWORD }), 400,
      { message: 'Please ask an administrator with sufficient access to configure 2FA first' });
    is(await sign(bare, code(SECRET)), 400, { message: 'Provider is not allowed.' });
  });
  await check('the fourth server stops cleanly', async () => equal(await bare.server.stop(), null));
};
