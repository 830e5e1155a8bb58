// Both OpenAPI documents are valid Swagger 2.0 for an independent validator (npm @seriousme/openapi-schema-validator 2.11.0).
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { request } from '../lib/client.mjs';
import { install } from '../lib/packages.mjs';
import { start } from '../lib/server.mjs';
import { signer } from '../lib/cases.mjs';

const NAME = '@seriousme/openapi-schema-validator';

export default async (t) => {
  const why = install(t.root, [NAME]);
  if (why) { await t.check(`npm ci fetches ${NAME}`, () => t.ok(false, why)); return; }
  const { Validator } = await import(pathToFileURL(join(t.root, 'tests/node_modules', NAME, 'index.js')));
  const server = await start(t.ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', t.fixtureFile]);
  try {
    const token = await signer(server.base, t.fixture)(t.fixture.users[0].username);
    for (const path of ['/rest/all/schema?services=all', '/ferrite/v1/schema'])
      await t.check(`${path} is valid`, async () => {
        const document = JSON.parse((await request(server.base, { method: 'GET', path, headers: { Authorization: `Bearer ${token}` } })).text);
        const verdict = await new Validator().validate(document);
        t.ok(verdict.valid, JSON.stringify(verdict.errors)?.slice(0, 2000));
        delete document.paths[Object.keys(document.paths)[0]][Object.keys(Object.values(document.paths)[0])[0]].responses;
        t.ok(!(await new Validator().validate(document)).valid, 'the validator takes an operation without answers');
      });
  } finally { const complaint = await server.stop(); await t.check('the server stops cleanly', () => t.ok(!complaint, complaint)); }
};
