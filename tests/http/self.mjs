// Nobody reads or changes what is another's. Every route for "self" of `ferrite routes` (and every other with forced parameters, and the one
// that makes accounts) is called as one customer with whatever might name another's rows: lib/attack.mjs makes the requests from the row and
// the OpenAPI document. After each, the others' accounts are as they were and nothing of theirs was in the answer; after each route, so is
// every row of the database that is not the caller's. A new route of that kind needs an entry in `own`, or this fails.
import { createHmac } from 'node:crypto';
import { routes } from '../lib/acl.mjs';
import { attacks, forcedOf } from '../lib/attack.mjs';
import { dump, strangers, tablesOf } from '../lib/rows.mjs';
import { sqlOf } from '../lib/sql.mjs';

const PASSWORD = 'correct Horse 1', SHOWN = 5;

/*
 * What a customer may send to his own routes, by "METHOD path".
 *   body(me)     of his own request; me: { now: his account as it stands, … }
 *   more(me, prey)  further bodies, where it takes two members together to do harm
 *   status       of its answer, 200 when not said
 *   prepare(me, call)  makes what of his the route is about, for attacker and victims alike: {ids: […], marks: […]} join what attacks name and
 *                answers must not show
 *   path(me)     the values of the path's parameters: {itemId: 3}
 *   few          a costly route, or one that ends tokens: the likeliest attacks only
 *   keep         members of the body that every attack leaves as they are
 *   fresh        a new token for each request
 */
const address = (me, i) => ({ ...me.now.addresses[i], region: undefined });
const own = {
  'GET /V1/customers/me': {},
  'PUT /V1/customers/me': {
    body: (me) => ({ customer: { email: me.now.email, firstname: me.now.firstname, lastname: me.now.lastname, addresses: me.now.addresses.map((a, i) => address(me, i)) } }),
    more: (me, prey) => ['default_billing', 'default_shipping'].flatMap((name) => prey.ids.flatMap((id) => [[], [{ id }], null, undefined].map((addresses) => (
      { customer: { email: me.now.email, firstname: me.now.firstname, lastname: me.now.lastname, [name]: id, addresses } })))),
  },
  'GET /V1/customers/me/billingAddress': {},
  'GET /V1/customers/me/shippingAddress': {},
  'PUT /V1/customers/me/password': { body: () => ({ currentPassword: PASSWORD, newPassword: PASSWORD }), few: true, keep: ['currentPassword', 'newPassword'] },
  'PUT /V1/customers/me/activate': { body: () => ({ confirmationKey: 'none' }), status: 400, few: true },
  'POST /V1/integration/customer/revoke-customer-token': { body: () => ({}), few: true, fresh: true },
  'POST /V1/customers': {
    body: (me) => ({ customer: { email: `made${me.made = (me.made ?? 0) + 1}@example.com`, firstname: 'New', lastname: 'Comer' }, password: PASSWORD }),
    few: true, keep: ['password', 'passwordHash'], makes: true,
  },
};

const isSelf = (row) => row.path.startsWith('/V1/') && (row.resources.includes('self') || forcedOf(row).length || (row.method === 'POST' && row.path === '/V1/customers'));

const b64 = (x) => Buffer.from(x).toString('base64url');
const signed = (key, claims) => {
  const left = Math.floor((2048 - key.length) / 2), padded = '&'.repeat(left) + key + '&'.repeat(2048 - key.length - left);
  const text = `${b64('{"kid":"1","alg":"HS256"}')}.${b64(JSON.stringify(claims))}`;
  return `${text}.${createHmac('sha256', padded).update(text).digest('base64url')}`;
};

// Each field of each person holds a word that stands nowhere else.
const accountOf = (who, email) => {
  const mark = (field) => `${who}q${field}x`;
  const place = (n, more) => ({ firstname: mark(`first${n}`), lastname: mark(`last${n}`), street: [mark(`street${n}`), mark(`line${n}`)], city: mark(`city${n}`), postcode: mark(`zip${n}`),
    telephone: mark(`phone${n}`), fax: mark(`fax${n}`), company: mark(`firm${n}`), vat_id: mark(`vat${n}`), country_id: 'DE', region_id: 82, ...more });
  return { email, firstname: mark('first'), lastname: mark('last'), middlename: mark('middle'), prefix: mark('pre'), suffix: mark('suf'), taxvat: mark('tax'), dob: '1970-01-02', gender: 2,
    addresses: [place(1, { default_billing: true }), place(2, { default_shipping: true }), place(3)], extension_attributes: { is_subscribed: true } };
};

const json = (answer) => { try { return JSON.parse(answer.text); } catch { return null; } };

