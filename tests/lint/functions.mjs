// Small functions: the ten longest are printed, the median is judged.
import { execFileSync } from 'node:child_process';
import { sources } from './includes.mjs';

export const functions = (root) => execFileSync('ctags', ['--languages=C', '--kinds-C=f', '--fields=+ne', '-f', '-', ...sources(root).filter((f) => f.startsWith('src/') && f.endsWith('.c'))],
  { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20 }).split('\n').flatMap((line) => {
  const m = /^(\S+)\t(\S+)\t.*\tline:(\d+).*\tend:(\d+)/.exec(line);
  return m ? [{ name: m[1], file: m[2], lines: m[4] - m[3] + 1 }] : [];
}).sort((a, b) => b.lines - a.lines);

export default async ({ root, check, ok }) => {
  const all = functions(root);
  const median = all[Math.floor(all.length / 2)]?.lines ?? 0, p90 = all[Math.floor(all.length / 10)]?.lines ?? 0;
  console.log(`lint    ${all.length} functions, median ${median} lines, 90th percentile ${p90}; the longest:`);
  for (const f of all.slice(0, 10)) console.log(`        ${String(f.lines).padStart(4)} ${f.name} (${f.file})`);
  await check('the median function has at most 20 lines', () => ok(all.length > 0 && median <= 20, `median ${median}`));
};
