// What the clerk's desk promises, measured over 100,000 requests with a million events.
// On the portal's own PostgreSQL in a folder that is thrown away.

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import type { StaffActor } from '../src/base/actor.ts';
import { readConfig } from '../src/base/config.ts';
import { quietEffects } from '../src/base/effects.ts';
import type { Effects } from '../src/base/effects.ts';
import { openSeal } from '../src/base/seal.ts';
import { openDatabase } from '../src/db/open.ts';
import type { OpenedDatabase } from '../src/db/open.ts';
import { readLaw } from '../src/records/law/law-files.ts';
import { openReports } from '../src/records/reports/reports.ts';
import type { Reports } from '../src/records/reports/reports.ts';
import { openRequests } from '../src/records/requests/requests.ts';
import type { RequestsCore } from '../src/records/requests/request.ts';
import { everyRequest } from '../src/records/desk/queue.ts';
import { openDesk } from '../src/records/desk/desk.ts';
import type { Desk } from '../src/records/desk/desk.ts';
import { median, percentile, timeMs } from './measure.ts';
import type { Figure } from './measure.ts';
import { greatSeed, seedRecords } from './records-seed.ts';

const clerk: StaffActor = {
  kind: 'staff',
  id: 'staff-01',
  name: 'A clerk',
  email: 'clerk@example.gov',
  grants: [{ role: 'clerk', department: null }],
};
const lead: StaffActor = { ...clerk, id: 'staff-02', grants: [{ role: 'department-lead', department: 'planning' }] };

const officer: StaffActor = { ...clerk, id: 'staff-03', grants: [{ role: 'records-officer', department: null }] };

type MeasuredDesk = {
  readonly database: OpenedDatabase;
  readonly core: RequestsCore;
  readonly work: Desk;
  readonly reports: Reports;
};

