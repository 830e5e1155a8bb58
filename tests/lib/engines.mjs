// The stores that every case file runs on. start(fixture) gives a running server on a fresh store.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run, scratch, start } from './server.mjs';

const must = (what, done) => { if (done.status !== 0) throw new Error(`${what}: ${done.err || done.out}`); };

// A server on a store that `prepare` made: { database, remove }. A case file may start a second one on server.database.
const served = (prepare) => async (ferrite, fixture, { args = [], env = {} } = {}) => {
  const store = await prepare(ferrite, fixture);
  try {
    const media = store.media ? ['--media', store.media] : [];
    const server = await start(ferrite, ['serve', '--database', store.database, '--listen', '127.0.0.1:0', '--sandbox', 'on', ...media, ...args], { env });
    const stop = server.stop;
    Object.assign(server, store);
    server.stop = async () => { const why = await stop(); store.remove(); return why; };
    return server;
  } catch (e) { store.remove(); throw e; }
};

const sandbox = { name: 'sandbox', start: (ferrite, fixture) => start(ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', fixture]) };

const inFile = async (ferrite, fixture) => {
  const folder = scratch(), file = join(folder.path, 'test.db'), database = `sqlite:${file}`;
  must('init', run(ferrite, ['init', '--database', database, '--fixture', fixture]));
  return { database, file, folder: folder.path, media: `${file}.media`, remove: folder.remove };
};
const sqlite = { name: 'sqlite', prepare: inFile, start: served(inFile) };

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
// An empty database on it, or one that holds the SQL text @from gives.
export const mariadbNew = (root, from = '') => {
  mariadbStart(root);
  const name = `ferrite_${++n}`, client = (args, input) => run('mariadb', ['--no-defaults', `--socket=${mariadb_dir}/sock`, '-u', 'root', ...args], { input });
  must('create database', client(['-e', `CREATE DATABASE ${name}`]));
  if (from) must('load database', client([name], from));
  const folder = scratch();
  return { database: mariadb_url.replace(/\/[^/]*$/, `/${name}`), name, socket: `${mariadb_dir}/sock`, media: join(folder.path, 'media'), remove: folder.remove };
};
const inMariadb = (root) => async (ferrite, fixture) => {
  const store = mariadbNew(root);
  must('init', run(ferrite, ['init', '--database', store.database, '--fixture', fixture]));
  return store;
};
const mariadb = (root) => ({ name: 'mariadb', prepare: inMariadb(root), start: served(inMariadb(root)) });

export const engines = (root) => [sandbox, sqlite, ...(existsSync(join(root, 'tests/mariadb.sh')) ? [mariadb(root)] : [])];
