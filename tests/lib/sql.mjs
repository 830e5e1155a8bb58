// Statements behind ferrite's back, as somebody who can write the database makes them: sqlOf(ferrite, server)(statement, …) gives the rows.
import { dirname, join } from 'node:path';
import { run } from './server.mjs';

export const sqlOf = (ferrite, { database }) => (...statements) => {
  const done = run(join(dirname(ferrite), 'tests/fault/sql'), [database, ...statements]);
  if (done.status !== 0) throw new Error(done.err || done.out);
  return done.out.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
};
