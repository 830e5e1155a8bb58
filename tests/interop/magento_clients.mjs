// Two npm packages for Magento 2's REST API, as they are published: one signs with OAuth 1.0a, the other brings a token and signs too.
//   magento-api-rest 2.0.4      signs with HMAC-SHA1 unless told sha: 256; Magento 2.4.4 and later takes HMAC-SHA256 only
//   magento2-api-wrapper 1.4.0  signs with HMAC-SHA256 when it has a consumer key, else sends the headers it is given
import { install, load } from '../lib/packages.mjs';
import { start } from '../lib/server.mjs';

// What axios throws is told as status and message.
const refusal = async (promise) => {
  try { await promise; } catch (e) { if (e.response) return [e.response.status, e.response.data.message]; throw e; }
  return null;
};

const signedClient = async ({ MagentoApi, keys, base, check, equal, ok }) => {
  const make = (more) => new MagentoApi({ url: base, consumerKey: keys.consumer_key, consumerSecret: keys.consumer_secret,
    accessToken: keys.access_token, tokenSecret: keys.access_token_secret, sha: 256, ...more });
  const api = make();

  await check('magento-api-rest reads with filters, sorting and pages', async () => {
    const all = (await api.get('customerGroups/search', { $sort: { code: 'ASC' }, $perPage: 2, $page: 1 })).data;
    equal([all.items.map((g) => g.code), all.total_count], [['General', 'NOT LOGGED IN'], 4]);
    equal((await api.get('customerGroups/search', { code: 'Wholesale' })).data.items.map((g) => g.id), [2]);
    const either = { $or: [{ code: 'Retailer' }, { code: 'General' }], $sort: { id: 'DESC' } };
    equal((await api.get('customerGroups/search', either)).data.items.map((g) => g.code), ['Retailer', 'General']);
    equal((await api.get('customerGroups/search', { code: 'NOT LOGGED IN' })).data.items.map((g) => g.id), [0]);
    ok((await api.get('taxClasses/search')).data.total_count >= 2, 'no tax classes');
  });
  await check('magento-api-rest writes, changes and deletes', async () => {
    const product = { sku: 'signed/1 ü', name: 'Signed', price: 12.5, attribute_set_id: 4, type_id: 'simple', status: 1, visibility: 4 };
    equal((await api.post('products', { product })).data.sku, product.sku);
    equal((await api.put(`products/${encodeURIComponent(product.sku)}`, { product: { price: 13 } })).data.price, 13);
    equal((await api.get(`products/${encodeURIComponent(product.sku)}`)).data.name, 'Signed');
    equal((await api.get('products', { sku: product.sku })).data.items.length, 1);
    equal((await api.delete(`products/${encodeURIComponent(product.sku)}`)).data, true);
  });
  await check('magento-api-rest is told what is wrong', async () => {
    equal(await refusal(make({ sha: 1 }).get('taxClasses/search')), [400, 'Signature method %1 is not supported']);
    equal(await refusal(make({ tokenSecret: 'x'.repeat(32) }).get('taxClasses/search')), [401, 'The signature is invalid. Verify and try again.']);
    equal(await refusal(make({ accessToken: 'x'.repeat(32) }).get('taxClasses/search')), [401, 'Specified token does not exist']);
    equal(await refusal(api.get('customerGroups/4711')), [404, 'No such entity with %fieldName = %fieldValue']);
  });
};

const tokenClient = async ({ Magento2Api, keys, base, fixture, check, equal }) => {
  const user = fixture.users[0], api = (more, axios) => new Magento2Api({ api: { url: base, ...more }, axios });
  const params = { searchCriteria: { filter_groups: [{ filters: [{ field: 'code', value: 'General' }] }], page_size: 5 } };
  let token;

  await check('magento2-api-wrapper signs in and brings its token', async () => {
    token = await api().post('integration/admin/token', { username: user.username, password: user.password });
    const mine = api({}, { headers: { Authorization: `Bearer ${token}` } });
    equal((await mine.get('customerGroups/search', { params })).items.map((g) => g.id), [1]);
    equal((await mine.get('store/storeViews', { storeCode: 'all' })).map((s) => s.code).sort(), ['admin', 'default']);
    equal((await mine.post('taxClasses', { taxClass: { class_name: 'Wrapped', class_type: 'PRODUCT' } })) > 0, true);
  });
  await check('magento2-api-wrapper is told a wrong password, and that a route needs a token', async () => {
    equal(await refusal(api().post('integration/admin/token', { username: user.username, password: 'wrong1234' })),
      [401, 'The account sign-in was incorrect or your account is disabled temporarily. Please wait and try again later.']);
    equal(await refusal(api().get('customerGroups/1')), [401, "The consumer isn't authorized to access %resources."]);
  });
  await check('magento2-api-wrapper signs too', async () => {
    const signed = api({ consumerKey: keys.consumer_key, consumerSecret: keys.consumer_secret, accessToken: keys.access_token, tokenSecret: keys.access_token_secret });
    equal((await signed.get('customerGroups/search', { params })).items.map((g) => g.code), ['General']);
    equal(await signed.post('taxClasses', { taxClass: { class_name: 'Wrapped and signed', class_type: 'PRODUCT' } }) > 0, true);
  });
};

export default async (t) => {
  const why = install(t.root, ['magento-api-rest', 'magento2-api-wrapper']);
  if (why) { await t.check('npm ci fetches the clients', () => t.ok(false, why)); return; }
  const require = load(t.root), server = await start(t.ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', t.fixtureFile]);
  const world = { ...t, base: server.base, keys: t.fixture.integrations[0], MagentoApi: require('magento-api-rest').default, Magento2Api: require('magento2-api-wrapper') };
  await signedClient(world);
  await tokenClient(world);
  await t.check('the server stops cleanly', async () => { const failed = await server.stop(); t.ok(!failed, failed); });
};
