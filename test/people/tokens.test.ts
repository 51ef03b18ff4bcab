// Tokens, the machine's key, permissions and the audit chain on a real PostgreSQL.
// It must find tampering by hand, as an intruder with the database would do it.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Actor, publicActor } from '../../src/base/actor.ts';
import { PortalError } from '../../src/base/errors.ts';
import { appendAudit, readAudit, verifyAudit } from '../../src/people/audit.ts';
import { requirePermission } from '../../src/people/permissions.ts';
import {
  actorFromToken,
  createToken,
  listTokens,
  readMachineKey,
  requireMachineKey,
  revokeToken,
} from '../../src/people/tokens.ts';
import { openTestDatabase } from '../database.ts';

const machine: Actor = { kind: 'machine', name: 'test machine' };
const holder: Actor = { kind: 'token', id: 'x', name: 'loader' };
const hasCode = (code: string) => (error: unknown) => error instanceof PortalError && error.code === code;

test('a token is its holder until it is revoked, and is kept as a hash only', async (t) => {
  const { db, pool, effects } = await openTestDatabase(t);
  const { token, summary } = await createToken(db, machine, { name: ' nightly load ' }, effects);
  assert.match(token, /^portal_[\w-]{43}$/);
  assert.deepEqual(await actorFromToken(db, 'key', token, effects), {
    kind: 'token',
    id: summary.id,
    name: 'nightly load',
  });
  assert.equal(await actorFromToken(db, 'key', `${token}x`, effects), null);
  assert.equal(await actorFromToken(db, 'key', '', effects), null);
  assert.deepEqual(await actorFromToken(db, 'key', 'key', effects), { kind: 'machine', name: 'portal machine' });
  const { rows } = await pool.query(
    'select t::text || (select string_agg(a::text, $1) from audit_events a) as everything from api_tokens t',
    [' '],
  );
  assert.ok(!String(rows[0].everything).includes(token.slice(7)));
  assert.deepEqual(
    (await listTokens(db, machine)).map((one) => [one.name, one.revokedAt]),
    [['nightly load', null]],
  );
  await revokeToken(db, machine, summary.id, effects);
  assert.equal(await actorFromToken(db, 'key', token, effects), null);
  await assert.rejects(revokeToken(db, machine, summary.id, effects), hasCode('not-found'));
  await assert.rejects(revokeToken(db, machine, "' or 1=1", effects), hasCode('not-found'));
  await assert.rejects(createToken(db, machine, { name: ' ' }, effects), hasCode('metadata-invalid'));
  await assert.rejects(createToken(db, holder, { name: 'x' }, effects), hasCode('forbidden'));
  await assert.rejects(listTokens(db, publicActor), hasCode('unauthorized'));
  const events = await readAudit(db, { after: 0, limit: 10 });
  assert.deepEqual(
    events.map((event) => event.action),
    ['token.create', 'token.revoke'],
  );
});

test('the last use of a token is known to the minute, and written down no more often', async (t) => {
  const { db, effects } = await openTestDatabase(t);
  const { token } = await createToken(db, machine, { name: 'nightly load' }, effects);
  let now = Date.parse('2026-11-23T10:00:00.000Z');
  const clock = { ...effects.clock, now: () => now };
  const lastUsed = async () => (await listTokens(db, machine))[0]?.lastUsedAt;
  assert.equal(await lastUsed(), null);
  for (const [laterMs, expected] of [
    [0, '2026-11-23T10:00:00.000Z'],
    [59_999, '2026-11-23T10:00:00.000Z'],
    [1, '2026-11-23T10:01:00.000Z'],
    [3_600_000, '2026-11-23T11:01:00.000Z'],
  ] as const) {
    now += laterMs;
    assert.equal((await actorFromToken(db, 'key', token, { clock }))?.kind, 'token');
    assert.equal(await lastUsed(), expected);
  }
  now += 3_600_000;
  assert.equal(await actorFromToken(db, 'key', `${token}x`, { clock }), null);
  assert.equal(await lastUsed(), '2026-11-23T11:01:00.000Z', 'a wrong one is no use of it');
});

test('the machine’s key is made once, private, and the same for all who start at once', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'portal-key-'));
  t.after(() => rmSync(dataDir, { recursive: true }));
  await assert.rejects(readMachineKey(dataDir), hasCode('unauthorized'));
  const keys = await Promise.all([requireMachineKey(dataDir), readAfter(dataDir)]);
  assert.equal(new Set(keys).size, 1);
  assert.equal(await requireMachineKey(dataDir), keys[0]);
  assert.equal(statSync(join(dataDir, 'machine.key')).mode & 0o777, 0o600);
  assert.equal(readFileSync(join(dataDir, 'machine.key'), 'utf8').trim(), keys[0]);
});

async function readAfter(dataDir: string): Promise<string> {
  for (;;) {
    try {
      return await readMachineKey(dataDir);
    } catch (error) {
      if (!hasCode('unauthorized')(error)) throw error;
      await new Promise((done) => setTimeout(done, 5));
    }
  }
}

test('a token publishes, and hands out no tokens', () => {
  assert.throws(() => requirePermission(holder, 'token.create'), hasCode('forbidden'));
  requirePermission(holder, 'dataset.publish');
});

test('the audit chain holds under concurrent writers, and every kind of tampering is found', async (t) => {
  const { db, pool, effects } = await openTestDatabase(t);
  const append = (n: number): Promise<void> =>
    db.transaction((tx) =>
      appendAudit(
        tx,
        machine,
        { action: 'dataset.publish', subject: `dataset:${n}`, details: { n, b: true, a: 'x' } },
        effects,
      ),
    );
  await Promise.all(Array.from({ length: 30 }, (_, n) => append(n)));
  const whole = await verifyAudit(db);
  assert.deepEqual([whole.events, whole.brokenAt], [30, null]);
  assert.deepEqual(
    (await readAudit(db, { after: 28, limit: 9 })).map((event) => event.seq),
    [29, 30],
  );
  await assert.rejects(
    db.transaction(async (tx) => {
      await appendAudit(tx, machine, { action: 'dataset.publish', subject: 's', details: {} }, effects);
      throw new Error('undone');
    }),
    /undone/,
  );
  assert.equal((await verifyAudit(db)).head, whole.head);
  const tampering: readonly (readonly [text: string, at: number])[] = [
    [`update audit_events set body = replace(body, 'test machine', 'nobody at all') where seq = 7`, 7],
    [`update audit_events set actor = 'nobody' where seq = 9`, 9],
    [`update audit_events set at = at + interval '1 day' where seq = 9`, 9],
    [`delete from audit_events where seq = 12`, 12],
    [
      `update audit_events set body = replace(body, '"n":', '"m":'), hash = sha256(previous || convert_to(replace(body, '"n":', '"m":'), 'UTF8')) where seq = 20`,
      21,
    ],
    [`delete from audit_events where seq = 1`, 1],
  ];
  for (const [text, at] of tampering) {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query('alter table audit_events disable trigger all');
      await client.query(text);
      const { drizzle } = await import('../../src/db/drizzle.ts');
      assert.equal((await verifyAudit(drizzle(client))).brokenAt, at, text);
    } finally {
      await client.query('rollback');
      client.release();
    }
  }
  assert.equal((await verifyAudit(db)).brokenAt, null);
});
