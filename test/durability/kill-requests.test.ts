// kill -9 while requests are made and changed and time passes: what stands is whole, and nothing counted is missing.
// It must compare tables with each other and with what was acknowledged, never with what the code would do again.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

import type { Effects } from '../../src/base/effects.ts';
import { openSeal } from '../../src/base/seal.ts';
import { verifyAudit } from '../../src/people/audit.ts';
import { openRecords } from '../../src/records/open.ts';
import { replay } from '../../src/records/requests/facts.ts';
import { dutyOf } from '../../src/records/requests/machine.ts';
import type { RequestEvent } from '../../src/records/requests/request.ts';
import { readRow, readRunning } from '../../src/records/requests/requests.ts';
import { toFacts } from '../../src/records/requests/rows.ts';
import { runClocks } from '../../src/records/desk/clocks.ts';
import { openStore } from '../../src/store/open.ts';
import { openTestDatabase } from '../database.ts';
import { waitingJobs } from '../jobs/waiting.ts';
import type { TestDatabase } from '../database.ts';
import { cityFolder, plainRequest } from '../records/records.ts';
import { isFull } from '../depth.ts';
import { patienceMs, until } from '../patience.ts';

/** Eight or twenty processes are killed, four at once. Between two batches as many days pass that clocks run out. */
const batches = isFull ? 5 : 2;
const atOnce = 4;
const daysBetween = 60 / batches;
/** A life is measured by what was done, so that a busy machine tests the same; its end falls between two words. */
const mostSaid = 40;
const longestWaitMs = 60;
const startMs = Date.parse('2026-03-02T20:00:00Z');

type Child = { readonly process: ChildProcess; readonly lines: string[]; readonly ended: Promise<string> };

function startChild(args: readonly string[]): Child {
  const program = join(import.meta.dirname, 'requests-child.ts');
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let [rest, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<string>((done) =>
    child.once('close', (_code, signal) => done(signal === 'SIGKILL' ? 'killed' : `ended by itself: ${errors}`)),
  );
  return { process: child, lines, ended };
}

/** Lets four work at once and kills each at a moment of its own. Answers what they said. */
async function killBatch(args: (name: string) => readonly string[], batch: number): Promise<readonly string[]> {
  const children = Array.from({ length: atOnce }, (_, index) => startChild(args(`child-${batch}-${index}`)));
  try {
    await until('the children are ready', () => children.every(({ lines }) => lines.includes('ready')));
    await Promise.all(
      children.map(async ({ process, lines, ended }) => {
        process.stdin?.write('go\n');
        const most = Math.random() * mostSaid;
        await until('it works', () => countKept(lines) > most || process.exitCode !== null);
        await wait(Math.random() * longestWaitMs);
        process.kill('SIGKILL');
        assert.equal(await ended, 'killed');
      }),
    );
  } finally {
    for (const { process } of children) process.kill('SIGKILL');
  }
  return children.flatMap(({ lines }) => lines);
}

function countKept(lines: readonly string[]): number {
  return lines.filter((line) => line.startsWith('kept ')).length;
}

const letterOf: Readonly<Record<string, string>> = {
  received: 'receipt',
  acknowledged: 'five-day',
  'clarification-asked': 'clarification',
  'clarification-answered': 'clarified',
  'clarification-lapsed': 'proceeding',
  notified: 'notice-requester',
  released: 'installment',
  withdrawn: 'withdrawal',
};
const reminderOf: Readonly<Record<string, string>> = {
  C3: 'reminder-unclarified',
  C6: 'reminder-unclaimed',
  C7: 'reminder-unpaid',
};

type Row = { readonly id: string; readonly number: string };

/** Row, events, clocks, messages, letters and audit of one request tell the same. Answers the kinds of its events. */
async function requireWhole({ db, pool }: TestDatabase, { id, number }: Row): Promise<readonly string[]> {
  const row = await readRow(db, id);
  const { rows: events } = await pool.query<RequestEvent>(
    'select seq, on_date::text as "onDate", kind, data from records_events where request_id = $1 order by seq',
    [id],
  );
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, index) => index + 1),
    `${number}: events without a gap`,
  );
  const versions = new Set(events.map(({ data }) => data['version']));
  assert.deepEqual(
    [...versions],
    Array.from({ length: row.version }, (_, index) => index + 1),
    `${number}: every change has its event, and every event its change`,
  );
  assert.deepEqual(toFacts(row), replay(events), `${number}: the events alone tell how it stands`);
  const { nextDueOn, nextDuty, waitingOn } = dutyOf(toFacts(row), await readRunning(db, id));
  assert.deepEqual([row.nextDueOn, row.nextDuty, row.waitingOn], [nextDueOn, nextDuty, waitingOn], number);
  const wanted = events
    .map(({ kind, data }) => (kind === 'reminder-sent' ? reminderOf[String(data['clock'])] : letterOf[kind]))
    .filter((kind) => kind !== undefined)
    .sort();
  const told = (sql: string) =>
    pool.query<{ kind: string }>(sql, [id]).then(({ rows }) => rows.map(({ kind }) => kind));
  const messages = await told("select kind from records_messages where request_id = $1 and direction = 'out'");
  assert.deepEqual(messages.sort(), wanted, `${number}: the letters on file are those of its transitions`);
  const letters = await told('select substr(kind, 9) as kind from letters where request_id = $1');
  assert.deepEqual(letters.sort(), wanted, `${number}: the outbox has exactly them`);
  const audited = await pool.query('select 1 from audit_events where subject = $1', [`request:${number}`]);
  assert.equal(audited.rowCount, row.version, `${number}: each change is in the audit chain once`);
  return events.map(({ kind }) => kind);
}

