// The OpenAPI documents: exactly the routes that the router has and the caller may use, whole in themselves.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { may, ofRole, routes } from '../lib/acl.mjs';

const named = (path) => path.replace(/:(\w+)\*?/g, '{$1}');
const listed = (doc) => Object.entries(doc.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)).sort();
const operations = (doc) => Object.entries(doc.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })));
const references = (x) => (x && typeof x === 'object' ? Object.entries(x).flatMap(([k, v]) => (k === '$ref' ? [v] : references(v))) : []);
const real = resolve(import.meta.dirname, '../../../shared/contract/schema-all-admin.json');

const get = async (t, path, token, headers = {}) => {
  const answer = await t.request({ method: 'GET', path, headers: { ...headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) } });
  return { ...answer, doc: JSON.parse(answer.text) };
};

// One document: no reference to nothing, each name of a path a parameter, no id twice.
const whole = (t, doc) => {
  t.equal([...new Set(references(doc))].filter((to) => !doc.definitions[to.replace('#/definitions/', '')]), []);
  const ids = operations(doc).map((o) => o.operationId);
  t.equal(ids.filter((id, i) => ids.indexOf(id) !== i), []);
  for (const o of operations(doc))
    t.equal((o.parameters ?? []).filter((p) => p.in === 'path').map((p) => p.name).sort(), [...o.path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort());
};

// How much of Magento's definitions the same ones here have, told and held.
const compare = async (t, doc) => {
  if (!existsSync(real)) return;
  const magento = JSON.parse(readFileSync(real, 'utf8')), both = Object.keys(doc.definitions).filter((name) => magento.definitions[name]);
  let shared = 0, all = 0;
  for (const name of both) {
    const here = new Set(Object.keys(doc.definitions[name].properties ?? {})), there = Object.keys(magento.definitions[name].properties ?? {});
    const common = there.filter((p) => here.has(p)).length;
    shared += common;
    all += here.size + there.length - common;
  }
  const routesThere = listed(magento), known = listed(doc).filter((r) => routesThere.includes(r));
  const tags = known.filter((r) => { const [m, p] = r.split(' '); return doc.paths[p][m.toLowerCase()].tags[0] === magento.paths[p][m.toLowerCase()].tags[0]; });
  if (t.engine === 'sandbox') console.log(`schema  ${both.length} of ${Object.keys(doc.definitions).length} definitions are Magento's; properties alike: ${(shared / all).toFixed(3)}; services alike: ${tags.length} of ${known.length}`);
  await t.check('services are those of Magento\'s own document, and nine properties of ten', () => {
    t.equal(tags.length, known.length);
    t.ok(shared / all > 0.9, `${shared} of ${all}`);
  });
};

export default async (t) => {
  const rows = routes(t.ferrite).filter((row) => !row.setting), admin = await t.sign(t.fixture.users[0].username);
  const allowed = (begin, caller) => rows.filter((row) => row.path.startsWith(begin) && may(row, caller)).map((row) => `${row.method} ${named(row.path)}`).sort();
  const all = await get(t, '/rest/all/schema?services=all', admin);
  await t.check('an admin who may everything sees exactly the router\'s routes', () => {
    t.equal(listed(all.doc), allowed('/V1/', { kind: 'admin', rights: () => true }));
    t.equal([all.status, all.doc.swagger, all.doc.basePath, all.doc.info.version], [200, '2.0', '/rest/all', '2.4']);
  });
  await t.check('the document is whole in itself', () => whole(t, all.doc));
  await t.check('what is read or removed has no body', () => t.equal(operations(all.doc)
    .filter((o) => ['get', 'delete'].includes(o.method) && (o.parameters ?? []).some((p) => p.in === 'body')).map((o) => `${o.method} ${o.path}`), []));
  await t.check('every type that a row has is in it', () => t.equal(all.doc.paths['/V1/taxRates/{rateId}'].get.parameters, [{ name: 'rateId', in: 'path', type: 'integer', required: true }]));
  await compare(t, all.doc);
  const guest = await get(t, '/rest/default/schema');
  await t.check('without a token only what is open to everybody is named', () => t.equal(listed(guest.doc), allowed('/V1/', { kind: 'guest', rights: () => false })));
  for (const user of t.fixture.users) {
    const role = t.fixture.roles.find((r) => r.name === user.role);
    if (!role) continue;
    const seen = await get(t, '/rest/schema', await t.sign(user.username));
    await t.check(`${user.username} sees what the role may`, () => t.equal(listed(seen.doc), allowed('/V1/', { kind: 'admin', rights: ofRole(role) })));
  }
  const two = await get(t, '/rest/schema?services=taxTaxRateRepositoryV1,storeWebsiteRepositoryV1', admin);
  await t.check('services narrow it', () => t.equal(two.doc.tags.map((tag) => tag.name).sort(), ['storeWebsiteRepositoryV1', 'taxTaxRateRepositoryV1']));
  await t.check('it is JSON also for who wants XML', async () => t.equal((await get(t, '/rest/schema', null, { Accept: 'application/xml' })).headers['content-type'], 'application/json'));
  for (const words of ['', 'tax', 'taxTaxRateRepositoryV1,', 'taxTaxRateRepositoryV1;x', 'V'])
    await t.check(`services=${words} is refused`, async () => {
      const answer = await get(t, `/rest/schema?services=${encodeURIComponent(words)}`, admin);
      t.equal([answer.status, answer.doc], [400, { message: 'Incorrect format of request URI or Requested services are missing.' }]);
    });
  await t.check('a service that is not there is named', async () => {
    const answer = await get(t, '/rest/schema?services=noSuchV1', admin);
    t.equal([answer.status, answer.doc], [400, { message: 'Requested service is not available: "noSuchV1"' }]);
  });
  const own = await get(t, '/ferrite/v1/schema', admin);
  await t.check('ferrite\'s own document names its own routes, and is whole', () => {
    t.equal(listed(own.doc), allowed('/ferrite/v1/', { kind: 'admin', rights: () => true }));
    whole(t, own.doc);
  });
};
