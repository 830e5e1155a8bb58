// Products in bulk, in either database, and the requests that search them: what the figures of search are taken from.
import { join } from 'node:path';
import { run } from '../tests/lib/server.mjs';
import { sqlOf } from '../tests/lib/sql.mjs';

const criteria = (filters, sort, more = '') => ['searchCriteria[pageSize]=20', ...filters.flatMap(([field, condition, value], i) => Object.entries({ field, conditionType: condition, value })
  .map(([k, v]) => `searchCriteria[filterGroups][${i}][filters][0][${k}]=${encodeURIComponent(v)}`)),
...(sort ? [`searchCriteria[sortOrders][0][field]=${sort}`, 'searchCriteria[sortOrders][0][direction]=ASC'] : [])].join('&') + more;
const all = (...x) => `/rest/all/V1/products?${criteria(...x)}`, view = (...x) => `/rest/V1/products?${criteria(...x)}`;
const shown = [['status', 'eq', 1], ['visibility', 'eq', 3]];

// By what callers filter and sort by.
export const shapes = {
  'by sku': all([['sku', 'eq', 'bench-150']]), 'by a list of skus': all([['sku', 'in', 'bench-150,bench-151,bench-1500,bench-7,bench-99']]),
  'by id': all([['entity_id', 'eq', 1500]]), 'by type': all([['type_id', 'eq', 'virtual']]), 'by price range': all([['price', 'from', 10], ['price', 'to', 11]]),
  'by category': all([['category_id', 'eq', 2]]), 'by category, sorted by name': all([['category_id', 'eq', 2]], 'name'),
  'updated since': all([['updated_at', 'gt', '2024-01-02 01:00:00']], 'updated_at'), 'sorted by created_at': all([], 'created_at'),
  'sorted by name': all([], 'name'), 'sorted by name at a store view': view([], 'name'), 'sorted by name, hundredth page': all([], 'name', '&searchCriteria[currentPage]=100'),
  'sorted by price': all([], 'price'), 'sorted by price at a store view': view([], 'price'), 'by the start of the name': all([['name', 'like', 'value 19%']]),
  'by part of the name': all([['name', 'like', '%e 19%']]), 'by a rare part of the name': all([['name', 'like', '%1234%']]),
  'by status and visibility': all(shown), 'by status and visibility at a store view': view(shown), 'by status and visibility, sorted by name': all(shown, 'name'),
};

// One product of 50 in category 2 and virtual, a minute between two changes, prices up to a tenth of the number, one of 100 disabled.
const spread = (n) => [
  "UPDATE catalog_product_entity SET created_at = datetime('2024-01-01', '+' || entity_id || ' minutes'), updated_at = datetime('2024-01-01', '+' || entity_id || ' minutes')",
  "UPDATE catalog_product_entity SET type_id = 'virtual' WHERE entity_id % 50 = 0",
  'UPDATE catalog_category_product SET category_id = 1 WHERE product_id % 50',
  `UPDATE catalog_product_entity_decimal SET attribute_id = 77, value = (entity_id * 7919 % ${n}) / 10.0 WHERE attribute_id = 78`,
  'UPDATE catalog_product_entity_int SET value = 2 WHERE attribute_id = 97 AND entity_id % 100 = 0',
  `INSERT INTO catalog_product_index_price (entity_id, customer_group_id, website_id, tax_class_id, price, final_price, min_price, max_price)
  SELECT entity_id, customer_group_id, 1, 2, value, value, value, value FROM catalog_product_entity_decimal JOIN customer_group WHERE attribute_id = 77 AND entity_id % 100`,
];

const must = (done) => { if (done.status) throw new Error(done.err || done.out); };

// Made by the yardstick of writes (bench/insert.c).
export const fillSqlite = (ferrite, insert, file, fixture, n) => {
  must(run(insert, [file, String(n)]));
  sqlOf(ferrite, { database: `sqlite:${file}` })(...spread(n));
  must(run(ferrite, ['init', '--database', `sqlite:${file}`, '--fixture', fixture]));
  return `sqlite:${file}`;
};

