// Every row of a database and whose it is, from the tables' own description: a row belongs to a customer when it is his, or refers to one
// that is. dump(sql) reads all; strangers(dump, customers, mails) gives those that are none of theirs and no letter to one of these
// addresses, as text.
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

// name -> { key: [columns], refers: [{ column, table, to }] }, from "table\n" "!column|type…\n" "P a,b\n" "F [name:]column|table.column|…\n"
const tables = new Map(['schema.inc', 'ferrite.inc'].flatMap((file) =>
  readFileSync(join(root, 'src/store', file), 'utf8').split(/^,$/m).map((text) => [...text.matchAll(/^\s*"(.*)\\n"$/gm)].map((m) => m[1])).filter((lines) => lines.length > 1)
    .map(([name, ...lines]) => {
      const columns = lines.filter((l) => /^[ !+]/.test(l)).map((l) => l.slice(1).split('|')[0]);
      const refers = lines.filter((l) => l.startsWith('F ')).map((l) => l.slice(2).replace(/^[A-Z_]+:/, '').split('|')).map(([column, to]) => ({ column, table: to.split('.')[0], to: to.split('.')[1] }));
      if (columns.includes('customer_id')) refers.push({ column: 'customer_id', table: 'customer_entity', to: 'entity_id' });
      return [name, { columns, refers }];
    })));

// What moves with every request, whoever makes it.
const passing = /^(ferrite_(audit.*|change|migration)|customer_visitor|oauth_nonce|sequence_.*)$/;
const restless = ['last_used_at', 'last_address'];

export const dump = (sql) => {
  const names = [...tables.keys()].filter((name) => !passing.test(name));
  const there = new Map(names.map((name) => [name, []]));
  for (const { _t, ...row } of sql(...names.map((name) => `SELECT '${name}' AS _t, x.* FROM \`${name}\` AS x`))) {
    for (const column of restless) delete row[column];
    there.get(_t).push(row);
  }
  return there;
};

// The tokens and revocations of a user are known by his kind and number.
const byUser = (row, id) => String(row.user_id) === String(id) && String(row.user_type ?? row.user_type_id) === '3';

const ownedBy = (all, id) => {
  const mine = new Set(all.get('customer_entity').filter((row) => String(row.entity_id) === String(id)));
  for (const table of ['ferrite_token', 'jwt_auth_revoked']) for (const row of all.get(table)) if (byUser(row, id)) mine.add(row);
  for (let grew = true; grew;) {
    grew = false;
    for (const [name, rows] of all) for (const { column, table, to } of tables.get(name).refers) {
      if (!all.has(table)) continue;
      const keys = new Set(all.get(table).filter((row) => mine.has(row)).map((row) => row[to]));
      for (const row of keys.size ? rows : []) if (!mine.has(row) && row[column] !== null && keys.has(row[column])) { mine.add(row); grew = true; }
    }
  }
  return mine;
};

const lines = (all, keep) => [...all].flatMap(([name, rows]) => rows.filter(keep).map((row) => `${name} ${JSON.stringify(row)}`)).sort();

// Tables in which the customer has rows, and all rows that are not his.
export const tablesOf = (all, id) => { const mine = ownedBy(all, id); return [...all].filter(([, rows]) => rows.some((row) => mine.has(row))).map(([name]) => name); };
export const strangers = (all, ids, mails) => {
  const mine = ids.map((id) => ownedBy(all, id));
  return lines(all, (row) => !mine.some((rows) => rows.has(row)) && !mails.includes(row.recipient?.trim().toLowerCase()));
};
