// A database client that is none of ferrite's connections: what it sees is what a restart would see.
import { spawn, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const reader = join(dirname(fileURLToPath(import.meta.url)), 'outside.py');
const client = ({ socket, name }) => ['mariadb', '--no-defaults', `--socket=${socket}`, '-u', 'root', '-N', '-B', name];

// ask(sql) gives the rows as text: tabs between cells, a line a row.
export const outside = (store) => {
  if (!store.file) return { ask: async (sql) => { const [program, ...args] = client(store); return spawnSync(program, [...args, '-e', sql], { encoding: 'utf8' }).stdout.trim(); }, close: () => {} };
  const child = spawn('python3', [reader, store.file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ask: async (sql) => { child.stdin.write(`${sql}\n`); const { value, done } = await lines.next(); if (done) throw new Error(`no rows of ${sql}`); return JSON.parse(value); },
    close: () => child.stdin.end(),
  };
};

// Foreign keys and pages of a store. Null: all is well.
export const unsound = async (store) => {
  if (!store.file) return null;
  const { ask, close } = outside(store);
  const said = `${await ask('PRAGMA integrity_check')}\n${await ask('PRAGMA foreign_key_check')}`.trim();
  close();
  return said === 'ok' ? null : said.slice(0, 2000);
};