async function requireNumbers({ pool }: TestDatabase): Promise<readonly Row[]> {
  const { rows } = await pool.query<Row>('select id, number from records_requests order by number');
  const { rows: counters } = await pool.query<{ year: number; last: number }>('select year, last from records_numbers');
  for (const { year, last } of counters) {
    assert.deepEqual(
      rows.filter(({ number }) => number.startsWith(`${year}-`)).map(({ number }) => number),
      Array.from({ length: last }, (_, index) => `${year}-${String(index + 1).padStart(6, '0')}`),
      'numbers run without a gap, and none was given twice',
    );
  }
  const { rows: strays } = await pool.query(
    `select e.request_id from records_events e left join records_requests r on r.id = e.request_id where r.id is null`,
  );
  assert.deepEqual(strays, []);
  return rows;
}

/** The last statement of a killed process may still be running in its server. */
async function waitForServers({ pool }: TestDatabase): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const { rowCount } = await pool.query(
      "select 1 from pg_stat_activity where datname = current_database() and application_name = 'requests-child'",
    );
    if (rowCount === 0) return;
    assert.ok(tries * 20 < patienceMs, 'the servers of killed processes end');
    await wait(20);
  }
}

test('processes killed while they ask, change requests and let time pass: nothing is half done', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'portal-kill-requests-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const database = await openTestDatabase(t);
  const { db, pool } = database;
  const key = randomBytes(32);
  const seen = new Map<string, number>();
  const forms: string[] = [];
  let nowMs = startMs;
  for (let batch = 0; batch < batches; batch += 1, nowMs += daysBetween * 86_400_000) {
    const instant = new Date(nowMs).toISOString();
    const said = await killBatch((name) => [database.url, key.toString('hex'), instant, name], batch);
    for (const [what, name = '', version] of said.map((line) => line.split(' '))) {
      if (what === 'form') forms.push(name);
      if (what === 'kept') seen.set(name, Math.max(seen.get(name) ?? 0, Number(version)));
    }
  }
  await waitForServers(database);
  const rows = await requireNumbers(database);
  const kinds = new Map<string, number>();
  for (const row of rows) {
    for (const kind of await requireWhole(database, row)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  for (const kind of ['received', 'acknowledged', 'clarification-asked', 'notified', 'released']) {
    assert.ok((kinds.get(kind) ?? 0) > 0, `${kind} was among what was done`);
  }
  for (const [number, version] of seen) {
    const { rows: kept } = await pool.query('select version from records_requests where number = $1', [number]);
    assert.ok(Number(kept[0]?.version) >= version, `${number} was acknowledged at version ${version}`);
  }
  assert.equal((await verifyAudit(db)).brokenAt, null);
  await goOn(database, { key, folder, nowMs, forms, before: rows.length });
  t.diagnostic(`${rows.length} requests, ${[...kinds.values()].reduce((sum, each) => sum + each, 0)} events`);
});

type Next = {
  readonly key: Buffer;
  readonly folder: string;
  readonly nowMs: number;
  readonly forms: readonly string[];
  readonly before: number;
};

/** The next start: every form sent again is the request that it was, and the clocks finish what they had begun. */
async function goOn(database: TestDatabase, { key, folder, nowMs, forms, before }: Next): Promise<void> {
  const { db, pool } = database;
  const effects: Effects = { ...database.effects, clock: { now: () => nowMs, monotonicMs: () => nowMs } };
  const store = await openStore({ blobs: { kind: 'folder', path: join(folder, 'blobs') } }, effects);
  const seal = openSeal(key);
  const places = { cityFolder, publicUrl: 'http://localhost:8080', workFolder: join(folder, 'work') };
  const parts = { db, seal, store, jobs: waitingJobs, ...places };
  const records = await openRecords(parts, effects);
  try {
    let made = 0;
    for (const submitKey of forms) {
      const { isNew } = await records.submit({ kind: 'public' }, { ...plainRequest, submitKey });
      if (isNew) made += 1;
    }
    const { rows } = await pool.query<{ count: number }>('select count(*)::int as count from records_requests');
    assert.equal(rows[0]?.count, before + made);
    assert.equal(before + made, forms.length, 'each form is one request');
    const day = new Date(nowMs).toISOString().slice(0, 10);
    const { refused } = await runClocks(records.requests, { ...parts, law: records.law }, day);
    assert.deepEqual(refused, []);
    assert.deepEqual(await runClocks(records.requests, { ...parts, law: records.law }, day), {
      reminded: [],
      moved: [],
      refused: [],
    });
    const kinds: string[] = [];
    for (const row of await requireNumbers(database)) kinds.push(...(await requireWhole(database, row)));
    assert.ok(kinds.includes('reminder-sent'), 'there was somebody to be reminded');
  } finally {
    await records.close();
    await store.close();
  }
}
