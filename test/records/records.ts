// Records requests for a test: a database of its own, a seal, the city's law, and a clock that the test sets.
// It must leave nothing behind.

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Actor, RequesterActor } from '../../src/base/actor.ts';
import type { Effects } from '../../src/base/effects.ts';
import { openSeal } from '../../src/base/seal.ts';
import { openRecords } from '../../src/records/open.ts';
import type { Records } from '../../src/records/open.ts';
import type { RequestCommand, RequestRecord, Requester } from '../../src/records/requests/request.ts';
import type { NewRequest } from '../../src/records/requests/submissions.ts';
import { openStore } from '../../src/store/open.ts';
import type { Cleaner, TestDatabase } from '../database.ts';
import { openTestDatabase } from '../database.ts';
import { waitingJobs } from '../jobs/waiting.ts';

export const cityFolder = join(import.meta.dirname, '..', '..', 'city', 'kent');

/** Every word of it is found again by a search for `canary`. */
export const somebody: Requester = {
  name: 'Canary Whitlock',
  organization: 'Canary Society',
  email: 'canary.whitlock@example.org',
  phone: '253-555-0142-canary',
  address: '1 Canary Lane, Kent',
};

export const plainRequest: NewRequest = {
  text: 'All inspection reports for 220 4th Ave S in 2025',
  requester: somebody,
  delivery: 'electronic',
  language: 'en',
  accommodation: null,
  asksForList: false,
  listPurpose: null,
  submitKey: null,
};

export type TestRecords = {
  readonly records: Records;
  readonly database: TestDatabase;
  readonly effects: Effects;
  readonly seal: ReturnType<typeof openSeal>;
  /** Sets the time: an instant, or noon of a date of the city. */
  at(when: string): void;
  submit(given?: Partial<NewRequest>): Promise<RequestRecord>;
  /** One transition in a transaction of its own, at the version that stands. */
  act(actor: Actor, request: { readonly id: string }, command: RequestCommand): Promise<RequestRecord>;
};

export async function openTestRecords(cleaner: Cleaner, when = '2026-03-02', poolSize = 8): Promise<TestRecords> {
  const database = await openTestDatabase(cleaner, poolSize);
  let now = toMs(when);
  const effects: Effects = { ...database.effects, clock: { now: () => now, monotonicMs: () => now } };
  const seal = openSeal(randomBytes(32));
  const folder = await mkdtemp(join(tmpdir(), 'portal-records-'));
  const store = await openStore({ blobs: { kind: 'folder', path: join(folder, 'blobs') } }, effects);
  cleaner.after(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const places = { cityFolder, publicUrl: 'http://localhost:8080', workFolder: join(folder, 'work') };
  const parts = { db: database.db, seal, store, jobs: waitingJobs, ...places };
  const records = await openRecords(parts, effects);
  cleaner.after(() => records.close());
  return {
    records,
    database,
    effects,
    seal,
    at(next) {
      now = toMs(next);
    },
    submit: async (given = {}) => (await records.submit({ kind: 'public' }, { ...plainRequest, ...given })).request,
    async act(actor, { id }, command) {
      const { version } = await records.requests.find(id);
      return database.db.transaction((tx) =>
        records.requests.transition(tx, actor, { id, expectedVersion: version }, command),
      );
    },
  };
}

function toMs(when: string): number {
  return Date.parse(when.includes('T') ? when : `${when}T20:00:00Z`);
}

export function requesterOf(request: { readonly id: string }): RequesterActor {
  return { kind: 'requester', requestId: request.id, delegate: null };
}
