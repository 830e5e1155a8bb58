// Lists of many products: each way to find a page gives the same rows as a plain model of them, and none reads a whole table for one.
import { dirname, join } from 'node:path';
import { run } from '../lib/server.mjs';
import { sqlOf } from '../lib/sql.mjs';

const N = 5000, FIRST = 1001;                          // ids; below them nothing
const ids = Array.from({ length: N }, (_, i) => FIRST + i);
const BIG = /^catalog_product_(entity(_int|_varchar|_decimal|_text|_datetime)?|index_price)$/;

// What each product is; meta_title has values at two stores.
const product = (i) => ({
  id: i, sku: `p-${String(i).padStart(5, '0')}`, type_id: i % 50 ? 'simple' : 'virtual', status: i % 100 ? 1 : 2, visibility: i % 10 ? 4 : 1,
  name: `item ${(i * 7919) % 700}`, price: ((i * 31) % 997) / 10, special_price: i % 3 ? null : (i % 40) / 4, category: i % 2 ? 2 : null,
  created_at: `2024-01-${String(1 + (i % 28)).padStart(2, '0')} 10:00:00`, meta_title: i % 2 ? null : `title ${i % 90}`, meta_title_1: i % 5 ? undefined : `own ${i % 30}`,
});
const all = ids.map(product);

const digits = '(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)';
const number = `(SELECT ${FIRST} + a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS i FROM ${digits} a JOIN ${digits} b JOIN ${digits} c JOIN ${digits} e WHERE e.d < 5) n`;
const fill = (sqlite, code) => {
  const text = (...parts) => (sqlite ? parts.map((x) => `(${x})`).join(' || ') : `CONCAT(${parts.join(', ')})`), pad = (x, n) => (sqlite ? `substr('0000' || (${x}), -${n})` : `LPAD(${x}, ${n}, '0')`);
  const value = (backend, attribute, store, what, where = '1 = 1') =>
    `INSERT INTO catalog_product_entity_${backend} (attribute_id, store_id, entity_id, value) SELECT ${code[attribute]}, ${store}, n.i, ${what} FROM ${number} WHERE ${where}`;
  const time = text("'2024-01-'", pad('1 + n.i % 28', 2), "' 10:00:00'");
  return [
    `INSERT INTO catalog_product_entity (entity_id, attribute_set_id, type_id, sku, created_at, updated_at) SELECT n.i, 4, CASE WHEN n.i % 50 = 0 THEN 'virtual' ELSE 'simple' END, ${text("'p-'", pad('n.i', 5))}, ${time}, ${time} FROM ${number}`,
    value('varchar', 'name', 0, text("'item '", '(n.i * 7919) % 700')), value('varchar', 'meta_title', 0, text("'title '", 'n.i % 90'), 'n.i % 2 = 0'),
    value('varchar', 'meta_title', 1, text("'own '", 'n.i % 30'), 'n.i % 5 = 0'), value('int', 'status', 0, 'CASE WHEN n.i % 100 = 0 THEN 2 ELSE 1 END'),
    value('int', 'visibility', 0, 'CASE WHEN n.i % 10 = 0 THEN 1 ELSE 4 END'), value('decimal', 'price', 0, '((n.i * 31) % 997) / 10.0'),
    value('decimal', 'special_price', 0, '(n.i % 40) / 4.0', 'n.i % 3 = 0'),
    `INSERT INTO catalog_category_product (category_id, product_id, position) SELECT 2, n.i, 0 FROM ${number} WHERE n.i % 2 = 1`,
    `INSERT INTO catalog_product_website (product_id, website_id) SELECT n.i, 1 FROM ${number}`,
    `INSERT INTO catalog_product_index_price (entity_id, customer_group_id, website_id, tax_class_id, price, final_price, min_price, max_price) SELECT n.i, 0, 1, 2, 1, 1, ((n.i * 31) % 997) / 10.0, 1 FROM ${number} WHERE n.i % 100 <> 0`,
  ];
};

