// Requests that try to name what is another's: made from a route's row, its body as the OpenAPI document has it, and a request that its own
// customer may make. An attack is {name, method, path, type, body}, the body as text; with .own it is
// none, but a request that must do what it does for everybody.

const RAW = /"\u0001(.*?)\u0001"/g;
const raw = (text) => `\u0001${text.replaceAll('"', '\u0002')}\u0001`;
const textOf = (body) => (body === undefined ? undefined : JSON.stringify(body).replaceAll('\\u0001', '\u0001').replaceAll('\\u0002', '"').replace(RAW, '$1'));
const clone = (x) => (x === undefined ? {} : structuredClone(x));

// What may be read as the number n, here or there: numbers that wrap around at 32 and 64 bits, text, casts, lists and objects.
export const spellings = (n, few) => {
  const m = BigInt(n), all = [`${n}`, `"${n}"`, `${m + (1n << 32n)}`, `[${n}]`, `${m + (1n << 64n)}`, `${m - (1n << 32n)}`, `"${n}abc"`, `${n}.0`, `${n}.9`, `${n}e0`, `" ${n}"`,
    `"${n} "`, `"+${n}"`, `"0${n}"`, `"${n}.0"`, `"0x${m.toString(16)}"`, `"${n}\\u0000"`, `"${n}' OR '1'='1"`, `{"0":${n}}`, `{"id":${n}}`, `[[${n}]]`, `-${n}`, `"${n},0"`, 'null', 'true', '0',
    '-1', '[]', '{}', '""', '"%"', '9223372036854775807', '1e400'];
  return few ? all.slice(0, 3) : all;
};
const mails = (mail, few) => (few ? [mail] : [mail, mail.toUpperCase(), `${mail} `, ` ${mail}`, `${mail}\u0000`, `"${mail}"@example.com`, mail.replace('@', '%40')]).map((m) => JSON.stringify(m));

// -- the leaves of a body ----------------------------------------------------------------------------------------

// Ways down to every scalar of a schema; a list is entered at its first member. An object within itself is not entered again.
export const leaves = (definitions, schema, above = [], seen = []) => {
  const name = schema?.$ref?.replace('#/definitions/', ''), at = name ? definitions[name] : schema;
  if (!at || (name && seen.includes(name))) return [];
  const inside = name ? [...seen, name] : seen;
  if (at.type === 'array') return leaves(definitions, at.items, [...above, 0], inside);
  if (at.properties) return Object.entries(at.properties).flatMap(([key, value]) => leaves(definitions, value, [...above, key], inside));
  return [above];
};

const placed = (body, path, value) => {
  const out = clone(body);
  let at = out;
  path.slice(0, -1).forEach((key, i) => { at = (at[key] !== null && typeof at[key] === 'object' ? at[key] : (at[key] = typeof path[i + 1] === 'number' ? [] : {})); });
  at[path.at(-1)] = value;
  return out;
};

const isName = (key) => typeof key === 'string' && /(^|_)(id|ids|email|code|number|increment|token|key|billing|shipping|mask|quote|cart|order|customer|group|website|store)$|^customer|^store|^website|^group/i.test(key);

// -- names that are not asked for --------------------------------------------------------------------------------

const camel = (name) => name.replace(/_(\w)/g, (m, c) => c.toUpperCase()), snake = (name) => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
const pascal = (name) => camel(name).replace(/^\w/, (c) => c.toUpperCase());
const manners = (name) => [...new Set([camel(name), snake(name), pascal(name), name.toUpperCase(), name.toLowerCase(), snake(name).replaceAll('_', '__'), `${snake(name)}_`, `_${snake(name)}`, `${camel(name)} `,
  snake(name).replaceAll('_', '.'), snake(name).replaceAll('_', '-')])];

// "customerId=%customer_id%; customer.id=…" as ways: [['customerId'], ['customer', 'id']]
export const forcedOf = (row) => (row.forced ?? '').split(';').map((pair) => pair.trim().split('=')[0]).filter(Boolean).map((name) => name.split('.'));

const queryOf = ([first, ...rest], value) => `${encodeURIComponent(first)}${rest.map((key) => `[${encodeURIComponent(key)}]`).join('')}=${encodeURIComponent(value)}`;
const xmlOf = (value, name) => (Array.isArray(value) ? value.map((v) => xmlOf(v, name)).join('') : value !== null && typeof value === 'object'
  ? `<${name}>${Object.entries(value).map(([k, v]) => (Array.isArray(v) ? `<${k}>${v.map((x) => xmlOf(x, 'item')).join('')}</${k}>` : xmlOf(v, k))).join('')}</${name}>`
  : `<${name}>${String(value).replace(/[<&]/g, '')}</${name}>`);
const keysFirst = (more, body) => ({ ...more, ...clone(body) });

// -- all attacks on one route ------------------------------------------------------------------------------------

/*
 * row: of `ferrite routes --json`; body(): what the attacker may send himself, as things are now; more: bodies besides; schema: of the body,
 * or undefined; prey: {ids: […], mails: […], stores: […]} of others; few: the likeliest attacks only; keep: members of the body that are
 * left as they are. Every way of spelling is tried with the first of the ids, where an id is asked for with the first two; the others are
 * sent as they are.
 */
