// The stores that every case file runs on. start(fixture) gives a running server on a fresh store.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run, scratch, start } from './server.mjs';

const must = (what, done) => { if (done.status !== 0) throw new Error(`${what}: ${done.err || done.out}`); };

// A folder of its own for a test, removed when its server stops.
const withFolder = async (make) => {
  const folder = scratch();
  try {
    const server = await make(folder.path);
    const stop = server.stop;
    server.folder = folder.path;
    server.stop = async () => { const why = await stop(); folder.remove(); return why; };
    return server;
  } catch (e) { folder.remove(); throw e; }
};

// A server on a store that is there already; a case file may start a second one on server.database.
const serve = async (ferrite, database) => {
  const server = await start(ferrite, ['serve', '--database', database, '--listen', '127.0.0.1:0', '--sandbox', 'on']);
  server.database = database;
  return server;
};

const sandbox = { name: 'sandbox', start: (ferrite, fixture) => start(ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', fixture]) };

const sqlite = { name: 'sqlite', start: (ferrite, fixture) => withFolder(async (folder) => {
  const database = `sqlite:${join(folder, 'test.db')}`;
  must('init', run(ferrite, ['init', '--database', database, '--fixture', fixture]));
  return serve(ferrite, database);
}) };

// One private MariaDB for the whole run, a database of its own for each file.
let mariadb_url = '', mariadb_dir = '', n = 0;
const mariadbStart = (root) => {
  if (mariadb_url) return;
  const done = run(join(root, 'tests/mariadb.sh'), ['start']);
  must('mariadb.sh start', done);
  mariadb_url = /FERRITE_TEST_MYSQL_URL=(\S+)/.exec(done.out)[1];
  mariadb_dir = /FERRITE_TEST_MYSQL_DIR=(\S+)/.exec(done.out)[1];
};
export const mariadbStop = (root) => {
  if (mariadb_dir) run(join(root, 'tests/mariadb.sh'), ['stop', mariadb_dir]);
  mariadb_dir = mariadb_url = '';
};
const mariadb = (root) => ({ name: 'mariadb', start: async (ferrite, fixture) => {
  mariadbStart(root);
  const name = `ferrite_${++n}`;
  must('create database', run('mariadb', ['--no-defaults', `--socket=${mariadb_dir}/sock`, '-u', 'root', '-e', `CREATE DATABASE ${name}`]));
  const database = mariadb_url.replace(/\/[^/]*$/, `/${name}`);
  must('init', run(ferrite, ['init', '--database', database, '--fixture', fixture]));
  return serve(ferrite, database);
} });

export const engines = (root) => [sandbox, sqlite, ...(existsSync(join(root, 'tests/mariadb.sh')) ? [mariadb(root)] : [])];
