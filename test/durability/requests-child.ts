// A process that asks, transitions and lets time pass on a database without end, until it is killed.
// Arguments: the database's address, the seal's key in hex, the instant, its own name. It writes a line for what
// it is about to send and one for what was committed; nothing that it meets may be other than a refusal.

import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

import { drizzle } from '../../src/db/drizzle.ts';
import pg from 'pg';

import type { Actor } from '../../src/base/actor.ts';
import { quietEffects } from '../../src/base/effects.ts';
import type { Effects } from '../../src/base/effects.ts';
import { PortalError } from '../../src/base/errors.ts';
import { openSeal } from '../../src/base/seal.ts';
import { openCityLaw } from '../../src/records/law/city-law.ts';
import { addDays } from '../../src/city/days.ts';
import type { RequestCommand, RequestState } from '../../src/records/requests/request.ts';
import { openRequests } from '../../src/records/requests/requests.ts';
import { submitRequest } from '../../src/records/requests/submissions.ts';
import { runClocks } from '../../src/records/desk/clocks.ts';

const [databaseUrl = '', key = '', instant = '', name = ''] = process.argv.slice(2);
const nowMs = Date.parse(instant);
const today = instant.slice(0, 10);
const effects: Effects = { ...quietEffects, clock: { now: () => nowMs, monotonicMs: () => performance.now() } };
const pool = new pg.Pool({ connectionString: databaseUrl, max: 4, application_name: 'requests-child' });
const db = drizzle(pool);
const seal = openSeal(Buffer.from(key, 'hex'));
const { law } = await openCityLaw(db, join(import.meta.dirname, '..', '..', 'city', 'kent'), effects);
const parts = { db, seal, law, publicUrl: 'http://localhost:8080' };
const requests = openRequests(parts, effects);
const grants = [{ role: 'records-officer', department: null }] as const;
const officer: Actor = { kind: 'staff', id: 'officer', name: 'Officer', email: 'officer@example.gov', grants };
const say = (line: string): void => void writeSync(1, `${line}\n`);

const asked = {
  text: 'All inspection reports of 2025',
  requester: { name: 'Ada', organization: null, email: 'ada@example.org', phone: null, address: null },
  delivery: 'electronic',
  language: 'en',
  accommodation: null,
  asksForList: false,
  listPurpose: null,
} as const;

async function submit(): Promise<never> {
  for (let count = 0; ; count += 1) {
    const submitKey = `${name}-form-number-${String(count).padStart(6, '0')}`;
    say(`form ${submitKey}`);
    const { request } = await submitRequest(parts, { kind: 'public' }, { ...asked, submitKey }, null, effects);
    say(`kept ${request.number} ${request.version}`);
  }
}

type Act = readonly [RequestCommand, Actor];

const acknowledge: RequestCommand = { kind: 'acknowledge', estimateOn: addDays(today, 20), message: '' };
const question = { kind: 'clarify', question: 'Which year?', estimateOn: null, noEstimateReason: 'Unclear.' } as const;
const release: RequestCommand = {
  kind: 'release',
  installment: 1,
  pages: 3,
  files: 1,
  electronic: true,
  scannedPages: 0,
  withheld: [],
  message: '',
  remains: null,
};
const notify: RequestCommand = {
  kind: 'notify',
  notice: 'third-party',
  recipients: ['owner'],
  records: 'The lease',
  noticeOn: today,
};

/** What somebody may do next; none: time has to pass. */
function nextAct(id: string, state: RequestState): Act | null {
  const requester: Actor = { kind: 'requester', requestId: id, delegate: null };
  const acts: Readonly<Partial<Record<RequestState, readonly (Act | null)[]>>> = {
    received: [
      [acknowledge, officer],
      [{ ...question, extent: 'whole' }, officer],
    ],
    in_progress: [
      [release, officer],
      [notify, officer],
      [{ ...question, extent: 'part', estimateOn: addDays(today, 40), noEstimateReason: null }, officer],
      [{ kind: 'withdraw', via: 'web' }, requester],
    ],
    clarification: [null, null, [{ kind: 'answer-clarification', answer: '2025.', via: 'web' }, requester]],
  };
  const open = acts[state] ?? [];
  return open[Math.floor(Math.random() * open.length)] ?? null;
}

async function transition(): Promise<never> {
  for (;;) {
    const { rows } = await pool.query<{ id: string; number: string; version: number; state: RequestState }>(
      `select id, number, version, state from records_requests
       where state in ('received', 'in_progress', 'clarification') order by state = 'received', random() limit 1`,
    );
    for (const { id, number, version, state } of rows) {
      const act = nextAct(id, state);
      if (act === null) continue;
      const [command, actor] = act;
      const seen = { id, expectedVersion: version };
      const changed = await refusable(() => db.transaction((tx) => requests.transition(tx, actor, seen, command)));
      if (changed !== null) say(`kept ${number} ${changed.version}`);
    }
  }
}

/** Somebody else was first, or time has passed meanwhile: the rest of what goes wrong ends this process. */
async function refusable<T>(run: () => Promise<T>): Promise<T | null> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof PortalError && ['conflict', 'records-invalid'].includes(error.code)) return null;
    throw error;
  }
}

async function passTime(): Promise<never> {
  for (;;) {
    const { reminded, moved } = await runClocks(requests, parts, today);
    say(`clocks ${reminded.length + moved.length}`);
    await turn();
  }
}

say('ready');
await new Promise((go) => process.stdin.once('data', go));
await Promise.all([submit(), transition(), passTime()]);
