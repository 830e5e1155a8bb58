// A Magento on the same database: what it writes moves no counter of ferrite's, and is seen all the same, within the poll.
import { request as send } from '../lib/client.mjs';
import { start } from '../lib/server.mjs';
import { sqlOf } from '../lib/sql.mjs';

const WAIT = 3000; // ms; the poll is 250, the rest is for a slow machine

export default async ({ check, base, server, ferrite, engine, equal, ok }) => {
  if (engine === 'sandbox') return; // nobody else can write there
  const sql = sqlOf(ferrite, server);
  const call = async (token, method, path, body, where = base) => {
    const answer = await send(where, { method, path: `/rest/V1/${path}`, body: body && JSON.stringify(body),
      headers: { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...(body ? { 'Content-Type': 'application/json' } : {}) } });
    try { answer.json = JSON.parse(answer.text); } catch { /* a page */ }
    return answer;
  };
  const sign = async (username) => (await call(null, 'POST', 'integration/admin/token', { username, password: 'correct horse 1' })).json;
  const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
  const status = async (token, path) => (await call(token, 'GET', path)).status;
  const within = async (what, look, expected) => {
    const began = Date.now();
    for (let seen; ; await new Promise((go) => setTimeout(go, 20))) {
      if (JSON.stringify(seen = await look()) === JSON.stringify(expected)) return;
      if (Date.now() - began > WAIT) throw new Error(`${what}: ${JSON.stringify(seen)} after ${WAIT} ms, expected ${JSON.stringify(expected)}`);
    }
  };
  const config = (path, value) => sql(`INSERT INTO core_config_data (scope, scope_id, path, value) VALUES ('default', 0, '${path}', '${value}')`);
  const admin = await sign('admin'), cat = await sign('cat');
  const uid = claims(cat).uid;
  const [{ role }] = sql(`SELECT parent_id AS role FROM authorization_role WHERE role_type = 'U' AND user_id = ${uid}`);
  const rules = sql(`SELECT resource_id, permission FROM authorization_rule WHERE role_id = ${role}`);
  const grant = (list) => sql(`DELETE FROM authorization_rule WHERE role_id = ${role}`, ...list.map((r) =>
    `INSERT INTO authorization_rule (role_id, resource_id, permission) VALUES (${role}, '${r.resource_id}', '${r.permission}')`));

  await check("a role's rules, saved as Magento does: removed and inserted", async () => {
    equal(await status(cat, 'categories'), 200);
    grant(rules.map((r) => ({ ...r, permission: r.resource_id === 'Magento_Backend::admin' ? 'allow' : 'deny' })));
    await within('fewer', () => status(cat, 'categories'), 401);
    grant(rules);
    await within('all of them', () => status(cat, 'categories'), 200);
  });
  await check('a rule changed in place, and back', async () => {
    const set = (permission) => sql(`UPDATE authorization_rule SET permission = '${permission}' WHERE role_id = ${role} AND resource_id = 'Magento_Catalog::categories'`);
    set('deny');
    await within('denied', () => status(cat, 'categories'), 401);
    set('allow');
    await within('allowed', () => status(cat, 'categories'), 200);
  });
  await check('a row in jwt_auth_revoked ends the tokens before it; a later time in the same row ends those since', async () => {
    sql(`INSERT INTO jwt_auth_revoked (user_type_id, user_id, revoke_before) VALUES (2, ${uid}, ${claims(cat).iat})`);
    await within('the first', () => status(cat, 'categories'), 401);
    while (Math.floor(Date.now() / 1000) <= claims(cat).iat) await new Promise((go) => setTimeout(go, 50));
    const second = await sign('cat');
    equal(await status(second, 'categories'), 200);
    sql(`UPDATE jwt_auth_revoked SET revoke_before = ${claims(second).iat} WHERE user_type_id = 2 AND user_id = ${uid}`);
    await within('the second', () => status(second, 'categories'), 401);
    equal(await status(admin, 'categories'), 200, 'nobody else');
  });
  await check("a customer's tokens are revoked: the row that Magento writes when he changes his password", async () => {
    const customer = { customer: { email: 'foreign@example.com', firstname: 'For', lastname: 'Eign' }, password: 'correct Horse 1' };
    equal((await call(null, 'POST', 'customers', customer)).status, 200);
    const token = (await call(null, 'POST', 'integration/customer/token', { username: 'foreign@example.com', password: 'correct Horse 1' })).json;
    equal(await status(token, 'customers/me'), 200);
    sql(`INSERT INTO jwt_auth_revoked (user_type_id, user_id, revoke_before) VALUES (3, ${claims(token).uid}, ${claims(token).iat})`);
    await within('revoked', () => status(token, 'customers/me'), 401);
  });
  await check('an admin is disabled: the user and the revocation in one', async () => {
    const token = await sign('integrator'), id = claims(token).uid;
    const works = async () => (await call(token, 'GET', 'products?searchCriteria[pageSize]=1')).status;
    equal(await works(), 200);
    sql(`UPDATE admin_user SET is_active = 0 WHERE user_id = ${id}`,
      `INSERT INTO jwt_auth_revoked (user_type_id, user_id, revoke_before) VALUES (2, ${id}, ${claims(token).iat})`);
    await within('disabled', works, 401);
    ok(!(typeof await sign('integrator') === 'string'), 'no new one');
  });
  await check('settings: how long a token lives, and whether an integration is taken as a bearer', async () => {
    const life = async () => { const { iat, exp } = claims(await sign('admin')); return exp - iat; };
    ok(await life() !== 300, 'not the default');
    config('webapi/jwtauth/admin_expiration', 5);
    await within('five minutes', life, 300);
    sql("UPDATE core_config_data SET value = '7' WHERE path = 'webapi/jwtauth/admin_expiration'");
    await within('seven', life, 420);
    const bearer = () => status('at00000000000000000000000000test', 'store/websites');
    equal(await bearer(), 401);
    config('oauth/consumer/enable_integration_as_bearer', 1);
    await within('taken', bearer, 200);
    sql("DELETE FROM core_config_data WHERE path IN ('oauth/consumer/enable_integration_as_bearer', 'webapi/jwtauth/admin_expiration')");
    await within('refused', bearer, 401);
  });
  await check('a store view and an attribute', async () => {
    const view = async () => (await call(admin, 'GET', 'store/storeViews')).json.find((s) => s.code === 'default').name;
    const label = async () => (await call(admin, 'GET', 'products/attributes/sku')).json.default_frontend_label;
    ok(await view() !== 'Renamed' && await label() !== 'Number', 'before');
    sql("UPDATE store SET name = 'Renamed' WHERE code = 'default'");
    await within('view', view, 'Renamed');
    sql("UPDATE eav_attribute SET frontend_label = 'Number' WHERE attribute_code = 'sku'");
    await within('attribute', label, 'Number');
  });
  await check('a product, where the database is shared: an answer kept ready is no older than it may be', async () => {
    const other = await start(ferrite, ['serve', '--database', server.database, '--listen', '127.0.0.1:0', '--shared', 'on', '--cache-age', '500']);
    try {
      const product = { sku: 'foreign', name: 'Before', price: 1, attribute_set_id: 4, type_id: 'simple' };
      equal((await call(admin, 'POST', 'products', { product })).status, 200);
      const name = async () => (await call(admin, 'GET', 'products/foreign', undefined, other.base)).json.name;
      for (const next of ['After', 'Later']) {
        await within('kept', name, next === 'After' ? 'Before' : 'After');
        sql(`UPDATE catalog_product_entity_varchar SET value = '${next}' WHERE entity_id = (SELECT entity_id FROM catalog_product_entity WHERE sku = 'foreign')`
          + " AND attribute_id = (SELECT attribute_id FROM eav_attribute WHERE attribute_code = 'name' AND entity_type_id = 4)");
        await within('changed', name, next);
      }
    } finally { equal(await other.stop(), null); }
  });
};
