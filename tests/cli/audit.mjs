// The audit commands as a person meets them: every change by a command is a row, tail and list with filters, export, checkpoint, key, verify.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { userInfo } from 'node:os';
import { run, scratch } from '../lib/server.mjs';

export default async ({ ferrite, check, ok, equal }) => {
  const folder = scratch(), database = `sqlite:${join(folder.path, 'audit.db')}`, me = userInfo().username;
  const call = (line, options) => run(ferrite, [...line, '--database', database], { ...options, env: { FERRITE_NODE: 'Test Node', ...options?.env } });
  const good = (line, options) => { const d = call(line, options); ok(d.status === 0, `${line.join(' ')}: ${d.status} ${d.err}${d.out}`); return d.out; };
  const list = (...filter) => JSON.parse(good(['audit', 'list', '--json', '--limit', '0', ...filter]));

  good(['init'], { env: { FERRITE_ADMIN_PASSWORD: 'correct horse 1' } });
  await check('every change by a command is a row: who ran it, what it was done to, and no value of it', () => {
    const story = [
      [['user', 'create', 'bob', '--email', 'bob@example.com', '--role', 'Administrators', '--password-stdin'], 'user.create', 'user:2'],
      [['user', 'password', 'bob', '--password-stdin'], 'user.password', 'user:2'], [['user', 'disable', 'bob'], 'user.disable', 'user:2'],
      [['user', 'enable', 'bob'], 'user.enable', 'user:2'], [['user', 'unlock', 'bob'], 'user.unlock', 'user:2'],
      [['role', 'create', 'Pages', '--resources', 'Magento_Cms::page'], 'role.create', /^role:\d+$/], [['role', 'delete', 'Pages'], 'role.delete', /^role:\d+$/],
      [['config', 'set', 'trans_email/smtp/password', 'sup3rs3cret', '--unknown'], 'config.set', 'config:default/0/trans_email/smtp/password'],
      [['config', 'delete', 'trans_email/smtp/password'], 'config.delete', 'config:default/0/trans_email/smtp/password'],
    ];
    for (const [i, [line, event, target]] of story.entries()) {
      good(line, { input: `pass word ${i}${i}x\n` });
      const [row] = list();
      equal([row.event, row.outcome, row.actor_type, row.actor, row.source, row.route], [event, 'allowed', 'cli', me, 'local', `ferrite ${line[0]} ${line[1]}`]);
      ok(target instanceof RegExp ? target.test(row.target) : row.target === target, row.target);
    }
    const text = good(['audit', 'export']);
    for (const secret of ['sup3rs3cret', 'correct horse 1', 'pass word']) ok(!text.includes(secret), secret);
  });
  await check('what did not happen leaves no row', () => {
    const before = list().length;
    for (const line of [['config', 'delete', 'no/such/path'], ['role', 'delete', 'nobody'], ['user', 'disable', 'nobody'], ['role', 'create', 'x', '--resources', 'No::such']])
      equal(call(line).status, 1, line.join(' '));
    equal(list().length, before);
  });
  await check('filters narrow a list', () => {
    equal(list('--event', 'config.set').map((r) => r.target), ['config:default/0/trans_email/smtp/password']);
    equal(list('--target', 'user:2').length, 5);
    equal(list('--actor', 'ferrite').map((r) => r.event), ['audit.key']);
    equal([list('--outcome', 'denied').length, list('--source', '192.0.2.1').length, list('--until', '1h').length], [0, 0, 0]);
    equal(list('--since', '1h').length, list().length);
    equal(JSON.parse(good(['audit', 'list', '--json', '--limit', '2'])).length, 2);
    for (const [option, value] of [['since', 'soon'], ['limit', 'many'], ['limit', '-1']]) ok(call(['audit', 'list', `--${option}`, value]).err.includes(`--${option} is a`), option);
  });
  await check('tail prints the last rows, oldest first, and follows', async () => {
    const lines = good(['audit', 'tail', '--lines', '2']).trim().split('\n');
    equal(lines.length, 2);
    ok(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \S+\/\d+ audit\.export allowed, cli \S+ from local$/.test(lines[1]) || / config\.delete allowed, /.test(lines[1]), lines[1]);
    const child = spawn(ferrite, ['audit', 'tail', '--follow', '--lines', '0', '--database', database], { stdio: ['ignore', 'pipe', 'inherit'] });
    const seen = new Promise((done, fail) => {
      let text = '';
      const late = setTimeout(() => fail(new Error(`nothing in 20 s: ${text}`)), 20000);
      child.stdout.on('data', (d) => { text += d; if (text.includes('config.set')) { clearTimeout(late); done(text); } });
    });
    await new Promise((r) => setTimeout(r, 1500));
    good(['config', 'set', 'a/b/c', '1', '--unknown']);
    try { ok(/ -> config:default\/0\/a\/b\/c\n/.test(await seen), 'the new row'); } finally { child.kill(); }
  });
  await check('checkpoints are appended to a file, and verify against it', () => {
    const file = join(folder.path, 'kept.jsonl');
    for (let i = 0; i < 2; i++) good(['audit', 'checkpoint', '--out', file]);
    equal(readFileSync(file, 'utf8').trim().split('\n').map((l) => JSON.parse(l).node), ['test-node', 'test-node']);
    const text = good(['audit', 'verify', '--checkpoints', file]);
    ok(/\nwhole: \d+ rows, 4 checkpoints, 0 findings\n$/.test(`\n${text}`), text);
    equal(JSON.parse(good(['audit', 'checkpoint'])).public_key, JSON.parse(good(['audit', 'key', '--json']))[0].public_key);
  });
  await check('each node has its own chain; a command that reads leaves none', () => {
    equal(run(ferrite, ['audit', 'verify', '--database', database]).status, 0);
    equal(JSON.parse(good(['audit', 'key', '--json'])).length, 1);
    equal(run(ferrite, ['config', 'set', 'a/b/c', '2', '--unknown', '--database', database], { env: { FERRITE_NODE: 'other' } }).status, 0);
    const text = good(['audit', 'verify']);
    ok(/node other: 2 rows, up to 2 /.test(text) && /node test-node: /.test(text) && /whole: /.test(text), text);
    equal(run(ferrite, ['audit', 'list', '--json', '--node', 'other', '--database', database]).out.match(/"event":"config.set"/g).length, 1);
  });
  await check('a crypt key that does not open the signing key shows', () => {
    const d = call(['audit', 'verify'], { env: { FERRITE_CRYPT_KEY: 'x'.repeat(32) } });
    ok(d.status === 1 && /the crypt key does not open it/.test(d.out), d.out + d.err);
  });
  folder.remove();
};
