// Do answers and requests keep to an OpenAPI document? Reads Swagger 2.0, as Magento and ferrite print it, and OpenAPI 3, as Adobe publishes
// it. Objects are closed: a property that the document does not name is a fault too.
import { load } from './packages.mjs';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

// What a schema says here: its own references, and objects that hold nothing but what they name.
const closed = (x) => {
  if (Array.isArray(x)) return x.map(closed);
  if (!x || typeof x !== 'object') return x;
  const it = Object.fromEntries(Object.entries(x).map(([k, v]) => [k, k === '$ref' ? v.replace('#', 'doc:#') : closed(v)]));
  if (it.type === 'object' && it.properties && !Array.isArray(it.properties) && it.additionalProperties === undefined) it.additionalProperties = false;
  return it;
};

const answered = (operation) => { const ok = operation.responses?.['200']; return ok?.schema ?? ok?.content?.['application/json']?.schema; };
const sent = (operation, deref) => operation.parameters?.find((p) => p.in === 'body')?.schema ?? deref(operation.requestBody)?.content?.['application/json']?.schema;

// Where each schema stands: "tax-data-tax-rate-interface.titles[]".
const name = (places, schema, at) => {
  if (!schema || typeof schema !== 'object') return;
  places.set(schema, at);
  for (const [key, of] of Object.entries(schema.properties ?? {})) name(places, of, `${at}.${key}`);
  if (schema.items) name(places, schema.items, `${at}[]`);
};

// A fault as one text, the same wherever its definition is used.
const fault = (places, e) => {
  const at = places.get(e.parentSchema);
  if (e.keyword === 'additionalProperties') return `${at}.${e.params.additionalProperty} is not named`;
  if (e.keyword === 'required') return `${at}.${e.params.missingProperty} is missing`;
  return `${at} is ${kind(e.data)}, ${e.message}`;
};

// { find(method, path) -> operation or undefined, answer(operation, body), request(operation, body) -> [fault …] }
export const document = (root, doc) => {
  const Ajv = load(root)('ajv').default;
  const ajv = new Ajv({ strict: false, allErrors: true, verbose: true, validateFormats: false });
  const definitions = closed(doc.definitions ?? {}), components = closed({ schemas: doc.components?.schemas ?? {} }), places = new Map();
  for (const [key, of] of [...Object.entries(definitions), ...Object.entries(components.schemas)]) name(places, of, key);
  ajv.addSchema({ $id: 'doc:', definitions, components });
  const deref = (x) => (x?.$ref ? x.$ref.slice(2).split('/').reduce((at, key) => at?.[key], doc) : x);
  const operations = Object.entries(doc.paths).flatMap(([path, item]) => METHODS.filter((m) => item[m]).map((m) => ({
    method: m.toUpperCase(), path, parts: path.split('/'), literal: path.split('/').filter((s) => !s.startsWith('{')).length,
    answers: answered(item[m]), takes: sent(item[m], deref) }))).sort((a, b) => b.literal - a.literal);
  const made = new Map();
  const check = (operation, what, value) => {
    const key = `${operation.method} ${operation.path} ${what}`;
    if (!made.has(key)) {
      const schema = closed(operation[what]);
      name(places, schema, `${operation.method} ${operation.path}`);
      made.set(key, ajv.compile(schema));
    }
    const validate = made.get(key);
    return validate(value) ? [] : validate.errors.map((e) => fault(places, e));
  };
  return {
    operations,
    find: (method, path) => { const parts = path.split('/');
      return operations.find((o) => o.method === method && o.parts.length === parts.length && o.parts.every((s, i) => (s.startsWith('{') ? parts[i] !== '' : s === parts[i]))); },
    answer: (operation, body) => (operation.answers ? check(operation, 'answers', body) : []),
    request: (operation, body) => (operation.takes ? check(operation, 'takes', body) : []),
  };
};

const kind = (x) => (x === null ? 'null' : Array.isArray(x) ? 'a list' : typeof x);
