// The test runner: builds with gcc, clang and sanitizers, runs unit tests, the lint tests, the command line, and every case file over a
// real socket on every store.
//
//   tests/run [--build DIR] [--suite unit,fuzz,lint,cli,http,interop,fault,race] [--engine sandbox,sqlite,mariadb] [--only PART-OF-A-FILE-NAME] [--verbose]
//
// --build DIR tests what stands in DIR and builds nothing. The last line is 'N passed, N failed'.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { close, watch } from './lib/client.mjs';
import { routes } from './lib/acl.mjs';
import { context, runFile, signer } from './lib/cases.mjs';
import { engines, mariadbStop } from './lib/engines.mjs';
import { conformance, coverage, documents, recorder } from './lib/hits.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const options = { suite: 'build,unit,fuzz,lint,cli,interop,fault,http,race' };
for (let a = process.argv.slice(2); a.length;) {
  const name = a.shift();
  if (name === '--verbose') options.verbose = true;
  else if (/^--(build|suite|engine|only)$/.test(name) && a.length) options[name.slice(2)] = a.shift();
  else { console.error(`tests/run: unknown option ${name}`); process.exit(2); }
}
const builddir = resolve(options.build ?? join(root, 'build-asan'));
const ferrite = join(builddir, 'ferrite');
const fixtureFile = join(root, 'tests/data/fixture.json');
const fixture = JSON.parse(readFileSync(fixtureFile, 'utf8'));
let passed = 0, failed = 0;

process.env.ASAN_OPTIONS ??= 'detect_leaks=1:abort_on_error=0';
process.env.UBSAN_OPTIONS ??= 'print_stacktrace=1:halt_on_error=1';

const reporter = (where) => (name, why) => {
  if (why === null || why === undefined) { passed++; if (options.verbose) console.log(`ok      ${where}: ${name}`); return; }
  failed++;
  console.log(`FAILED  ${where}: ${name}\n        ${String(why).split('\n').join('\n        ')}`);
};
const wanted = (suite) => options.suite.split(',').includes(suite);
const files = (folder, end) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [])
  .filter((f) => end.test(f) && (!options.only || f.includes(options.only))).sort().map((f) => join(root, folder, f));

// -- building ----------------------------------------------------------------------------------------------------

const builds = [
  { dir: 'build-gcc', cc: 'gcc', args: [] },
  { dir: 'build-clang', cc: 'clang', args: [] },
  { dir: 'build-asan', cc: 'gcc', args: ['-Db_sanitize=address,undefined', '-Dbench=false'] },
  { dir: 'build-tsan', cc: 'gcc', args: ['-Db_sanitize=thread', '-Dbench=false'] },
];

const step = (program, args, env = {}) => {
  const done = spawnSync(program, args, { cwd: root, encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 64 << 20 });
  return done.status === 0 ? null : `${program} ${args.join(' ')}\n${(done.stdout + done.stderr).slice(-6000)}`;
};

const buildOne = ({ dir, cc, args }) => {
  const there = existsSync(join(root, dir, 'build.ninja'));
  const first = () => step('meson', ['setup', dir, '--werror', ...args], { CC: cc });
  let why = there ? step('meson', ['setup', '--reconfigure', dir], { CC: cc }) : first();
  if (why && there) { rmSync(join(root, dir), { recursive: true, force: true }); why = first(); }
  return why ?? step('ninja', ['-C', dir, '-j', String(cpus().length)]);
};

const suiteBuild = () => {
  for (const b of builds) {
    const began = Date.now(), why = buildOne(b);
    reporter('build')(`${b.dir} compiles without a warning`, why);
    console.log(`build   ${b.dir}: ${((Date.now() - began) / 1000).toFixed(0)} s`);
    if (why) finish();
  }
};

// -- suites ------------------------------------------------------------------------------------------------------

const suiteUnit = () => {
  const listed = JSON.parse(spawnSync('meson', ['introspect', '--tests', builddir], { encoding: 'utf8' }).stdout || '[]')
    .filter((t) => !options.only || t.name.includes(options.only));
  for (const test of listed) {
    const done = spawnSync(test.cmd[0], test.cmd.slice(1), { cwd: builddir, encoding: 'utf8', env: { ...process.env, ...test.env, FER_ROOT: root }, timeout: 300000 });
    const n = [...(done.stderr + done.stdout).matchAll(/\[\s*PASSED\s*\] (\d+) test/g)].reduce((sum, m) => sum + +m[1], 0);
    if (done.status === 0) passed += Math.max(n - 1, 0);
    reporter('unit')(test.name, done.status === 0 ? null : (done.stdout + done.stderr).slice(-4000));
  }
};

