// Files of downloadable products: where they lie, what they are called, and that nobody fetches them by their address.
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export default async ({ check, request, ok, equal, fixture, server }) => {
  const folder = server.media && join(server.media, 'downloadable/files');
  const caller = async (base) => {
    const ask = async (method, path, body, token) => {
      const answer = await fetch(base + path, { method, body: body && JSON.stringify(body), headers: { ...(token && { Authorization: `Bearer ${token}` }), 'Content-Type': 'application/json' } });
      return { status: answer.status, json: JSON.parse(await answer.text()) };
    };
    const token = (await ask('POST', '/rest/V1/integration/admin/token', { username: 'admin', password: fixture.users[0].password })).json;
    return (method, path, body) => ask(method, `/rest${path}`, body, token);
  };
  const call = await caller(server.base);
  const file = (text, name) => ({ file_data: Buffer.from(text).toString('base64'), name });
  const link = (text, name, more = {}) => ({ title: name, sort_order: 1, is_shareable: 1, price: 1, number_of_downloads: 0, link_type: 'file', link_file_content: file(text, name), ...more });
  const add = (sku, l) => call('POST', `/V1/products/${sku}/downloadable-links`, { link: l, isGlobalScopeContent: true });
  const product = (sku, links = []) => call('POST', '/all/V1/products', { product: { sku, name: sku, attribute_set_id: 4, type_id: 'downloadable', price: 1, extension_attributes: { downloadable_product_links: links } } });
  const paths = async (sku, c = call) => (await c('GET', `/V1/products/${sku}/downloadable-links`)).json.map((l) => l.link_file);
  const files = () => (existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile()).map((f) => f.name).sort() : []);

  await check('a link, its sample and a sample lie below the folders that Magento gives them', async () => {
    equal((await product('BOOK', [link('one', 'My Book.PDF', { sample_type: 'file', sample_file_content: file('peek', 'peek.pdf') })])).status, 200);
    equal((await call('POST', '/V1/products/BOOK/downloadable-links/samples', { sample: { title: 'C', sort_order: 1, sample_type: 'file', sample_file_content: file('cover', '.cover') } })).status, 200);
    equal(await paths('BOOK'), ['/m/y/my_book.pdf']);
    if (folder) equal(['links/m/y/my_book.pdf', 'link_samples/p/e/peek.pdf', 'samples/_/c/_cover'].map((f) => readFileSync(join(folder, f), 'utf8')), ['one', 'peek', 'cover']);
  });
  await check('none of them is served', async () => {
    for (const path of ['/media/downloadable/files/links/m/y/my_book.pdf', '/media/downloadable/files/samples/_/c/_cover',
      '/media/catalog/product/../../downloadable/files/links/m/y/my_book.pdf', '/media/catalog/product/..%2F..%2Fdownloadable/files/links/m/y/my_book.pdf'])
      equal((await request({ method: 'GET', path })).status, 404);
  });
  await check('the same file keeps its name; another of that name is numbered, within one body too', async () => {
    equal((await add('BOOK', link('one', 'My Book.PDF', { sort_order: 2 }))).status, 200);
    equal((await add('BOOK', link('two', 'My Book.PDF', { sort_order: 3 }))).status, 200);
    equal(await paths('BOOK'), ['/m/y/my_book.pdf', '/m/y/my_book.pdf', '/m/y/my_book_1.pdf']);
    await product('TWINS', [link('a', 'twin.txt', { sort_order: 1 }), link('b', 'twin.txt', { sort_order: 2 })]);
    equal(await paths('TWINS'), ['/t/w/twin.txt', '/t/w/twin_1.txt']);
    if (folder) equal(['my_book_1.pdf', 'twin.txt', 'twin_1.txt'].map((f) => readFileSync(join(folder, 'links', f[0], f[1], f), 'utf8')), ['two', 'a', 'b']);
  });
  await check('what is refused leaves no file', async () => {
    const before = folder && files();
    for (const more of [{ price: -1 }, { title: '' }, { sort_order: null }]) equal((await add('BOOK', link('lost', 'lost.txt', more))).status, 400);
    equal((await add('NONE', link('lost', 'lost.txt'))).status, 404);
    equal((await call('PUT', '/V1/products/BOOK/downloadable-links/999', { link: link('lost', 'lost.txt') })).status, 404);
    equal((await call('PUT', '/all/V1/products/BOOK', { product: { name: '', extension_attributes: { downloadable_product_links: [link('lost', 'lost.txt')] } } })).status, 400);
    if (folder) equal(files(), before);
  });
  await check('a link goes and its file stays: who bought it may fetch it', async () => {
    equal((await call('PUT', '/all/V1/products/TWINS', { product: { extension_attributes: { downloadable_product_links: [] } } })).status, 200);
    equal(await paths('TWINS'), []);
    equal((await add('TWINS', { ...link('', ''), title: 'again', link_file_content: null, link_file: '/t/w/twin_1.txt' })).status, 200);
    equal(await paths('TWINS'), ['/t/w/twin_1.txt']);
  });
  await check('a file that is named must lie below its folder', async () => {
    if (folder) {
      writeFileSync(join(server.media, 'secret.txt'), 'secret');
      mkdirSync(join(folder, 'links/z/z'), { recursive: true });
      symlinkSync(join(server.media, 'secret.txt'), join(folder, 'links/z/z/link.txt'));
      symlinkSync('/etc', join(folder, 'links/z/etc'));
    }
    for (const link_file of ['/../../../secret.txt', '/z/z/link.txt', '/z/etc/passwd', '/z/z', '/t/w/../w/twin.txt', '', '/', '/n/o/no.txt', '/p/e/peek.pdf'])
      equal(await add('BOOK', { ...link('', ''), title: 'x', link_file_content: null, link_file }), { status: 400, json: { message: 'Link file not found. Please try again.' } });
  });
};
