// Lines that a screen holds: 130 columns are the aim, what is longer is counted, and nothing is longer than 160.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sources } from './includes.mjs';

const AIM = 130, MOST = 160;

export default async ({ root, check, ok }) => {
  const lines = sources(root).filter((f) => /^src\/.*\.[ch]$/.test(f)).flatMap((f) => readFileSync(join(root, f), 'utf8').split('\n').map((line, i) => ({ at: `${f}:${i + 1}`, n: [...line].length })));
  console.log(`lint    ${lines.length} lines, ${lines.filter((l) => l.n > AIM).length} of them over ${AIM} columns`);
  const long = lines.filter((l) => l.n > MOST);
  await check(`no line of src is longer than ${MOST} columns`, () => ok(lines.length > 1000 && !long.length, long.map((l) => `${l.at}: ${l.n}`).join('\n')));
};
