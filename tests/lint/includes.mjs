// The arrows of the house: a folder includes only what stands before it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const layers = [['core'], ['store'], ['auth'], ['mail'], ['api'],
  ['integration', 'catalog', 'inventory', 'customer', 'checkout', 'sales', 'tax', 'promo', 'cms', 'shop', 'tfa'],
  ['bulk', 'graphql', 'admin'], ['http'], ['cli']];
const level = (folder) => layers.findIndex((l) => l.includes(folder));

export const sources = (root) => execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'src', 'bench', 'tests'], { cwd: root, encoding: 'utf8' })
  .split('\n').filter((f) => /\.(c|h|def|inc)$/.test(f));

export default async ({ root, check, ok }) => {
  const files = sources(root).filter((f) => f.startsWith('src/'));
  await check('every folder of src has its place in the order', () => {
    const unknown = [...new Set(files.map((f) => f.split('/')[1]))].filter((f) => level(f) < 0);
    ok(!unknown.length, `not in the order: ${unknown}`);
  });
  await check('no include runs against the order core, store, auth, mail, api, domains, bulk and admin, http, cli', () => {
    const wrong = [];
    for (const file of files)
      for (const [, to] of readFileSync(join(root, file), 'utf8').matchAll(/^#include "(\w+)\//gm))
        if (level(to) > level(file.split('/')[1])) wrong.push(`${file} includes ${to}`);
    ok(!wrong.length, wrong.join('\n'));
  });
  await check('only http knows libmicrohttpd, only store knows a database', () => {
    const wrong = [];
    for (const file of files) {
      const text = readFileSync(join(root, file), 'utf8'), folder = file.split('/')[1];
      if (/#include <microhttpd\.h>/.test(text) && !['http', 'cli'].includes(folder)) wrong.push(`${file}: microhttpd`);
      if (/#include <(sqlite3|mysql|mariadb\/mysql)\.h>/.test(text) && folder !== 'store') wrong.push(`${file}: database`);
    }
    ok(!wrong.length, wrong.join('\n'));
  });
};
