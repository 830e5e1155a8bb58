// A server of its own on the engine of a story, with these shop settings and these users' second-factor secrets.
import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from './client.mjs';
import { engines } from './engines.mjs';
import { scratch } from './server.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

export const house = async ({ ferrite, fixture, engine }, config, secrets = {}) => {
  const folder = scratch(), file = join(folder.path, 'fixture.json');
  writeFileSync(file, JSON.stringify({ ...fixture,
    users: fixture.users.map((u) => (secrets[u.username] ? { ...u, tfa_secret: secrets[u.username] } : u)),
    config: [...(fixture.config ?? []), ...Object.entries(config).map(([path, value]) => ({ path, value }))] }));
  const server = await engines(root).find((e) => e.name === engine).start(ferrite, file);
  folder.remove();
  const send = async (method, path, body, token) => {
    const answer = await request(server.base, { method, path: path.startsWith('/ferrite') ? path : `/rest${path}`,
      body: body && JSON.stringify(body),
      headers: { ...(body ? { 'Content-Type': 'application/json' } : {}), ...(token ? { Authorization: `Bearer ${token}` } : {}) } });
    try { answer.json = JSON.parse(answer.text); } catch { /* not JSON */ }
    return answer;
  };
  return { server, send, post: (path, body, token) => send('POST', path, body, token), get: (path, token) => send('GET', path, undefined, token) };
};
