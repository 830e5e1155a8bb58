// Generated coupon codes: their form, that no two are alike, and that a request that cannot be met leaves none.
const spec = (t, couponSpec) => t.as('admin', { method: 'POST', path: '/rest/V1/coupons/generate', body: { couponSpec } });
const count = async (t, rule) => (await t.as('admin', { path: `/rest/V1/coupons/search?searchCriteria[filterGroups][0][filters][0][field]=rule_id&searchCriteria[filterGroups][0][filters][0][value]=${rule}&searchCriteria[pageSize]=1` })).json.total_count;

export default async (t) => {
  const made = await t.as('admin', { method: 'POST', path: '/rest/V1/salesRules', body: { rule: { name: 'Generated', website_ids: [1], customer_group_ids: [0], coupon_type: 'SPECIFIC_COUPON', use_auto_generation: true, uses_per_coupon: 1 } } });
  const rule = made.json.rule_id;

  const forms = [
    ['letters and digits when no format is given', { length: 8 }, /^[A-Z0-9]{8}$/],
    ['letters', { length: 10, format: 'alpha' }, /^[A-Z]{10}$/],
    ['digits', { length: 12, format: 'num' }, /^[0-9]{12}$/],
    ['groups with the usual delimiter', { length: 9, format: 'alpha', delimiter_at_every: 4 }, /^[A-Z]{4}-[A-Z]{4}-[A-Z]$/],
    ['groups with another, between a prefix and a suffix', { length: 6, format: 'num', prefix: 'SALE-', suffix: '/30', delimiter_at_every: 3, delimiter: '::' }, /^SALE-\d{3}::\d{3}\/30$/],
    ['a group of all has no delimiter', { length: 5, format: 'num', delimiter_at_every: 5 }, /^\d{5}$/],
    ['codes that are too easily guessed are longer', { length: 1, format: 'num', quantity: 26 }, /^\d{3}$/],
  ];
  for (const [name, given, form] of forms)
    await t.check(name, async () => {
      const quantity = given.quantity ?? 5, { status, json } = await spec(t, { rule_id: rule, quantity, ...given });
      t.equal([status, json.length], [200, quantity]);
      for (const code of json) t.ok(form.test(code), `${code} is not ${form}`);
    });

  await t.check('two thousand codes are two thousand coupons', async () => {
    const before = await count(t, rule), { json } = await spec(t, { rule_id: rule, quantity: 2000, length: 12 });
    t.equal([new Set(json).size, await count(t, rule) - before], [2000, 2000]);
    const letters = new Set(json.join(''));
    t.equal(letters.size, 36);
  });
  await t.check('a request that cannot be met is refused, and leaves no coupon', async () => {
    let before, answer, n = 0;
    do { before = await count(t, rule); answer = await spec(t, { rule_id: rule, quantity: 2, length: 1, format: 'num', prefix: 'N' }); } while (answer.status === 200 && n++ < 20);
    t.equal([answer.status, answer.json], [400, { message: 'Error occurred when generating coupons: %1', parameters: ['We cannot create the requested Coupon Qty. Please check your settings and try again.'] }]);
    t.equal(await count(t, rule), before);
  });
};
