// What the listener itself promises, whatever is behind it: limits, framing, bytes left as sent, probes.
export default async ({ check, request, raw, as, ok, equal, base }) => {
  const status = (text) => +(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0);

  await check('/health/live and /health/ready answer', async () => {
    equal((await request({ path: '/health/live' })).text, 'live\n');
    const ready = await request({ path: '/health/ready' });
    equal([ready.status, ready.text], [200, 'ready\n']);
  });
  await check('/metrics counts requests by route and class', async () => {
    await as('admin', { path: '/rest/V1/no/such/route' });
    const page = (await request({ path: '/metrics' })).text;
    ok(/ferrite_requests_total\{method="POST",route="\/V1\/integration\/admin\/token",status="2xx"\} [1-9]/.test(page), page);
    ok(/ferrite_requests_total\{method="",route="",status="4xx"\} [1-9]/.test(page), page);
    for (const name of ['request_seconds_bucket', 'queue_length', 'busy_total', 'store_changes_total', 'resident_memory_bytes', 'connections'])
      ok(page.includes(`ferrite_${name}`), name);
    const line = /^(# (HELP|TYPE) ferrite_\w+ .+|ferrite_\w+(\{[^}]*\})? [\d.]+(e[+-]?\d+)?)$/;
    equal(page.trim().split('\n').filter((l) => !line.test(l)), []);
  });
  await check('every answer carries a request id of its own', async () => {
    const ids = [];
    for (let i = 0; i < 3; i++) ids.push((await request({ path: '/rest/V1/x' })).headers['x-request-id']);
    ok(ids.every((id) => /^[0-9a-f]{32}$/.test(id)) && new Set(ids).size === 3, ids.join());
  });
  await check('a body past the limit is a 413 in the shape of every error, told by its length', async () => {
    const text = await raw(`POST /rest/V1/integration/admin/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n`);
    equal(status(text), 413);
    ok(text.endsWith('{"message":"The request body is larger than this server accepts."}'), text);
  });
  await check('a chunked body past the limit is a 413 too', async () => {
    const chunk = `${(1 << 20).toString(16)}\r\n${'x'.repeat(1 << 20)}\r\n`;
    const text = await raw(`POST /rest/V1/integration/admin/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(17)}0\r\n\r\n`, { quiet: 3000 });
    equal(status(text), 413, text.slice(0, 300));
  });
  await check('a request with two framings gets no answer from the API', async () => {
    const text = await raw('POST /rest/V1/integration/admin/token HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n');
    ok([0, 400].includes(status(text)), text);
  });
  await check('headers past the limit are refused', async () => {
    const text = await raw(`GET /rest/V1/modules HTTP/1.1\r\nHost: x\r\nX-Long: ${'y'.repeat(64 << 10)}\r\n\r\n`);
    ok(status(text) >= 400 && status(text) < 500, text.slice(0, 200));
  });
  await check('rubbish instead of HTTP closes the connection and the server lives', async () => {
    for (const text of ['\0\0\0\0', 'GET\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n'])
      ok(status(await raw(text)) !== 200, text);
    equal((await request({ path: '/health/live' })).status, 200);
  });
  await check('a HEAD answer has the status and no body', async () => {
    const text = await raw('HEAD /rest/V1/modules HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    equal(status(text), 405);
    ok(text.endsWith('\r\n\r\n'), text);
  });
  await check('methods nobody knows reach the API and are named', async () => {
    for (const method of ['PATCH', 'OPTIONS', 'BREW']) {
      const text = await raw(`${method} /rest/V1/modules HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      equal(status(text), 405, method);
      ok(text.endsWith(`{"message":"The ${method} HTTP method is not supported."}`), text);
    }
  });
  await check('two requests sent at once are answered in order', async () => {
    const one = (path, close) => `GET ${path} HTTP/1.1\r\nHost: x\r\n${close ? 'Connection: close\r\n' : ''}\r\n`;
    const text = await raw(one('/health/live', false) + one('/rest/V1/nothing', true));
    ok(/200 OK[^]*live\n[^]*404 Not Found/.test(text), text);
  });
  await check('a target in absolute form is understood', async () => {
    equal(status(await raw(`GET ${base}/health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)), 200);
  });
  await check('two hundred connections at once are all answered', async () => {
    const all = await Promise.all(Array.from({ length: 200 }, () => raw('GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', { quiet: 20000 })));
    equal(all.filter((t) => status(t) !== 200).length, 0);
  });
  await check('a client that goes away while its password is checked harms nobody', async () => {
    const body = JSON.stringify({ username: 'admin', password: 'wrong wrong 1' });
    await Promise.all(Array.from({ length: 3 }, () => raw(`POST /rest/V1/integration/customer/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`, { quiet: 5 })));
    equal((await request({ path: '/health/ready' })).status, 200);
  });
};
