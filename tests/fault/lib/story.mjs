// The short story that the fault tests tell: what is asked, and which tables must show all of it or nothing.
const json = { 'Content-Type': 'application/json' };
const product = { sku: 'FAULT', name: 'Fault', attribute_set_id: 4, price: 12.5, status: 1, visibility: 4, weight: 2,
  custom_attributes: [{ attribute_code: 'description', value: 'text' }, { attribute_code: 'special_price', value: '9' }, { attribute_code: 'tax_class_id', value: '2' }],
  extension_attributes: { website_ids: [1], stock_item: { qty: 7, is_in_stock: true } } };
const customer = { email: 'fault@example.com', firstname: 'Fay', lastname: 'Ault', addresses: [{ firstname: 'Fay', lastname: 'Ault', street: ['1 Main St', 'Rear'],
  city: 'Dallas', region: { region_id: 57 }, postcode: '75001', country_id: 'US', telephone: '1', default_billing: true }] };

const groups = ['customer_group', 'customer_group_excluded_website'];
const products = ['catalog_product_entity', ...['int', 'varchar', 'text', 'decimal', 'datetime'].map((t) => `catalog_product_entity_${t}`), 'catalog_product_website',
  'catalog_category_product', 'cataloginventory_stock_item', 'cataloginventory_stock_status', 'url_rewrite', 'inventory_source_item'];
const customers = ['customer_entity', 'customer_address_entity', ...['int', 'varchar', 'text'].map((t) => `customer_address_entity_${t}`)];

const admin = (method, path, body) => ({ method, path: `/rest/V1/${path}`, as: 'admin', headers: body ? json : {}, body: body && JSON.stringify(body) });

const config = (method, path, body) => ({ method, path: `/ferrite/v1/config/${path}`, as: 'admin', headers: json, body: JSON.stringify(body) });
const document = (name) => ({ ferrite_config: 1, prefix: 'general/store_information/', system: { default: name ? { 'general/store_information/name': name, 'general/store_information/city': 'Basel' } : {},
  websites: { base: name ? { 'general/store_information/name': `${name} 2` } : {} } } });

// A connection that a failure left behind broken costs the request that finds it a 5xx.
const emptied = async (t, left = 3) => ((await t.send(config('POST', 'import', document(null)))).status >= 500 && left ? emptied(t, left - 1) : null);

// A chapter: its request, the rows it changes (tables counted, and columns read), what brings the state before it back.
const groupId = async (t) => +await t.ask("SELECT customer_group_id FROM customer_group WHERE customer_group_code LIKE 'Fault%'");
const customerId = async (t) => +await t.ask("SELECT entity_id FROM customer_entity WHERE email = 'fault@example.com'");

const removeGroup = async (t) => t.remove('customerGroups', await groupId(t));
const removeCustomer = async (t) => t.remove('customers', await customerId(t));
const removeProduct = (t) => t.send(admin('DELETE', 'products/FAULT'));

