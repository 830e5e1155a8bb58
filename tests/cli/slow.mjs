// Clients that take their time: single bytes keep no connection, honest slowness does.
import net from 'node:net';
import { request } from '../lib/client.mjs';
import { start } from '../lib/server.mjs';

const pause = (ms) => new Promise((go) => setTimeout(go, ms));

export default async ({ ferrite, check, ok, equal, fixtureFile }) => {
  const server = await start(ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', fixtureFile, '--idle-timeout', '2', '--request-timeout', '2', '--poll', '100']);
  const port = +new URL(server.base).port;
  // Sends `head` at once, then a piece of `rest` every `ms`; gives what came back and how long the connection lived.
  const drip = (head, rest, ms, most_ms = 12000) => new Promise((resolve) => {
    const began = Date.now(), socket = net.connect(port, '127.0.0.1', () => socket.write(head));
    let out = '', at = 0;
    const timer = setInterval(() => { if (at < rest.length) socket.write(rest[at++]); }, ms);
    const late = setTimeout(() => socket.destroy(), most_ms);
    socket.on('data', (d) => { out += d.toString('latin1'); });
    socket.on('error', () => {});
    socket.on('close', () => { clearInterval(timer); clearTimeout(late); resolve({ out, ms: Date.now() - began }); });
  });
  const bytes = (n, c = 'a') => Array.from({ length: n }, () => c);
  const closed = async (name, head, rest, most) => check(name, async () => {
    const done = await drip(head, rest, 200);
    ok(done.ms < most, `it lived ${done.ms} ms`);
    ok(!/^HTTP\/1\.1 200/.test(done.out), done.out);
  });
  const post = (length) => `POST /rest/V1/integration/admin/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

  await Promise.all([
    closed('a request line byte by byte', 'GET /', bytes(100), 6500),
    closed('headers byte by byte', 'GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ', bytes(100), 5000),
    closed('headers line by line', 'GET /health/live HTTP/1.1\r\nHost: x\r\n', bytes(100, 'X-Slow: 1\r\n'), 5000),
    closed('a body byte by byte', post(1000), bytes(100), 5000),
    closed('a chunked body chunk by chunk', 'POST /rest/V1/integration/admin/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n', bytes(100, '1\r\na\r\n'), 5000),
    closed('the second request of a connection byte by byte', 'GET /rest/V1/nothing HTTP/1.1\r\nHost: x\r\n\r\nGET /', bytes(100), 6500),
    closed('nothing at all', '', [], 4000),
    check('a body that takes longer but moves is waited for', async () => {
      const body = JSON.stringify({ username: 'nobody', password: 'x'.repeat(20000) }), size = 1100;
      const pieces = []; for (let i = 0; i < body.length; i += size) pieces.push(body.slice(i, i + size));
      const done = await drip(post(body.length).replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'), pieces, 200);
      ok(done.ms > 3000 && /^HTTP\/1\.1 401/.test(done.out), `${done.ms} ms: ${done.out.slice(0, 300)}`);
    }),
    check('a kept connection may rest between two requests', async () => {
      const done = await drip('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n', ['', '', '', '', '', 'GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'], 250);
      equal(done.out.match(/live\n/g)?.length, 2, done.out);
    }),
  ]);
  await check('meanwhile and afterwards others are served', async () => { equal((await request(server.base, { path: '/health/ready' })).status, 200); await pause(10); });
  await check('a request line and headers of 16 KiB are read, one byte more is a 431 in the shape of every error', async () => {
    const ask = (n) => {
      const text = (fill) => `GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: ${fill}\r\n\r\n`;
      return drip(text('y'.repeat(n - text('').length)), [], 1000, 4000);
    };
    const read = await ask(16 << 10), refused = await ask((16 << 10) + 1);
    ok(/^HTTP\/1\.1 200/.test(read.out), read.out.slice(0, 200));
    ok(/^HTTP\/1\.1 431/.test(refused.out) && refused.out.endsWith('{"message":"The request\'s headers are larger than this server accepts."}'), refused.out);
  });
  await check('far more, in a header, in many, or in the target, is refused without being kept', async () => {
    for (const text of [`GET /health/live HTTP/1.1\r\nHost: x\r\nX-Long: ${'y'.repeat(64 << 10)}\r\n\r\n`, `GET /health/live HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(20000)}\r\n`,
      `GET /${'y'.repeat(64 << 10)} HTTP/1.1\r\nHost: x\r\n\r\n`, `${'G'.repeat(64 << 10)} / HTTP/1.1\r\nHost: x\r\n\r\n`]) {
      const done = await drip(text, [], 1000, 4000);
      ok(done.ms < 3900 && !/^HTTP\/1\.1 [235]/.test(done.out), `${text.slice(0, 30)}: ${done.ms} ms ${done.out.slice(0, 200)}`);
    }
    equal((await request(server.base, { path: '/health/live' })).status, 200);
  });
  await check('it stops cleanly', async () => { const why = await server.stop(); ok(!why, why); });
};
