// Distances by the postal codes in the database, and what orders have reserved: rows that no route writes yet.
import { house } from '../lib/house.mjs';
import { run } from '../lib/server.mjs';

// Writes to a store of ours from outside: for these rows an order without case will do for its collation.
const PYTHON = `import sqlite3, sys
c = sqlite3.connect(sys.argv[1], timeout=5)
c.create_collation('utf8mb4_general_ci', lambda a, b: (a.lower() > b.lower()) - (a.lower() < b.lower()))
c.executescript(sys.argv[2])`;
const sql = (server, text) => {
  const done = server.file ? run('python3', ['-c', PYTHON, server.file, text])
    : run('mariadb', ['--no-defaults', `--socket=${server.socket}`, '-u', 'root', server.name, '-e', text]);
  if (done.status !== 0) throw new Error(done.err);
};
const geoname = (country, postcode, city, region, lat, lng) => `INSERT INTO inventory_geoname (country_code, postcode, city, region, province, latitude, longitude)`
  + ` VALUES ('${country}', '${postcode}', '${city}', '${region}', '', ${lat}, ${lng});`;

export default async (t) => {
  const { check, equal } = t;
  if (t.engine === 'sandbox') return;   // its database is in memory
  const h = await house(t, { 'cataloginventory/source_selection_distance_based/provider': 'offline' });
  const admin = (await h.post('/V1/integration/admin/token', { username: 'admin', password: 'correct horse 1' })).json;
  const get = async (path) => (await h.get(`/V1/inventory/${path}`, admin)).json;
  const post = async (path, body) => (await h.post(`/V1/${path}`, body, admin)).json;
  const source = (source_code, more) => post('inventory/sources', { source: { source_code, name: source_code, country_id: 'US', postcode: '0', ...more } });

  sql(h.server, geoname('US', '10001', 'New York', 'New York', 40.75, -73.99) + geoname('US', '60601', 'Chicago', 'Illinois', 41.88, -87.62)
    + geoname('US', '60602', 'Chicago Loop', 'Illinois', 41.89, -87.63));
  await check('an address is where its postal code is, else its city, else its region', async () => {
    const at = (postcode, city, region) => `address[country]=US&address[postcode]=${postcode}&address[street]=&address[city]=${city}&address[region]=${region}`;
    equal(await get(`get-latlng-from-address?${at('10001', 'Chicago', '')}`), { lat: 40.75, lng: -73.99 });
    equal(await get(`get-latslngs-from-address?${at('1', 'Chicago', '')}`), [{ lat: 41.88, lng: -87.62 }, { lat: 41.89, lng: -87.63 }]);
    equal(await get(`get-latlng-from-address?${at('1', '', 'Illinois')}`), { lat: 41.88, lng: -87.62 });
    equal(await get(`get-latslngs-from-address?${at('1', 'Paris', 'Texas')}`), { message: 'Unknown geoname for %1', parameters: [' 1 Paris Texas US'] });
  });
  await check('the distance of two places is in metres along the sphere', async () => {
    const metres = await get('get-distance?source[lat]=40.75&source[lng]=-73.99&destination[lat]=41.88&destination[lng]=-87.62');
    t.ok(Math.abs(metres - 1145000) < 5000, `${metres} m from New York to Chicago`);
    equal(await get('get-distance?source[lat]=1&source[lng]=2&destination[lat]=1&destination[lng]=2'), 0);
  });
  await check('sources are chosen by distance, those that nobody can place last', async () => {
    await source('lost', { city: 'Atlantis' });
    await source('east', { postcode: '10001', extension_attributes: { is_pickup_location_active: true }, city: 'New York', street: '1' });
    await source('lake', { latitude: 41.9, longitude: -87.6, extension_attributes: { is_pickup_location_active: true }, city: 'Chicago', street: '2' });
    const stock_id = await post('inventory/stocks', { stock: { name: 'US', extension_attributes: { sales_channels: [{ type: 'website', code: 'base' }] } } });
    await post('inventory/stock-source-links', { links: ['lost', 'east', 'lake'].map((source_code, i) => ({ stock_id, source_code, priority: i + 1 })) });
    await post('inventory/source-items', { sourceItems: ['lost', 'east', 'lake'].map((source_code) => ({ sku: 'MAP', source_code, quantity: 2, status: 1 })) });
    const { source_selection_items: chosen, shippable } = await post('inventory/source-selection-algorithm-result', { algorithmCode: 'distance', inventoryRequest: {
      stockId: stock_id, items: [{ sku: 'MAP', qty: 3 }],
      extension_attributes: { destination_address: { country: 'US', postcode: '60601', street: '', region: '', city: '' } } } });
    equal(chosen.map((c) => [c.source_code, c.qty_to_deduct]), [['lake', 2], ['east', 1], ['lost', 0]]);
    equal(shippable, true);
  });
  await check('a source without a place of its own was given the one of its address', async () => {
    const { latitude, longitude } = await get('sources/east');
    equal([latitude, longitude], [40.75, -73.99]);
  });
  await check('pickup locations near a place, nearest first, none beyond the radius', async () => {
    const near = async (radius, sort) => (await get(`in-store-pickup/pickup-locations/?searchRequest[scopeCode]=base&searchRequest[area][radius]=${radius}`
      + `&searchRequest[area][searchTerm]=Chicago:US${sort ? `&searchRequest[sort][0][field]=distance&searchRequest[sort][0][direction]=${sort}` : ''}`))
      .items.map((i) => i.pickup_location_code);
    equal(await near(100), ['lake']);
    equal(await near(2000), ['lake', 'east']);
    equal(await near(2000, 'DESC'), ['east', 'lake']);
  });
  await check('what orders have reserved cannot be sold again', async () => {
    await post('products', { product: { sku: 'CUP', name: 'Cup', attribute_set_id: 4, price: 3, extension_attributes: { stock_item: { qty: 10, is_in_stock: true } } } });
    sql(h.server, `INSERT INTO inventory_reservation (stock_id, sku, quantity, metadata) VALUES (1, 'CUP', -4, ''), (1, 'CUP', -2.5, ''), (1, 'CUP', 1, ''), (7, 'CUP', -1, '')`);
    equal(await get('get-product-salable-quantity/CUP/1'), 4.5);
    equal((await get('is-product-salable-for-requested-qty/CUP/1/4')).salable, true);
    equal((await get('is-product-salable-for-requested-qty/CUP/1/5')).errors.map((e) => e.code), ['back_order-disabled', 'manage_stock-enabled', 'is_salable_with_reservations-not_enough_qty']);
    sql(h.server, `INSERT INTO inventory_reservation (stock_id, sku, quantity, metadata) VALUES (1, 'CUP', -4.5, '')`);
    equal((await get('are-products-salable?skus[]=CUP&stockId=1'))[0].salable, false);
  });
  await check('its server stops cleanly', async () => equal(await h.server.stop(), null));
};