export const chapters = [
  { name: 'sign in', request: { method: 'POST', path: '/rest/V1/integration/admin/token', headers: json, body: JSON.stringify({ username: 'admin', password: 'correct horse 1' }) },
    tables: [], columns: [], slow: true },
  { name: 'create a group', request: admin('POST', 'customerGroups', { group: { code: 'Fault', tax_class_id: 3, extension_attributes: { exclude_website_ids: [1] } } }),
    tables: groups, columns: [], before: removeGroup, back: removeGroup },
  { name: 'change a group', request: async (t) => admin('PUT', `customerGroups/${await groupId(t)}`, { group: { code: 'Faulty', tax_class_id: 3, extension_attributes: { exclude_website_ids: [1] } } }),
    before: async (t) => { if (!await groupId(t)) await t.send(admin('POST', 'customerGroups', { group: { code: 'Fault', tax_class_id: 3 } })); },
    tables: groups, columns: ['SELECT customer_group_code, tax_class_id FROM customer_group'],
    back: async (t) => t.send(admin('PUT', `customerGroups/${await groupId(t)}`, { group: { code: 'Fault', tax_class_id: 3, extension_attributes: { exclude_website_ids: [] } } })) },
  { name: 'delete a group', request: async (t) => ({ method: 'DELETE', path: `/rest/V1/customerGroups/${await groupId(t)}`, as: 'admin', headers: {} }),
    tables: groups, columns: [], back: (t) => t.send(admin('POST', 'customerGroups', { group: { code: 'Fault', tax_class_id: 3 } })) },
  { name: 'create a product', request: admin('POST', 'products', { product }), tables: products, columns: [], before: removeProduct, back: removeProduct },
  { name: 'change a product', request: admin('PUT', 'products/FAULT', { product: { price: 20, name: 'Fault 2', extension_attributes: { stock_item: { qty: 9, is_in_stock: true } } } }),
    before: (t) => t.send(admin('POST', 'products', { product })), tables: products,
    columns: ["SELECT value FROM catalog_product_entity_decimal WHERE entity_id IN (SELECT entity_id FROM catalog_product_entity WHERE sku = 'FAULT') ORDER BY attribute_id, store_id",
      "SELECT value FROM catalog_product_entity_varchar WHERE entity_id IN (SELECT entity_id FROM catalog_product_entity WHERE sku = 'FAULT') ORDER BY attribute_id, store_id", 'SELECT qty FROM cataloginventory_stock_item'],
    back: (t) => t.send(admin('PUT', 'products/FAULT', { product: { price: 12.5, name: 'Fault', extension_attributes: { stock_item: { qty: 7, is_in_stock: true } } } })) },
  { name: 'delete a product', request: admin('DELETE', 'products/FAULT'), tables: products, columns: [], back: (t) => t.send(admin('POST', 'products', { product })) },
  { name: 'create a customer', request: { ...admin('POST', 'customers', { customer, password: 'Fay#Secret1' }), as: undefined }, tables: customers, columns: [], slow: true,
    before: removeCustomer, back: removeCustomer },
  { name: 'change a customer', request: async (t) => admin('PUT', `customers/${await customerId(t)}`, { customer: { ...customer, lastname: 'Otherwise', website_id: 1, addresses: [] } }),
    before: async (t) => { if (!await customerId(t)) await t.send({ ...admin('POST', 'customers', { customer, password: 'Fay#Secret1' }), as: undefined }); },
    tables: customers, columns: ['SELECT lastname, email FROM customer_entity'],
    back: async (t) => t.send(admin('PUT', `customers/${await customerId(t)}`, { customer: { ...customer, website_id: 1 } })) },
  { name: 'revoke a customer\'s tokens', request: async (t) => ({ method: 'POST', path: '/rest/V1/integration/customer/revoke-customer-token', token: await t.customerToken(), headers: {} }),
    tables: [], columns: [], revokes: true, slow: true },
  { name: 'delete a customer', request: async (t) => ({ method: 'DELETE', path: `/rest/V1/customers/${await customerId(t)}`, as: 'admin', headers: {} }), tables: customers, columns: [],
    back: (t) => t.send({ ...admin('POST', 'customers', { customer, password: 'Fay#Secret1' }), as: undefined }), slow: true },
  { name: 'import a configuration', request: config('POST', 'import', document('Fault')), tables: [],
    columns: ["SELECT scope, path, value FROM core_config_data WHERE path LIKE 'general/store_information/%' ORDER BY scope, path"],
    before: emptied, back: emptied },
  { name: 'set a value of the configuration', request: config('PUT', 'general/store_information/name', { value: 'Fault' }), tables: [],
    columns: ["SELECT scope, path, value FROM core_config_data WHERE path LIKE 'general/store_information/%' ORDER BY scope, path"],
    before: emptied, back: emptied },
  { name: 'search products, as XML', request: { ...admin('GET', 'products?searchCriteria[filterGroups][0][filters][0][field]=name&searchCriteria[filterGroups][0][filters][0][value]=%25a%25&searchCriteria[filterGroups][0][filters][0][conditionType]=like'), headers: { Accept: 'application/xml' } },
    tables: [], columns: [] },
  { name: 'create a group from XML', request: { method: 'POST', path: '/rest/V1/customerGroups', as: 'admin', headers: { 'Content-Type': 'application/xml', Accept: 'application/xml' },
    body: '<request><group><code>Fault</code><tax_class_id>3</tax_class_id></group></request>' }, tables: groups, columns: [], before: removeGroup, back: removeGroup },
];
