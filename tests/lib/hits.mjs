// What was asked of which route and what came back: kept while cases run, judged at their end. Each route wants a success and a refusal of
// its own, and each answer wants to be what the OpenAPI documents say.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { document } from './conform.mjs';
import { request } from './client.mjs';
import { install } from './packages.mjs';

const parsed = (text) => { try { return JSON.parse(text); } catch { return undefined; } };
const shape = (path) => /^\/rest(?:\/(?!V1\/|async\/)[^/?]+)?(\/V1\/[^?]*)/.exec(path)?.[1];

// The deviations of Magento itself from its own document: fault -> reason.
export const deviations = (root) => new Map(readFileSync(join(root, 'tests/data/deviations.tsv'), 'utf8').trimEnd().split('\n').slice(1).map((line) => line.split('\t')));

// Adobe's document where it lies beside the checkout; null elsewhere.
export const published = (root) => {
  const file = resolve(root, '../shared/contract/openapi-opensource-all-2.4.7.json');
  return existsSync(file) ? document(root, JSON.parse(readFileSync(file, 'utf8'))) : null;
};

// What a running server says of itself.
export const own = async (root, base, token) =>
  document(root, JSON.parse((await request(base, { method: 'GET', path: '/rest/all/schema?services=all', headers: { Authorization: `Bearer ${token}` } })).text));

export const operationOf = (of, method, path) => {
  const there = shape(path);
  return there && (of.find(method, there) ?? of.find(method, there.replace(/\/+$/, '')));
};

// tax_class_id, taxClassId and TaxClassId mean one field.
const snake = (x) => (Array.isArray(x) ? x.map(snake) : x && typeof x === 'object'
  ? Object.fromEntries(Object.entries(x).map(([k, v]) => [k.replace(/(?<!^)[A-Z]/g, '_$&').toLowerCase(), snake(v)])) : x);

// Faults of one exchange against @of. fields= cuts an answer: members are missing, lists null, and nothing left is an
// empty list. What is sent may have many types, and a parameter that no method has is not looked at: only the members of what was
// accepted are to be named.
export const faults = (of, { method, path, body, text }) => {
  const operation = operationOf(of, method, path), answer = parsed(text), request = parsed(body ?? '');
  if (!operation || answer === undefined) return [];
  const sent = request && typeof request === 'object' ? Object.fromEntries(Object.entries(request).map(([k, v]) => [k, snake(v)])) : undefined;
  const of_answer = of.answer(operation, answer), cut = /[?&]fields=/.test(path);
  return [...of_answer.filter((f) => !cut || !/ is missing$| is a list, must be object$| is null, must be array$/.test(f)),
    ...(sent ? of.request(operation, sent).filter((f) => f.endsWith('is not named') && !f.startsWith(operation.method)).map((f) => `sent: ${f}`) : [])];
};

// All exchanges with a 200 and a JSON answer, each once; of the others only how often.
export const recorder = () => {
  const good = new Map(), counts = new Map();
  return {
    good, counts,
    note: ({ method, path, body }, { status, text, headers }) => {
      const there = shape(path);
      if (!there) return;
      const route = `${method} ${there}`, key = `${status} ${parsed(text)?.message ?? ''}`;
      if (!counts.has(route)) counts.set(route, new Map());
      counts.get(route).set(key, (counts.get(route).get(key) ?? 0) + 1);
      if (status === 200 && /json/.test(headers['content-type'] ?? '')) good.set(`${method} ${path} ${body ?? ''} ${text}`, { method, path, body, text });
    },
  };
};

// Every document that there is, or why none can be read: { documents: [[name, document] …], why }.
export const documents = async (root, base, token) => {
  const why = install(root, ['ajv']);
  if (why) return { documents: [], why };
  const adobe = published(root);
  if (!adobe) console.log('conform Adobe\'s document is not here: answers are held against ferrite\'s own only');
  return { documents: [['its own document', await own(root, base, token)], ...(adobe ? [['Adobe\'s document', adobe]] : [])] };
};

