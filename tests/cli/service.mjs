// Service tokens from the command line, on a store that a server uses: what is kept of them, and what ends them.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from '../lib/client.mjs';
import { isToken } from '../lib/service.mjs';
import { run, scratch, start } from '../lib/server.mjs';

const PRODUCTS = 'Magento_Catalog::products';

export default async ({ ferrite, fixture, fixtureFile, check, ok, equal }) => {
  const folder = scratch(), file = join(folder.path, 'shop.db'), database = `sqlite:${file}`;
  const key = { old: fixture.crypt_key, new: 'ZYXWVUTSRQPONMLKJIHGFEDCBA987654' };
  const does = (args, env = {}) => run(ferrite, [...args, '--database', database], { env });
  const done = (args, env) => { const d = does(args, env); if (d.status !== 0) throw new Error(`${args.join(' ')}: ${d.err}`); return d.out; };
  const create = (owner, more = [], env) => {
    const out = done(['token', 'service', 'create', 'A machine', '--owner', owner, '--days', '30', '--resources', PRODUCTS, ...more], env);
    return { token: /^token \(shown only now\): (\S+)$/m.exec(out)[1], accessor: /^accessor: (\S+)$/m.exec(out)[1] };
  };
  const sql = (text) => { const d = run('sqlite3', [file, `PRAGMA busy_timeout = 5000; ${text}; UPDATE ferrite_change SET version = version + 1 WHERE kind = 3`]); if (d.status !== 0) throw new Error(d.err); };
  const serving = async (env, fn) => {
    const server = await start(ferrite, ['serve', '--database', database, '--listen', '127.0.0.1:0'], { env });
    const ask = async (token, path = '/rest/V1/products/types') => (await request(server.base, { path, headers: { Authorization: `Bearer ${token}` } }));
    const reason = async (token) => /error_description="([^"]+)"/.exec((await ask(token, '/ferrite/v1/auth')).headers['www-authenticate'] ?? '')?.[1];
    // Another process's change is seen within the poll.
    const soon = async (what, fn) => { for (let i = 0; i < 100; i++) { if (await fn()) return; await new Promise((r) => setTimeout(r, 20)); } throw new Error(`not within 2 s: ${what}`); };
    try { await fn({ status: async (token) => (await ask(token)).status, reason, soon }); } finally { const why = await server.stop(); if (why) ok(false, why); }
  };
  done(['init', '--fixture', fixtureFile]);

  let machine;
  await check('ferrite token service create shows a text of the published form, once', () => {
    machine = create('cat');
    ok(isToken(machine.token), machine.token);
    const rows = JSON.parse(done(['token', 'service', 'list', '--json']));
    equal(rows.map((row) => [row.accessor, row.name, row.user, row.state]), [[machine.accessor, 'A machine', 'cat', 'live']]);
  });
  await check('neither the text nor its plain hash stands in the database', () => {
    const hash = createHash('sha256').update(machine.token).digest();
    const bytes = Buffer.concat(readdirSync(folder.path).map((name) => readFileSync(join(folder.path, name))));
    ok(bytes.includes(machine.accessor), 'the files hold nothing');
    for (const secret of [machine.token, machine.token.slice(5, 48), hash, hash.toString('hex'), hash.toString('base64'), hash.toString('base64url')])
      ok(!bytes.includes(secret), 'it does');
  });
  await check('wrong words are refused with a sentence', () => {
    for (const [args, say] of [
      [['create', 'x'], '--owner is needed'], [['create', 'x', '--owner', 'cat'], '--days is needed'], [['create', 'x', '--owner', 'cat', '--days', 'many'], '--days is needed'],
      [['create', 'x', '--owner', 'cat', '--days', '30', '--unused-days', 'no'], '--unused-days is no number'], [['create', 'x', '--owner', 'who', '--days', '30'], 'There is no admin user who.'],
      [['create', 'x', '--owner', 'cat', '--days', '30', '--resources', 'Magento_Customer::group'], 'The owner may not use Magento_Customer::group himself.'],
      [['rotate', machine.accessor], '--overlap is needed'], [['rotate', 'nothing', '--overlap', '5'], 'There is no service token nothing.'], [['revoke', 'nothing'], 'There is no service token nothing.'],
    ]) {
      const d = does(['token', 'service', ...args]);
      ok(d.status === 1 && d.err.includes(say), `${args.join(' ')}: ${d.status} ${d.err}`);
    }
  });
  await check('a running server takes it, rotates and revokes it when the command line does', () => serving({}, async ({ status, reason, soon }) => {
    equal(await status(machine.token), 200);
    const out = done(['token', 'service', 'rotate', machine.accessor, '--overlap', '0']);
    const next = { token: /: (ferp_\S+)$/m.exec(out)[1], accessor: /^accessor: (\S+)$/m.exec(out)[1] };
    equal(await status(next.token), 200);
    await soon('the old one is dead', async () => (await status(machine.token)) === 401);
    equal(await reason(machine.token), 'revoked');
    done(['token', 'service', 'revoke', next.accessor]);
    await soon('the new one is dead', async () => (await status(next.token)) === 401);
  }));
  await check('it outlives a restart, and its role decides anew at each use', () => {
    machine = create('cat');
    return serving({}, async ({ status, soon }) => {
      equal(await status(machine.token), 200);
      sql(`UPDATE authorization_rule SET permission = 'deny' WHERE resource_id COLLATE BINARY = '${PRODUCTS}'`);
      await soon('the role has lost it', async () => (await status(machine.token)) === 401);
      sql(`UPDATE authorization_rule SET permission = 'allow' WHERE resource_id COLLATE BINARY = '${PRODUCTS}'`);
      await soon('the role has it again', async () => (await status(machine.token)) === 200);
    });
  });
  await check('with an owner who is disabled behind ferrite\'s back, or whose account has ended, it is dead at once', () => serving({}, async ({ status, reason, soon }) => {
    equal(await status(machine.token), 200);
    for (const [end, back] of [
      ['UPDATE admin_user SET is_active = 0 WHERE user_id = 2', 'UPDATE admin_user SET is_active = 1 WHERE user_id = 2'],
      ['INSERT INTO admin_user_expiration (user_id, expires_at) VALUES (2, \'2020-01-01 00:00:00\')', 'DELETE FROM admin_user_expiration'],
    ]) {
      sql(end);
      await soon('dead', async () => (await status(machine.token)) === 401);
      equal(await reason(machine.token), 'owner not active');
      sql(back);
      await soon('alive', async () => (await status(machine.token)) === 200);
    }
  }));
  await check('disabling the owner ends it for good', () => serving({}, async ({ status, reason, soon }) => {
    equal(await status(machine.token), 200);
    done(['user', 'disable', 'cat']);
    await soon('dead', async () => (await status(machine.token)) === 401);
    done(['user', 'enable', 'cat']);
    equal([await status(machine.token), await reason(machine.token)], [401, 'revoked']);
  }));

  const later = create('admin'), both = { FERRITE_CRYPT_KEY: `${key.old} ${key.new}` };
  let young;
  await check('with a further crypt key older tokens still work, and new ones are made under the new one', () => {
    young = create('admin', [], both);
    return serving(both, async ({ status }) => equal([await status(later.token), await status(young.token)], [200, 200]));
  });
  await check('a key that is taken out ends the tokens that were made under it, and no other', () => serving({ FERRITE_CRYPT_KEY: key.old }, async ({ status, reason }) => {
    equal([await status(later.token), await status(young.token), await reason(young.token)], [200, 401, 'unknown token']);
  }));
  folder.remove();
};