const world = async (t) => {
  const admin = await t.sign('admin'), sql = t.engine === 'sandbox' ? null : sqlOf(t.ferrite, t.server);
  const call = async (token, method, path, body, store = 'default') => {
    const answer = await t.request({ method, path: `/rest/${store}${path}`, body: body && JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) } });
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return json(answer);
  };
  sql?.("INSERT INTO store_website (website_id, code, name, sort_order, default_group_id, is_default) VALUES (7, 'second', 'Second', 0, 7, 0)",
    "INSERT INTO store_group (group_id, website_id, name, root_category_id, default_store_id, code) VALUES (7, 7, 'Second', 2, 7, 'second')",
    "INSERT INTO store (store_id, code, website_id, group_id, name, sort_order, is_active) VALUES (7, 'second', 7, 7, 'Second', 0, 1)");
  const opened = () => t.request({ method: 'GET', path: '/rest/second/V1/directory/currency' }).then((answer) => answer.status === 200);
  for (const began = Date.now(); sql && Date.now() - began < 5000 && !await opened();) await new Promise((go) => setTimeout(go, 50));
  // The third is on another website, under the address that the first has on this one. Nobody but ferrite writes a sandbox: there is one website.
  const people = [];
  for (const [who, email, store] of [['a', 'ann@example.com', 'default'], ['b', 'bob@example.com', 'default'], ['c', sql ? 'ann@example.com' : 'cid@example.com', sql ? 'second' : 'default']]) {
    const { id } = await call(null, 'POST', '/V1/customers', { customer: { ...accountOf(who, email), website_id: store === 'second' ? 7 : 1 }, password: PASSWORD }, store);
    const token = await call(null, 'POST', '/V1/integration/customer/token', { username: email, password: PASSWORD }, store);
    people.push({ who, id, email, token, store, ids: [id], marks: [] });
  }
  for (const me of people) {
    me.look = () => call(admin, 'GET', `/V1/customers/${me.id}`);
    me.now = await me.look();
    me.ids.push(...me.now.addresses.map((a) => a.id));
    for (const entry of Object.values(own)) if (entry.prepare) {
      const more = await entry.prepare(me, (...args) => call(me.token, ...args, me.store));
      me.ids.push(...more.ids ?? []);
      me.marks.push(...more.marks ?? []);
    }
    me.was = JSON.stringify(await me.look());
  }
  return { admin, sql, call, me: people[0], others: people.slice(1) };
};

const bodySchema = (doc, row) => {
  const operation = doc.paths[row.path.replace(/:(\w+)/g, '{$1}')]?.[row.method.toLowerCase()];
  return operation?.parameters?.find((p) => p.in === 'body')?.schema;
};

// What is wrong after an attack: with the answer, with the others, with what of the caller's own is not his to choose.
const change = (was, now) => { let i = 0; while (was[i] === now[i]) i++; return `…${now.slice(i - 40, i + 80)}…, was …${was.slice(i - 40, i + 80)}…`; };
const FIXED = ['id', 'group_id', 'website_id', 'store_id', 'created_at'];
const wrongs = async (w, attack, answer, entry) => {
  const found = [], sent = `${attack.path} ${attack.body ?? ''}`;
  for (const other of w.others) {
    const words = answer.text.match(new RegExp(`\\b${other.who}q\\w+x\\b`, 'g')) ?? [];
    for (const word of [...words, ...other.marks.filter((m) => answer.text.includes(m))]) if (!sent.includes(word) && !found.length) found.push(`shows ${word} of ${other.who}`);
    if (attack.method !== 'GET' && JSON.stringify(await other.look()) !== other.was) found.push(`${other.who} is ${change(other.was, JSON.stringify(await other.look()))}`);
  }
  const before = w.me.now, now = attack.method === 'GET' ? before : await w.me.look();
  for (const key of FIXED) if (now[key] !== before[key]) found.push(`the caller's own ${key} is ${now[key]}, was ${before[key]}`);
  for (const key of ['default_billing', 'default_shipping']) if (now[key] && !now.addresses.some((a) => String(a.id) === now[key])) found.push(`the caller's own ${key} is ${now[key]}, no address of his`);
  if (entry.makes && json(answer)?.id && w.others.concat(w.me).some((p) => p.id === json(answer).id)) found.push('the new account is an old one');
  if (answer.status >= 500 && !answer.text.includes('Report ID') && !answer.text.startsWith('An error has happened')) found.push(`${answer.status} ${answer.text.slice(0, 200)}`);
  w.me.now = now;
  return found;
};

