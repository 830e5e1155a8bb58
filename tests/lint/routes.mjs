// Every route row documents itself.
import { run } from '../lib/server.mjs';

// What webapi/webapisecurity/allow_insecure opens to everybody (Magento_WebapiSecurity etc/di.xml, 2.4.7); all of them GET.
const insecure = [
  '', '/:sku', '/:sku/media', '/:sku/media/:entryId', '/:sku/options', '/:sku/options/:optionId', '/:sku/links/:type',
  '/:sku/group-prices/:customerGroupId/tiers', '/types', '/attributes/:attributeCode', '/attributes/:attributeCode/options',
  '/attribute-sets/sets/list', '/attribute-sets/:attributeSetId', '/attribute-sets/:attributeSetId/attributes', '/attribute-sets/groups/list',
  '/media/types/:attributeSetName', '/links/types', '/links/:type/attributes',
].map((path) => `/V1/products${path}`).concat([
  '/V1/categories', '/V1/categories/:categoryId', '/V1/categories/:categoryId/products', '/V1/stockStatuses/:productSku',
  '/V1/configurable-products/:sku/children', '/V1/configurable-products/:sku/options/:id', '/V1/configurable-products/:sku/options/all',
  '/V1/cmsPage/:pageId', '/V1/cmsBlock/:blockId', '/V1/store/storeViews', '/V1/store/storeGroups', '/V1/store/websites', '/V1/store/storeConfigs',
]);

// Methods that return nothing, by Magento's interfaces.
const silent = [
  'POST /V1/inventory/bulk-partial-source-transfer', 'POST /V1/inventory/sources', 'PUT /V1/inventory/sources/:sourceCode',
  'DELETE /V1/inventory/stocks/:stockId', 'POST /V1/inventory/stock-source-links', 'POST /V1/inventory/stock-source-links-delete',
  'POST /V1/inventory/source-items', 'POST /V1/inventory/source-items-delete', 'POST /V1/inventory/low-quantity-notification',
  'POST /V1/inventory/low-quantity-notifications-delete', 'POST /V1/tfa/provider/authy/activate', 'POST /V1/tfa/provider/authy/send-token/:via',
  'POST /V1/tfa/provider/duo_security/activate', 'POST /V1/tfa/provider/google/activate', 'POST /V1/tfa/provider/u2fkey/activate',
];

export default async ({ ferrite, check, ok }) => {
  const done = run(ferrite, ['routes', '--json']);
  const routes = done.status === 0 ? JSON.parse(done.out) : [];
  await check('ferrite routes lists the routes', () => ok(routes.length > 0, done.err));
  await check('every route has an ACL resource, a summary and a source', () => {
    const bare = routes.filter((r) => !r.acl || !r.summary || !r.source).map((r) => `${r.method} ${r.path}`);
    ok(!bare.length, bare.join('\n'));
  });
  await check('every route of Magento\'s names its service and what it answers, for its OpenAPI document', () => {
    const bare = routes.filter((r) => r.path.startsWith('/V1/') && (!r.service || (r.answers === silent.includes(`${r.method} ${r.path}`)))).map((r) => `${r.method} ${r.path}: .service ${r.service}, .of or .returns ${r.answers}`);
    ok(!bare.length, bare.join('\n'));
  });
  await check('no route is there twice', () => {
    const names = routes.map((r) => `${r.method} ${r.path}`), twice = names.filter((n, i) => names.indexOf(n) !== i);
    ok(!twice.length, twice.join('\n'));
  });
  await check('the routes that allow_insecure opens say so, and no others', () => {
    const wrong = routes.filter((r) => r.insecure !== (r.method === 'GET' && insecure.includes(r.path))).map((r) => `${r.method} ${r.path}`);
    ok(!wrong.length, wrong.join('\n'));
  });
  await check('one route of Magento\'s is for https only', () => {
    const https = routes.filter((r) => r.https).map((r) => r.path).join();
    ok(https === '/V1/analytics/link', https);
  });
  await check('only known routes are open to everybody', () => {
    const open = routes.filter((r) => r.acl === 'anonymous').map((r) => `${r.method} ${r.path}`);
    const known = /^(GET \/schema|GET \/V1\/inventory\/in-store-pickup\/pickup-locations\/|POST \/V1\/integration\/(admin|customer)\/token|GET \/V1\/directory\/\S+|GET \/V1\/products-render-info|POST \/V1\/customers\S*|GET \/V1\/\S*[sS]earch\S*|\S+ \/V1\/(guest-carts|carts\/guest-carts)\S*|\S+ \/V1\/tfa\S*|PUT \/V1\/customers\/password|(GET|POST) \/oauth\/token\/(request|access)|GET \/V1\/customers\/\S+\/password\/\S+)$/;
    const strange = open.filter((r) => !known.test(r));
    ok(!strange.length, strange.join('\n'));
  });
};
