// What a shop has besides goods and people goes in: tax rates and rules, blocks and pages, sales rules and their coupons. Each is read back
// and put again unchanged, where nothing may differ.
import { differs, lacks } from './compare.mjs';

// Where a kind goes in, what a body calls it, the field that names one, its id, and where it is put again.
const kinds = [
  { path: '/V1/taxRates', key: 'taxRate', name: 'code', id: 'id', put: () => '/V1/taxRates' },
  { path: '/V1/taxRules', key: 'rule', name: 'code', id: 'id', put: () => '/V1/taxRules' },
  { path: '/V1/cmsBlock', key: 'block', name: 'identifier', id: 'id', put: (id) => `/V1/cmsBlock/${id}` },
  { path: '/V1/cmsPage', key: 'page', name: 'identifier', id: 'id', put: (id) => `/V1/cmsPage/${id}` },
  { path: '/V1/salesRules', key: 'rule', name: 'name', id: 'rule_id', put: (id) => `/V1/salesRules/${id}` },
  { path: '/V1/coupons', key: 'coupon', name: 'code', id: 'coupon_id', put: (id) => `/V1/coupons/${id}` },
];

const idOf = async (call, { path, name, id }, value) => {
  const filter = Object.entries({ field: name, value, conditionType: 'eq' }).map(([k, v]) => `searchCriteria[filterGroups][0][filters][0][${k}]=${encodeURIComponent(v)}`);
  const { items } = (await call('GET', `${path}/search?${filter.join('&')}`)).body;
  return items?.length === 1 ? items[0][id] : null;
};

export const checkContent = async ({ call, check, shop }, sent) => {
  let n = 0;
  for (const kind of kinds)
    for (const { body } of sent.filter((s) => s.method === 'POST' && s.path === kind.path)) {
      const wanted = body[kind.key], what = `${kind.path} ${wanted[kind.name]}`, id = await idOf(call, kind, wanted[kind.name]);
      const read = async () => (await call('GET', `${kind.path}/${id}`)).body;
      const before = await read();
      n++;
      check(`${what} is read`, id ? lacks(kind.key, wanted, before) : 'it is not found by its name');
      const put = await call('PUT', kind.put(id), { [kind.key]: before });
      check(`${what} put again`, put.status !== 200 ? JSON.stringify(put.body)
        : differs(kind.key, { ...before, update_time: '' }, { ...await read(), update_time: '' }));
    }
  check('as many as there are', differs('how many', shop.content, n));
};
