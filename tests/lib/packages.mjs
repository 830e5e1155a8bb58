// The npm packages that only some suites need: installed by the run itself, once, and from npm's own cache when there is no network.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { run } from './server.mjs';

// Returns null when all of @names are there, or what npm said.
export const install = (root, names) => {
  const folder = join(root, 'tests');
  if (names.every((name) => existsSync(join(folder, 'node_modules', name)))) return null;
  const done = run('npm', ['ci', '--prefer-offline', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  return done.status === 0 ? null : done.err || done.out;
};

export const load = (root) => createRequire(join(root, 'tests/package.json'));
