// Postman's own runner, Newman (npm newman 6.2.2), sends the guide's requests and judges the answers; curl does the shortest way there is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { install } from '../lib/packages.mjs';
import { run, scratch, start } from '../lib/server.mjs';

const newman = async ({ root, fixture, base, check, ok, equal }) => {
  const folder = scratch(), report = join(folder.path, 'report.json'), user = fixture.users[0];
  const vars = { base, username: user.username, password: user.password, ...fixture.integrations[0] };
  const words = ['run', join(root, 'tests/interop/guide.postman_collection.json'), '--reporters', 'json', '--reporter-json-export', report, '--timeout', '60000'];
  // The secrets of a test fixture: no secret of a real shop belongs on a command line.
  for (const [name, value] of Object.entries(vars)) if (typeof value === 'string') words.push('--env-var', `${name}=${value}`);
  try {
    const done = run(process.execPath, [join(root, 'tests/node_modules/newman/bin/newman.js'), ...words]);
    await check('newman reports', () => ok(done.status !== null, done.err));
    const { executions } = JSON.parse(readFileSync(report, 'utf8')).run;
    await check('newman sent the whole collection', () => equal(executions.length, 10));
    for (const e of executions)
      for (const a of e.assertions ?? [{ assertion: 'is judged', error: { message: e.requestError?.message ?? 'no assertion ran' } }])
        await check(`newman: ${e.item.name}: ${a.assertion}`, () => ok(!a.error, a.error?.message));
  } finally { folder.remove(); }
};

const curl = async ({ fixture, base, check, ok, equal }) => {
  const user = fixture.users[0], send = (...words) => run('curl', ['-sS', ...words]);
  await check('curl gets a token and uses it', async () => {
    const made = send('-X', 'POST', '-H', 'Content-Type: application/json', '-d', JSON.stringify({ username: user.username, password: user.password }), `${base}/rest/V1/integration/admin/token`);
    ok(/^"[\w-]+\.[\w-]+\.[\w-]+"$/.test(made.out), made.out + made.err);
    const asked = send('-H', `Authorization: Bearer ${JSON.parse(made.out)}`, '-w', '%{http_code}', '-o', '/dev/null', `${base}/rest/V1/store/websites`);
    equal(asked.out, '200');
  });
};

export default async (t) => {
  const why = install(t.root, ['newman']);
  if (why) { await t.check('npm ci fetches newman', () => t.ok(false, why)); return; }
  const server = await start(t.ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', t.fixtureFile]);
  const world = { ...t, base: server.base };
  await newman(world);
  await curl(world);
  await t.check('the server stops cleanly', async () => { const failed = await server.stop(); t.ok(!failed, failed); });
};
