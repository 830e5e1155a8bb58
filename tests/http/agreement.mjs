// Terms and conditions, which only the admin panel writes: rows put there behind ferrite's back, listed by store view and by search.
import { sqlOf } from '../lib/sql.mjs';

const DENIED = { message: "The consumer isn't authorized to access %resources.", parameters: { resources: 'Magento_Sales::sales' } };
const row = (agreement_id, name, more = {}, height = {}) => ({
  agreement_id, name, content: `${name} of the shop`, ...height, checkbox_text: `I accept ${name}`, is_active: true, is_html: false, mode: 0, ...more });
const ASKED = row(1, 'Terms', { mode: 1 }, { content_height: '100px' }), HERE = row(2, 'Returns'), ASLEEP = row(3, 'Old', { is_active: false });
const ELSEWHERE = row(4, 'Über', { content: '<b>Über</b>', is_html: true }), EMPTY = { ...row(5, 'x'), name: null, content: null, checkbox_text: null };

const insert = (a, store) => [
  `INSERT INTO checkout_agreement (agreement_id, name, content, content_height, checkbox_text, is_active, is_html, mode) VALUES (${[
    a.agreement_id, a.name, a.content, a.content_height, a.checkbox_text, +a.is_active, +a.is_html, a.mode].map((v) => (v == null ? 'NULL' : typeof v === 'string' ? `'${v}'` : v)).join(', ')})`,
  `INSERT INTO checkout_agreement_store (agreement_id, store_id) VALUES (${a.agreement_id}, ${store})`];

export default async ({ check, as, request, equal, ferrite, server, engine }) => {
  const list = (query = '', user = 'admin', path = '/list') => as(user, { method: 'GET', path: `/rest/V1/carts/licence${path}${query}` });
  const found = async (...filter) => (await list(`?${filter.map((f, i) => ['field', 'value', 'condition_type'].map((k, j) => (f[j] === undefined ? '' : `searchCriteria[filter_groups][${i}][filters][0][${k}]=${f[j]}`)).filter(Boolean).join('&')).join('&')}`)).json;

  await check('guests and roles without sales see none', async () => {
    for (const path of ['', '/list?searchCriteria=']) {
      const guest = await request({ method: 'GET', path: `/rest/V1/carts/licence${path}` });
      equal([guest.status, JSON.parse(guest.text)], [401, DENIED]);
      equal((await list(path.slice(5), 'cat', path.slice(0, 5))).json, DENIED);
    }
  });
  await check('a list needs its criteria', async () => {
    const { status, json } = await list();
    equal([status, json], [400, { message: '"%fieldName" is required. Enter and try again.', parameters: { fieldName: 'searchCriteria' } }]);
  });
  if (engine === 'sandbox') return; // nobody else can write there

  const sql = sqlOf(ferrite, server), all = [ASKED, HERE, ASLEEP, ELSEWHERE, EMPTY];
  sql("INSERT INTO store (store_id, code, website_id, group_id, name, sort_order, is_active) VALUES (7, 'de', 1, 1, 'Deutsch', 0, 1)",
    ...insert(ASKED, 0), ...insert(HERE, 1), ...insert(ASLEEP, 1), ...insert(ELSEWHERE, 7), ...insert(EMPTY, 7),
    "INSERT INTO checkout_agreement_store (agreement_id, store_id) VALUES (1, 1)");
  await check('all are listed, whoever they are for and whether the shop asks for them or not', async () => {
    equal((await list('?searchCriteria=')).json, all);
    equal((await list('?searchCriteria[pageSize]=2&searchCriteria[currentPage]=2')).json, [ASLEEP, ELSEWHERE]);
    equal((await list('?searchCriteria[sortOrders][0][field]=agreement_id&searchCriteria[sortOrders][0][direction]=DESC&searchCriteria[pageSize]=1')).json, [EMPTY]);
    equal((await list('?searchCriteria=&fields=name,mode')).json, all.map(({ name, mode }) => ({ name, mode })));
  });
  await check('they are found by their fields and by store view, where one of all store views counts too', async () => {
    equal(await found(['is_active', 0]), [ASLEEP]);
    equal(await found(['name', '%25e%25', 'like'], ['mode', 0]), [HERE, ELSEWHERE].filter((a) => a.name.includes('e')));
    equal(await found(['is_html', 1]), [ELSEWHERE]);
    equal(await found(['name', '', 'null']), [EMPTY]);
    equal(await found(['store_id', 1]), [ASKED, HERE, ASLEEP]);
    equal(await found(['store_id', 7]), [ASKED, ELSEWHERE, EMPTY]);
    equal(await found(['store_id', 0]), [ASKED]);
    equal(await found(['store_id', 9]), []);
  });
  await check('the checkout asks for none while the shop does not ask for them', async () => { equal((await list('', 'admin', '')).json, []); });
  await check('then for the active ones of the store view of the request, each once', async () => {
    sql("INSERT INTO core_config_data (scope, scope_id, path, value) VALUES ('default', 0, 'checkout/options/enable_agreements', '1')");
    const of = async (store) => JSON.stringify((await as('admin', { method: 'GET', path: `/rest/${store}/V1/carts/licence` })).json);
    for (const began = Date.now(); await of('default') === '[]' && Date.now() - began < 3000;) await new Promise((go) => setTimeout(go, 50));
    equal(JSON.parse(await of('default')), [ASKED, HERE]);
    equal(JSON.parse(await of('de')), [ASKED, ELSEWHERE, EMPTY]);
    equal(JSON.parse(await of('all')), [ASKED]);
  });
};
