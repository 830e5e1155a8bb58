// Two environments, each with its own crypt key and its own ids: export, change, diff, import. What fails changes nothing; secrets are
// compared and handed over, and stand in no output.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { house } from '../lib/house.mjs';
import { request } from '../lib/client.mjs';
import { run, scratch, start } from '../lib/server.mjs';

const SECRET = 'sw0rdfish-9174', OTHER = 'tr0mbone-5520', PWD = 'payment/payflowpro/pwd', USER = 'payment/payflowpro/user';
const python = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=10)
key = lambda text: text.rstrip(' ').upper()
db.create_collation('utf8mb4_general_ci', lambda a, b: (key(a) > key(b)) - (key(a) < key(b)))
print('\\n'.join('\\t'.join(str(cell) for cell in row) for row in db.execute(sys.argv[2]).fetchall()))
db.commit()`;

// One statement from outside; rows as text.
const sql = ({ file, socket, name }, text) => {
  const done = file ? run('python3', ['-c', python, file, text]) : run('mariadb', ['--no-defaults', `--socket=${socket}`, '-u', 'root', '-N', '-B', name, '-e', text]);
  if (done.status !== 0) throw new Error(done.err);
  return done.out.trim();
};

export default async (t) => {
  const { check, ok, equal, ferrite } = t;
  const folder = scratch(), at = (name) => join(folder.path, name), said = [];
  const b = (await house({ ...t, fixture: { ...t.fixture, crypt_key: 'zyxwvutsrqponmlkjihgfedcba987654' } }, {})).server, a = t.server;
  const stores = t.engine === 'sandbox' ? [] : [a, b];
  const file = (name, text, mode = 0o600) => { writeFileSync(at(name), text, { mode }); chmodSync(at(name), mode); return at(name); };

  // Everything that is printed or answered is kept, to be searched for secrets in the end.
  const config = (words, options) => { const d = run(ferrite, ['config', ...words], options); said.push(`${words.join(' ')}\n${d.out}${d.err}`); return d; };
  const exits = (words, status, what = /^/, options) => {
    const d = config(words, options);
    ok(d.status === status && what.test(d.out + d.err), `${words.join(' ')}: ${d.status} ${d.out}${d.err}, expected ${status} ${what}`);
    return d.out;
  };
  const signIn = async (base, username = 'admin') => JSON.parse((await request(base, { method: 'POST', path: '/rest/V1/integration/admin/token',
    headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username, password: 'correct horse 1' }) })).text);
  const tokens = { a: await signIn(a.base), b: await signIn(b.base) };
  const ta = file('a.token', `${tokens.a}\n`), tb = file('b.token', tokens.b);
  const send = async (side, method, path, body) => {
    const answer = await request((side === 'a' ? a : b).base, { method, path: `/ferrite/v1/config${path}`, body: body && JSON.stringify(body),
      headers: { Authorization: `Bearer ${tokens[side]}`, ...(body ? { 'Content-Type': 'application/json' } : {}) } });
    said.push(answer.text);
    return answer;
  };
  const set = async (side, path, value, scope = 'default') => {
    const answer = await send(side, 'PUT', `/${path}?scope=${scope}`, { value });
    ok(answer.status === 200, answer.text);
  };
  const document = async (side) => { const { text } = await send(side, 'GET', ''); return text; };
  const both = ['--token-file', ta, '--other-token-file', tb];
  const diff = (status, ...more) => exits(['diff', a.base, b.base, ...both, ...more], status).split('\n').slice(2).join('\n');
  const bring = (status, what, ...more) => exits(['import', a.base, '--to', b.base, '--token-file', tb, '--from-token-file', ta, ...more], status, what);
  const written = (added, changed, removed, skipped = 0) => new RegExp(`^written: ${added} added, ${changed} changed, ${removed} removed, ${skipped} secrets skipped$`, 'm');

  // The second environment has the same website under another number, and one of its own.
  if (stores.length) {
    for (const [one, first] of [[a, 7], [b, 9]])
      sql(one, `INSERT INTO store_website(website_id, code, name, sort_order, default_group_id, is_default) VALUES (${first}, 'b2b', 'B2B', 0, 0, 0)`);
    sql(b, "INSERT INTO store_website(website_id, code, name, sort_order, default_group_id, is_default) VALUES (7, 'only_b', 'Only B', 0, 0, 0)");
    await new Promise((go) => setTimeout(go, 700));
  }
  const b2b = stores.length ? 'websites/b2b' : 'websites/base';

  await check('two fresh environments do not differ, whatever their keys', () => equal(diff(0), ''));
  await check('the diff shows exactly what was changed, scope by scope', async () => {
    await set('a', 'general/store_information/name', 'Alpha "1"\nand more');
    await set('b', 'general/store_information/phone', '1');
    await set('a', 'web/unsecure/base_url', 'http://b2b.example/', b2b);
    await set('a', 'general/locale/code', 'de_CH', 'stores/default');
    await set('b', 'general/locale/code', 'fr_CH', 'stores/default');
    equal(diff(1), `@@ default\n-general/store_information/name = "Alpha \\"1\\"\\nand more"\n+general/store_information/phone = "1"\n@@ ${b2b}\n`
      + '-web/unsecure/base_url = "http://b2b.example/"\n@@ stores/default\n-general/locale/code = "de_CH"\n+general/locale/code = "fr_CH"\n');
    equal(diff(1, '--shared').includes('web/unsecure/base_url'), false, 'an address belongs to one environment');
    equal(diff(1, '--scope', 'stores/default'), '@@ stores/default\n-general/locale/code = "de_CH"\n+general/locale/code = "fr_CH"\n');
    equal(diff(0, '--prefix', 'catalog/'), '');
    equal(JSON.parse(exits(['diff', a.base, b.base, ...both, '--json', '--prefix', 'general/locale/'], 1)),
      [{ op: 'changed', scope: 'stores/default', path: 'general/locale/code', old: 'de_CH', new: 'fr_CH' }]);
  });
  await check('a dry run says what would change, and changes nothing', async () => {
    const before = await document('b');
    bring(1, /^not written: 2 added, 1 changed, 1 removed, 0 secrets skipped$/m, '--dry-run');
    equal(await document('b'), before);
  });
  await check('imported, nothing differs any more, and what was removed is gone', async () => {
    bring(0, written(2, 1, 1));
    equal(diff(0), '');
    equal(JSON.parse((await send('b', 'GET', '/general/store_information/phone')).text).value, null);
    bring(0, /^nothing to write: 0 added/m);
    if (stores.length) equal(sql(b, "SELECT scope_id FROM core_config_data WHERE scope = 'websites' AND path = 'web/unsecure/base_url'"), '9');
  });
  await check('a file is exported the same each time, and imported, too', async () => {
    const one = at('one.json'), two = at('two.json');
    exits(['export', a.base, '--token-file', ta, '--file', one], 0);
    exits(['export', a.base, '--token-file', '-', '--file', two], 0, /^$/, { input: `${tokens.a}\n` });
    equal(readFileSync(one, 'utf8'), readFileSync(two, 'utf8'));
    equal(exits(['export', a.base, '--token-file', ta], 0), readFileSync(one, 'utf8'));
    const json = JSON.parse(readFileSync(one, 'utf8'));
    equal([json.ferrite_config, json.system.stores.default['general/locale/code']], [1, 'de_CH']);
    exits(['diff', one, b.base, '--token-file', tb], 0, /^$/);
    json.system.default['general/store_information/name'] = 'Beta';
    file('three.json', JSON.stringify(json));
    exits(['import', at('three.json'), '--to', b.base, '--token-file', tb, '--keep'], 0, written(0, 1, 0));
    exits(['diff', one, b.base, '--token-file', tb], 1, /-general\/store_information\/name = "Alpha [^]*\+general\/store_information\/name = "Beta"\n/);
    exits(['import', '-', '--to', b.base, '--token-file', tb], 0, written(0, 1, 0), { input: readFileSync(one, 'utf8') });
    equal(diff(0), '');
  });
  await check('a document with anything wrong in it changes nothing', async () => {
    const before = await document('b'), good = { 'general/store_information/name': 'Gamma' };
    const wrong = [[{ default: { ...good, 'no/such/path': '1' } }, /"no\/such\/path\\" path is not known here/], [{ default: { ...good, 'web/url/use_store': 'perhaps' } }, /takes 0 or 1/],
      [{ default: good, websites: { mars: { 'general/locale/code': 'de_CH' } } }, /There is no scope .*websites\/mars/], [{ default: { ...good, 'general/country/default': 'Q1' } }, /two letters of a country/],
      [{ default: { ...good, 'web/unsecure/base_url': 'ftp://x/' } }, /an address that begins/], [{ default: { ...good, nothing: '1' } }, /no path of the form/], [{ planets: {} }, /not default, websites or stores/]];
    for (const [system, what] of wrong) {
      file('wrong.json', JSON.stringify({ ferrite_config: 1, system }));
      exits(['import', at('wrong.json'), '--to', b.base, '--token-file', tb], 2, what);
      exits(['import', at('wrong.json'), '--to', b.base, '--token-file', tb, '--dry-run'], 2, what);
    }
    equal(await document('b'), before);
    file('unknown.json', JSON.stringify({ ferrite_config: 1, prefix: 'acme/', system: { default: { 'acme/module/setting': 'x' } } }));
    exits(['import', at('unknown.json'), '--to', b.base, '--token-file', tb, '--unknown'], 0, written(1, 0, 0));
    exits(['import', '-', '--to', b.base, '--token-file', tb], 0, written(0, 0, 1), { input: '{"ferrite_config": 1, "prefix": "acme/", "system": {"default": {}}}' });
    equal(await document('b'), before);
  });
  await check('trouble ends with 2: no token, a readable one, a wrong one, no right, no file, no server, no TLS', async () => {
    exits(['diff', a.base, b.base], 2, /needs a token/);
    exits(['diff', a.base, a.base, '--token-file', file('open.token', tokens.a, 0o644)], 2, /open\.token/);
    exits(['diff', a.base, a.base, '--token-file', file('none.token', 'a.b.c')], 2, /answers 401: "This needs a valid token/);
    exits(['export', a.base, '--token-file', file('cat.token', await signIn(a.base, 'cat'))], 2, /answers 403: "This needs the ACL resource Ferrite_Config::read/);
    exits(['import', at('one.json'), '--to', a.base, '--token-file', at('cat.token')], 2, /Ferrite_Config::write/);
    exits(['diff', at('nowhere.json'), at('one.json')], 2, /nowhere\.json/);
    exits(['diff', file('text.json', 'not JSON'), at('one.json')], 2, /no configuration document/);
    exits(['diff', 'http://127.0.0.1:1', at('one.json'), '--token-file', ta], 2, /127\.0\.0\.1:1/);
    for (const host of ['shop.example', '127.shop.example', '127.0.0.1.shop.example', 'localhost.shop.example'])
      exits(['diff', `http://${host}`, at('one.json'), '--token-file', ta], 2, /without https/);
    exits(['diff', `http://me:pass@${a.base.slice(7)}`, at('one.json'), '--token-file', ta], 2, /no name and no password/);
    exits(['import', at('one.json'), '--to', at('two.json')], 2, /is a file/);
    exits(['diff', at('one.json')], 2);
    exits(['diff', 'sqlite:/nowhere/at.all', at('one.json')], 2);
  });

  await check('secrets of other keys are told apart and told equal, and never told', async () => {
    await set('a', PWD, SECRET);
    equal(diff(1), `@@ default\n-${PWD} (secret) unset\n`);
    await set('b', PWD, OTHER);
    equal(diff(1), `@@ default\n~${PWD} (secret) differs\n`);
    await set('b', PWD, SECRET);
    equal(diff(0), '');
    for (const one of stores) ok(/^0:3:\S+$/.test(sql(one, `SELECT value FROM core_config_data WHERE path = '${PWD}'`)), 'it is not stored encrypted');
    exits(['export', a.base, '--token-file', ta, '--file', at('secret.json')], 0);
    exits(['diff', at('secret.json'), a.base, '--token-file', ta], 0);
    exits(['diff', at('secret.json'), b.base, '--token-file', tb], 1, new RegExp(`\\n\\?${PWD} \\(secret\\) unclear: set in both; their keys differ`));
  });
  await check('an import leaves secrets alone and says so', async () => {
    await set('a', USER, OTHER);
    await set('b', PWD, OTHER);
    bring(0, /^nothing to write: 0 added, 0 changed, 0 removed, 2 secrets skipped$/m);
    bring(0, new RegExp(`\\n!${PWD} \\(secret\\) skipped: set; not handed over\n[^]*2 secrets skipped`), '--secrets');
    equal(diff(1), `@@ default\n~${PWD} (secret) differs\n-${USER} (secret) unset\n`);
  });
  if (stores.length) {
    await check('a database is an environment as well, and equals the server on it', () => {
      exits(['diff', a.database, a.base, '--token-file', ta], 0, /^$/);
      exits(['diff', 'local', b.base, '--database', a.database, '--token-file', tb], 1, /\(secret\) differs/);
      exits(['diff', a.database, b.database], 1, /\(secret\) differs/);
      if (a.file) exits(['import', join(a.folder, 'nothing'), '--to', b.base, '--token-file', tb], 2);
    });
    await check('where they are stored, secrets can be handed over to another key, and that one alone opens them', async () => {
      exits(['export', a.database, '--secrets-for', b.base, '--token-file', tb, '--file', at('handed.json')], 0);
      const json = JSON.parse(readFileSync(at('handed.json'), 'utf8'));
      ok(json.system.default[PWD].sealed.length > 60, 'not handed over');
      exits(['import', at('handed.json'), '--to', a.base, '--token-file', ta, '--secrets'], 0, /^nothing to write/m);
      const moved = structuredClone(json);
      moved.system.default[USER] = json.system.default[PWD];
      file('moved.json', JSON.stringify(moved));
      exits(['import', at('moved.json'), '--to', b.base, '--token-file', tb, '--secrets', '--dry-run'], 1, new RegExp(`!${USER} \\(secret\\) skipped: set; handed over to another key, scope or path`));
      exits(['import', at('handed.json'), '--to', b.base, '--token-file', tb, '--secrets'], 0, written(1, 1, 0));
      equal(diff(0), '');
      await set('a', PWD, OTHER);
      exits(['import', a.database, '--to', b.base, '--token-file', tb, '--secrets'], 0, written(0, 1, 0));
      equal(diff(0), '');
      await set('a', PWD, SECRET);
      exits(['import', a.database, '--to', b.database, '--secrets'], 0, written(0, 1, 0));
      equal(diff(0), '');
      exits(['export', a.base, '--token-file', ta, '--secrets-for', b.base], 2, /handed over where they are stored/);
    });
    await check('kill -9 in the middle of an import: all of it is there, or nothing', async () => {
      const rows = (n) => Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`acme/bulk/setting_${i}`, String(n)]));
      const doc = (n) => JSON.stringify({ ferrite_config: 1, prefix: 'acme/', system: { default: rows(n) } });
      let n = 0;
      for (const wait of [5, 40, 80, 120, 200, 300]) {
        const server = await start(ferrite, ['serve', '--database', a.database, '--listen', '127.0.0.1:0']);
        const child = spawn(ferrite, ['config', 'import', file('bulk.json', doc(++n)), '--to', server.base, '--token-file', ta, '--unknown'], { stdio: 'ignore' });
        const ended = new Promise((end) => child.on('exit', end));
        await new Promise((go) => setTimeout(go, wait));
        server.child.kill('SIGKILL');
        const status = await ended;
        await server.ended;
        const [values, total] = sql(a, "SELECT COUNT(DISTINCT value), COUNT(*) FROM core_config_data WHERE path LIKE 'acme/bulk/%'").split('\t').map(Number);
        ok((values === 1 && total === 1500) || (values === 0 && total === 0), `after ${wait} ms: ${total} rows of ${values} documents`);
        if (status === 0) equal(sql(a, "SELECT MIN(value) FROM core_config_data WHERE path LIKE 'acme/bulk/%'"), String(n), 'an answered import is there');
      }
      exits(['import', '-', '--to', a.base, '--token-file', ta], 0, /^(written|nothing)/m, { input: '{"ferrite_config": 1, "prefix": "acme/", "system": {"default": {}}}' });
    });
  }
  await check('a write that is meant for what was read is refused when somebody else wrote meanwhile', async () => {
    const path = '/general/store_information/name', read = await send('a', 'GET', path), tag = read.headers.etag;
    const put = (value, match) => request(a.base, { method: 'PUT', path: `/ferrite/v1/config${path}`, body: JSON.stringify({ value }),
      headers: { Authorization: `Bearer ${tokens.a}`, 'Content-Type': 'application/json', 'If-Match': match } });
    const first = await put('One', tag), second = await put('Two', tag);
    equal([first.status, second.status, JSON.parse(second.text).message], [200, 412, 'It is not what If-Match says any more: read it again.']);
    equal([(await put('Two', first.headers.etag)).status, (await put('Three', '*')).status, (await put('Four', '"nothing"')).status], [200, 200, 412]);
    const gone = (match) => request(a.base, { method: 'DELETE', path: `/ferrite/v1/config${path}`, headers: { Authorization: `Bearer ${tokens.a}`, 'If-Match': match } });
    equal([(await gone(tag)).status, (await gone('*')).status, (await send('a', 'GET', path)).status], [412, 200, 200]);
    const writers = await Promise.all(Array.from({ length: 6 }, (_, i) => put(`Race ${i}`, '*')));
    equal(writers.map((w) => w.status), [412, 412, 412, 412, 412, 412], 'nothing is there to match');
    await set('a', 'general/store_information/name', 'Race');
    const now = (await send('a', 'GET', path)).headers.etag;
    const race = await Promise.all(Array.from({ length: 6 }, (_, i) => put(`Race ${i}`, now)));
    equal(race.filter((w) => w.status === 200).length, 1, race.map((w) => w.status).join());
  });
  await check('the audit log tells who changed what, old and new, and no secret', async () => {
    const of = async (target) => {
      const answer = await request(a.base, { path: `/ferrite/v1/audit?event=config.set&target=${encodeURIComponent(target)}`, headers: { Authorization: `Bearer ${tokens.a}` } });
      said.push(answer.text);
      return JSON.parse(answer.text).items[0];
    };
    equal((await of('config:stores/1/general/locale/code')).details, { new: 'de_CH' });
    equal((await of('config:default/0/general/store_information/name')).details.old, 'Race');
    const secret = await of(`config:default/0/${PWD}`);
    equal([secret.details, secret.actor], [null, 'admin']);
    const more = await request(b.base, { path: '/ferrite/v1/audit?limit=1000', headers: { Authorization: `Bearer ${tokens.b}` } });
    const imports = JSON.parse(more.text).items.filter((r) => r.event === 'config.import');
    said.push(more.text);
    equal(imports.at(-1).details, { added: 2, changed: 1, removed: 1 });
    ok(JSON.parse(more.text).items.some((r) => r.event === 'config.compare'), 'no comparison is noted');
  });
  await check('no secret and no token stands in any output, answer or log', () => {
    said.push(b.log, a.log);
    for (const text of said)
      for (const secret of [SECRET, OTHER, tokens.a, tokens.b, ...(text.startsWith('{\n') ? [] : ['0:3:'])])
        ok(!text.includes(secret), `${secret} in ${text.slice(0, 2000)}`);
  });

  if (t.engine === 'sqlite') await check('a server whose certificate nobody vouches for is not asked', async () => {
    const made = run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at('tls.key'), '-out', at('tls.pem'), '-days', '2',
      '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']);
    equal(made.status, 0, made.err);
    chmodSync(at('tls.key'), 0o600);
    const server = await start(ferrite, ['serve', '--database', a.database, '--listen', '127.0.0.1:0', '--tls-certificate', at('tls.pem'), '--tls-key', at('tls.key')]);
    exits(['diff', server.base, a.base, '--token-file', ta], 2, /certificate/i);
    exits(['diff', server.base, a.base, '--token-file', ta, '--authorities', at('tls.pem')], 0, /^$/);
    equal(await server.stop(), null);
  });
  equal(await b.stop(), null);
  folder.remove();
};
