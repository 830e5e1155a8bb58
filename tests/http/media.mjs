// Pictures from the body of a request to the file that a browser gets, and back to nothing. Bytes are compared, never only names.
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';

// A true PNG of one grey.
const png = (grey, size = 4) => {
  const crc = (bytes) => { let c = ~0; for (const b of bytes) { c ^= b; for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xEDB88320 : c >>> 1; } return ~c >>> 0; };
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data]), out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0); body.copy(out, 4); out.writeUInt32BE(crc(body), body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0); head.writeUInt32BE(size, 4); head[8] = 8;
  const rows = Buffer.alloc(size * (size + 1), grey);
  for (let i = 0; i < size; i++) rows[i * (size + 1)] = 0;
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
};
const gif = Buffer.from('R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');
const jpeg = Buffer.from('/9j/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/yQALCAABAAEBAREA/8wABgAQEAX/2gAIAQEAAD8A0s8g/9k=', 'base64');

const get = (base, path, headers = {}, method = 'GET') => new Promise((resolve, reject) => {
  const url = new URL(base);
  const r = http.request({ host: url.hostname, port: url.port, path, method, headers }, (answer) => {
    const pieces = [];
    answer.on('data', (d) => pieces.push(d));
    answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(pieces) }));
  });
  r.on('error', reject);
  r.end();
});

