// What ferrite refuses to start with: keys, settings and databases that others than their owner reach, and a database server that hangs.
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { run, scratch, start } from '../lib/server.mjs';

export default async ({ ferrite, check, ok, equal, fixtureFile }) => {
  const folder = scratch(), at = (name) => join(folder.path, name);
  const file = (name, text, mode) => { writeFileSync(at(name), text); chmodSync(at(name), mode); return at(name); };
  const database = `sqlite:${at('shop.db')}`, free = ['--listen', '127.0.0.1:0'];
  const serve = (line, options) => run(ferrite, ['serve', ...free, '--database', database, ...line], options);
  const serves = async (line, options) => {
    const s = await start(ferrite, ['serve', ...free, '--database', database, ...line], options), why = await s.stop();
    ok(!why, why);
  };
  const refused = (d, status, what) => ok(d.status === status && what.test(d.err), `${d.status} ${d.err}, expected ${status} ${what}`);

  await check('a new database, its -wal and its -shm are for their owner alone, whatever the umask', async () => {
    const made = run('sh', ['-c', 'umask 0; exec "$@"', 'sh', ferrite, 'init', '--database', database]);
    equal(made.status, 0, made.err);
    const s = await start('sh', ['-c', 'umask 0; exec "$@"', 'sh', ferrite, 'serve', ...free, '--database', database]);
    for (const end of ['', '-wal', '-shm']) equal((statSync(at(`shop.db${end}`)).mode & 0o777).toString(8), '600', end);
    const why = await s.stop();
    ok(!why, why);
  });
  await check('a database that everybody may read or write is refused, one of a group is not', async () => {
    for (const [mode, what] of [[0o644, 'read'], [0o602, 'written'], [0o666, 'written']]) {
      chmodSync(at('shop.db'), mode);
      refused(serve([]), 1, new RegExp(`shop\\.db may be ${what} by everybody: chmod o-rwx `));
      equal(run(ferrite, ['user', 'list', '--database', database]).status, 1, 'a small command opens it');
    }
    chmodSync(at('shop.db'), 0o640);
    await serves([]);
    chmodSync(at('shop.db'), 0o600);
  });
  await check('a -wal that everybody may read is refused', () => {
    file('shop.db-wal', '', 0o644);
    refused(serve([]), 1, /shop\.db-wal may be read by everybody/);
    chmodSync(at('shop.db-wal'), 0o600);
  });
  await check('a secret that others may read or write is refused, from the environment, the settings file and an option', () => {
    const key = '0123456789abcdef0123456789abcdef\n', settings = file('ferrite.ini', `crypt_key_file = ${at('key')}\n`, 0o644);
    for (const [mode, what] of [[0o640, /may be read by its group: chmod go-rwx/], [0o620, /written by its group/], [0o604, /read by everybody/], [0o602, /written by everybody/]]) {
      file('key', key, mode);
      for (const d of [serve([], { env: { FERRITE_CRYPT_KEY_FILE: at('key') } }), serve(['--config', settings]), serve(['--crypt-key-file', at('key')])]) {
        refused(d, 2, what);
        ok(!d.err.includes(key.trim()), 'the key is said');
      }
    }
  });
  await check('a private secret is taken, and a credential of systemd whatever its mode', async () => {
    file('key', '0123456789abcdef0123456789abcdef\n', 0o400);
    await serves(['--crypt-key-file', at('key')]);
    const there = scratch();
    writeFileSync(join(there.path, 'crypt_key'), readFileSync(at('key')));
    chmodSync(join(there.path, 'crypt_key'), 0o440);
    await serves([], { env: { CREDENTIALS_DIRECTORY: there.path } });
    const d = serve(['--crypt-key-file', join(there.path, 'crypt_key')], { env: { CREDENTIALS_DIRECTORY: `${there.path}/` + 'else' } });
    refused(d, 2, /read by its group/);
    there.remove();
  });
  await check('settings that others may write are refused, settings they may read are not', async () => {
    const settings = file('ferrite.ini', 'access_log = off\n', 0o664);
    refused(serve(['--config', settings]), 2, /ferrite\.ini may be written by its group: chmod go-w /);
    chmodSync(settings, 0o646);
    refused(serve(['--config', settings]), 2, /written by everybody/);
    chmodSync(settings, 0o644);
    await serves(['--config', settings]);
  });
  await check('a TLS key that others may read is refused, at the start and at SIGHUP', async () => {
    const made = run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at('tls.key'), '-out', at('tls.pem'), '-days', '2', '-subj', '/CN=safe.example']);
    equal(made.status, 0, made.err);
    const line = ['sandbox', ...free, '--fixture', fixtureFile, '--tls-certificate', at('tls.pem'), '--tls-key', at('tls.key')];
    chmodSync(at('tls.key'), 0o644);
    refused(run(ferrite, line), 1, /tls\.key may be read by everybody: chmod go-rwx/);
    chmodSync(at('tls.key'), 0o600);
    const s = await start(ferrite, line);
    chmodSync(at('tls.key'), 0o640);
    process.kill(s.pid, 'SIGHUP');
    for (let i = 0; i < 100 && !/read by its group/.test(s.log); i++) await new Promise((go) => setTimeout(go, 50));
    ok(/tls\.key may be read by its group/.test(s.log), s.log);
    const why = await s.stop();
    ok(!why, why);
  });
  await check('a database server that accepts and says nothing ends the start with a sentence, in time', async () => {
    const silent = net.createServer(() => {});
    await new Promise((go) => silent.listen(0, '127.0.0.1', go));
    const began = Date.now();
    const d = run(ferrite, ['serve', ...free, '--database', `mysql://nobody@127.0.0.1:${silent.address().port}/shop`, '--database-timeout', '1', '--busy', '0']);
    refused(d, 1, /Cannot open shop at 127\.0\.0\.1: /);
    ok(Date.now() - began < 8000, `${Date.now() - began} ms`);
    silent.close();
  });
  folder.remove();
};
