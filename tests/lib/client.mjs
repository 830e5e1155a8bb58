// A small HTTP client that sends paths and bodies exactly as given.
import http from 'node:http';
import net from 'node:net';

// Who wants to know of every exchange: (request, answer) => …
export const watch = { exchange: null };

const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });

export const request = (base, { method = 'GET', path, headers = {}, body }) => new Promise((resolve, reject) => {
  const url = new URL(base);
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const r = http.request({ agent, host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port, method, path,
    headers: { ...(bytes ? { 'Content-Length': bytes.length } : {}), ...headers } }, (answer) => {
    const pieces = [];
    answer.on('data', (d) => pieces.push(d));
    answer.on('error', reject);
    answer.on('end', () => {
      const whole = { status: answer.statusCode, headers: answer.headers, text: Buffer.concat(pieces).toString('utf8') };
      watch.exchange?.({ method, path, body: bytes?.toString('utf8') }, whole);
      resolve(whole);
    });
  });
  r.setTimeout(60000, () => r.destroy(new Error('no answer in 60 s')));
  r.on('error', reject);
  if (bytes) r.write(bytes);
  r.end();
});

// Sends bytes as they are and gives back everything the server says until it closes or is silent for `quiet` ms.
export const raw = (base, text, { quiet = 500 } = {}) => new Promise((resolve, reject) => {
  const url = new URL(base);
  const socket = net.connect(+url.port, url.hostname.replace(/^\[|\]$/g, ''), () => socket.write(text));
  let out = '';
  socket.setTimeout(quiet, () => socket.destroy());
  socket.on('data', (d) => { out += d.toString('latin1'); });
  socket.on('error', (e) => (e.code === 'ECONNRESET' ? resolve(out) : reject(e)));
  socket.on('close', () => resolve(out));
});

export const close = () => agent.destroy();
