// Started as root, a server gives its rights up; what it made before must be its own afterwards.
import { chownSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { request } from '../lib/client.mjs';
import { run, scratch, start } from '../lib/server.mjs';

const NOBODY = 65534;
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mM4wcWFFTEMLQkArYM3Act+mDsAAAAASUVORK5CYII=';

export default async ({ check, ferrite, equal, ok }) => {
  if (process.getuid() !== 0) return;
  await check('a server that root starts for somebody else can keep pictures', async () => {
    const folder = scratch(), at = join(folder.path, 'shop'), database = `sqlite:${join(at, 's.db')}`;
    ok(run('mkdir', ['-m', '700', at]).status === 0, 'a folder');
    const made = run(ferrite, ['init', '--database', database, '--admin', 'admin', '--email', 'a@example.com'], { env: { FERRITE_ADMIN_PASSWORD: 'Passw0rd123' } });
    equal(made.status, 0, made.err);
    chownSync(folder.path, NOBODY, NOBODY);
    chownSync(at, NOBODY, NOBODY);
    for (const name of readdirSync(at)) chownSync(join(at, name), NOBODY, NOBODY);
    const server = await start(ferrite, ['serve', '--database', database, '--listen', '127.0.0.1:0', '--user', 'nobody']);
    const send = (path, body, token) => request(server.base, { method: 'POST', path, body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) } });
    const token = JSON.parse((await send('/rest/V1/integration/admin/token', { username: 'admin', password: 'Passw0rd123' })).text);
    await send('/rest/V1/products', { product: { sku: 'P', name: 'P', attribute_set_id: 4, price: 1 } }, token);
    const answer = await send('/rest/V1/products/P/media', { entry: { media_type: 'image', label: '', position: 1, disabled: false, types: [],
      content: { base64_encoded_data: png, type: 'image/png', name: 'p.png' } } }, token);
    const owner = statSync(join(at, 's.db.media')).uid, why = await server.stop();
    folder.remove();
    equal([answer.status, owner, why], [200, NOBODY, null], answer.text);
  });
};