export default async ({ check, request, ok, equal, fixture, server, engine }) => {
  const base = server.base, folder = server.media && join(server.media, 'catalog/product');
  const token = JSON.parse((await request({ method: 'POST', path: '/rest/V1/integration/admin/token', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: fixture.users[0].password }) })).text);
  const call = async (method, path, body) => {
    const answer = await request({ method, path: `/rest${path}`, body: body && JSON.stringify(body),
      headers: { Authorization: `Bearer ${token}`, ...(body ? { 'Content-Type': 'application/json' } : {}) } });
    return { status: answer.status, json: JSON.parse(answer.text) };
  };
  const content = (bytes, name, type = 'image/png') => ({ base64_encoded_data: bytes.toString('base64'), type, name });
  const entry = (bytes, name, more = {}) => ({ media_type: 'image', label: name, position: 1, disabled: false, types: [], content: content(bytes, name), ...more });
  const add = async (sku, e) => call('POST', `/V1/products/${sku}/media`, { entry: e });
  const files = () => (existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile()).map((f) => f.name).sort() : []);
  const product = (sku, more = {}) => call('POST', '/all/V1/products', { product: { sku, name: sku, attribute_set_id: 4, price: 1, ...more } });
  const pictures = async (sku, view = 'all/') => (await call('GET', `/${view}V1/products/${sku}/media`)).json;
  const role = (p, code) => p.custom_attributes.find((a) => a.attribute_code === code)?.value;

  await product('VASE'); await product('BOWL');
  await check('a picture that was sent is served byte by byte, with what a cache needs', async () => {
    const bytes = png(10);
    equal(await add('VASE', entry(bytes, 'Blue Vase.png', { types: ['image', 'thumbnail'] })), { status: 200, json: '1' });
    const answer = await get(base, '/media/catalog/product/B/l/Blue_Vase.png');
    equal([answer.status, answer.headers['content-type'], answer.headers['x-content-type-options'], answer.headers['cache-control']],
      [200, 'image/png', 'nosniff', 'public, max-age=86400']);
    ok(answer.bytes.equals(bytes), 'the same bytes');
    const again = await get(base, '/media/catalog/product/B/l/Blue_Vase.png', { 'If-None-Match': `"x", ${answer.headers.etag}` });
    equal([again.status, again.bytes.length, again.headers.etag], [304, 0, answer.headers.etag]);
    equal((await get(base, '/media/catalog/product/B/l/Blue_Vase.png', { 'If-Modified-Since': answer.headers['last-modified'] })).status, 304);
    equal((await get(base, '/media/catalog/product/B/l/Blue_Vase.png', { 'If-None-Match': '"other"' })).status, 200);
    const head = await get(base, '/media/catalog/product/B/l/Blue_Vase.png', {}, 'HEAD');
    equal([head.status, head.bytes.length, head.headers['content-length']], [200, 0, String(bytes.length)]);
  });
  await check('a part of it, as a client that was cut off asks', async () => {
    const path = '/media/catalog/product/B/l/Blue_Vase.png', bytes = png(10), n = bytes.length, { etag } = (await get(base, path)).headers;
    const part = async (Range, headers = {}, method = 'GET') => { const a = await get(base, path, { Range, ...headers }, method); return [a.status, a.headers['content-range'], a.bytes.toString('hex')]; };
    const cut = (from, to) => [206, `bytes ${from}-${to - 1}/${n}`, bytes.subarray(from, to).toString('hex')], whole = [200, undefined, bytes.toString('hex')];
    equal(await part('bytes=3-9'), cut(3, 10));
    equal(await part('bytes=0-0'), cut(0, 1));
    equal(await part('bytes=10-'), cut(10, n));
    equal(await part('bytes=-4'), cut(n - 4, n));
    equal(await part('bytes=-4000'), cut(0, n));
    equal(await part('bytes=5-99999999'), cut(5, n));
    equal(await part('bytes=3-9', { 'If-Range': etag }), cut(3, 10));
    for (const out of [`bytes=${n}-`, 'bytes=9999-99999', 'bytes=-0']) equal(await part(out), [416, `bytes */${n}`, '']);
    for (const odd of ['bytes=3-9,11-12', 'bytes=9-3', 'bytes=', 'bytes=-', 'bytes=a-b', 'bytes=--4', 'bytes=3--9', 'lines=1-2', 'bytes=99999999999999999999-'])
      equal([odd, ...await part(odd)], [odd, ...whole]);
    equal(await part('bytes=3-9', { 'If-Range': '"other"' }), whole);
    equal((await part('bytes=3-9', { 'If-None-Match': etag }))[0], 304);
    equal((await part('bytes=3-9', {}, 'HEAD'))[0], 200);
  });
  await check('GIF and JPEG too, with an ending when the name has none', async () => {
    equal((await add('VASE', { ...entry(gif, 'g'), content: content(gif, 'dots', 'image/gif') })).status, 200);
    equal((await add('VASE', { ...entry(jpeg, 'j'), content: content(jpeg, 'photo', 'image/jpeg') })).status, 200);
    ok((await get(base, '/media/catalog/product/d/o/dots.gif')).bytes.equals(gif), 'the GIF');
    const photo = await get(base, '/media/catalog/product/p/h/photo.jpg');
    ok(photo.bytes.equals(jpeg) && photo.headers['content-type'] === 'image/jpeg', 'the JPEG');
  });
  await check('a first picture that names no role has them all, a second none', async () => {
    await product('JUG');
    await add('JUG', entry(png(30), 'jug.png', { types: undefined }));
    await add('JUG', entry(png(31), 'jug side.png', { types: undefined }));
    equal((await pictures('JUG')).map((p) => p.types.toSorted()).toSorted((a, b) => a.length - b.length), [[], ['image', 'small_image', 'swatch_image', 'thumbnail']]);
  });
  await check('a name that is taken by another product is numbered, and takes nothing from it', async () => {
    await add('VASE', entry(png(20), 'side.png'));
    await add('BOWL', entry(png(21), 'side.png'));
    equal((await pictures('BOWL')).map((p) => p.file), ['/s/i/side_1.png']);
    ok((await get(base, '/media/catalog/product/s/i/side.png')).bytes.equals(png(20)) && (await get(base, '/media/catalog/product/s/i/side_1.png')).bytes.equals(png(21)), 'both');
    equal((await pictures('BOWL'))[0].content, content(png(21), 'side_1.png'));
  });
  await check('what is no picture, or not what it says, is refused and leaves no file', async () => {
    const before = folder && files();
    const no = async (e, message) => equal(await add('BOWL', e), { status: 400, json: { message } });
    const base64 = 'The image content must be valid base64 encoded data.', type = 'The image MIME type is not valid or not supported.';
    await no(entry(Buffer.from('<?php echo 1;'), 'a.png'), base64);
    await no(entry(png(1).subarray(0, 20), 'a.png'), base64);
    await no(entry(jpeg.subarray(0, 80), 'a.png', { content: content(jpeg.subarray(0, 80), 'a.jpg', 'image/jpeg') }), base64);
    await no(entry(png(1), 'a.png', { content: { ...content(png(1), 'a.png'), base64_encoded_data: `${png(1).toString('base64')}!` } }), base64);
    await no(entry(png(1), 'a.png', { content: content(png(1), 'a.gif', 'image/gif') }), type);
    await no(entry(gif, 'a.svg', { content: content(Buffer.from('BM'.padEnd(40)), 'a.bmp', 'image/bmp') }), type);
    for (const name of ['../../x.png', 'a/b.png', 'a:b.png', 'a?.png', '', undefined])
      await no(entry(png(1), 'x', { content: { ...content(png(1), 'x'), name } }), 'Provided image name contains forbidden characters.');
    await no(entry(png(1), 'shell.php'), "The product can't be saved.");
    await no(entry(png(1), '.htaccess'), "The product can't be saved.");
    await no(entry(png(1), `${'n'.repeat(100)}.png`), "The product can't be saved.");
    await no(entry(png(1), 'm.png', { media_type: 'hologram' }), 'There is no MediaGalleryEntryConverter for given type');
    if (folder) equal(files(), before);
  });
  await check('a refused save takes its new pictures back', async () => {
    const before = folder && files();
    const bad = { product: { name: '', media_gallery_entries: [entry(png(30), 'lost.png')] } };
    equal((await call('PUT', '/all/V1/products/BOWL', bad)).status, 400);
    equal((await get(base, '/media/catalog/product/l/o/lost.png')).status, 404);
    if (folder) equal(files(), before);
  });
  await check('no path leads out of the folder', async () => {
    if (folder) {
      mkdirSync(join(folder, 'z/z'), { recursive: true });
      writeFileSync(join(server.media, 'secret.png'), 'secret');
      symlinkSync(join(server.media, 'secret.png'), join(folder, 'z/z/link.png'));
      symlinkSync('/etc', join(folder, 'z/etc'));
      mkdirSync(join(folder, 'z/z/folder.png'));
      writeFileSync(join(folder, 'z/z/.hidden.png'), 'x'); writeFileSync(join(folder, 'z/z/x.html'), '<script>'); writeFileSync(join(folder, 'z/z/x.svg'), '<svg/>');
    }
    for (const path of ['/media/catalog/product/../../secret.png', '/media/catalog/product/%2e%2e/%2e%2e/secret.png', '/media/catalog/product/..%2f..%2fsecret.png',
      '/media/catalog/product//etc/passwd', '/media/catalog/product/z/z/link.png', '/media/catalog/product/z/etc/a.png', '/media/catalog/product/z/z/folder.png',
      '/media/catalog/product/z/z/.hidden.png', '/media/catalog/product/z/z/x.html', '/media/catalog/product/z/z/x.svg', '/media/catalog/product/z/z/', '/media/catalog/product/',
      '/media/catalog/product/B/l/Blue_Vase.png%00.png', '/media/catalog/product/B/l/Blue_Vase.png/', `/media/catalog/product/${'a/'.repeat(40)}a.png`,
      '/media/secret.png', '/media/downloadable/files/links/a/b/a.png'])
      equal([path, (await get(base, path)).status], [path, 404]);
    equal((await get(base, '/media/catalog/product/B/l/Blue_Vase.png', {}, 'POST')).status, 404);
  });
  await check('labels, places and switches are a store view\'s own; roles belong to one picture', async () => {
    await product('JAR', { media_gallery_entries: [entry(png(40), 'one.png', { types: ['image', 'small_image'], position: 1 }), entry(png(41), 'two.png', { position: 2 })] });
    const [one, two] = await pictures('JAR');
    equal([one.label, one.types, two.label, two.types], ['one.png', ['image', 'small_image'], 'two.png', []]);
    await call('PUT', `/default/V1/products/JAR/media/${two.id}`, { entry: { id: two.id, media_type: 'image', label: 'Zwei', position: 2, disabled: true, types: ['small_image'] } });
    const here = (await pictures('JAR', 'default/'))[1], all = (await pictures('JAR'))[1];
    equal([here.label, here.disabled, all.label, all.disabled], ['Zwei', true, 'two.png', false]);
    equal([(await pictures('JAR', 'default/'))[0].types, here.types], [['image'], ['small_image']]);
  });
  await check('new bytes under the old name take the old place; under another name the old file goes', async () => {
    const [one] = await pictures('JAR');
    const put = (c) => call('PUT', `/all/V1/products/JAR/media/${one.id}`, { entry: { id: one.id, media_type: 'image', label: 'one', position: 1, disabled: false, types: ['image'], content: c } });
    equal(await put(content(png(50), 'one.png')), { status: 200, json: true });
    equal((await pictures('JAR'))[0].file, '/o/n/one.png');
    ok((await get(base, '/media/catalog/product/o/n/one.png')).bytes.equals(png(50)), 'the new bytes');
    equal(await put(content(png(51), 'uno.png')), { status: 200, json: true });
    const [now] = await pictures('JAR');
    equal([now.id, now.file, now.types], [one.id, '/u/n/uno.png', ['image']]);
    equal([(await get(base, '/media/catalog/product/o/n/one.png')).status, (await get(base, '/media/catalog/product/u/n/uno.png')).status], [404, 200]);
  });
  await check('a video has its picture and what it is', async () => {
    const video_content = { media_type: 'external-video', video_provider: 'youtube', video_url: 'https://example.com/v', video_title: 'How it is made', video_description: 'At the wheel', video_metadata: '' };
    const made = await add('BOWL', entry(png(60), 'wheel.png', { media_type: 'external-video', position: 9, extension_attributes: { video_content } }));
    const found = (await call('GET', `/V1/products/BOWL/media/${made.json}`)).json;
    equal([found.media_type, found.extension_attributes.video_content], ['external-video', video_content]);
    equal((await call('GET', '/V1/products/BOWL')).json.media_gallery_entries.find((e) => e.id === +made.json).extension_attributes.video_content.video_title, 'How it is made');
  });
  await check('entries that a product names no more go, with their files and roles', async () => {
    const before = await pictures('JAR');
    equal((await call('PUT', '/all/V1/products/JAR', { product: { media_gallery_entries: before.slice(1).map(({ content: _, ...e }) => e) } })).status, 200);
    const left = (await call('GET', '/all/V1/products/JAR')).json;
    equal([left.media_gallery_entries.map((e) => e.id), role(left, 'image')], [[before[1].id], 'no_selection']);
    equal((await get(base, `/media/catalog/product${before[0].file}`)).status, 404);
  });
  await check('a product that goes takes its pictures along, and no other\'s', async () => {
    const [{ file }] = await pictures('JAR');
    equal((await get(base, `/media/catalog/product${file}`)).status, 200);
    equal((await call('DELETE', '/V1/products/JAR')).json, true);
    equal([(await get(base, `/media/catalog/product${file}`)).status, (await get(base, '/media/catalog/product/s/i/side.png')).status], [404, 200]);
  });
  await check('what is sold as a download lies in the folder and is not served', async () => {
    await product('SONG', { type_id: 'downloadable' });
    const bytes = Buffer.from([0, 1, 2, 255, 254]), link = (name, data) => ({ link: { title: name, sort_order: 1, is_shareable: 1, price: 1, number_of_downloads: 1, link_type: 'file',
      link_file_content: { file_data: data.toString('base64'), name } } });
    equal((await call('POST', '/V1/products/SONG/downloadable-links', link('My Song.mp3', bytes))).status, 200);
    equal((await call('POST', '/V1/products/SONG/downloadable-links', link('My Song.mp3', Buffer.from('another')))).status, 200);
    equal((await call('POST', '/V1/products/SONG/downloadable-links', { link: { ...link('', bytes).link } })).status, 400);
    equal((await call('GET', '/V1/products/SONG/downloadable-links')).json.map((l) => l.link_file), ['/m/y/my_song.mp3', '/m/y/my_song_1.mp3']);
    if (server.media) {
      const at = join(server.media, 'downloadable/files/links/m/y');
      equal(readdirSync(at).sort(), ['my_song.mp3', 'my_song_1.mp3']);
      ok(readFileSync(join(at, 'my_song.mp3')).equals(bytes), 'as it was sent');
    }
    equal((await get(base, '/media/downloadable/files/links/m/y/my_song.mp3')).status, 404);
  });
  await check('a picture goes by its id, once', async () => {
    const { json: id } = await add('BOWL', entry(png(9), 'gone.png'));
    equal(await call('DELETE', `/V1/products/BOWL/media/${id}`), { status: 200, json: true });
    equal((await call('DELETE', `/V1/products/BOWL/media/${id}`)).status, 404);
  });
  await check('what is longer or smaller than its column is cut to it, on every engine', async () => {
    const long = 'é'.repeat(300), video_content = { media_type: 'external-video', video_provider: long, video_url: 'u', video_title: long, video_description: '', video_metadata: '' };
    const made = await add('BOWL', entry(png(80), 'long.png', { media_type: 'external-video', label: long, position: -5, extension_attributes: { video_content } }));
    const kept = (await pictures('BOWL')).find((p) => p.id === +made.json);
    const here = (await pictures('BOWL', 'default/')).find((p) => p.id === +made.json), of = here.extension_attributes.video_content;
    equal([kept.position, [...here.label].length, [...of.video_provider].length, [...of.video_title].length], [0, 255, 32, 255]);
  });
  await check('one that is not there', async () => {
    equal((await call('GET', '/V1/products/NO-BOWL/media')).status, 404);
    equal(await call('GET', '/V1/products/BOWL/media/999'), { status: 404, json: { message: "The image doesn't exist. Verify and try again." } });
    equal(await call('DELETE', '/V1/products/BOWL/media/999'), { status: 404, json: { message: 'No image with the provided ID was found. Verify the ID and try again.' } });
    equal((await call('PUT', '/V1/products/BOWL/media/999', { entry: { id: 999, media_type: 'image', label: '', position: 1, disabled: false, types: [] } })).status, 404);
    equal((await add('NONE', entry(png(1), 'n.png'))).status, 404);
    equal((await get(base, '/media/catalog/product/n/_/n.png')).status, 404);
  });
  await check('eight clients send one name at once and each gets a file of its own', async () => {
    await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(async (i) => {
      await product(`CUP-${i}`);
      equal((await add(`CUP-${i}`, entry(png(100 + i), 'cup.png'))).status, 200);
    }));
    const all = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(async (i) => (await pictures(`CUP-${i}`))[0]));
    equal(new Set(all.map((p) => p.file)).size, 8);
    for (const [i, p] of all.entries()) ok((await get(base, `/media/catalog/product${p.file}`)).bytes.equals(png(100 + i)), `bytes of ${p.file}`);
  });
  if (folder && engine !== 'sandbox') await check('every row has its file and every file its row', async () => {
    const rows = (await call('GET', '/all/V1/products?searchCriteria')).json.items.flatMap((p) => p.media_gallery_entries.map((e) => e.file.replace(/.*\//, '')));
    equal(files().filter((f) => !/^(link|\.hidden|x)\./.test(f)), rows.sort());
    ok(readFileSync(join(folder, 's/i/side.png')).equals(png(20)), 'as it was sent');
  });
};