const filters = [
  null, ['status', 'eq', '1', (p) => p.status === 1], ['visibility', 'neq', '1', (p) => p.visibility !== 1], ['special_price', 'null', '', (p) => p.special_price === null],
  ['special_price', 'notnull', '', (p) => p.special_price !== null], ['name', 'like', '%7%', (p) => p.name.includes('7')], ['name', 'like', 'ITEM 6%', (p) => p.name.startsWith('item 6')],
  ['type_id', 'eq', 'virtual', (p) => p.type_id === 'virtual'], ['category_id', 'eq', '2', (p) => p.category === 2], ['category_id', 'neq', '2', (p) => p.category !== 2],
  ['sku', 'like', 'p-010%', (p) => p.sku.startsWith('p-010')], ['entity_id', 'like', '15%', (p) => String(p.id).startsWith('15')], ['price', 'gteq', '50', (p) => p.price >= 50],
  ['meta_title', 'like', 'own%', (p, title) => title.startsWith('own')], ['special_price', 'in', '1.25,2', (p) => p.special_price === 1.25 || p.special_price === 2],
  ['created_at', 'like', '2024-01-0%', (p) => p.created_at.startsWith('2024-01-0')], ['sku', 'eq', 'nothing', () => false],
];
const sorts = [null, 'name', 'special_price', 'price', 'meta_title', 'created_at', 'sku', 'entity_id'];
const pages = [[20, 1], [20, 2], [60, 40], [130, 26], [3, 1000], [20, 9999]];   // 130 from 3,250 on: where special prices begin and end

const query = (chosen, sort, down, [size, page], path = '/rest/all') => `${path}/V1/products?fields=items[sku],total_count&searchCriteria[pageSize]=${size}&searchCriteria[currentPage]=${page}` +
  chosen.map(([field, condition, value], i) => Object.entries({ field, conditionType: condition, value }).map(([k, v]) => `&searchCriteria[filterGroups][${i}][filters][0][${k}]=${encodeURIComponent(v)}`).join('')).join('') +
  (sort ? `&searchCriteria[sortOrders][0][field]=${sort}&searchCriteria[sortOrders][0][direction]=${down ? 'DESC' : 'ASC'}` : '');

// Nothing sorts before every value; equals come by id, in the same direction. At the store view, price sorts what the index has.
const expected = (chosen, sort, down, [size, page], view) => {
  const title = (p) => (view && p.meta_title_1 !== undefined ? p.meta_title_1 : p.meta_title);
  const key = (p) => (sort === 'meta_title' ? title(p) : sort === 'entity_id' ? p.id : sort ? p[sort] : p.id);
  const up = sort && down ? -1 : 1, compare = (a, b) => { const x = key(a), y = key(b); return x === y ? a.id - b.id : x === null ? -1 : y === null ? 1 : x < y ? -1 : 1; };
  const rows = all.filter((p) => chosen.every((f) => f[3](p, title(p) ?? '')) && !(view && sort === 'price' && p.status !== 1)).sort((a, b) => up * compare(a, b));
  return { items: rows.slice((page - 1) * size, page * size).map((p) => p.sku), total: rows.length };
};

