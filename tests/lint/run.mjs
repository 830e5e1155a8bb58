// make lint: the lint tests alone, on what stands in build/.
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const done = spawnSync(join(root, 'tests/run'), ['--suite', 'lint', '--build', join(root, 'build')], { stdio: 'inherit' });
process.exit(done.status ?? 1);
