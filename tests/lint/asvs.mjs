// doc/asvs.md says of every item whether it is met, and names tests that are there.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// Levels 1 and 2 of version 4.0.3 without what it has deleted: chapter.section, and its items.
const items = { '2.1': 12, '2.2': 3, '2.3': 3, '2.4': 5, '2.5': 7, '2.6': 3, '2.7': 6, '2.8': 7, '2.9': 3, '2.10': 4, '3.1': 1, '3.2': 4, '3.3': 4,
  '3.4': 5, '3.5': 3, '3.7': 1, '4.1': [1, 2, 3, 5], '4.2': 2, '4.3': 3, '7.1': 4, '7.2': 2, '7.3': [1, 3, 4], '7.4': 3, '13.1': [1, 3, 4, 5],
  '13.2': [1, 2, 3, 5, 6], '13.3': 2, '13.4': 2 };
const expected = Object.entries(items).flatMap(([s, n]) => (Array.isArray(n) ? n : Array.from({ length: n }, (_, i) => i + 1)).map((i) => `${s}.${i}`));

export default async ({ root, check, ok, equal }) => {
  const rows = readFileSync(join(root, 'doc/asvs.md'), 'utf8').split('\n').filter((l) => /^\| \d/.test(l)).map((l) => l.split('|').slice(1, -1).map((c) => c.trim()));
  await check('doc/asvs.md has a row for every item, once', () => equal(rows.map((r) => r[0]), expected));
  await check('doc/asvs.md says of every item whether it is met', () => {
    const bad = rows.filter((r) => r.length !== 4 || !/^(yes|setting|no|n\/a)\b/.test(r[2])).map((r) => r.join(' | '));
    ok(!bad.length, bad.join('\n'));
  });
  await check('doc/asvs.md names a test wherever something is met, and every test it names is there', () => {
    const wrong = [];
    for (const [item, , met, shown] of rows) {
      const named = [...shown.matchAll(/`([^`]+)` "([^"]+)"/g)];
      if (/^(yes|setting)/.test(met) && !named.length && item !== '2.5.2') wrong.push(`${item}: no test`);
      for (const [, file, name] of named) {
        const path = join(root, file);
        if (!existsSync(path)) wrong.push(`${item}: no file ${file}`);
        else if (!readFileSync(path, 'utf8').replaceAll("\\'", "'").includes(name)) wrong.push(`${item}: ${file} has no "${name}"`);
      }
    }
    ok(!wrong.length, wrong.join('\n'));
  });
};
