// TLS: served from files, replaced at SIGHUP without losing the listener or a connection; client certificates for ferrite's own routes.
import { readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import tls from 'node:tls';
import { join } from 'node:path';
import { run, scratch, start } from '../lib/server.mjs';

const pause = (ms) => new Promise((go) => setTimeout(go, ms));

const get = (base, path) => new Promise((resolve, reject) => {
  https.get(base + path, { rejectUnauthorized: false, agent: false }, (r) => { r.resume(); r.on('end', () => resolve(r.statusCode)); }).on('error', reject);
});
const subject = (base, options = {}) => new Promise((resolve, reject) => {
  const url = new URL(base);
  const socket = tls.connect({ host: url.hostname, port: +url.port, rejectUnauthorized: false, ...options }, () => { resolve(socket.getPeerCertificate().subject.CN); socket.destroy(); });
  socket.on('error', reject);
});

// One request with all of node's options for a TLS client; { status, text, subject of the server }.
const ask = (base, { path = '/health/live', method = 'GET', headers = {}, body, ...options } = {}) => new Promise((resolve, reject) => {
  const r = https.request(base + path, { method, headers, rejectUnauthorized: false, agent: false, ...options }, (answer) => {
    const name = answer.socket.getPeerCertificate().subject?.CN, socket = answer.socket;
    let text = '';
    answer.on('data', (d) => { text += d; });
    answer.on('end', () => resolve({ status: answer.statusCode, text, name, socket }));
  });
  r.on('error', reject);
  r.end(body);
});

// Authorities and what they sign, made with openssl in a folder.
const office = (folder) => {
  const at = (name) => join(folder, name);
  const openssl = (...args) => { const done = run('openssl', args); if (done.status !== 0) throw new Error(done.err); };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const ca = (name) => openssl('req', '-x509', ...key, '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`), '-days', '2', '-subj', `/CN=${name}`);
  const sign = (name, by, { days = '2', usage = 'clientAuth', subject = `/O=Tests/CN=${name}`, kind = key } = {}) => {
    writeFileSync(at(`${name}.ext`), `extendedKeyUsage=${usage}\n`);
    openssl('req', ...kind, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`), '-subj', subject);
    openssl('x509', '-req', '-in', at(`${name}.csr`), '-CA', at(`${by}.pem`), '-CAkey', at(`${by}.key`), '-CAcreateserial', '-days', days, '-extfile', at(`${name}.ext`), '-out', at(`${name}.pem`));
    return { key: readFileSync(at(`${name}.key`)), cert: readFileSync(at(`${name}.pem`)) };
  };
  const revoke = (name, by) => {
    writeFileSync(at('index.txt'), '');
    writeFileSync(at('ca.cnf'), `[ca]\ndefault_ca=d\n[d]\ndatabase=${at('index.txt')}\ndefault_md=sha256\ndefault_crl_days=2\n`);
    openssl('ca', '-config', at('ca.cnf'), '-revoke', at(`${name}.pem`), '-keyfile', at(`${by}.key`), '-cert', at(`${by}.pem`));
    openssl('ca', '-config', at('ca.cnf'), '-gencrl', '-keyfile', at(`${by}.key`), '-cert', at(`${by}.pem`), '-out', at(`${by}.crl`));
    return readFileSync(at(`${by}.crl`), 'utf8');
  };
  return { at, ca, sign, revoke };
};

export default async ({ ferrite, check, ok, equal, fixture, fixtureFile }) => {
  const folder = scratch(), key = join(folder.path, 'key.pem'), certificate = join(folder.path, 'cert.pem');
  const make = (name) => run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', certificate, '-days', '2', '-subj', `/CN=${name}`]);
  make('first.example');
  const server = await start(ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', fixtureFile, '--tls-certificate', certificate, '--tls-key', key]);
  await check('a request over TLS is answered', async () => { ok(server.base.startsWith('https://'), server.base); equal(await get(server.base, '/health/live'), 200); });
  await check('TLS 1.1 is refused', async () => {
    let spoken = true;
    try { await subject(server.base, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }); } catch { spoken = false; }
    ok(!spoken, 'it was spoken');
  });
  await check('SIGHUP takes a new certificate', async () => {
    equal(await subject(server.base), 'first.example');
    make('second.example');
    process.kill(server.pid, 'SIGHUP');
    await new Promise((go) => setTimeout(go, 500));
    equal(await subject(server.base), 'second.example');
  });
  await check('a kept connection and a running request outlive the new certificate', async () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    const kept = await ask(server.base, { agent });
    const body = JSON.stringify({ username: fixture.users[0].username, password: fixture.users[0].password });
    const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
    const hashing = ask(server.base, { path: '/rest/V1/integration/admin/token', method: 'POST', headers, body });
    // This one is half sent before the reload, and ended after it.
    let slow;
    const half = new Promise((resolve, reject) => {
      slow = https.request(`${server.base}/rest/V1/integration/admin/token`, { method: 'POST', headers, agent: false, rejectUnauthorized: false }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve({ status: answer.statusCode, name: answer.socket.getPeerCertificate().subject.CN }));
      });
      slow.on('error', reject);
      slow.write(body.slice(0, 20));
    });
    await pause(30);
    make('third.example');
    process.kill(server.pid, 'SIGHUP');
    await pause(500);
    equal(await subject(server.base), 'third.example');
    slow.end(body.slice(20));
    equal((await hashing).status, 200);
    equal(await half, { status: 200, name: 'second.example' });
    const again = await ask(server.base, { agent });
    equal([kept.name, again.name, again.status, again.socket === kept.socket], ['second.example', 'second.example', 200, true]);
    agent.destroy();
  });
  await check('a key that belongs to another certificate is refused and the old pair stays', async () => {
    run('openssl', ['ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', key]);
    process.kill(server.pid, 'SIGHUP');
    await pause(500);
    equal(await subject(server.base), 'third.example');
    ok(/reload refused.*key\.pem/.test(server.log), server.log.slice(-400));
    make('second.example');
    process.kill(server.pid, 'SIGHUP');
    await pause(500);
  });
  await check('a broken certificate is refused and the old one stays', async () => {
    run('sh', ['-c', `echo nonsense >"$1"`, 'sh', certificate]);
    process.kill(server.pid, 'SIGHUP');
    await new Promise((go) => setTimeout(go, 500));
    equal(await subject(server.base), 'second.example');
    ok(/reload refused/.test(server.log), server.log);
  });
  await check('it stops cleanly', async () => { const why = await server.stop(); ok(!why, why); });
  await check('a certificate that cannot be read stops the start', () => {
    const d = run(ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', fixtureFile, '--tls-certificate', certificate, '--tls-key', key]);
    ok(d.status === 1 && d.err.includes('cert.pem'), d.err);
  });
  await clients({ ferrite, check, ok, equal, fixtureFile, make, certificate, key, folder: folder.path });
  folder.remove();
};

const clients = async ({ ferrite, check, ok, equal, fixtureFile, make, certificate, key, folder }) => {
  const { at, ca, sign, revoke } = office(folder), own = '/ferrite/v1/sandbox/clock';
  make('server.example');
  ca('ours'); ca('theirs');
  const good = sign('good', 'ours'), other = sign('other', 'theirs'), expired = sign('expired', 'ours', { days: '-1' });
  const wrong = sign('wrong', 'ours', { usage: 'serverAuth' }), weak = sign('weak', 'ours', { kind: ['-newkey', 'rsa:1024', '-nodes'] });
  const long = sign('long', 'ours', { subject: `/O=${'o'.repeat(60)}${Array.from({ length: 8 }, (_, i) => `/OU=${String(i).repeat(60)}`).join('')}/CN=long` });
  const gone = sign('gone', 'ours');
  writeFileSync(at('clients.pem'), readFileSync(at('ours.pem')));
  const options = ['--listen', '127.0.0.1:0', '--fixture', fixtureFile, '--tls-certificate', certificate, '--tls-key', key];
  let server = await start(ferrite, ['sandbox', ...options, '--tls-client-ca', at('clients.pem'), '--tls-client-required', 'on']);
  const reload = async () => { process.kill(server.pid, 'SIGHUP'); await pause(500); };
  const refused = (why) => [403, `{"message":"A client certificate is needed here: ${why}."}`];
  // A good certificate gets as far as the question for a token.
  const passed = [401, '{"message":"This needs a valid token in the Authorization header."}'];
  const get = async (path, client = {}) => { const a = await ask(server.base, { path, ...client }); return [a.status, a.text]; };

  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const v = { minVersion: version, maxVersion: version };
    for (const [name, client, expected] of [
      ['no certificate', {}, refused('none was sent')],
      ['a certificate of another authority', other, refused('its authority is not known here')],
      ['an expired certificate', expired, refused('it has expired')],
      ['a certificate for servers', wrong, refused('it is not meant for clients')],
      ['a certificate with a weak key', weak, refused('its key or signature is too weak')],
      ['a certificate whose subject does not fit', long, refused('its subject is too long')],
      ['the right certificate', good, passed],
    ]) await check(`${version}: ${name} below /ferrite/v1`, async () => { equal(await get(own, { ...client, ...v }), expected); });
  }
  await check('slashes and index.php in front of the path are no way around', async () => {
    for (const path of [`/${own}`, `//${own}`, `/index.php${own}`, `/index.php/${own}`]) equal(await get(path), refused('none was sent'), path);
  });
  await check('Magento\'s own API and the probes need none', async () => {
    equal((await get('/health/live'))[0], 200);
    equal((await get('/rest/V1/modules'))[0], 401);
    equal((await get('/rest/V1/modules', other))[0], 401);
  });
  await check('the certificate of one connection is not another\'s', async () => {
    equal(await get(own, good), passed);
    equal(await get(own), refused('none was sent'));
  });
  await check('the log names the subject that was verified, and no other', () => {
    ok(/"client":"CN=good,O=Tests"/.test(server.log) && !/CN=(other|expired|wrong|weak|long)/.test(server.log), server.log.slice(-1500));
  });
  await check('openssl is asked for a certificate, without names of authorities', () => {
    const d = run('openssl', ['s_client', '-connect', new URL(server.base).host, '-tls1_2'], { input: '' });
    ok(/No client certificate CA names sent/.test(d.out) && /Client Certificate Types/.test(d.out), d.out.slice(-1500));
  });
  await check('SIGHUP takes other authorities, for open connections too', async () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    equal(await get(own, { ...good, agent }), passed);
    writeFileSync(at('clients.pem'), readFileSync(at('theirs.pem')));
    await reload();
    equal(await get(own, { ...good, agent }), refused('its authority is not known here'));
    equal(await get(own, other), passed);
    agent.destroy();
  });
  await check('an authority\'s revocation list in the same file counts', async () => {
    writeFileSync(at('clients.pem'), readFileSync(at('ours.pem'), 'utf8'));
    await reload();
    equal(await get(own, gone), passed);
    writeFileSync(at('clients.pem'), readFileSync(at('ours.pem'), 'utf8') + revoke('gone', 'ours'));
    await reload();
    equal(await get(own, gone), refused('it is revoked'));
    equal(await get(own, good), passed);
  });
  await check('a file without an authority is refused and the old ones stay', async () => {
    writeFileSync(at('clients.pem'), 'nonsense\n');
    await reload();
    ok(/reload refused.*clients\.pem/.test(server.log), server.log.slice(-400));
    equal(await get(own, good), passed);
  });
  await check('it stops cleanly', async () => { const why = await server.stop(); ok(!why, why); });

  writeFileSync(at('clients.pem'), readFileSync(at('ours.pem')));
  server = await start(ferrite, ['sandbox', ...options, '--tls-client-ca', at('clients.pem')]);
  await check('without tls_client_required a certificate is welcome and needed nowhere', async () => {
    for (const client of [{}, good, other, expired]) equal(await get(own, client), passed);
  });
  await check('it stops cleanly', async () => { const why = await server.stop(); ok(!why, why); });
  await check('settings that cannot be meant stop the start', () => {
    for (const [args, why] of [[['--tls-client-required', 'on'], 'tls_client_ca'], [['--tls-client-ca', at('nowhere.pem')], 'nowhere.pem'], [['--tls-client-ca', key], 'key.pem']]) {
      const d = run(ferrite, ['sandbox', ...options, ...args]);
      ok(d.status === 1 && d.err.includes(why), `${args}: ${d.status} ${d.err}`);
    }
    const plain = run(ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', fixtureFile, '--tls-client-ca', at('ours.pem')]);
    ok(plain.status === 1 && plain.err.includes('tls_certificate'), plain.err);
  });
};