export const attacks = function* ({ row, path, body, more = [], definitions, schema, prey, few = false, keep = [] }) {
  const writes = row.method === 'POST' || row.method === 'PUT', sent = () => (writes ? body() : undefined);
  const base = `/rest/default${path(row.path)}`, ids = few ? prey.ids.slice(0, 1) : prey.ids, [first, second = first] = ids;
  const one = (name, more) => ({ name, method: row.method, path: base, type: 'application/json', body: textOf(sent()), ...more });
  const forced = [...forcedOf(row), ['customerId'], ['customer', 'id'], ['id'], ['customer', 'website_id'], ['cartId'], ['addressId'], ['userId'], ['email']];

  yield one('nothing but his own request', { own: true });
  // The parameters of the path, and the store of another website.
  for (const name of row.path.match(/:\w+/g) ?? [])
    for (const id of ids) for (const text of [`${id}`, `${id}.0`, `0${id}`, `${id}%00`, `${id}%20`, `-${id}`, `${BigInt(id) + (1n << 32n)}`])
      yield one(`${name} of the path is ${text}`, { path: `/rest/default${path(row.path, { [name.slice(1)]: text })}` });
  for (const store of prey.stores) yield one(`in store ${store}`, { path: base.replace('/default/', `/${store}/`) });
  // The query: plain, twice, as a list, inside the object.
  for (const way of forced) {
    const values = [...ids, ...(way.includes('email') ? prey.mails : [])];
    for (const value of values) for (const last of few || value !== first ? [way.at(-1)] : manners(way.at(-1))) {
      const at = [...way.slice(0, -1), last];
      yield one(`query ${queryOf(at, value)}`, { path: `${base}?${queryOf(at, value)}` });
      if (few || value !== first) continue;
      yield one(`query ${queryOf(at, value)} twice`, { path: `${base}?${queryOf(at, value)}&${queryOf(at, value)}` });
      yield one(`query ${queryOf([...at, ''], value)}`, { path: `${base}?${queryOf([...at, ''], value)}` });
    }
  }
  for (const field of ['entity_id', 'customer_id', 'id', 'email'])
    yield one(`searchCriteria by ${field}`, { path: `${base}?searchCriteria[filter_groups][0][filters][0][field]=${field}&searchCriteria[filter_groups][0][filters][0][value]=${field === 'email' ? prey.mails[0] : first}` });
  yield one('fields', { path: `${base}?fields=id,email,customer,items,addresses` });
  yield one('another method', { headers: { 'X-HTTP-Method-Override': 'GET', 'X-Customer-Id': `${first}`, Cookie: `customer_id=${first}` } });
  if (!writes) return;

  // Members that are not asked for, before and behind the others, under every spelling, and twice.
  for (const way of forced) for (const id of few ? ids : [...ids, ...prey.mails]) for (const last of few || id !== first ? [way.at(-1)] : manners(way.at(-1))) {
    const at = [...way.slice(0, -1), last], member = placed({}, at, id), behind = placed(sent(), at, id);
    yield one(`${at.join('.')} = ${id} behind`, { body: textOf(behind) });
    if (few || id !== first) continue;
    yield one(`${at.join('.')} = ${id} before`, { body: textOf(keysFirst(member, sent())) });
    yield one(`${at.join('.')} = ${id} twice`, { body: textOf(behind).replace(/\}$/, `,${textOf(member).slice(1)}`) });
  }
  for (const way of few ? [] : forced) for (const text of spellings(first)) yield one(`${way.join('.')} = ${text}`, { body: textOf(placed(sent(), way, raw(text))) });
  // Every leaf of the body as the schema has it.
  for (const leaf of leaves(definitions, schema)) {
    if (keep.includes(leaf.at(-1))) continue;
    const ways = [leaf, ...(leaf.includes(0) ? [leaf.map((key) => (key === 0 ? 1 : key))] : [])].filter((way) => !few || way === leaf);
    const whole = (id) => id === first || (id === second && /^(id|default_\w+)$/.test(leaf.at(-1)));
    for (const way of ways) for (const id of ids)
      for (const text of isName(way.at(-1)) ? spellings(id, few || way !== leaf || !whole(id)) : id === first ? [`"${id}"`] : []) yield one(`${way.join('.')} = ${text}`, { body: textOf(placed(sent(), way, raw(text))) });
    for (const mail of prey.mails) for (const text of /mail/.test(leaf.at(-1)) ? mails(mail, few) : isName(leaf.at(-1)) ? [JSON.stringify(mail)] : [])
      yield one(`${leaf.join('.')} = ${text}`, { body: textOf(placed(sent(), leaf, raw(text))) });
  }
  for (const other of more) yield one(`a body of its own: ${textOf(other)}`, { body: textOf(other) });
  // The body as something else: a list, numbered, as XML.
  for (const key of Object.keys(sent() ?? {})) {
    const own = sent();
    yield one(`${key} is a list`, { body: textOf({ ...own, [key]: [own[key]] }) });
    yield one(`${key} is a list of another`, { body: textOf({ ...own, [key]: [{ id: first }] }) });
    yield one(`${key} is only an id`, { body: textOf({ ...own, [key]: { id: first } }) });
    yield one(`${key} is a number`, { body: textOf({ ...own, [key]: first }) });
    yield one(`${pascal(key)} and ${key}`, { body: textOf({ [pascal(key)]: { ...(own[key]?.constructor === Object ? own[key] : {}), id: first }, ...own }) });
  }
  yield one('a list', { body: textOf([first, sent()]) });
  for (const way of forced) yield one(`XML with ${way.join('.')}`, { type: 'application/xml', body: xmlOf(placed(sent(), way, first), 'request') });
  yield one('no body', { body: '' });
  yield one('at last his own request', { own: true });
};