// Every seed and every input that once broke a target, by the programs that replay them.
const suiteFuzz = () => {
  const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=0' };
  for (const file of files('tests/fuzz', /\.c$/)) {
    const name = file.replace(/.*\/|\.c$/g, ''), data = join(root, 'tests/fuzz/data', name);
    const n = existsSync(data) ? readdirSync(data).length : 0;
    const done = spawnSync(join(builddir, `tests/fuzz/fuzz_${name}`), n ? [data] : [], { encoding: 'utf8', env, timeout: 300000 });
    const ran = n > 0 && done.status === 0 && done.stdout?.includes(`${n} inputs`);
    reporter('fuzz')(`${name} takes its ${n} inputs`, ran ? null : n ? String(done.error ?? '') + (done.stderr ?? '').slice(-4000) : 'it has no seeds in tests/fuzz/data');
  }
};

const suiteModules = async (folder) => {
  for (const file of files(folder, /\.mjs$/)) {
    const report = reporter(file.slice(root.length + 1));
    if (file.endsWith('run.mjs')) continue;
    try {
      await (await import(pathToFileURL(file))).default({ ...context({ base: '', fixture, report, ferrite }), root, builddir, fixtureFile, report });
    } catch (e) { report('runs to its end', e.stack); }
  }
};

// What was asked and answered meanwhile, held against the OpenAPI documents.
const judge = (hits, { documents, why }) => {
  if (why) reporter('conform')('npm ci fetches ajv', why);
  for (const [name, of] of documents) conformance(root, hits.good.values(), of, name, reporter('conform'));
  if (!options.only && options.engine !== 'sandbox') coverage(root, routes(ferrite).filter((row) => row.path.startsWith('/V1/')), hits, reporter('coverage'));
};

// The documents, from a server of their own: what a case file's server counts is that file's.
const read = async (ferrite) => {
  const server = await engines(root)[0].start(ferrite, fixtureFile);
  const known = await documents(root, server.base, await signer(server.base, fixture)(fixture.users[0].username));
  close();
  await server.stop();
  return known;
};

const suiteHttp = async ({ suite = 'http', only = options.engine?.split(','), end = /\.(jsonl|mjs)$/, ferrite }) => {
  const hits = recorder(), known = suite === 'http' ? await read(ferrite) : null;
  for (const engine of engines(root)) {
    if (only && !only.includes(engine.name)) continue;
    const began = Date.now(), before = passed + failed;
    for (const file of files('tests/http', end)) {
      const report = reporter(`${file.slice(root.length + 1)} on ${engine.name}${suite === 'http' ? '' : `, ${suite}`}`);
      let server;
      try {
        server = await engine.start(ferrite, fixtureFile);
        watch.exchange = /\/(matrix|self)\.mjs$/.test(file) ? null : hits.note;
        await runFile(file, { base: server.base, fixture, report, server, ferrite, engine: engine.name });
      } catch (e) { report('runs to its end', e.stack); }
      watch.exchange = null;
      if (server) { close(); const why = await server.stop(); if (why) report('the server stops cleanly', why); }
    }
    console.log(`${suite}    ${engine.name}: ${passed + failed - before} cases, ${((Date.now() - began) / 1000).toFixed(0)} s`);
  }
  mariadbStop(root);
  if (known) judge(hits, known);
};

const finish = () => {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
};

process.on('exit', () => mariadbStop(root));
if (wanted('build') && !options.build) suiteBuild();
if (wanted('unit')) suiteUnit();
if (wanted('fuzz')) suiteFuzz();
if (wanted('lint')) await suiteModules('tests/lint');
if (wanted('cli')) await suiteModules('tests/cli');
if (wanted('interop')) await suiteModules('tests/interop');
if (wanted('fault')) await suiteModules('tests/fault');
if (wanted('http')) await suiteHttp({ ferrite });
// A server that ThreadSanitizer saw racing ends with a status of its own, so it has not stopped cleanly.
const racing = join(resolve(options.build ?? join(root, 'build-tsan')), 'ferrite');
if (wanted('race')) await suiteHttp({ suite: 'race', only: ['sqlite'], end: /\.mjs$/, ferrite: racing });
finish();
