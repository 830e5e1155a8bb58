// Bundles, configurables and groups follow what they are made of: the price index that a sorted list joins, and whether they can be sold.
import { sqlOf } from '../lib/sql.mjs';

export default async ({ check, as, equal, ferrite, server, engine }) => {
  if (engine === 'sandbox') return; // its tables cannot be looked at

  const sql = sqlOf(ferrite, server);
  const send = async (method, path, body, store = 'all') => {
    const answer = await as('admin', { method, path: `/rest/${store}/V1/${path}`, body });
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.json;
  };
  const stock = { qty: 5, is_in_stock: true };
  const save = (sku, more, extension = {}) => send('PUT', `products/${sku}`, { product: { sku, name: sku, attribute_set_id: 4, ...more,
    extension_attributes: { stock_item: stock, website_ids: [1], ...extension } } });
  const simple = (sku, price, more) => save(sku, { price, ...more });
  const index = (sku) => sql(`SELECT price, final_price, min_price, max_price, tier_price FROM catalog_product_index_price i JOIN catalog_product_entity e ON e.entity_id = i.entity_id
    WHERE e.sku = '${sku}' AND i.customer_group_id = 0`).map((row) => Object.values(row).map((v) => (v === null ? null : +v)))[0];
  const groups = (sku) => sql(`SELECT COUNT(*) AS n FROM catalog_product_index_price i JOIN catalog_product_entity e ON e.entity_id = i.entity_id WHERE e.sku = '${sku}'`).map((row) => +row.n)[0];
  const salable = (sku) => +sql(`SELECT stock_status FROM cataloginventory_stock_status s JOIN catalog_product_entity e ON e.entity_id = s.product_id WHERE e.sku = '${sku}'`)[0].stock_status;
  const link = (sku, qty, more) => ({ sku, qty, is_default: false, price: 0, price_type: 0, can_change_quantity: 0, ...more });
  const option = (title, type, required, product_links) => ({ title, type, required, position: 1, product_links });
  const bundle = (sku, kind, options, more = {}) => save(sku, { type_id: 'bundle', ...more,
    custom_attributes: [{ attribute_code: 'price_type', value: kind }, { attribute_code: 'price_view', value: '0' }, ...(more.custom_attributes ?? [])] },
  { bundle_product_options: options });

  for (const [sku, price] of [['A', 10], ['B', 16], ['C', 5], ['D', 7]]) await simple(sku, price);
  await check('a bundle priced by its choices costs the least it must and the most it can', async () => {
    await bundle('SUM', '0', [option('One', 'radio', true, [link('A', 1), link('B', 1)]), option('More', 'checkbox', false, [link('C', 2), link('D', 1)])]);
    equal([index('SUM'), groups('SUM'), salable('SUM')], [[0, 0, 10, 16 + 10 + 7, null], 4, 1]);
  });
  await check('without a required option the cheapest choice is the least', async () => {
    await bundle('ANY', '0', [option('Some', 'multi', false, [link('C', 2), link('D', 1)])]);
    equal(index('ANY'), [0, 0, 7, 17, null]);
  });
  await check('a special price is a percentage of all choices, and so is a tier\'s', async () => {
    await bundle('LESS', '0', [option('One', 'select', true, [link('A', 2), link('B', 1)])],
      { custom_attributes: [{ attribute_code: 'special_price', value: '50' }], tier_prices: [{ customer_group_id: 32000, qty: 3, value: 20 }] });
    equal(index('LESS'), [0, 0, 8, 10, 12.8]);
  });
  await check('a bundle with a price of its own adds what its choices say', async () => {
    await bundle('OWN', '1', [option('One', 'radio', true, [link('A', 2, { price: 10 }), link('B', 1, { price: 10, price_type: 1 })])],
      { price: 100, custom_attributes: [{ attribute_code: 'special_price', value: '50' }], tier_prices: [{ customer_group_id: 32000, qty: 3, value: 20 }] });
    equal(index('OWN'), [100, 50, 55, 60, 80 + 16]);
  });
  await check('a choice\'s price is its parents\'', async () => {
    await simple('A', 12);
    equal([index('SUM')[2], index('LESS')[3]], [12, 12]);
  });
  await check('a choice that is added or changed counts, one that is removed does not', async () => {
    const [{ option_id }] = await send('GET', 'bundle-products/SUM/options/all');
    const id = await send('POST', `bundle-products/SUM/links/${option_id}`, { linkedProduct: link('C', 1) });
    equal(index('SUM')[2], 5);
    await send('PUT', `bundle-products/SUM/links/${id}`, { linkedProduct: { ...link('C', 3), option_id } });
    equal(index('SUM')[2], 12);
    await send('DELETE', `bundle-products/SUM/options/${option_id}/children/C`);
    equal(index('SUM').slice(2, 4), [12, 16 + 10 + 7]);
  });
  await check('where prices are a website\'s, a choice has one for it', async () => {
    const options = async (store) => (await send('GET', 'bundle-products/OWN/options/all', undefined, store))[0], [{ id }] = (await options('all')).product_links;
    const { option_id } = await options('all'), costs = async (store) => (await options(store)).product_links.map((l) => [l.price, l.price_type]);
    const change = (price, store) => send('PUT', `bundle-products/OWN/links/${id}`, { linkedProduct: { ...link('A', 2, { price }), option_id } }, store);
    await as('admin', { method: 'PUT', path: '/ferrite/v1/config/catalog/price/scope', body: { value: '1' } });
    await change(30, 'default');
    equal([await costs('all'), await costs('default'), index('OWN').slice(2, 4)], [[[10, 0], [10, 1]], [[30, 0], [10, 1]], [55, 50 + 2 * 15]]);
    await change(20, 'all');
    equal([await costs('all'), await costs('default')], [[[20, 0], [10, 1]], [[30, 0], [10, 1]]]);
    await as('admin', { method: 'PUT', path: '/ferrite/v1/config/catalog/price/scope', body: { value: '0' } });
    equal(await costs('default'), [[20, 0], [10, 1]]);
  });
  await check('a choice that is disabled cannot be bought, and the last of a required option takes the bundle along', async () => {
    await simple('A', 12, { status: 2 });
    equal([index('SUM')[2], salable('SUM')], [16, 1]);
    await simple('B', 16, { status: 2 });
    equal([index('SUM'), salable('SUM')], [undefined, 0]);
    await simple('A', 12, { status: 1 });
    equal([index('SUM')[2], salable('SUM')], [12, 1]);
  });
  await check('so does its stock', async () => {
    await save('A', { price: 12 }, { stock_item: { qty: 0, is_in_stock: false } });
    equal([index('SUM'), salable('SUM'), +sql("SELECT is_in_stock FROM cataloginventory_stock_item i JOIN catalog_product_entity e ON e.entity_id = i.product_id WHERE e.sku = 'SUM'")[0].is_in_stock], [undefined, 1 - 1, 1]);
    await save('A', { price: 12 }, { stock_item: { qty: 4, is_in_stock: true } });
    equal(salable('SUM'), 1);
  });
  await check('and its removal', async () => {
    await send('DELETE', 'products/A');
    equal([index('SUM'), salable('SUM'), index('LESS'), salable('LESS')], [undefined, 0, undefined, 0]);
  });
  await check('a group loses a product that is removed or disabled', async () => {
    for (const [sku, price] of [['E', 3], ['F', 4]]) await simple(sku, price);
    await save('SET', { type_id: 'grouped' });
    await send('POST', 'products/SET/links', { items: ['E', 'F'].map((linked_product_sku, position) => ({ sku: 'SET', link_type: 'associated', linked_product_sku, linked_product_type: 'simple', position, extension_attributes: { qty: 1 } })) });
    equal(index('SET').slice(2, 4), [3, 4]);
    await send('DELETE', 'products/E');
    equal([index('SET').slice(2, 4), salable('SET')], [[4, 4], 1]);
    await simple('F', 4, { status: 2 });
    equal([index('SET'), salable('SET')], [undefined, 0]);
  });
};
