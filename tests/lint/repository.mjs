// What must not be in the repository: paths of one machine, download addresses in lock files, keys.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const forbidden = [
  [/(^|[\s"'=(])\/(work|home|root|Users)\/\w/m, 'a path of one machine'],
  [/-----BEGIN (\w+ )?PRIVATE KEY-----/, 'a private key'],
];

export default async ({ root, check, ok }) => {
  const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
  const text = (f) => { try { return readFileSync(join(root, f), 'utf8'); } catch { return ''; } };
  for (const [pattern, what] of forbidden)
    await check(`no file holds ${what}`, () => {
      const found = files.filter((f) => f !== 'tests/lint/repository.mjs' && pattern.test(text(f)));
      ok(!found.length, found.join('\n'));
    });
  await check('lock files name no download address', () => {
    const found = files.filter((f) => /(package-lock\.json|\.lock)$/.test(f) && /"resolved"|\.tgz/.test(text(f)));
    ok(!found.length, found.join('\n'));
  });
  await check('every folder of src lists all of its files in meson.build', () => {
    const lost = files.filter((f) => /^src\/\w+\/\w+\.c$/.test(f) && f !== 'src/cli/main.c')
      .filter((f) => !text(f.replace(/[^/]+$/, 'meson.build')).includes(`'${f.split('/').pop()}'`));
    ok(!lost.length, lost.join('\n'));
  });
};
