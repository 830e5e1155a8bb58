// webapi/webapisecurity/allow_insecure: which routes a guest may read then, and that nothing else opens with them.
import { house } from '../lib/house.mjs';

const open = ['products?searchCriteria', 'products/x', 'products/types', 'products/attributes/color', 'products/attributes/color/options',
  'products/attribute-sets/sets/list?searchCriteria', 'products/attribute-sets/4', 'products/attribute-sets/4/attributes',
  'products/attribute-sets/groups/list?searchCriteria', 'categories', 'categories/2', 'categories/2/products', 'stockStatuses/x', 'cmsPage/1',
  'cmsBlock/1', 'store/storeViews', 'store/storeGroups', 'store/websites', 'store/storeConfigs'];
const shut = ['products/attributes?searchCriteria', 'products/attributes/types', 'categories/list?searchCriteria', 'categories/attributes/name/options',
  'cmsPage/search?searchCriteria', 'cmsBlock/search?searchCriteria', 'customerGroups/1', 'taxRates/1', 'modules', 'customers/1'];

export default async (t) => {
  const { check, equal } = t;

  await check('as installed a guest reads nothing of the shop', async () => {
    for (const path of [...open, ...shut]) equal((await t.request({ path: `/rest/V1/${path}` })).status, 401, path);
  });
  if (t.engine === 'mariadb') return;   // decided before anything is read
  const h = await house(t, { 'webapi/webapisecurity/allow_insecure': '1' });
  await check('with allow_insecure he reads what Magento opens', async () => {
    for (const path of open) {
      const { status } = await h.get(`/V1/${path}`);
      if (status !== 200) equal([path, status], [path, 404]);   // not in this store, but not refused
    }
    equal((await h.get('/V1/store/websites')).status, 200);
  });
  await check('and nothing else, and writes nothing', async () => {
    for (const path of shut) equal((await h.get(`/V1/${path}`)).status, 401, path);
    equal((await h.post('/V1/products', { product: { sku: 'x' } })).status, 401);
    equal((await h.send('PUT', '/V1/cmsBlock/1', { block: {} })).status, 401);
  });
  await check('its server stops cleanly', async () => equal(await h.server.stop(), null));
};
