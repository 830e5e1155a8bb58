// TLS: served from files, replaced at SIGHUP without losing the listener.
import https from 'node:https';
import tls from 'node:tls';
import { join } from 'node:path';
import { run, scratch, start } from '../lib/server.mjs';

const get = (base, path) => new Promise((resolve, reject) => {
  https.get(base + path, { rejectUnauthorized: false, agent: false }, (r) => { r.resume(); r.on('end', () => resolve(r.statusCode)); }).on('error', reject);
});
const subject = (base, options = {}) => new Promise((resolve, reject) => {
  const url = new URL(base);
  const socket = tls.connect({ host: url.hostname, port: +url.port, rejectUnauthorized: false, ...options }, () => { resolve(socket.getPeerCertificate().subject.CN); socket.destroy(); });
  socket.on('error', reject);
});

export default async ({ ferrite, check, ok, equal, fixtureFile }) => {
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
  folder.remove();
};
