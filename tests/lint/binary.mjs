// The program as it was linked for release: hardening that a flag lost would take away silently.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../lib/server.mjs';

export default async ({ root, check, ok }) => {
  const program = ['build-gcc', 'build'].map((d) => join(root, d, 'ferrite')).find(existsSync);
  if (!program) return;
  const head = run('readelf', ['-hW', program]).out, segments = run('readelf', ['-lW', program]).out, dynamic = run('readelf', ['-dW', program]).out;
  const symbols = run('readelf', ['-sW', program]).out;
  await check('the program is position independent', () => ok(/Type:\s+DYN/.test(head), head));
  await check('relocations are read-only and bound at start', () => ok(/GNU_RELRO/.test(segments) && /BIND_NOW|NOW/.test(dynamic), dynamic));
  await check('the stack is not executable', () => ok(/GNU_STACK\s.*\sRW\s/.test(segments), segments));
  await check('stack protector and fortified calls are in use', () => ok(/__stack_chk_fail/.test(symbols) && /_chk@/.test(symbols), 'no such symbols'));
};