// The caller's account as it was made, so that every attack meets the same.
const restore = async (w, row) => {
  if (row.method === 'GET' || JSON.stringify(w.me.now) === JSON.stringify(w.me.like)) return;
  const { addresses, ...rest } = accountOf('a', w.me.email);
  await w.call(w.admin, 'PUT', `/V1/customers/${w.me.id}`, { customer: { ...rest, default_billing: null, default_shipping: null, addresses } });
  w.me.now = w.me.like = await w.me.look();
};

export default async (t) => {
  const rows = routes(t.ferrite).filter(isSelf), w = await world(t), keyOf = (row) => `${row.method} ${row.path}`;
  await t.check('every route for a customer himself has its request here, and no other', () => {
    t.equal(rows.map(keyOf).filter((key) => !own[key]), [], 'without');
    t.equal(Object.keys(own).filter((key) => !rows.some((row) => keyOf(row) === key)), [], 'none of these');
  });
  const doc = json(await t.request({ method: 'GET', path: '/rest/all/schema?services=all', headers: { Authorization: `Bearer ${w.admin}` } }));
  if (w.sql) await t.check('the rows of a customer are found', () => {
    const his = tablesOf(dump(w.sql), w.others[0].id);
    t.equal(['customer_address_entity', 'customer_entity', 'ferrite_token', 'newsletter_subscriber'].filter((name) => !his.includes(name)), []);
  });
  let shift = 0;
  const tokenFor = async (entry) => {
    if (!entry.fresh) return w.me.token;
    await t.as('admin', { method: 'PUT', path: '/ferrite/v1/sandbox/clock', body: { shift: ++shift } });
    const now = Math.floor(Date.now() / 1000) + shift;
    return signed(t.fixture.crypt_key, { uid: w.me.id, utypid: 3, iat: now, exp: now + 3600 });
  };
  const send = async (attack, entry) => t.request({ method: attack.method, path: attack.path, body: attack.body,
    headers: { ...(attack.body === undefined ? {} : { 'Content-Type': attack.type }), Authorization: `Bearer ${await tokenFor(entry)}`, ...attack.headers } });
  const prey = { ids: [...new Set(w.others.flatMap((o) => o.ids))], mails: w.others.map((o) => o.email), stores: w.sql ? ['second', 'all'] : ['all'] };
  w.me.like = w.me.now;

  // Those that end the caller's tokens come last.
  for (const row of rows.filter((r) => own[keyOf(r)]).sort((x, y) => !!own[keyOf(x)].fresh - !!own[keyOf(y)].fresh)) {
    const entry = own[keyOf(row)];
    const few = entry.few || t.engine !== 'sqlite'; // all spellings on one engine: they are read before it is asked
    await t.check(`${keyOf(row)} with what names another`, async () => {
      const before = w.sql && dump(w.sql), bad = [], made = [];
      let n = 0;
      const path = (text, more = {}) => text.replace(/:(\w+)/g, (m, name) => ({ ...entry.path?.(w.me), ...more })[name] ?? '0');
      const body = () => entry.body?.(w.me), expected = entry.status ?? 200;
      for (const attack of attacks({ row, path, body, more: entry.more?.(w.me, prey), definitions: doc.definitions, schema: bodySchema(doc, row), prey, few, keep: entry.keep })) {
        const answer = await send(attack, entry), why = await wrongs(w, attack, answer, entry);
        if (entry.makes && answer.status === 200) made.push(json(answer));
        n++;
        if (attack.own && answer.status !== expected) bad.push(`${attack.name}: ${answer.status} ${answer.text}`);
        if (why.length) bad.push(`${attack.name} (${answer.status}): ${why.join('; ')}`);
        if (bad.length > SHOWN) break;
        await restore(w, row);
      }
      if (t.engine === 'sqlite') console.log(`self    ${keyOf(row)}: ${n} requests`);
      for (const { id } of made) await w.call(w.admin, 'DELETE', `/V1/customers/${id}`);
      if (before) {
        const ids = [w.me.id, ...made.map((c) => c.id)], mails = [w.me.email, ...made.map((c) => c.email)];
        const old = strangers(before, ids, mails), now = strangers(dump(w.sql), ids, mails), gone = old.filter((l) => !now.includes(l)), come = now.filter((l) => !old.includes(l));
        if (gone.length + come.length) bad.push(`rows that are not the caller's:\n- ${gone.slice(0, SHOWN).join('\n- ')}\n+ ${come.slice(0, SHOWN).join('\n+ ')}`);
      }
      t.ok(!bad.length, bad.join('\n'));
    });
  }
  await t.check('the others are as they were, and still signed in', async () => {
    for (const other of w.others) t.equal(JSON.stringify(await other.look()), other.was);
    for (const other of w.others) t.equal((await w.call(other.token, 'GET', '/V1/customers/me', undefined, other.store)).id, other.id);
  });
};
