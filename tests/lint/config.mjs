// The lists of configuration paths are looked up by halving: each is sorted by bytes, and has a path once.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const lists = ['config_defaults', 'config_own', 'config_paths', 'config_rules'];

export default async ({ root, check, ok }) => {
  const pathsOf = (name) => [...readFileSync(join(root, `src/store/${name}.def`), 'utf8').matchAll(/^X\("([^"]+)"/gm)].map((m) => m[1]);
  for (const name of lists) await check(`${name}.def is sorted, and has no path twice`, () => {
    const paths = pathsOf(name), wrong = paths.filter((path, i) => i && Buffer.compare(Buffer.from(paths[i - 1]), Buffer.from(path)) >= 0);
    ok(paths.length > 5 && !wrong.length, `${paths.length} paths; out of order: ${wrong.join(' ')}`);
  });
  await check('what ferrite checks is a path that some list has', () => {
    const known = new Set(['config_defaults', 'config_own', 'config_paths'].flatMap(pathsOf)), strange = pathsOf('config_rules').filter((path) => !known.has(path));
    ok(!strange.length, strange.join(' '));
  });
};