// The same rows, made by MariaDB itself.
const rows = (n) => `SET FOREIGN_KEY_CHECKS = 0, unique_checks = 0;
INSERT INTO catalog_product_entity (entity_id, attribute_set_id, type_id, sku, created_at, updated_at)
  SELECT seq, 4, IF(seq % 50, 'simple', 'virtual'), CONCAT('bench-', seq), '2024-01-01' + INTERVAL seq MINUTE, '2024-01-01' + INTERVAL seq MINUTE FROM seq_1_to_${n};
INSERT INTO catalog_product_entity_varchar (attribute_id, store_id, entity_id, value) SELECT a.seq, 0, p.seq, CONCAT('value ', p.seq) FROM seq_1_to_${n} p JOIN seq_73_to_78 a;
INSERT INTO catalog_product_entity_int (attribute_id, store_id, entity_id, value) SELECT a.seq, 0, p.seq, IF(a.seq = 97 AND p.seq % 100 = 0, 2, a.seq - 96) FROM seq_1_to_${n} p JOIN seq_97_to_99 a;
INSERT INTO catalog_product_entity_decimal (attribute_id, store_id, entity_id, value) SELECT a.seq, 0, p.seq, IF(a.seq = 77, (p.seq * 7919 % ${n}) / 10, 12.5) FROM seq_1_to_${n} p JOIN (SELECT 77 AS seq UNION SELECT 79) a;
INSERT INTO catalog_product_entity_text (attribute_id, store_id, entity_id, value) SELECT a.seq, 0, p.seq, CONCAT('A description of some length, as products have one, for product ', p.seq) FROM seq_1_to_${n} p JOIN seq_76_to_77 a;
INSERT INTO catalog_product_website (product_id, website_id) SELECT seq, 1 FROM seq_1_to_${n};
INSERT INTO catalog_category_product (category_id, product_id, position) SELECT IF(seq % 50, 1, 2), seq, 0 FROM seq_1_to_${n};
INSERT INTO cataloginventory_stock_item (product_id, stock_id, qty, is_in_stock, website_id) SELECT seq, 1, 100, 1, 0 FROM seq_1_to_${n};
INSERT INTO inventory_source_item (source_code, sku, quantity, status) SELECT 'default', CONCAT('bench-', seq), 100, 1 FROM seq_1_to_${n};
INSERT INTO url_rewrite (entity_type, entity_id, request_path, target_path, redirect_type, store_id, is_autogenerated)
  SELECT 'product', seq, CONCAT('bench-', seq, '.html'), CONCAT('catalog/product/view/id/', seq), 0, 1, 1 FROM seq_1_to_${n};
INSERT INTO catalog_product_index_price (entity_id, customer_group_id, website_id, tax_class_id, price, final_price, min_price, max_price)
  SELECT seq, customer_group_id, 1, 2, (seq * 7919 % ${n}) / 10, (seq * 7919 % ${n}) / 10, (seq * 7919 % ${n}) / 10, (seq * 7919 % ${n}) / 10 FROM seq_1_to_${n} JOIN customer_group WHERE seq % 100;
ANALYZE TABLE catalog_product_entity, catalog_product_entity_varchar, catalog_product_entity_int, catalog_product_entity_decimal, catalog_product_index_price, catalog_category_product;
`;

export const fillMariadb = (ferrite, { url, dir }, fixture, n) => {
  const name = `sizes_${n}`, mariadb = ['--no-defaults', `--socket=${join(dir, 'sock')}`, '-u', 'root'], database = url.replace(/\/[^/]*$/, `/${name}`);
  must(run('mariadb', [...mariadb, '-e', `SET GLOBAL innodb_flush_log_at_trx_commit = 0; CREATE DATABASE ${name}`]));
  must(run(ferrite, ['init', '--database', database, '--fixture', fixture]));
  must(run('mariadb', [...mariadb, name], { input: rows(n), wait: 600000 }));
  return database;
};
