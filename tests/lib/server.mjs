// Starts and stops real servers on free loopback ports. Nothing here reads or writes outside the folder it is given.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const scratch = () => {
  const path = mkdtempSync(join(tmpdir(), 'ferrite-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

// Runs a program to its end: { status, out, err }.
export const run = (program, args, { input = '', env = {}, cwd, wait = 120000 } = {}) => {
  const done = spawnSync(program, args, { input, env: { ...process.env, ...env }, encoding: 'utf8', cwd, timeout: wait, maxBuffer: 64 << 20 });
  return { status: done.status, signal: done.signal, out: done.stdout ?? '', err: done.stderr ?? '' };
};

// Starts `ferrite ARGS …` and waits for its line "listening on URL".
export const start = (program, args, { env = {}, wait = 60000 } = {}) => new Promise((resolve, reject) => {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const server = { child, pid: child.pid, out: '', log: '', base: '' };
  const timer = setTimeout(() => { child.kill('SIGKILL'); reject(new Error(`no "listening" line in ${wait} ms\n${server.out}${server.log}`)); }, wait);
  server.ended = new Promise((end) => child.on('exit', (code, signal) => {
    server.code = code; server.signal = signal;
    clearTimeout(timer);
    if (!server.base) reject(new Error(`ended (${code ?? signal}) before it listened\n${server.out}${server.log}`));
    end();
  }));
  child.stderr.on('data', (d) => { server.log += d; });
  child.stdout.on('data', (d) => {
    server.out += d;
    const m = /listening on (\S+)\n/.exec(server.out);
    if (m && !server.base) { clearTimeout(timer); server.base = m[1]; resolve(server); }
  });
  // SIGTERM and the exit status; a sanitizer's complaint is a failure of its own.
  server.stop = async () => {
    if (server.code === undefined) child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 30000);
    await server.ended;
    clearTimeout(late);
    const complaint = /(ERROR: \w+Sanitizer|runtime error:)[^]*/.exec(server.log);
    if (complaint) return complaint[0].slice(0, 6000);
    return server.code === 0 ? null : `exit ${server.code ?? server.signal}\n${server.log.slice(-3000)}`;
  };
});
