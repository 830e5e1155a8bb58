// Orders, and what follows them, as another program wrote them: what is shown of the rows, and what is made of them.
import { sqlOf } from '../lib/sql.mjs';

const text = (v) => (v === null ? 'NULL' : typeof v === 'number' ? String(v) : `'${(typeof v === 'string' ? v : JSON.stringify(v)).replaceAll("'", "''")}'`);

export default async (t) => {
  if (t.engine === 'sandbox') return; // nobody else can write there
  const sql = sqlOf(t.ferrite, t.server);
  const put = (table, ...rows) => sql(...rows.map((row) => `INSERT INTO ${table} (${Object.keys(row)}) VALUES (${Object.values(row).map(text)})`));
  const get = async (path) => (await t.as('admin', { path: `/rest/V1${path}` })).json;
  const bought = (request) => ({ info_buyRequest: request });
  const AT = '2030-01-02 03:04:05';

  put('gift_message', { gift_message_id: 4, customer_id: 0, sender: 'Ann', recipient: 'Bea', message: 'With love' });
  put('sales_order',
    { entity_id: 1, state: 'processing', status: 'processing', store_id: 1, increment_id: '000000001', customer_email: 'two@example.com', customer_is_guest: 1, base_grand_total: 90.57,
      grand_total: 90.57, total_paid: 61.62, base_total_paid: 61.62, shipping_amount: 25, shipping_method: 'flatrate_flatrate', subtotal: 84.83, total_due: 1, gift_message_id: 4, created_at: AT, updated_at: AT },
    { entity_id: 2, state: 'new', status: 'pending', store_id: 1, increment_id: '000000002', customer_email: 'b@example.com', is_virtual: 1, base_grand_total: 5, grand_total: 5, shipping_amount: 0, created_at: AT, updated_at: AT });
  const item = (item_id, order_id, sku, more) => ({ item_id, order_id, store_id: 1, sku, product_type: 'simple', qty_ordered: 1, created_at: AT, updated_at: AT, ...more });
  put('sales_order_item',
    item(1, 1, 'SHIRT', { row_total: 39.98, base_row_total: 39.98, discount_amount: 7.28, base_discount_amount: 7.28, tax_amount: 0.74, base_tax_amount: 0.74, row_total_incl_tax: 40.88, base_row_total_incl_tax: 40.88,
      gift_message_id: 4, gift_message_available: 1, product_options: bought({ options: { 12: ['3', '4'], 13: 'Text, with comma' } }) }),
    item(2, 1, 'SET', { product_type: 'bundle', gift_message_id: 4, gift_message_available: 2, product_options: bought({ bundle_option: { 7: '31', 8: ['32', '33'] }, bundle_option_qty: { 7: '2' } }) }),
    item(3, 1, 'PART', { parent_item_id: 2, gift_message_id: 4, gift_message_available: 0, product_options: bought({ bundle_option: { 7: '31' } }) }),
    item(4, 2, 'FILE', { product_type: 'downloadable', product_options: bought({ links: ['5', '6'] }) }),
    item(5, 2, 'BROKEN', { parent_item_id: 5, product_options: 'a:0:{}' }),
    item(6, 2, 'TEE', { product_type: 'configurable', product_options: bought({ super_attribute: { 144: '166', 93: '58' }, options: [] }), weee_tax_applied_row_amount: 1.5, row_total: 10, tax_amount: 1 }));
  const address = { parent_id: 1, region_id: 12, region: 'California', postcode: '90012', lastname: 'Lopez', street: '8 Palm Dr\nBack door', city: 'Los Angeles', country_id: 'US', firstname: 'Lou', telephone: '213' };
  put('sales_order_address', { ...address, entity_id: 1, address_type: 'shipping' }, { ...address, entity_id: 2, address_type: 'billing', region_id: null, street: '1 Main St' });
  put('sales_order_payment', { entity_id: 1, parent_id: 1, method: 'checkmo', amount_ordered: 90.57, cc_last_4: '1111', additional_information: { method_title: 'Check / Money order', tries: 2, more: { a: 'ü' } } });
  put('sales_order_status_history', { entity_id: 1, parent_id: 1, comment: 'Please wrap', status: 'pending', is_visible_on_front: 1, is_customer_notified: 0, created_at: AT },
    { entity_id: 2, parent_id: 1, status: 'processing', entity_name: 'invoice', is_customer_notified: 1, created_at: AT });
  put('sales_order_tax', { tax_id: 1, order_id: 1, code: 'LA', title: 'LA county', percent: 2.25, amount: 1.24, base_amount: 1.24, base_real_amount: 1.24, priority: 0, position: 0, process: 0 });
  const taxed = { tax_id: 1, tax_percent: 2.25, amount: 0.74, base_amount: 0.74, real_amount: 0.74, real_base_amount: 0.74 };
  put('sales_order_tax_item', { ...taxed, tax_item_id: 1, item_id: 1, taxable_item_type: 'product' }, { ...taxed, tax_item_id: 2, amount: 0.5, real_amount: 0.5, base_amount: 0.5, real_base_amount: 0.5, taxable_item_type: 'shipping' });
  put('inventory_pickup_location_order', { order_id: 2, pickup_location_code: 'default' });
  put('sales_invoice', { entity_id: 1, store_id: 1, order_id: 1, state: 2, base_grand_total: 30, grand_total: 30, total_qty: 1, increment_id: '000000001', created_at: AT, updated_at: AT });
  put('sales_invoice_item', { entity_id: 1, parent_id: 1, order_item_id: 1, sku: 'SHIRT', qty: 1, row_total: 19.99, discount_amount: 3.64 });
  put('sales_invoice_comment', { entity_id: 1, parent_id: 1, comment: 'Paid by check', is_customer_notified: 0, created_at: AT });

  const order = await get('/orders/1'), [shirt, set, part] = order.items, more = order.extension_attributes;
  await t.check('what is due is what was not paid', () => t.equal([order.grand_total, order.total_paid, order.total_due, order.base_total_due], [90.57, 61.62, 28.95, 28.95]));
  await t.check('the totals of a row stand after its discount', () => t.equal([shirt.row_total, shirt.base_row_total, shirt.row_total_incl_tax, shirt.base_row_total_incl_tax], [32.7, 32.7, 33.44, 33.44]));
  await t.check('custom options are what was chosen', () => t.equal(shirt.product_option, { extension_attributes: { custom_options: [{ option_id: '12', option_value: '3,4' }, { option_id: '13', option_value: 'Text, with comma' }] } }));
  await t.check('so are those of a bundle', () => t.equal(set.product_option, { extension_attributes: { bundle_options: [{ option_id: 7, option_qty: 2, option_selections: [31] }, { option_id: 8, option_qty: 1, option_selections: [32, 33] }] } }));
  await t.check('its parts show the bundle, and no choice of their own', () => t.equal([part.parent_item_id, part.product_option ?? null, part.parent_item.sku, part.parent_item.product_option], [2, null, 'SET', set.product_option]));
  await t.check('an item has its message and taxes, where it may', () => {
    t.equal(shirt.extension_attributes, { gift_message: { gift_message_id: 4, customer_id: 0, sender: 'Ann', recipient: 'Bea', message: 'With love' },
      itemized_taxes: [{ tax_item_id: 1, tax_id: 1, item_id: 1, tax_code: 'LA', tax_percent: 2.25, amount: 0.74, base_amount: 0.74, real_amount: 0.74, real_base_amount: 0.74, taxable_item_type: 'product' }] });
    t.equal([set.extension_attributes, part.extension_attributes], [{ itemized_taxes: [] }, { itemized_taxes: [] }]);
  });
  await t.check('addresses have their lines, and the code of a region of their country', () => {
    t.equal(order.billing_address, { address_type: 'billing', city: 'Los Angeles', country_id: 'US', entity_id: 2, firstname: 'Lou', lastname: 'Lopez', parent_id: 1, postcode: '90012', region: 'California',
      region_code: 'California', street: ['1 Main St'], telephone: '213' });
    const { street, telephone, ...rest } = order.billing_address;
    t.equal(more.shipping_assignments[0].shipping.address, { ...rest, address_type: 'shipping', entity_id: 1, region_code: 'CA', region_id: 12, street: ['8 Palm Dr', 'Back door'], telephone });
    t.equal(street, ['1 Main St']);
  });
  await t.check('the payment tells what its method keeps', () => {
    t.equal(order.payment, { account_status: null, additional_information: ['Check / Money order', '2', '{"a":"\\u00fc"}'], amount_ordered: 90.57, cc_last4: '1111', entity_id: 1, method: 'checkmo', parent_id: 1 });
    t.equal(more.payment_additional_info, [{ key: 'method_title', value: 'Check / Money order' }, { key: 'tries', value: '2' }, { key: 'more', value: '{"a":"\\u00fc"}' }]);
  });
  await t.check('the history has the latest first, the comments the first', async () => {
    t.equal(order.status_histories.map((h) => h.entity_id), [2, 1]);
    t.equal((await get('/orders/1/comments')).items, [
      { comment: 'Please wrap', created_at: AT, entity_id: 1, is_customer_notified: 0, is_visible_on_front: 1, parent_id: 1, status: 'pending' },
      { comment: null, created_at: AT, entity_id: 2, entity_name: 'invoice', is_customer_notified: 1, is_visible_on_front: 0, parent_id: 1, status: 'processing' }]);
    t.equal(await get('/orders/1/statuses'), 'processing');
  });
  await t.check('taxes are summed up by code and by item', () => {
    const one = { code: 'LA', title: 'LA county', percent: 2.25 };
    t.equal(more.applied_taxes, [{ ...one, amount: 1.24, base_amount: 1.24 }]);
    t.equal(more.item_applied_taxes, [{ type: 'product', item_id: 1, applied_taxes: [{ ...one, amount: 0.74, base_amount: 0.74 }] }, { type: 'shipping', applied_taxes: [{ ...one, amount: 0.5, base_amount: 0.5 }] }]);
    t.equal(more.taxes, [{ tax_id: 1, order_id: 1, ...one, amount: 1.24, base_amount: 1.24, base_real_amount: 1.24, priority: 0, position: 0, process: 0 }]);
    t.equal(more.additional_itemized_taxes.map((i) => [i.tax_item_id, i.taxable_item_type, 'item_id' in i]), [[2, 'shipping', false]]);
  });
  await t.check('a shipping assignment has all items, the method and what it costs', () => {
    const [{ shipping, items }] = more.shipping_assignments;
    t.equal([shipping.method, shipping.total], ['flatrate_flatrate', { shipping_amount: 25 }]);
    t.equal(items, order.items);
  });
  await t.check('the message of an order is shown where the shop allows messages', async () => {
    t.equal('gift_message' in more, false);
    sql("INSERT INTO core_config_data (scope, scope_id, path, value) VALUES ('default', 0, 'sales/gift_options/allow_order', '1')");
    let seen;
    for (const began = Date.now(); !seen && Date.now() - began < 5000;) seen = (await get(`/orders/1?fields=extension_attributes[gift_message]&n=${Date.now()}`)).extension_attributes?.gift_message;
    t.equal(seen?.sender, 'Ann');
  });
  await t.check('a virtual order goes nowhere; one that is fetched tells where', async () => {
    const { items, extension_attributes: ext, ...virtual } = await get('/orders/2');
    t.equal([ext.shipping_assignments[0].shipping, ext.pickup_location_code, virtual.payment ?? null, virtual.total_due], [{ total: { shipping_amount: 0 } }, 'default', null, 5]);
    t.equal(items[0].product_option, { extension_attributes: { downloadable_option: { downloadable_links: [5, 6] } } });
    t.equal([items[1].parent_item.sku, items[1].product_option ?? null], ['BROKEN', null]);
    t.equal([items[2].product_option, items[2].row_total_incl_tax], [{ extension_attributes: { configurable_item_options: [{ option_id: '93', option_value: 58 }, { option_id: '144', option_value: 166 }] } }, 12.5]);
  });
  await t.check('orders and items are found', async () => {
    t.equal((await get('/orders?searchCriteria[filterGroups][0][filters][0][field]=grand_total&searchCriteria[filterGroups][0][filters][0][value]=30&searchCriteria[filterGroups][0][filters][0][conditionType]=gt&fields=items[entity_id],total_count')),
      { items: [{ entity_id: 1 }], total_count: 1 });
    t.equal((await get('/orders/items?searchCriteria[filterGroups][0][filters][0][field]=order_id&searchCriteria[filterGroups][0][filters][0][value]=1&fields=items[sku],total_count')),
      { items: [{ sku: 'SHIRT' }, { sku: 'SET' }, { sku: 'PART' }], total_count: 3 });
    const alone = await get('/orders/items/1');
    t.equal([alone.row_total, 'extension_attributes' in alone], [32.7, false]);
  });
  await t.check('an invoice has its items, before the discount, and comments', async () => {
    const comment = { is_customer_notified: 0, parent_id: 1, comment: 'Paid by check', is_visible_on_front: 0, created_at: AT, entity_id: 1 };
    t.equal(await get('/invoices/1'), { base_grand_total: 30, created_at: AT, entity_id: 1, grand_total: 30, increment_id: '000000001', order_id: 1, state: 2, store_id: 1, total_qty: 1, updated_at: AT,
      items: [{ discount_amount: 3.64, entity_id: 1, parent_id: 1, row_total: 19.99, sku: 'SHIRT', order_item_id: 1, qty: 1 }], comments: [comment] });
    t.equal((await get('/invoices/1/comments')).items, [comment]);
    t.equal((await get('/invoices?searchCriteria[filterGroups][0][filters][0][field]=order_id&searchCriteria[filterGroups][0][filters][0][value]=1')).total_count, 1);
  });

  put('sales_shipment', { entity_id: 1, store_id: 1, order_id: 1, total_qty: 2, increment_id: '000000001', packages: '[]', created_at: AT, updated_at: AT },
    { entity_id: 2, store_id: 1, order_id: 1, total_qty: 1, increment_id: '000000002', created_at: AT, updated_at: AT });
  put('sales_shipment_item', { entity_id: 1, parent_id: 1, order_item_id: 1, sku: 'SHIRT', qty: 2, weight: 1.2 });
  put('sales_shipment_track', { entity_id: 1, parent_id: 1, order_id: 1, track_number: '1Z999', title: 'UPS', carrier_code: 'ups', created_at: AT, updated_at: AT });
  put('sales_shipment_comment', { entity_id: 1, parent_id: 1, comment: 'Sent', is_customer_notified: 0, is_visible_on_front: 1, created_at: AT });
  put('inventory_shipment_source', { shipment_id: 1, source_code: 'default' });
  await t.check('a shipment has its items, parcels, comments and source', async () => {
    const comment = { is_customer_notified: 0, parent_id: 1, comment: 'Sent', is_visible_on_front: 1, created_at: AT, entity_id: 1 };
    t.equal(await get('/shipment/1'), { created_at: AT, entity_id: 1, increment_id: '000000001', order_id: 1, packages: [], store_id: 1, total_qty: 2, updated_at: AT,
      items: [{ entity_id: 1, parent_id: 1, sku: 'SHIRT', weight: 1.2, order_item_id: 1, qty: 2 }],
      tracks: [{ order_id: 1, created_at: AT, entity_id: 1, parent_id: 1, updated_at: AT, weight: null, qty: null, description: null, track_number: '1Z999', title: 'UPS', carrier_code: 'ups' }],
      comments: [comment], extension_attributes: { source_code: 'default' } });
    t.equal((await get('/shipment/1/comments')).items, [comment]);
    t.equal((await get('/shipments?searchCriteria[sortOrders][0][field]=entity_id&searchCriteria[sortOrders][0][direction]=DESC')).items.map((s) => [s.entity_id, s.items.length, s.tracks.length, 'packages' in s, 'extension_attributes' in s]),
      [[2, 0, 0, false, false], [1, 1, 1, true, true]]);
  });
  put('sales_creditmemo', { entity_id: 1, store_id: 1, order_id: 1, state: 2, adjustment: 0.75, base_adjustment: 0.75, adjustment_negative: 0.75, adjustment_positive: 1.5, base_grand_total: 16.252, grand_total: 16.25,
    increment_id: '000000001', created_at: AT, updated_at: AT });
  put('sales_creditmemo_item', { entity_id: 1, parent_id: 1, order_item_id: 1, sku: 'SHIRT', qty: 1, base_price: 14.95, row_total: 14.95 });
  put('sales_creditmemo_comment', { entity_id: 1, parent_id: 1, comment: 'Chipped', is_customer_notified: 0, created_at: AT });
  await t.check('a credit memo has its items and comments', async () => {
    const comment = { comment: 'Chipped', created_at: AT, entity_id: 1, is_customer_notified: 0, is_visible_on_front: 0, parent_id: 1 };
    t.equal(await get('/creditmemo/1'), { adjustment: 0.75, adjustment_negative: 0.75, adjustment_positive: 1.5, base_adjustment: 0.75, base_grand_total: 16.252, created_at: AT, entity_id: 1, grand_total: 16.25,
      increment_id: '000000001', order_id: 1, state: 2, store_id: 1, updated_at: AT, items: [{ base_cost: null, base_price: 14.95, entity_id: 1, order_item_id: 1, parent_id: 1, qty: 1, row_total: 14.95, sku: 'SHIRT' }], comments: [comment] });
    t.equal((await get('/creditmemo/1/comments')).items, [comment]);
    t.equal((await get('/creditmemos?searchCriteria[filterGroups][0][filters][0][field]=grand_total&searchCriteria[filterGroups][0][filters][0][value]=16.25')).total_count, 1);
  });
};