export async function measureRecords(): Promise<Figure[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-records-'));
  const config = readConfig({ DATA_DIR: dataDir, DATABASE_POOL_SIZE: '20' });
  const database = await openDatabase(config, quietEffects);
  try {
    const seedMs = await timeMs(() => seedRecords(database.pool, greatSeed));
    await database.pool.query('vacuum analyze');
    const desk = await openMeasuredDesk(database);
    return [
      await countSeeded(database, seedMs),
      ...(await measureQueue(desk)),
      await measureSearch(desk),
      await measureSimilar(desk),
      ...(await measureReports(desk)),
      await measureClerks(desk),
    ];
  } finally {
    await database.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** On the day that the data ends at. */
async function openMeasuredDesk(database: OpenedDatabase): Promise<MeasuredDesk> {
  const cityFolder = resolve(import.meta.dirname, '../city/kent');
  const law = await readLaw(cityFolder);
  const now = Date.parse(`${greatSeed.today}T20:00:00Z`);
  const effects: Effects = { ...quietEffects, clock: { ...quietEffects.clock, now: () => now } };
  const parts = { db: database.db, seal: openSeal(randomBytes(32)), law: () => law, publicUrl: 'http://localhost' };
  const core = openRequests(parts, effects);
  const reports = await openReports({ ...parts, cityFolder }, effects);
  return { database, core, work: openDesk(parts, core, effects), reports };
}

async function countSeeded({ pool }: OpenedDatabase, seedMs: number): Promise<Figure> {
  const { rows } = await pool.query<{ requests: number; events: number }>(
    `select (select count(*)::int from records_requests) as requests, (select count(*)::int from records_events) as events`,
  );
  const { requests = 0, events = 0 } = rows[0] ?? {};
  return {
    what: 'records: requests and events to work on',
    demand: '100,000 and 1,000,000',
    value: events,
    shown: `${requests.toLocaleString('en')} and ${events.toLocaleString('en')}`,
    met: requests >= 100_000 && events >= 1_000_000,
    how: `seeded in ${(seedMs / 1000).toFixed(0)} s; a tenth of the requests is open`,
  };
}

const runs = 30;

async function spread(work: () => Promise<unknown>, count = runs): Promise<readonly number[]> {
  await work();
  const times: number[] = [];
  for (let at = 0; at < count; at += 1) times.push(await timeMs(work));
  return times;
}

function toFigure(what: string, demandMs: number, times: readonly number[], how: string): Figure {
  const [middle, high] = [median(times), percentile(times, 95)];
  const shown = `${middle.toFixed(0)} ms, 95 % within ${high.toFixed(0)} ms`;
  return { what, demand: `≤ ${demandMs} ms`, value: high, shown, met: high <= demandMs, how };
}

async function measureQueue({ work }: MeasuredDesk): Promise<readonly Figure[]> {
  const page = (actor: StaffActor, after: string | null) => work.queue(actor, everyRequest, { after, limit: 50 });
  const first = await page(clerk, null);
  const how = `50 rows, ${first.counts.total.toLocaleString('en')} open, with every count`;
  return [
    toFigure('records: queue page, a clerk', 100, await spread(() => page(clerk, null)), how),
    toFigure('records: queue page, the second', 100, await spread(() => page(clerk, first.next)), 'keyset'),
    toFigure(
      'records: queue page, a department’s lead',
      100,
      await spread(() => page(lead, null)),
      'led by it, or with a task',
    ),
  ];
}

const questions = [
  '2026-12795',
  'wetland buffer',
  'street',
  'reference',
  'wetland "Pine Depot"',
  'nothing-of-this',
  '24211',
];

async function measureSearch({ work }: MeasuredDesk): Promise<Figure> {
  const times: number[] = [];
  for (const q of questions) {
    for (const actor of [clerk, lead]) {
      times.push(...(await spread(() => work.search(actor, { q, after: null, limit: 50 }))).slice(0, 10));
    }
  }
  return toFigure(
    'records: search',
    150,
    times,
    `${questions.length} kinds of question, from a number to a word of 16,000 requests`,
  );
}

async function measureSimilar({ database, work }: MeasuredDesk): Promise<Figure> {
  const { rows } = await database.pool.query<{ id: string; text: string; subject: string | null }>(
    `select id, text, subject from records_requests where state = 'in_progress' order by number limit 1`,
  );
  const request = rows[0]!; // the seed has some
  return toFigure(
    'records: similar requests',
    150,
    await spread(() => work.similar(clerk, request)),
    'of one of them, among all',
  );
}

/** A full year; its figures, one figure's requests, and how long requests took. */
async function measureReports({ reports }: MeasuredDesk): Promise<readonly Figure[]> {
  const year = Number(greatSeed.today.slice(0, 4)) - 1;
  const received = (await reports.year(officer, year)).figures['received'] ?? 0;
  const how = `the year ${year} with ${received.toLocaleString('en')} requests received, computed from the events`;
  const times = (work: () => Promise<unknown>) => spread(work, 10);
  const page = { after: null, limit: 100 };
  return [
    toFigure('records: yearly report, all fifteen metrics', 5_000, await times(() => reports.year(officer, year)), how),
    toFigure(
      'records: requests behind a figure',
      5_000,
      await times(() => reports.behind(officer, year, 'closed', page)),
      '100 rows',
    ),
    toFigure(
      'records: timeliness of a year',
      5_000,
      await times(() => reports.timeliness(officer, year)),
      'by month and department',
    ),
  ];
}

/**
 * Two hundred at once: half add a note, half assign what they saw. Every note stays, one assignment wins,
 * the rest are told.
 */
async function measureClerks({ database, core, work }: MeasuredDesk): Promise<Figure> {
  const { rows } = await database.pool.query<{ id: string; version: number }>(
    `select id, version from records_requests where state = 'in_progress' order by number desc limit 1`,
  );
  const request = rows[0]!; // the seed has some
  const outcomes: string[] = [];
  const ms = await timeMs(() =>
    Promise.all(
      Array.from({ length: 200 }, async (_, at) => {
        const actor = { ...clerk, id: `clerk-${at}` };
        const act = () =>
          at % 2 === 0
            ? work.note(actor, request.id, `Note ${at}`)
            : work.act(actor, request, { kind: 'assign', department: 'planning', assignee: actor.id });
        outcomes.push(
          await act().then(
            () => 'done',
            (error: Error & { code?: string }) => error.code ?? error.message,
          ),
        );
      }),
    ),
  );
  const count = (outcome: string) => outcomes.filter((each) => each === outcome).length;
  const after = await core.find(request.id);
  const lost = count('done') - (after.version - request.version);
  const met = lost === 0 && count('done') + count('conflict') === 200 && count('done') >= 100;
  const shown = `${lost} lost; ${count('done')} done, ${count('conflict')} told that somebody was first`;
  const how = `one request, in ${ms.toFixed(0)} ms together`;
  return { what: 'records: two hundred clerks at once', demand: 'nothing lost', value: lost, shown, met, how };
}
