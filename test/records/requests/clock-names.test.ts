// Clocks by their names: a database from before the names, and events, which keep the numbers for good.
// It must fill the old database by hand: no code writes it any more.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drizzle } from '../../../src/db/drizzle.ts';
import type pg from 'pg';
import { quietEffects } from '../../../src/base/effects.ts';
import { migrate, migrationsFolder, readMigrations } from '../../../src/db/migrate.ts';
import { fromEventData, toEventData } from '../../../src/records/requests/event-clocks.ts';
import { replay } from '../../../src/records/requests/facts.ts';
import { dutyOf } from '../../../src/records/requests/machine.ts';
import type { RequestEvent } from '../../../src/records/requests/request.ts';
import { readRow, readRunning } from '../../../src/records/requests/requests.ts';
import { toFacts } from '../../../src/records/requests/rows.ts';
import { openEmptyDatabase, openTestPool } from '../../database.ts';

type Old = {
  readonly id: string;
  readonly number: string;
  readonly state: string;
  readonly duty: string | null;
  readonly facts: object;
  readonly clocks: readonly string[];
  readonly events: readonly (readonly [kind: string, data: object])[];
};

const own = { withheld: [], notice: null, invoice: null, installment: null, proposal: null, clarification: null };
const working = { state: 'in_progress', respondedAt: '2026-03-03T20:00:00.000Z', responseKind: 'estimated' };
const begun: Old['events'] = [
  ['received', { receivedOn: '2026-03-02' }],
  ['acknowledged', { set: working }],
];
const notice = { clock: 'C5', injunction: { until: null } };
const invoice = { name: '2026-1', cents: 250 };

const stored: readonly Old[] = [
  {
    id: '01900000-0000-7000-8000-000000000001',
    number: '2026-000001',
    state: 'notice_wait',
    duty: 'C2',
    facts: { ...own, clarifications: 0, reminders: {}, notice },
    clocks: ['C2', 'C5', 'C9'],
    events: [...begun, ['notified', { set: { state: 'notice_wait', resumeState: 'in_progress', notice } }]],
  },
  {
    id: '01900000-0000-7000-8000-000000000002',
    number: '2026-000002',
    state: 'awaiting_payment',
    duty: null,
    facts: { ...own, clarifications: 1, reminders: { C3: '2026-03-09', C7: '2026-03-10' }, invoice },
    clocks: ['C7', 'C10'],
    events: [
      ...begun,
      ['reminder-sent', { clock: 'C3' }],
      ['clarification-answered', { clock: 'C3', set: { clarifications: 1, reminders: { C3: '2026-03-09' } } }],
      ['payment-awaited', { set: { state: 'awaiting_payment', resumeState: 'in_progress', invoice } }],
      ['reminder-sent', { clock: 'C7', set: { reminders: { C3: '2026-03-09', C7: '2026-03-10' } } }],
    ],
  },
];

const eventDays: Readonly<Record<string, string>> = {
  'reminder-sent C3': '2026-03-09',
  'reminder-sent C7': '2026-03-10',
};

async function store(pool: pg.Pool, old: Old): Promise<void> {
  await pool.query(
    `insert into records_requests (id, number, version, state, resume_state, text, received_at, received_on, channel,
       responded_at, response_kind, respond_due_on, next_duty, facts, created_at, changed_at)
     values ($1, $2, 3, $3, 'in_progress', 'Old', '2026-03-02T20:00Z', '2026-03-02', 'web', '2026-03-03T20:00Z',
       'estimated', '2026-03-09', $4, $5, now(), now())`,
    [old.id, old.number, old.state, old.duty, old.facts],
  );
  for (const [at, clock] of old.clocks.entries()) {
    await pool.query(
      `insert into records_clocks (request_id, seq, clock, started_on, due_on, basis)
       values ($1, $2, $3, '2026-03-03', '2026-04-02', $4)`,
      [old.id, at + 1, clock, at === 0 ? { clock, name: 'kept' } : {}],
    );
  }
  for (const [at, [kind, data]] of old.events.entries()) {
    const day = eventDays[`${kind} ${'clock' in data ? String(data.clock) : ''}`] ?? '2026-03-02';
    await pool.query(
      `insert into records_events (request_id, seq, at, on_date, kind, actor, audience, data)
       values ($1, $2, now(), $3, $4, 'system', 'requester', $5)`,
      [old.id, at + 1, day, kind, data],
    );
  }
}

async function readEvents(pool: pg.Pool, id: string): Promise<readonly RequestEvent[]> {
  const { rows } = await pool.query<RequestEvent>(
    'select seq, on_date::text as "onDate", kind, data from records_events where request_id = $1 order by seq',
    [id],
  );
  return rows;
}

test('a database from before the names has them after, and its events, untouched, tell the same', async (t) => {
  const { url } = await openEmptyDatabase({ after: (done) => t.after(done) });
  const pool = openTestPool(url, 2);
  const client = await pool.connect();
  try {
    const all = readMigrations(migrationsFolder);
    const named = all.findIndex(({ name }) => name === '0009-clock-names.sql');
    await migrate(client, all.slice(0, named), quietEffects);
    for (const old of stored) await store(pool, old);
    const before = await Promise.all(stored.map(({ id }) => readEvents(pool, id)));

    await migrate(client, all, quietEffects);

    const db = drizzle(pool);
    for (const [at, { id }] of stored.entries()) {
      const row = await readRow(db, id);
      const events = await readEvents(pool, id);
      assert.deepEqual(events, before[at], 'events are never changed');
      assert.deepEqual({ ...toFacts(row), respondedAt: working.respondedAt }, replay(events));
      assert.equal(row.version, 3);
      const { nextDuty } = dutyOf(toFacts(row), await readRunning(db, id));
      assert.equal(row.nextDuty, at === 0 ? 'estimate' : null);
      assert.equal(nextDuty, at === 0 ? 'estimate' : null);
    }
    const { rows } = await pool.query<{ clock: string; basis: object }>(
      'select clock, basis from records_clocks order by request_id, seq',
    );
    assert.deepEqual(
      rows.map(({ clock }) => clock),
      ['estimate', 'third-party-notice', 'petition', 'payment', 'court-limit'],
    );
    assert.deepEqual(rows[0]!.basis, { clock: 'estimate', name: 'kept' });
    await assert.rejects(pool.query(`update records_clocks set clock = 'C1'`), /records_clocks_have_names/);
    await assert.rejects(pool.query(`update records_requests set changed_at = now()`), /raises its version/);
  } finally {
    client.release();
    await pool.end();
  }
});

test('events have the numbers wherever they name a clock, and are read by name', () => {
  const named = {
    clock: 'clarification',
    dueOn: '2026-03-09',
    set: {
      notice: { clock: 'employee-notice', injunction: null },
      reminders: { clarification: '2026-03-02', claim: '2026-03-03', payment: '2026-03-04' },
      state: 'clarification',
    },
  };
  const numbered = {
    clock: 'C3',
    dueOn: '2026-03-09',
    set: {
      notice: { clock: 'C4', injunction: null },
      reminders: { C3: '2026-03-02', C6: '2026-03-03', C7: '2026-03-04' },
      state: 'clarification',
    },
  };
  assert.deepEqual(toEventData(named), numbered);
  assert.deepEqual(fromEventData(numbered), named);
  assert.deepEqual(fromEventData({ set: { notice: null, reminders: {} } }), { set: { notice: null, reminders: {} } });
});
