// Links of downloadable products to other hosts: only to those that the setting names, whatever a URL is dressed up as.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signer } from '../lib/cases.mjs';
import { request } from '../lib/client.mjs';
import { scratch, start } from '../lib/server.mjs';

const link = (link_url) => ({ link: { title: 'Text', sort_order: 0, is_shareable: 1, price: 1, number_of_downloads: 0, link_type: 'url', link_url }, isGlobalScopeContent: true });
const refused = (what) => [400, { message: `${what}'s domain is not in list of downloadable_domains in env.php.` }];

export default async ({ check, equal, ferrite, fixture, engine }) => {
  if (engine !== 'sandbox') return; // decided before anything is stored

  const folder = scratch(), file = join(folder.path, 'fixture.json');
  writeFileSync(file, JSON.stringify(fixture));
  const server = await start(ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', file, '--downloadable-domains', 'Files.example.com, cdn.example.org']);
  folder.remove();
  const token = await signer(server.base, fixture)('admin');
  const send = async (path, body) => {
    const answer = await request(server.base, { method: body ? 'POST' : 'GET', path: `/rest/V1/${path}`, body: body && JSON.stringify(body), headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' } });
    return [answer.status, JSON.parse(answer.text)];
  };
  await send('products', { product: { sku: 'BOOK', name: 'Book', attribute_set_id: 4, price: 3, type_id: 'downloadable' } });

  const good = ['https://files.example.com/a.pdf', 'http://cdn.example.org:8080/x?y=1#z', 'https://me:secret@cdn.example.org'];
  await check('a link to a named host is kept', async () => {
    for (const url of good) equal((await send('products/BOOK/downloadable-links', link(url)))[0], 200, url);
    equal((await send('products/BOOK/downloadable-links'))[1].map((l) => l.link_url), good);
  });
  await check('no other host is, nor an address', async () => {
    for (const url of ['https://evil.example/?files.example.com', 'https://evil.example#@files.example.com', 'https://files.example.com.evil.example/', 'https://evil.example\\@files.example.com/',
      'https://files.example.com@evil.example/', 'http://10.0.0.1/', 'https://Files.example.com/a', 'https://xfiles.example.com/'])
      equal(await send('products/BOOK/downloadable-links', link(url)), refused('Link URL'), url);
  });
  await check('a sample is held to the same', async () => {
    const sample = (sample_url) => ({ sample: { title: 'Page', sort_order: 0, sample_type: 'url', sample_url }, isGlobalScopeContent: true });
    equal((await send('products/BOOK/downloadable-links/samples', sample(good[0])))[0], 200);
    equal(await send('products/BOOK/downloadable-links/samples', sample('https://evil.example/')), refused('Sample URL'));
  });
  await check('its server stops cleanly', async () => equal(await server.stop(), null));
};
