// A server that serves may do little else: the test program tries what an intruder would, from inside, and says what the kernel answered.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { request } from '../lib/client.mjs';
import { scratch, start } from '../lib/server.mjs';
import { openPage } from './lib/page.mjs';

const EPERM = 1, EACCES = 13, EFAULT = 14;

export default async ({ builddir, fixtureFile, check, ok, equal }) => {
  const program = join(builddir, 'tests/fault/ferrite-fault');
  if (!existsSync(program)) return;
  const folder = scratch(), page = openPage(join(folder.path, 'page'));
  const serve = (...args) => start(program, ['sandbox', '--fixture', fixtureFile, '--listen', '127.0.0.1:0', ...args], { env: { FERRITE_FAULT: page.path } });
  const attempt = async (server) => {
    page.arm('forbidden', 1, 1);
    const live = await request(server.base, { path: '/rest/V1/modules', headers: { Connection: 'close' } }).catch(() => null);
    return { ...page.disarm(), live };
  };

  await check('another program, a namespace, a raw socket and a foreign file are refused, and the server goes on', async () => {
    const server = await serve(), { said, live } = await attempt(server);
    equal(said, [EPERM, EPERM, EPERM, EACCES]);
    equal(live.status, 401);
    const why = await server.stop();
    ok(!why, why);
  });
  await check('with both off they are not, so the test can fail', async () => {
    const server = await serve('--seccomp', 'off', '--landlock', 'off'), { said } = await attempt(server);
    equal([said[0], said[1], said[3]], [EFAULT, 0, 0]);
    await server.stop();
  });
  await check('seccomp = kill ends the process', async () => {
    const server = await serve('--seccomp', 'kill');
    await attempt(server);
    await server.ended;
    equal(server.signal, 'SIGSYS');
  });
  await check('seccomp = log lets them pass, Landlock still refuses the file', async () => {
    const server = await serve('--seccomp', 'log'), { said } = await attempt(server);
    equal([said[0], said[3]], [EFAULT, EACCES]);
    await server.stop();
  });
  await check('an unknown word is refused', async () => {
    const why = await serve('--seccomp', 'maybe').then((s) => s.stop().then(() => 'it served'), (e) => e.message);
    ok(/seccomp cannot be "maybe"/.test(why), why);
  });
  page.close(); folder.remove();
};
