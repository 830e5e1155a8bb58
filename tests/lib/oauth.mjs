// Signs requests as RFC 5849 says, with HMAC-SHA256: written from the RFC, so that server and tests do not share a mistake.
import { createHmac, randomBytes } from 'node:crypto';

const encode = (s) => encodeURIComponent(s).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

// @keys: {consumer_key, consumer_secret, access_token, access_token_secret}; @extra overrides or adds oauth_… parameters, undefined leaves one out.
export const authorization = ({ base, method = 'GET', path, form = '', keys, extra = {} }) => {
  const url = new URL(path, base), oauth = {
    oauth_consumer_key: keys.consumer_key, oauth_nonce: randomBytes(16).toString('hex'), oauth_signature_method: 'HMAC-SHA256',
    oauth_timestamp: String(Math.floor(Date.now() / 1000)), oauth_token: keys.access_token, oauth_version: '1.0', ...extra,
  };
  for (const name of Object.keys(oauth)) if (oauth[name] === undefined) delete oauth[name];
  const pairs = [...url.searchParams, ...new URLSearchParams(form), ...Object.entries(oauth)]
    .map(([k, v]) => [encode(k), encode(v)]).sort((a, b) => order(a[0], b[0]) || order(a[1], b[1])).map((p) => p.join('='));
  const text = [method, encode(`${url.origin}${url.pathname}`), encode(pairs.join('&'))].join('&');
  const signature = createHmac('sha256', `${encode(keys.consumer_secret)}&${encode(keys.access_token_secret ?? '')}`).update(text).digest('base64');
  return `OAuth ${Object.entries({ oauth_signature: signature, ...oauth }).map(([k, v]) => `${encode(k)}="${encode(v)}"`).join(', ')}`;
};
