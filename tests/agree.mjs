// How closely ferrite agrees with recordings of a real Magento, where they are at hand: each file against a fresh sandbox, or where it was
// taken from a shop of its own, against that shop's database in a private MariaDB. What is answered meanwhile is held against the OpenAPI
// documents, and so are the recorded answers: they show where Magento leaves its own.
//
//   node tests/agree.mjs [--ferrite PROGRAM] [--engine sandbox|sqlite|mariadb] [--only PART] [--show N] [--write]
//
// tests/data/agreement.tsv (agreement_mariadb.tsv on MariaDB) says what was reached; less is a failure. --write puts the present figures there.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { signer } from './lib/cases.mjs';
import { close } from './lib/client.mjs';
import { engines, mariadbNew, mariadbStop } from './lib/engines.mjs';
import { conformance, documents, recorder, shown } from './lib/hits.mjs';
import { start } from './lib/server.mjs';
import { tap } from './lib/tap.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const recordings = resolve(root, '../shared/recordings'), matcher = resolve(root, '../shared/tools/match.mjs');
const option = (name, otherwise) => { const i = process.argv.indexOf(`--${name}`); return i < 0 ? otherwise : process.argv[i + 1]; };
const ferrite = resolve(option('ferrite', join(root, 'build-gcc/ferrite')));
const show = option('show', '0'), engine = option('engine', 'sandbox'), write = process.argv.includes('--write'), only = option('only', '');

if (!existsSync(recordings) || !existsSync(matcher)) {
  console.log('no recordings here; 0 files replayed');
  console.log('0 passed, 0 failed');
  process.exit(0);
}

const table = join(root, `tests/data/agreement${engine === 'sandbox' ? '' : `_${engine}`}.tsv`);
const fixture = JSON.parse(readFileSync(join(recordings, 'fixture.json'), 'utf8'));
const [head, ...lines] = readFileSync(table, 'utf8').trimEnd().split('\n');
const rows = lines.map((l) => { const [file, agreed, of, note = ''] = l.split('\t'); return { file, agreed: +agreed, of: +of, note }; });

const node = (args) => new Promise((end) => {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (d) => { out += d; });
  child.on('exit', () => end(out));
});

// Recordings of a shop: its database, and the text beside it that tells its crypt key.
const data = resolve(root, '../shared/data');
const shops = { 'luma-read.jsonl': { dump: join(data, 'luma-store.sql.gz'), about: join(data, 'luma-store.md') } };
const serveShop = ({ dump, about }) => {
  const { database } = mariadbNew(root, gunzipSync(readFileSync(dump)));
  const [, key] = /^crypt key: (\w+)$/m.exec(readFileSync(about, 'utf8'));
  return start(ferrite, ['serve', '--database', database, '--listen', '127.0.0.1:0'], { env: { FERRITE_CRYPT_KEY: key } });
};
const serve = (row) => (shops[row.file] ? serveShop(shops[row.file])
  : engines(root).find((e) => e.name === engine).start(ferrite, join(recordings, 'fixture.json')));

const hits = recorder();
let known;

const replay = async (row) => {
  const server = await serve(row);
  if (!shops[row.file]) known ??= await documents(root, server.base, await signer(server.base, fixture)(fixture.users[0].username));
  const proxy = await tap(server.base, hits.note);
  const out = await node([matcher, 'replay', '--base', proxy.base, '--fixture', join(recordings, 'fixture.json'), '--show', show, join(recordings, row.file)]);
  proxy.close();
  close();
  const why = await server.stop();
  if (show !== '0') process.stdout.write(out);
  const m = /(\d+) passed, (\d+) failed\s*$/.exec(out);
  if (why || !m) throw new Error(why ?? `no result line:\n${out.slice(-500)}`);
  return { agreed: +m[1], of: +m[1] + +m[2] };
};

let passed = 0, failed = 0;
for (const row of rows) {
  if (only && !row.file.includes(only)) continue;
  let now;
  try { now = await replay(row); } catch (e) { console.log(`FAILED  ${row.file}: ${e.message}`); failed++; continue; }
  const good = write || now.agreed >= row.agreed;
  console.log(`${good ? 'agrees ' : 'FAILED '} ${row.file}: ${now.agreed} of ${now.of}, stated ${row.agreed} of ${row.of}`);
  good ? passed++ : failed++;
  if (write) Object.assign(row, now);
}
const report = (name, why) => { if (why) { failed++; console.log(`FAILED  conform: ${name}\n        ${why.split('\n').join('\n        ')}`); } else passed++; };
if (known?.why) report('npm ci fetches ajv', known.why);
for (const [name, of] of known?.documents ?? []) conformance(root, hits.good.values(), of, name, report);
if (known?.documents.length && !only && engine === 'sandbox') shown(root, recordings, known.documents, report);
if (write) writeFileSync(table, [head, ...rows.map((r) => [r.file, r.agreed, r.of, r.note].join('\t').trimEnd())].join('\n') + '\n');
mariadbStop(root);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
