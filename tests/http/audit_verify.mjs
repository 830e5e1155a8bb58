// ferrite audit verify against somebody who can write the database: what each of his changes is found as. The chain is also computed
// here from the exported lines, by the description of the encoding alone.
import { createHash, createPublicKey, verify as signed } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, dirname } from 'node:path';
import { run } from '../lib/server.mjs';

const columns = ['node', 'seq', 'time_us', 'event', 'outcome', 'actor_type', 'actor_id', 'actor', 'accessor', 'target', 'reason', 'source',
  'user_agent', 'request_id', 'route', 'details', 'prev'];
const hashOf = (row) => createHash('sha256').update(`ferrite-audit-1\n${columns.map((c) => `${Buffer.byteLength(String(row[c]))}:${row[c]},`).join('')}`).digest('hex');
const quote = (value) => (typeof value === 'number' ? value : `'${String(value).replaceAll("'", "''")}'`);

export default async ({ check, request, ok, equal, ferrite, server, engine }) => {
  if (engine === 'sandbox') return;
  const folder = mkdtempSync(join(tmpdir(), 'ferrite-audit-')), kept = join(folder, 'kept.jsonl');
  const call = (...line) => run(ferrite, [...line, '--database', server.database]);
  const sql = (...statements) => {
    const d = run(join(dirname(ferrite), 'tests/fault/sql'), [server.database, ...statements]);
    ok(d.status === 0, d.err);
    return d.out.trim().split('\n').filter(Boolean).map((l) => JSON.parse(l));
  };
  const verify = (...more) => {
    const d = call('audit', 'verify', ...more);
    return { status: d.status, found: d.out.split('\n').filter((l) => /^\S+\/-?\d+ /.test(l)).map((l) => l.replace(/^\S+\//, '')), out: d.out + d.err };
  };
  const rows = () => sql(`SELECT ${columns.join(', ')}, hash FROM ferrite_audit ORDER BY seq`).map((r) => ({ ...r, seq: +r.seq, time_us: +r.time_us, actor_id: +r.actor_id }));
  const put = (row) => `INSERT INTO ferrite_audit (${columns.join(', ')}, hash) VALUES (${[...columns, 'hash'].map((c) => quote(row[c])).join(', ')})`;
  const head = () => sql('SELECT node, seq, hash, key_number, signature FROM ferrite_audit_head')[0];
  const setHead = (h) => `UPDATE ferrite_audit_head SET seq = ${h.seq}, hash = '${h.hash}', signature = '${h.signature}'`;

  // Thirty rows, then a checkpoint that is kept elsewhere, then ten more.
  for (let i = 0; i < 30; i++) await request({ path: '/rest/V1/modules', headers: { 'User-Agent': `before ${i}` } });
  call('audit', 'checkpoint', '--out', kept);
  for (let i = 0; i < 10; i++) await request({ path: '/rest/V1/modules', headers: { 'User-Agent': `after ${i}` } });
  const all = rows(), good = head(), n = all.length, mid = Math.floor(n / 2);
  const checkpoints = sql('SELECT node, seq, hash, time_us, key_number, signature FROM ferrite_audit_checkpoint');

  const restore = () => {
    sql('DELETE FROM ferrite_audit', 'DELETE FROM ferrite_audit_head', 'DELETE FROM ferrite_audit_checkpoint',
      `INSERT INTO ferrite_audit_head (node, seq, hash, key_number, signature) VALUES ('${good.node}', ${good.seq}, '${good.hash}', ${good.key_number}, '${good.signature}')`,
      ...checkpoints.map((c) => `INSERT INTO ferrite_audit_checkpoint (node, seq, hash, time_us, key_number, signature) VALUES ('${c.node}', ${c.seq}, '${c.hash}', ${c.time_us}, ${c.key_number}, '${c.signature}')`),
      ...all.map(put));
    equal(verify().status, 0, 'restored');
  };
  const tampered = async (name, statements, expected, ...more) => check(name, () => {
    sql(...statements);
    try {
      const v = verify(...more);
      equal(v.status, 1, v.out);
      for (const line of expected) ok(v.found.some((f) => line.test(f)), `${line} is not in:\n${v.out}`);
      ok(v.found.every((f) => expected.some((line) => line.test(f))), `found more than ${expected}:\n${v.out}`);
    } finally { restore(); }
  });

  await check('a whole log verifies, also beside the kept checkpoint', () => {
    for (const v of [verify(), verify('--checkpoints', kept)]) equal([v.status, v.found], [0, []], v.out);
  });
  await check('hashes, links and signatures come out the same when computed here from the export', () => {
    const lines = call('audit', 'export').out.trim().split('\n').map((l) => JSON.parse(l));
    let prev = '0'.repeat(64);
    for (const row of lines) {
      equal([row.hash, row.prev], [hashOf(row), prev], `row ${row.seq}`);
      prev = row.hash;
    }
    const key = (hex) => createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(hex, 'hex')]), format: 'der', type: 'spki' });
    const point = JSON.parse(readFileSync(kept, 'utf8')), now = head();
    ok(signed(null, Buffer.from(`ferrite-audit-checkpoint-1\n${point.node}\n${point.seq}\n${point.hash}\n${point.time_us}\n`), key(point.public_key), Buffer.from(point.signature, 'hex')), 'checkpoint');
    ok(signed(null, Buffer.from(`ferrite-audit-head-1\n${now.node}\n${now.seq}\n${now.hash}\n`), key(point.public_key), Buffer.from(now.signature, 'hex')), 'head');
    restore();
  });

  const m = all[mid];
  for (const column of columns.slice(2))
    await tampered(`a changed ${column} is found`, [`UPDATE ferrite_audit SET ${column} = ${typeof m[column] === 'number' ? m[column] ^ 1 : quote(`${m[column]}x`.slice(-60))} WHERE seq = ${m.seq}`], [new RegExp(`^${m.seq} changed`)]);
  await tampered('one bit of a hash is found', [`UPDATE ferrite_audit SET hash = '${(parseInt(m.hash[0], 16) ^ 1).toString(16)}${m.hash.slice(1)}' WHERE seq = ${m.seq}`], [new RegExp(`^${m.seq} changed`)]);
  await tampered('a removed row is found', [`DELETE FROM ferrite_audit WHERE seq = ${m.seq}`], [new RegExp(`^${m.seq} removed$`)]);
  await tampered('three removed rows are found', [`DELETE FROM ferrite_audit WHERE seq BETWEEN ${m.seq} AND ${m.seq + 2}`], [new RegExp(`^${m.seq} removed: rows up to ${m.seq + 2}$`)]);
  await tampered('a removed first row is found', ['DELETE FROM ferrite_audit WHERE seq = 1'], [/^1 removed$/]);
  await tampered('two swapped rows are found, and where they belong', [`UPDATE ferrite_audit SET seq = 999999 WHERE seq = ${m.seq}`, `UPDATE ferrite_audit SET seq = ${m.seq} WHERE seq = ${m.seq + 1}`,
    `UPDATE ferrite_audit SET seq = ${m.seq + 1} WHERE seq = 999999`], [new RegExp(`^${m.seq} reordered: this was row ${m.seq + 1}$`), new RegExp(`^${m.seq + 1} reordered: this was row ${m.seq}$`)]);
  await tampered('a tail that was cut off is found', [`DELETE FROM ferrite_audit WHERE seq > ${n - 3}`], [new RegExp(`^${n - 2} removed: the tail of the chain, up to ${n}$`)]);
  await tampered('a tail that was cut off with its head moved back is found', [`DELETE FROM ferrite_audit WHERE seq > ${n - 3}`, setHead({ ...good, seq: n - 3, hash: all[n - 4].hash })], [new RegExp(`^${n - 3} forged: the head`)]);
  await tampered('a row behind the head is found', [put({ ...all[n - 1], seq: n + 1, prev: all[n - 1].hash, hash: hashOf({ ...all[n - 1], seq: n + 1, prev: all[n - 1].hash }) })], [new RegExp(`^${n + 1} inserted`)]);
  await tampered('a row before the first is found', [put({ ...all[0], seq: 0 })], [/^0 inserted/, /^0 (changed|reordered)/]);
  await tampered('a head that is gone is found', ['DELETE FROM ferrite_audit_head'], [new RegExp(`^${n} removed: the chain's head$`)]);
  {
    const forged = { ...m, reason: 'forged' };
    forged.hash = hashOf(forged);
    await tampered('a forged row that has its hash is found by the row behind it', [`UPDATE ferrite_audit SET reason = 'forged', hash = '${forged.hash}' WHERE seq = ${m.seq}`], [new RegExp(`^${m.seq} replaced: row ${m.seq + 1}`)]);
    const chain = [forged];
    for (const row of all.slice(mid + 1)) { const next = { ...row, prev: chain.at(-1).hash }; next.hash = hashOf(next); chain.push(next); }
    await tampered('a forged row with every later hash computed anew is found by the head and the checkpoints', [`DELETE FROM ferrite_audit WHERE seq >= ${m.seq}`, ...chain.map(put), setHead({ ...good, hash: chain.at(-1).hash })],
      [new RegExp(`^${n} forged: the head`), /^\d+ replaced: a stored checkpoint/]);
    const inserted = { ...m, seq: m.seq, reason: 'inserted', prev: all[mid - 1].hash }, shifted = [inserted];
    inserted.hash = hashOf(inserted);
    for (const row of all.slice(mid)) { const next = { ...row, seq: row.seq + 1, prev: shifted.at(-1).hash }; next.hash = hashOf(next); shifted.push(next); }
    await tampered('an inserted row with the rest moved and computed anew is found', [`DELETE FROM ferrite_audit WHERE seq >= ${m.seq}`, ...shifted.map(put), setHead({ ...good, seq: n + 1, hash: shifted.at(-1).hash })],
      [new RegExp(`^${n + 1} forged: the head`), /^\d+ replaced: a stored checkpoint/]);
  }
  await check('a head put back to an earlier genuine one is found by the kept checkpoint alone', async () => {
    call('audit', 'checkpoint', '--out', kept);
    sql(`DELETE FROM ferrite_audit WHERE seq > ${n}`, setHead(good), `DELETE FROM ferrite_audit_checkpoint WHERE seq > ${n}`);
    const blind = verify(), seen = verify('--checkpoints', kept);
    equal([blind.status, blind.found], [0, []], blind.out);
    equal([seen.status, seen.found], [1, [`${n + 1} removed: a kept checkpoint signed this row; the chain was cut or rolled back`]], seen.out);
    restore();
  });
  await check('a key that was replaced is found, and so is one that is not the kept checkpoint\'s', () => {
    const [was] = sql('SELECT public_key FROM ferrite_audit_key');
    sql(`UPDATE ferrite_audit_key SET public_key = '${'ab'.repeat(32)}'`);
    const v = verify('--checkpoints', kept);
    sql(`UPDATE ferrite_audit_key SET public_key = '${was.public_key}'`);
    ok(v.status === 1 && v.found.some((f) => /signing key was replaced, or the crypt key/.test(f)) && v.found.some((f) => /does not know that of a kept checkpoint/.test(f)), v.out);
    restore();
  });
  await check('who cuts the chain under a running server does not get the rest signed: the break becomes a row', async () => {
    sql(`DELETE FROM ferrite_audit WHERE seq > ${n - 3}`, setHead({ ...good, seq: n - 3, hash: all[n - 4].hash }));
    equal((await request({ path: '/rest/V1/modules' })).status, 401);
    const [broken, next] = rows().slice(n - 3), v = verify();
    equal([broken.event, broken.reason, broken.seq, next.event], ['audit.broken', "the head's signature is not genuine", n - 2, 'access.denied']);
    ok(v.status === 1 && v.found.length === 1 && new RegExp(`^${n - 2} tampering was noticed here`).test(v.found[0]), v.out);
    restore();
  });
  await check('a file that holds no checkpoints is refused by its line', () => {
    const d = call('audit', 'verify', '--checkpoints', new URL(import.meta.url).pathname);
    ok(d.status === 1 && /line 1 is no checkpoint/.test(d.err), d.err);
    ok(call('audit', 'verify', '--checkpoints', join(folder, 'nothing')).status === 1, 'a missing file');
  });
  rmSync(folder, { recursive: true, force: true });
};