// One report an operation: how its answers deviate from @of.
export const conformance = (root, exchanges, of, what, report) => {
  const known = deviations(root), operations = new Map();
  for (const one of exchanges) {
    const operation = operationOf(of, one.method, one.path), name = operation && `${operation.method} ${operation.path}`;
    if (!name) continue;
    if (!operations.has(name)) operations.set(name, new Map());
    for (const fault of faults(of, one)) if (!known.has(fault)) operations.get(name).set(fault, one);
  }
  for (const [name, found] of operations)
    report(`${name} answers as ${what} says`, found.size ? [...found].slice(0, 12).map(([fault, one]) => `${fault}\n    ${one.path} ${(one.body ?? '').slice(0, 200)} -> ${one.text.slice(0, 300)}`).join('\n') : null);
  return operations.size;
};

// Refused at the door, before the route itself was asked.
const atDoor = /^401 The consumer isn't authorized|Decoding error|^404 Request does not match any route|^400 Specified request cannot be processed/;

// Each route wants a 2xx and a 4xx of its own. tests/data/uncovered.tsv says of which it has none and why; a row there that is not needed
// is a fault, so that it goes when it can.
export const coverage = (root, routes, hits, report) => {
  const of = document(root, { paths: routes.reduce((paths, { method, path }) => {
    const name = path.replace(/:(\w+)/g, '{$1}');
    return { ...paths, [name]: { ...paths[name], [method.toLowerCase()]: {} } };
  }, {}) });
  const excused = new Map(readFileSync(join(root, 'tests/data/uncovered.tsv'), 'utf8').trimEnd().split('\n').slice(1)
    .map((line) => line.split('\t')).map(([route, verb, why]) => [`${route} ${verb}`, why]));
  const seen = new Map(of.operations.map((o) => [o, new Set()]));
  for (const [route, answers] of hits.counts) {
    const [method, path] = route.split(/ (.*)/s), operation = of.find(method, path) ?? of.find(method, path.replace(/\/+$/, ''));
    if (operation) for (const answer of answers.keys()) seen.get(operation).add(answer);
  }
  const judge = (name, has, answers) => {
    const why = excused.get(name);
    excused.delete(name);
    report(`${name} in a test`, has === !why ? null : has ? `it does, but tests/data/uncovered.tsv says: ${why}` : `answers: ${answers.join(' | ') || 'none'}`);
  };
  for (const [{ method, path }, set] of seen) {
    const answers = [...set];
    judge(`${method} ${path} succeeds`, answers.some((a) => a.startsWith('2')), answers);
    judge(`${method} ${path} refuses`, answers.some((a) => a.startsWith('4') && !atDoor.test(a)), answers);
  }
  report('tests/data/uncovered.tsv names routes that there are', excused.size ? [...excused.keys()].join('\n') : null);
};

// The answers of a recorded Magento.
const recorded = (folder) => readdirSync(folder).filter((f) => f.endsWith('.jsonl')).flatMap((f) => readFileSync(join(folder, f), 'utf8').split('\n')
  .filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)).filter((row) => row.expect?.status === 200 && 'body' in row.expect)
  .map((row) => ({ method: row.method, path: row.path.replace(/\$\{(\w+)\}/g, '$1'), body: row.body && JSON.stringify(row.body), text: JSON.stringify(row.expect.body) })));

// A deviation that is called recorded is one: the table cannot excuse what Magento does not do.
export const shown = (root, folder, documents, report) => {
  const seen = new Set(recorded(folder).flatMap((one) => documents.flatMap(([, of]) => faults(of, one))));
  for (const [fault, reason] of deviations(root))
    if (reason.startsWith('recorded')) report(`a recording shows that ${fault}`, seen.has(fault) ? null : 'none does');
};
