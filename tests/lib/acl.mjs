// What a route row lets whom do, worked out from the rows, the resource tree and the rules of a role: not from the C code.
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './server.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

// id -> parent, in the order of the tree.
export const tree = new Map([...readFileSync(join(root, 'src/auth/acl_tree.def'), 'utf8').matchAll(/^X\("([^"]+)", "([^"]*)"/gm)].map((m) => [m[1], m[2]]));

export const routes = (ferrite) => JSON.parse(run(ferrite, ['routes', '--json']).out)
  .map((row) => ({ ...row, resources: row.acl.split(',').map((name) => name.trim()), own: row.path.startsWith('/ferrite/') }));

// Rights are a test on the name of a resource. Magento saves a rule for every resource of the tree with a role, so that nothing is
// inherited; "all resources" alone opens what is in no tree ("self").
export const nothing = () => false;
export const everything = () => true;
export const ofRole = (role) => (role.resources.includes('Magento_Backend::all') ? everything : (name) => tree.has(name) && (name === 'Magento_Backend::admin' || role.resources.includes(name)));
export const narrowed = (rights, scope) => (name) => tree.has(name) && scope.includes(name) && rights(name);

// May a caller {kind: 'guest' | 'customer' | 'admin' | 'integration', rights} call the row?
export const may = (row, caller) => {
  if (row.resources.includes('anonymous')) return true;
  if (row.resources.includes('self') && caller.kind === 'customer') return true;
  if (row.resources.includes('caller')) return caller.kind !== 'guest';
  return row.resources.every(caller.rights);
};
