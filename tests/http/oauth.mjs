// Integrations from their making to their end: rights, activation, the exchange of tokens, signed requests, nonces.
import { authorization } from '../lib/oauth.mjs';

const problem = (text) => `oauth_problem=${new URLSearchParams([['', text]]).toString().slice(1)}`;

export default async ({ base, fixture, check, request, as, ok, equal }) => {
  const own = fixture.integrations[0];
  const signed = (keys, { method = 'GET', path, extra, headers = {}, body, form } = {}) =>
    request({ method, path, body, headers: { ...headers, Authorization: authorization({ base, method, path, keys, extra, form }) } });
  const websites = (keys, extra) => signed(keys, { path: '/rest/V1/store/websites', extra });
  const admin = async (method, path, body) => as('admin', { method, path: `/ferrite/v1/integrations${path}`, body });
  const message = (answer) => JSON.parse(answer.text).message;
  const request_path = '/oauth/token/request', access_path = '/oauth/token/access';
  const clock = (shift) => as('admin', { method: 'PUT', path: '/ferrite/v1/sandbox/clock', body: { shift } });

  await check('a signed request opens what the integration may', async () => {
    equal((await websites(own)).status, 200);
    equal((await signed(own, { path: '/rest/V1/store/websites?fields=id,code&a%5B0%5D=x%20y' })).status, 200);
    equal((await signed(own, { method: 'POST', path: '/rest/V1/taxClasses', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ taxClass: { class_name: 'Signed', class_type: 'PRODUCT' } }) })).status, 200);
  });
  await check('the signature covers method, path, query and form', async () => {
    const header = (o) => ({ Authorization: authorization({ base, keys: own, ...o }) });
    const cases = [
      [{ path: '/rest/V1/store/websites?fields=id' }, { path: '/rest/V1/store/websites?fields=code' }],
      [{ path: '/rest/V1/store/websites' }, { path: '/rest/V1/store/storeGroups' }],
      [{ path: '/rest/V1/store/websites', method: 'POST' }, { path: '/rest/V1/store/websites' }],
      [{ path: '/rest/V1/store/websites', form: 'a=1' }, { path: '/rest/V1/store/websites' }],
    ];
    for (const [signedAs, sent] of cases) {
      const answer = await request({ ...sent, headers: header(signedAs) });
      equal([answer.status, message(answer)], [401, 'The signature is invalid. Verify and try again.'], JSON.stringify(signedAs));
    }
  });
  await check('only HMAC-SHA256 signs', async () => {
    for (const method of ['HMAC-SHA1', 'PLAINTEXT', 'RSA-SHA1', 'hmac-sha256', '']) {
      const answer = await websites(own, { oauth_signature_method: method });
      equal([answer.status, JSON.parse(answer.text)], [400, { message: 'Signature method %1 is not supported', parameters: [method] }]);
    }
  });
  await check('a nonce is good once for its consumer, even when the first request was refused', async () => {
    const twice = { oauth_nonce: 'n'.repeat(32) };
    equal((await websites({ ...own, access_token_secret: 'x'.repeat(32) }, twice)).status, 401);
    const answer = await websites(own, twice);
    equal([answer.status, JSON.parse(answer.text)], [401, { message: 'The nonce is already being used by the consumer with ID %1', parameters: ['1'] }]);
  });
  await check('of twenty requests with one nonce one is answered', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => websites(own, { oauth_nonce: 'race' })));
    equal(all.map((a) => a.status).sort(), [200, ...Array(19).fill(401)]);
    ok(all.every((a) => a.status === 200 || message(a) === 'The nonce is already being used by the consumer with ID %1'), 'another reason');
  });
  await check('sixty requests at once, each with its nonce, are all answered', async () => {
    const all = await Promise.all(Array.from({ length: 60 }, () => websites(own)));
    equal(all.filter((a) => a.status !== 200).map((a) => a.text), []);
  });
  await check('an empty nonce is taken once, and a long one as far as it is kept', async () => {
    equal((await websites(own, { oauth_nonce: '' })).status, 200);
    equal(message(await websites(own, { oauth_nonce: '' })), 'An error occurred validating the nonce');
    equal((await websites(own, { oauth_nonce: 'L'.repeat(33) })).status, 200);
    equal(message(await websites(own, { oauth_nonce: 'L'.repeat(34) })), 'An error occurred validating the nonce');
  });
  await check('a timestamp may be old but not far ahead', async () => {
    const now = Math.floor(Date.now() / 1000);
    for (const [stamp, status] of [['1', 200], [`${now - 86400}`, 200], [`${now + 590}`, 200], [`${now + 700}`, 401], ['0', 401], ['-5', 401], ['x', 401], ['99999999999999999999', 401]]) {
      const answer = await websites(own, { oauth_timestamp: stamp });
      equal(answer.status, status, stamp);
      if (status === 401) equal(message(answer), 'An error occurred validating the nonce');
    }
  });
  await check('what is missing is told at once, version before all', async () => {
    const bare = await request({ path: '/rest/V1/store/websites', headers: { Authorization: 'OAuth oauth_nonce="x"' } });
    equal([bare.status, JSON.parse(bare.text).errors.map((e) => e.parameters.fieldName)],
      [400, ['oauth_consumer_key', 'oauth_signature', 'oauth_signature_method', 'oauth_timestamp', 'oauth_token']]);
    const version = await request({ path: '/rest/V1/store/websites', headers: { Authorization: 'OAuth oauth_version="2.0"' } });
    equal([version.status, JSON.parse(version.text)], [400, { message: "The \"%1\" Oauth version isn't supported.", parameters: ['2.0'] }]);
  });
  await check('errors of keys come in Magento\'s order', async () => {
    const rows = [
      [{ access_token: 'short' }, 400, 'The token length is invalid. Check the length and try again.'],
      [{ consumer_key: 'short' }, 401, 'Consumer key is not the correct length'],
      [{ consumer_key: 'a'.repeat(32) }, 401, 'A consumer having the specified key does not exist'],
      [{ access_token: 'b'.repeat(32) }, 401, 'Specified token does not exist'],
      [{ consumer_secret: 'c'.repeat(32) }, 401, 'The signature is invalid. Verify and try again.'],
    ];
    for (const [change, status, text] of rows) {
      const answer = await websites({ ...own, ...change });
      equal([answer.status, message(answer)], [status, text]);
    }
  });
  await check('on an open route a bad signature does not matter', async () => {
    const answer = await signed({ ...own, consumer_secret: 'x'.repeat(32) }, { path: '/rest/V1/directory/countries/DE' });
    equal(answer.status, 200);
  });

  let simple, keys;
  await check('an integration is made inactive, shows no secret, and opens nothing', async () => {
    const made = await admin('POST', '', { name: 'Catalogue robot', email: 'robot@example.com', resources: ['Magento_Catalog::products', 'Magento_Backend::store'] });
    equal(made.status, 201, made.text);
    simple = made.json;
    equal([simple.status, simple.token, simple.all, simple.resources], [0, null, false, ['Magento_Backend::admin', 'Magento_Catalog::products', 'Magento_Backend::store']]);
    ok(/^[0-9a-z]{32}$/.test(simple.consumer_key) && !/secret/.test(made.text), made.text);
    equal((await admin('GET', '')).json.map((i) => i.name), ['ERP', 'Catalogue robot']);
  });
  await check('activation shows its secrets once, and they sign', async () => {
    const first = await admin('POST', `/${simple.id}/activate`);
    equal([first.status, Object.keys(first.json)], [200, ['id', 'consumer_key', 'consumer_secret', 'access_token', 'access_token_secret']]);
    keys = first.json;
    equal(first.headers['cache-control'], 'no-store');
    equal((await websites(keys)).status, 200);
    const again = await admin('POST', `/${simple.id}/activate`);
    equal([again.status, again.json.message], [400, 'The integration "%1" has its token already. Reauthorize it to get a new one.']);
  });
  await check('it may what its resources say and no more', async () => {
    const answer = await signed(keys, { path: '/rest/V1/customerGroups/1' });
    equal([answer.status, JSON.parse(answer.text)], [401, { message: "The consumer isn't authorized to access %resources.", parameters: { resources: 'Magento_Customer::group' } }]);
  });
  await check('a token of another consumer does not sign', async () => {
    const answer = await websites({ ...own, access_token: keys.access_token, access_token_secret: keys.access_token_secret });
    equal([answer.status, message(answer)], [401, 'Token is not associated with the specified consumer']);
  });
  await check('its token is no bearer token until the shop says so, per store', async () => {
    const bear = (path) => request({ path, headers: { Authorization: `Bearer ${keys.access_token}` } });
    equal((await bear('/rest/V1/store/websites')).status, 401);
  });
  await check('reauthorizing ends the old token, rotating the consumer\'s secret too', async () => {
    const second = (await admin('POST', `/${simple.id}/reauthorize`)).json;
    equal(message(await websites(keys)), 'Specified token does not exist');
    equal([second.consumer_key, second.consumer_secret], [keys.consumer_key, keys.consumer_secret]);
    equal((await websites(second)).status, 200);
    const third = (await admin('POST', `/${simple.id}/rotate`)).json;
    equal(third.consumer_key, keys.consumer_key);
    ok(third.consumer_secret !== keys.consumer_secret, 'the same secret');
    equal((await websites(third)).status, 200);
    equal(message(await websites({ ...third, consumer_secret: keys.consumer_secret })), 'The signature is invalid. Verify and try again.');
    keys = third;
  });

  let erp, verifier, pending;
  const exchange = (path, over = {}, extra = {}, method = 'POST') =>
    signed({ consumer_key: erp.consumer_key, consumer_secret: erp.consumer_secret, ...over }, { method, path, extra });
  const pair = (answer) => { const p = new URLSearchParams(answer.text); return { access_token: p.get('oauth_token'), access_token_secret: p.get('oauth_token_secret') }; };
  await check('an integration with an endpoint is activated with a verifier, and waits', async () => {
    const made = await admin('POST', '', { name: 'Exchanger', endpoint: 'https://erp.example.com/oauth', identity_link_url: 'https://erp.example.com/login', all_resources: true });
    equal(made.status, 201, made.text);
    const told = await admin('POST', `/${made.json.id}/activate`);
    equal(Object.keys(told.json), ['id', 'consumer_key', 'consumer_secret', 'verifier']);
    erp = told.json; verifier = told.json.verifier;
    const shown = (await admin('GET', `/${erp.id}`)).json;
    equal([shown.status, shown.token, shown.endpoint, shown.identity_link_url], [0, 'verifier', 'https://erp.example.com/oauth', 'https://erp.example.com/login']);
  });
  await check('the exchange tells its problems form-encoded, with their statuses', async () => {
    const bare = await request({ method: 'POST', path: request_path });
    equal([bare.status, bare.headers['content-type'], bare.text], [400, 'text/html; charset=UTF-8',
      problem(['oauth_consumer_key', 'oauth_signature', 'oauth_signature_method', 'oauth_nonce', 'oauth_timestamp'].map((f) => `"${f}" is required. Enter and try again`).join(', '))]);
    const rows = [
      [request_path, { consumer_key: 'x' }, {}, 401, 'Consumer key is not the correct length'],
      [request_path, { consumer_key: 'a'.repeat(32) }, {}, 401, 'A consumer having the specified key does not exist'],
      [request_path, { consumer_secret: 'a'.repeat(32) }, {}, 401, 'The signature is invalid. Verify and try again.'],
      [request_path, {}, { oauth_signature_method: 'HMAC-SHA1' }, 400, 'Signature method HMAC-SHA1 is not supported'],
      [request_path, {}, { oauth_version: '2.0' }, 400, 'The "2.0" Oauth version isn\'t supported.'],
      [request_path, {}, { oauth_timestamp: '0' }, 401, 'An error occurred validating the nonce'],
      [request_path, {}, { oauth_token: 'short' }, 400, 'The token length is invalid. Check the length and try again.'],
      [access_path, {}, { oauth_token: 'a'.repeat(32) }, 400, '"oauth_verifier" is required. Enter and try again.'],
      [access_path, {}, { oauth_token: 'a'.repeat(32), oauth_verifier: verifier }, 401, 'Specified token does not exist'],
      [request_path, { consumer_key: keys.consumer_key, consumer_secret: keys.consumer_secret }, {}, 401, 'Cannot create request token because consumer token is not a verifier token'],
    ];
    for (const [path, over, extra, status, text] of rows) {
      const answer = await exchange(path, over, extra);
      equal([answer.status, answer.text], [status, problem(text)]);
    }
  });
  await check('an integration that was never activated has nothing to exchange', async () => {
    const made = (await admin('POST', '', { name: 'Sleeper', endpoint: 'https://sleep.example.com/', resources: ['Magento_Catalog::products'] })).json;
    const told = (await admin('POST', `/${made.id}/activate`)).json;
    equal((await exchange(request_path, told)).status, 200);
    equal((await admin('DELETE', `/${made.id}`)).json, true);
    equal((await exchange(request_path, told)).text, problem('A consumer having the specified key does not exist'));
    equal((await admin('DELETE', `/${made.id}`)).status, 404);
  });
  await check('the verifier becomes a request token, once', async () => {
    const answer = await exchange(request_path);
    equal([answer.status, answer.headers['content-type'], answer.headers['cache-control']], [200, 'text/html; charset=UTF-8', 'no-store']);
    ok(/^oauth_token=[0-9a-z]{32}&oauth_token_secret=[0-9a-z]{32}$/.test(answer.text), answer.text);
    pending = pair(answer);
    equal((await exchange(request_path)).text, problem('Cannot create request token because consumer token is not a verifier token'));
    equal(message(await websites({ ...erp, ...pending })), 'Token is not an access token');
  });
  await check('the access exchange judges token, verifier and signature in that order', async () => {
    const rows = [
      [keys, pending, verifier, 'Request token is not associated with the specified consumer'],
      [erp, { access_token: pending.access_token }, 'short', 'Verifier is not the correct length'],
      [erp, { access_token: pending.access_token }, 'z'.repeat(32), 'Token verifier and verifier token do not match'],
      [erp, { access_token: pending.access_token }, verifier, 'The signature is invalid. Verify and try again.'],
    ];
    for (const [who, token, v, text] of rows) {
      const answer = await exchange(access_path, { consumer_key: who.consumer_key, consumer_secret: who.consumer_secret, ...token }, { oauth_verifier: v });
      equal([answer.status, answer.text], [401, problem(text)]);
    }
  });
  await check('of ten exchanges of one request token one wins, and the integration is active', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => exchange(access_path, pending, { oauth_verifier: verifier }, 'GET')));
    const won = all.filter((a) => a.status === 200);
    equal(won.length, 1, all.map((a) => a.text).join('\n'));
    ok(all.every((a) => a.status === 200 || [problem('Token is already being used'), problem('Specified token does not exist')].includes(a.text)), all.map((a) => a.text).join('\n'));
    erp = { ...erp, ...pair(won[0]) };
    equal((await websites(erp)).status, 200);
    const shown = (await admin('GET', `/${erp.id}`)).json;
    equal([shown.status, shown.token], [1, 'access']);
  });
  await check('reauthorizing it makes it inactive until it exchanged again', async () => {
    const told = (await admin('POST', `/${erp.id}/reauthorize`)).json;
    equal(message(await websites(erp)), 'Specified token does not exist');
    equal((await admin('GET', `/${erp.id}`)).json.status, 0);
    verifier = told.verifier;
    await clock(301);
    equal((await exchange(request_path)).text, problem('Consumer key has expired'));
    await clock(298);
    const request = pair(await exchange(request_path));
    erp = { ...erp, ...pair(await exchange(access_path, request, { oauth_verifier: verifier })) };
    await clock(0);
    equal((await websites(erp)).status, 200);
  });
  await check('oauth paths that are none are pages, and their methods GET and POST', async () => {
    for (const [method, path] of [['GET', '/oauth/token/other'], ['GET', '/oauth'], ['PUT', request_path], ['PATCH', request_path], ['DELETE', access_path]]) {
      const answer = await request({ method, path });
      equal([answer.status, answer.headers['content-type']], [404, 'text/html; charset=UTF-8'], `${method} ${path}`);
    }
    equal((await request({ path: `/index.php${request_path}/`, headers: { Accept: 'text/csv' } })).status, 400);
  });

  await check('nobody gives rights he does not have', async () => {
    const low = (method, path, body) => as('integrator', { method, path: `/ferrite/v1/integrations${path}`, body });
    const refused = (answer, resource) => equal([answer.status, answer.json.message], [403, `You may not give the ACL resource ${resource}, which you do not have yourself.`]);
    refused(await low('POST', '', { name: 'A', all_resources: true }), 'Magento_Backend::all');
    refused(await low('POST', '', { name: 'A', resources: ['Magento_Backend::all'] }), 'Magento_Backend::all');
    refused(await low('POST', '', { name: 'A', resources: ['Magento_Catalog::products', 'Magento_Sales::sales'] }), 'Magento_Sales::sales');
    for (const act of ['reauthorize', 'rotate', 'activate']) refused(await low('POST', `/${erp.id}/${act}`), 'Magento_Backend::all');
    equal((await websites(erp)).status, 200);
    const made = await low('POST', '', { name: 'Within', resources: ['Magento_Catalog::products'] });
    equal(made.status, 201, made.text);
    equal((await low('POST', `/${made.json.id}/activate`)).status, 200);
    equal((await low('DELETE', `/${made.json.id}`)).status, 403);
    equal((await as('cat', { path: '/ferrite/v1/integrations' })).status, 403);
    equal((await request({ path: '/ferrite/v1/integrations' })).status, 401);
  });
  await check('what is given is judged', async () => {
    const rows = [
      [{ name: 'ERP', all_resources: true }, 400, 'The integration with name "%1" exists.'],
      [{ name: ' ', all_resources: true }, 400, 'An integration needs a name.'],
      [{ name: 'B' }, 400, 'An integration needs ACL resources: one without rights is no use.'],
      [{ name: 'B', resources: ['No::such'] }, 400, 'There is no ACL resource %1.'],
      [{ name: 'B', all_resources: true, endpoint: 'http://plain.example.com/' }, 400, 'Endpoint and identity link are URLs that begin with https://, at most 255 characters long.'],
      [{ name: 'B', all_resources: true, identity_link_url: 'javascript:alert(1)' }, 400, 'Endpoint and identity link are URLs that begin with https://, at most 255 characters long.'],
      [{ all_resources: true }, 400, '"%fieldName" is required. Enter and try again.'],
    ];
    for (const [body, status, text] of rows) {
      const answer = await admin('POST', '', body);
      equal([answer.status, answer.json.message], [status, text]);
    }
    equal((await admin('GET', '/4711')).status, 404);
    equal((await admin('POST', '/4711/activate')).status, 404);
  });
  await check('a deleted integration signs no more', async () => {
    equal((await admin('DELETE', `/${simple.id}`)).json, true);
    equal(message(await websites(keys)), 'A consumer having the specified key does not exist');
  });
};
