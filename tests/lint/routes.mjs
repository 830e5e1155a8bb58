// Every route row documents itself.
import { run } from '../lib/server.mjs';

export default async ({ ferrite, check, ok }) => {
  const done = run(ferrite, ['routes', '--json']);
  const routes = done.status === 0 ? JSON.parse(done.out) : [];
  await check('ferrite routes lists the routes', () => ok(routes.length > 0, done.err));
  await check('every route has an ACL resource, a summary and a source', () => {
    const bare = routes.filter((r) => !r.acl || !r.summary || !r.source).map((r) => `${r.method} ${r.path}`);
    ok(!bare.length, bare.join('\n'));
  });
  await check('no route is there twice', () => {
    const names = routes.map((r) => `${r.method} ${r.path}`), twice = names.filter((n, i) => names.indexOf(n) !== i);
    ok(!twice.length, twice.join('\n'));
  });
  await check('only known routes are open to everybody', () => {
    const open = routes.filter((r) => r.acl === 'anonymous').map((r) => `${r.method} ${r.path}`);
    const known = /^(POST \/V1\/integration\/(admin|customer)\/token|GET \/V1\/directory\/\S+|POST \/V1\/customers\S*|GET \/V1\/\S*[sS]earch\S*|\S+ \/V1\/(guest-carts|carts\/guest-carts)\S*|\S+ \/V1\/tfa\S*|PUT \/V1\/customers\/password|(GET|POST) \/oauth\/token\/(request|access)|GET \/V1\/customers\/\S+\/password\/\S+)$/;
    const strange = open.filter((r) => !known.test(r));
    ok(!strange.length, strange.join('\n'));
  });
};
