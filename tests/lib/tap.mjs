// A plain proxy before a server that tells of each exchange: for programs that talk to it by themselves.
import http from 'node:http';

const whole = (stream) => new Promise((end, fail) => {
  const pieces = [];
  stream.on('data', (d) => pieces.push(d)).on('error', fail).on('end', () => end(Buffer.concat(pieces)));
});

// { base, close() }; @tell has the shape of client.mjs's watch.exchange.
export const tap = async (to, tell) => {
  const { hostname, port } = new URL(to), agent = new http.Agent({ keepAlive: true });
  const pass = async (from, back) => {
    const sent = await whole(from);
    const ask = http.request({ agent, host: hostname, port, method: from.method, path: from.url, headers: from.rawHeaders }, async (answer) => {
      const text = await whole(answer);
      tell({ method: from.method, path: from.url, body: sent.toString('utf8') }, { status: answer.statusCode, headers: answer.headers, text: text.toString('utf8') });
      back.writeHead(answer.statusCode, answer.rawHeaders).end(text);
    });
    ask.on('error', () => back.destroy());
    ask.end(sent);
  };
  const server = http.createServer((from, back) => { pass(from, back).catch(() => back.destroy()); });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return { base: `http://127.0.0.1:${server.address().port}`, close: () => { agent.destroy(); server.closeAllConnections(); server.close(); } };
};
