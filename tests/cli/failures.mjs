// What a caller can make fail at will, as Magento's own API does, fills no log: a line a minute for each, and how many there were.
import { request } from '../lib/client.mjs';
import { start } from '../lib/server.mjs';

const crash = (path) => `/rest/V1/${path}?searchCriteria[filterGroups][0][filters][0][field]=nothing&searchCriteria[filterGroups][0][filters][0][value]=1`;

export default async ({ ferrite, check, ok, equal, fixture, fixtureFile }) => {
  const server = await start(ferrite, ['sandbox', '--listen', '127.0.0.1:0', '--fixture', fixtureFile, '--access-log', 'off']);
  const { username, password } = fixture.users[0];
  const token = JSON.parse((await request(server.base, { method: 'POST', path: '/rest/V1/integration/admin/token', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username, password }) })).text);
  const reports = [];
  const fail = async (path, n) => {
    for (let i = 0; i < n; i++) {
      const answer = await request(server.base, { path: crash(path), headers: { Authorization: `Bearer ${token}` } });
      const report = /^\{"message":"Internal Error\. Details are available in Magento log file\. Report ID: webapi-(\w+)"\}$/.exec(answer.text)?.[1];
      ok(answer.status === 500 && report, `${answer.status} ${answer.text}`);
      reports.push(report);
    }
  };
  const lines = (message) => server.log.split('\n').filter(Boolean).map((line) => JSON.parse(line)).filter((line) => line.message === message);

  await check('each is answered as Magento answers, with a report of its own', async () => {
    await fail('inventory/sources', 25);
    await fail('products/attributes', 7);
    equal(new Set(reports).size, 32);
  });
  await check('the first of each has a line with its report', () => {
    equal(lines('request failed').map((line) => [line.route, line.report]), [['/V1/inventory/sources', reports[0]], ['/V1/products/attributes', reports[25]]]);
  });
  const why = await server.stop();
  await check('the others are counted, and told at the end at the latest', () => {
    ok(!why, why);
    equal(lines('request failed').length, 2);
    equal(lines('request failed again').map((line) => [line.route, line.times, line.last_report]).sort(),
      [['/V1/inventory/sources', '24', reports[24]], ['/V1/products/attributes', '6', reports[31]]]);
  });
};
