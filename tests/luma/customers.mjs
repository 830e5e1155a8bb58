// Real customers go in, are read back by id and by search, sign in, and are put again unchanged, where nothing may differ. The segment
// that a shop keeps of its customers goes into an attribute of its own, which only the admin panel could make.
import { customerDiffers, differs } from './compare.mjs';
import { sqlOf } from '../lib/sql.mjs';

const AT_ONCE = 4, PAGE = 100;

const allOf = async (list, work) => {
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => { while (next < list.length) await work(list[next++]); }));
};

const addAttribute = async (ferrite, server, call) => {
  const known = async () => (await call('GET', '/V1/attributeMetadata/customer/attribute/segment')).status === 200;
  sqlOf(ferrite, server)("INSERT INTO eav_attribute (attribute_id, entity_type_id, attribute_code, backend_type, frontend_input, frontend_label, is_user_defined)"
    + " VALUES (900, 1, 'segment', 'varchar', 'text', 'Segment', 1)",
  'INSERT INTO customer_eav_attribute (attribute_id, is_visible, is_system) VALUES (900, 1, 0)',
  'INSERT INTO eav_entity_attribute (entity_type_id, attribute_set_id, attribute_group_id, attribute_id) VALUES (1, 1, 1, 900)');
  for (const began = Date.now(); !await known() && Date.now() - began < 5000;) await new Promise((go) => setTimeout(go, 100));
};

const search = async (call, page) => (await call('GET', `/V1/customers/search?searchCriteria[pageSize]=${PAGE}&searchCriteria[currentPage]=${page}`
  + '&searchCriteria[sortOrders][0][field]=entity_id&searchCriteria[sortOrders][0][direction]=ASC')).body;

export const checkCustomers = async ({ ferrite, server, call, check }, rows) => {
  await addAttribute(ferrite, server, call);
  const sent = rows.map(({ customer, password, _segment }) => ({ password,
    customer: { ...customer, ...(_segment ? { custom_attributes: [{ attribute_code: 'segment', value: _segment }] } : {}) } }));
  const ids = new Map(), read = new Map();
  await allOf(sent, async ({ customer, password }) => {
    const { status, body } = await call('POST', '/V1/customers', { customer, password });
    ids.set(customer.email, body.id);
    check(`${customer.email} goes in`, status === 200 ? customerDiffers(customer, body) : JSON.stringify(body));
  });
  await allOf(sent, async ({ customer }) => {
    const { status, body } = await call('GET', `/V1/customers/${ids.get(customer.email)}`);
    read.set(customer.email, body);
    check(`${customer.email} is read`, status === 200 ? customerDiffers(customer, body) : JSON.stringify(body));
  });
  const found = [];
  for (let page = 1, total = 1; found.length < total && page < 100; page++) {
    const { items, total_count } = await search(call, page);
    found.push(...items);
    total = total_count;
  }
  check('a search finds each once', differs('addresses', sent.map((s) => s.customer.email).sort(), found.map((c) => c.email).sort()));
  for (const one of found) check(`${one.email} is found`, differs('customer', read.get(one.email), one));
  for (const { customer, password } of sent.filter((_, i) => i % 100 === 0)) {
    const { status, body } = await call('POST', '/V1/integration/customer/token', { username: customer.email, password });
    check(`${customer.email} signs in`, status === 200 && typeof body === 'string' ? null : JSON.stringify(body));
  }
  await allOf(sent, async ({ customer: { email } }) => {
    const put = await call('PUT', `/V1/customers/${ids.get(email)}`, { customer: read.get(email) });
    const { body } = await call('GET', `/V1/customers/${ids.get(email)}`);
    check(`${email} put again`, put.status !== 200 ? JSON.stringify(put.body) : differs('customer', { ...read.get(email), updated_at: '' }, { ...body, updated_at: '' }));
  });
};