// What is wrong with how a statement is run; null: nothing.
const complaint = (sqlite, { sql, plan }) => {
  const names = Object.fromEntries([...sql.matchAll(/(?:FROM|JOIN) (catalog_\w+)(?: (?!WHERE|ON|LIMIT|ORDER)(\w+))?/g)].map((m) => [m[2] ?? m[1], m[1]]));
  const big = (alias) => BIG.test(names[alias] ?? alias), counts = sql.startsWith('SELECT COUNT(*)'), few = /(entity|product)_id IN \(\?/.test(sql), walks = / LIMIT /.test(sql);
  const wrong = plan.map((row) => {
    if (sqlite) {
      const scan = /^SCAN (\w+)(?: USING (COVERING )?INDEX (\w+))?/.exec(row.detail), sorts = /^USE TEMP B-TREE FOR ORDER BY/.test(row.detail);
      if (sorts && !few) return row.detail;
      return scan && big(scan[1]) && !(counts && scan[2]) && !(walks && !plan.some((r) => /TEMP B-TREE FOR ORDER BY/.test(r.detail))) ? row.detail : null;
    }
    if (row.table === null || !big(row.table)) return null;
    if (/filesort|temporary/.test(row.Extra ?? '') && !few) return `${row.table}: ${row.Extra}`;
    return row.type === 'ALL' || (row.type === 'index' && !walks && !counts && +row.rows > 1) ? `${row.table}: ${row.type} of ${row.rows} rows` : null;
  }).filter(Boolean);
  return wrong.length ? `${sql.slice(0, 300)}\n    ${wrong.join('\n    ')}` : null;
};

const common = () => {
  const one = (f) => [f], shown = [['status', 'eq', '1'], ['visibility', 'eq', '4']];
  return {
    'by sku': query(one(['sku', 'eq', 'p-02000']), null, false, [20, 1]), 'by id': query(one(['entity_id', 'eq', '2000']), null, false, [20, 1]),
    'by a list of skus': query(one(['sku', 'in', 'p-02000,p-02001,p-02002']), null, false, [20, 1]), 'by type': query(one(['type_id', 'eq', 'virtual']), null, false, [20, 1]),
    'changed between': query([['updated_at', 'from', '2024-01-03 00:00:00'], ['updated_at', 'to', '2024-01-20 00:00:00']], 'updated_at', false, [20, 1]),
    'changed last': query([], 'updated_at', true, [20, 1]), 'by category': query(one(['category_id', 'eq', '2']), null, false, [20, 1]),
    'by category, sorted by name': query(one(['category_id', 'eq', '2']), 'name', false, [20, 1]), 'by status and visibility': query(shown, null, false, [20, 2]),
    'by status and visibility, sorted by name': query(shown, 'name', true, [20, 2]), 'sorted by name': query([], 'name', false, [20, 1]),
    'sorted by name at a store view': query([], 'name', true, [20, 1], '/rest'), 'sorted by price': query([], 'price', false, [20, 1]),
    'sorted by price at a store view': query([], 'price', false, [20, 1], '/rest'), 'by price': query([['price', 'from', '10'], ['price', 'to', '11']], null, false, [20, 1]),
    'by the start of the name': query(one(['name', 'like', 'item 6%']), null, false, [20, 1]), 'sorted by special price': query([], 'special_price', false, [20, 1]),
    'without anything': query([], null, false, [20, 1]),
  };
};

export default async ({ check, as, equal, ok, server, ferrite, engine }) => {
  if (engine === 'sandbox') return; // filled behind its back
  all[0] = product(FIRST);
  const sqlite = engine === 'sqlite', sql = sqlOf(ferrite, server);
  const code = Object.fromEntries(sql("SELECT attribute_code, attribute_id FROM eav_attribute WHERE entity_type_id = 4").map((r) => [r.attribute_code, r.attribute_id]));
  sql(...fill(sqlite, code));
  const learn = () => { if (!sqlite) run('mariadb', ['--no-defaults', `--socket=${server.socket}`, '-u', 'root', server.name, '-e', 'ANALYZE TABLE catalog_product_entity, catalog_product_entity_varchar, catalog_product_entity_int, catalog_product_entity_decimal, catalog_product_index_price']); };
  learn();
  await as('admin', { method: 'POST', path: '/rest/V1/taxClasses', body: { taxClass: { class_name: 'moves the counter', class_type: 'PRODUCT' } } });

  const ask = async (path) => { const answer = await as('admin', { path }); ok(answer.status === 200, `${path}: ${answer.status} ${answer.text.slice(0, 300)}`); return answer.json; };
  const same = async (...about) => {
    const [chosen, sort, down, page, view] = about, got = await ask(query(chosen, sort, down, page, view ? '/rest' : '/rest/all')), want = expected(chosen, sort, down, page, view);
    equal({ items: (got.items ?? []).map((p) => p.sku), total: got.total_count }, want, `${chosen.map((f) => f.slice(0, 3).join(' ')).join(', ')} by ${sort} ${down ? 'down' : 'up'}, page ${page}${view ? ' at the view' : ''}`);
  };
  let n = 0;
  for (const view of [false, true]) await check(`pages of every order are those of a plain model${view ? ' at a store view' : ''}`, async () => {
    for (const sort of sorts) for (const down of [false, true]) for (const page of pages) await same([], sort, down, page, view);
  });
  for (const filter of filters.filter(Boolean)) await check(`so are those with a filter: ${filter.slice(0, 3).join(' ')}`, async () => {
    for (const sort of sorts) for (const down of [false, true]) await same([filter], sort, down, pages[n++ % pages.length], n % 3 === 0);
  });
  await check('and those with two', async () => {
    for (let i = 0; i < 60; i++) await same([filters[1 + (i * 5) % 16], filters[1 + (i * 3 + 7) % 16]], sorts[i % sorts.length], i % 2 === 1, pages[i % 4], i % 4 === 0);
  });
  await check('a product that changes changes the next count', async () => {
    const path = query([['status', 'eq', '2']], 'name', false, [20, 1]), before = (await ask(path)).total_count;
    const put = await as('admin', { method: 'PUT', path: '/rest/all/V1/products/p-01001', body: { product: { status: 2 } } });
    ok(put.status === 200, put.text);
    equal((await ask(path)).total_count, before + 1);
    all[0].status = 2;
  });

  const token = JSON.parse((await as('admin', { method: 'POST', path: '/rest/V1/integration/admin/token', body: { username: 'admin', password: 'correct horse 1' } })).text);
  const plans = (shapes) => {
    const done = run(join(dirname(ferrite), 'tests/fault/plan'), [server.database, ...Object.values(shapes)], { env: { TOKEN: token, ASAN_OPTIONS: 'detect_leaks=0' } });
    if (done.status) throw new Error(done.err || done.out);
    return done.out.trim().split('\n').map((line) => JSON.parse(line));
  };
  const shapes = common(), told = plans(shapes);
  for (const [name, target] of Object.entries(shapes)) await check(`${name} reads no whole table`, () => {
    const mine = told.filter((t) => t.target === target);
    ok(mine.some((t) => /FROM catalog_product_(entity|index_price)/.test(t.sql)), 'nothing was explained');
    const wrong = mine.map((t) => complaint(sqlite, t)).filter(Boolean);
    ok(!wrong.length, wrong.join('\n'));
  });
  if (sqlite) await check('values that belong to one product are found by it, its children\'s too', () => {
    sql("UPDATE catalog_product_entity SET type_id = 'configurable' WHERE sku = 'p-02000'");
    const found = plans({ one: '/rest/V1/products/p-02000' }).flatMap(({ sql: text, plan }) => {
      const names = Object.fromEntries([...text.matchAll(/(?:FROM|JOIN) (catalog_\w+)(?: (?!WHERE|ON)(\w+))?/g)].map((m) => [m[2] ?? m[1], m[1]]));
      return plan.map((r) => /^(?:SCAN|SEARCH) (\w+)(.*)/.exec(r.detail)).filter((m) => /_entity_(int|varchar|decimal|text|datetime)$/.test(names[m?.[1]] ?? m?.[1])).map((m) => m[2]);
    });
    ok(found.length > 5, `only ${found.length} were explained`);
    equal(found.filter((how) => !/\(entity_id=\?/.test(how)), []);
  });
  await check('without its index it would, and this would be seen', () => {
    sql(`DROP INDEX ferrite_product_varchar_value${sqlite ? '' : ' ON catalog_product_entity_varchar'}`);
    learn();
    ok(plans({ name: shapes['sorted by name'] }).some((t) => complaint(sqlite, t)), 'it was not');
  });
  const again = () => {
    const [{ number }] = sql("SELECT number FROM ferrite_migration WHERE name = 'indexes for searches of products'");
    sql(`DELETE FROM ferrite_migration WHERE number >= ${number}`);
    const done = run(ferrite, ['init', '--database', server.database]);
    if (done.status) throw new Error(done.err);
    return sql(sqlite ? "SELECT name FROM sqlite_master WHERE name = 'ferrite_product_varchar_value'"
      : "SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name = 'ferrite_product_varchar_value'").length;
  };
  await check('tables that Magento made get no index of ours', () => {
    sql('CREATE TABLE patch_list (patch_id int)');
    equal(again(), 0);
    sql('DROP TABLE patch_list');
    equal(again(), 1);
  });
};
