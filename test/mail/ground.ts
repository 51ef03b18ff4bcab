// The ground of tests about mail: a database, a seal, a clock that the test moves, and a blob store of its own.
// It must move time only when a test says so.

import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';

import { closeAll, type Close } from '../../src/base/closing.ts';
import { readConfig } from '../../src/base/config.ts';
import type { Environment } from '../../src/base/config.ts';
import type { Effects } from '../../src/base/effects.ts';
import type { PortalEvent } from '../../src/base/events.ts';
import { newId } from '../../src/base/ids.ts';
import { openSeal } from '../../src/base/seal.ts';
import type { Seal } from '../../src/base/seal.ts';
import { letters } from '../../src/db/tables-mail.ts';
import { recordsRequests } from '../../src/db/tables-records.ts';
import { openMail } from '../../src/mail/mail.ts';
import type { Mail } from '../../src/mail/mail.ts';
import { queueLetter } from '../../src/mail/outbox.ts';
import type { NewLetter } from '../../src/mail/outbox.ts';
import { openTestDatabase } from '../database.ts';
import type { Cleaner, TestDatabase } from '../database.ts';

const startMs = Date.parse('2026-11-23T18:00:00Z');
export const inbound = 'records@portal.example';

export type MailGround = TestDatabase & {
  readonly seal: Seal;
  readonly mail: Mail;
  readonly effects: Effects;
  readonly events: PortalEvent[];
  readonly files: Map<string, Buffer>;
  pass(ms: number): void;
  queue(letter?: Partial<NewLetter>): Promise<string>;
  open(settings?: Environment): Mail;
  request(number: string): Promise<string>;
};

/** `given`: a database that the tests of a file share, one after the other; it begins empty. Its opener closes it. */
export async function openMailGround(
  cleaner: Cleaner,
  settings: Environment = {},
  given: TestDatabase | null = null,
): Promise<MailGround> {
  const closers: Close[] = [];
  cleaner.after(() => closeAll(closers));
  const database = given ?? (await openTestDatabase({ after: (close) => void closers.push(close) }, 4));
  for (const name of ['letters', 'received_mail', 'records_requests']) await database.pool.query(`delete from ${name}`);
  const seal = openSeal(randomBytes(32));
  const events: PortalEvent[] = [];
  let nowMs = startMs;
  const clock = { now: () => nowMs, monotonicMs: () => nowMs };
  const effects: Effects = { clock, observe: (event) => void events.push(event) };
  const files = new Map<string, Buffer>();
  const store = {
    async read(name: string) {
      const bytes = files.get(name);
      if (bytes === undefined) throw new Error(`no file ${name} of ada@example.org`);
      return Readable.from([bytes]);
    },
  };
  const open = (environment: Environment = settings): Mail => {
    const config = readConfig({ MAIL_FROM: inbound, MAIL_INBOUND_ADDRESS: inbound, ...environment });
    const parts = {
      db: database.db,
      seal,
      store,
      settings: config.mail,
      fromName: 'City of "Testing", Clerk',
      alone: true,
    };
    const mail = openMail(parts, effects);
    closers.push(() => mail.close());
    return mail;
  };
  return {
    ...database,
    seal,
    effects,
    events,
    files,
    mail: open(),
    open,
    pass: (ms) => void (nowMs += ms),
    async queue(letter = {}) {
      const whole = { to: 'ada@example.org', subject: 'Your request', text: 'Dear Ada', kind: 'test', ...letter };
      const readIds = async () => (await database.db.select({ id: letters.id }).from(letters)).map(({ id }) => id);
      const before = new Set(await readIds());
      await database.db.transaction((tx) => queueLetter(tx, seal, whole, effects));
      return (await readIds()).find((id) => !before.has(id)) ?? [...before].at(-1)!;
    },
    async request(number) {
      const id = newId(clock);
      const at = new Date(nowMs).toISOString();
      const on = at.slice(0, 10);
      await database.db.insert(recordsRequests).values({
        ...{ id, number, version: 1, state: 'received', text: 'All of it', receivedAt: at, receivedOn: on },
        ...{ channel: 'web', respondDueOn: on, createdAt: at, changedAt: at },
      });
      return id;
    },
  };
}

export async function readLetters({ db }: Pick<TestDatabase, 'db'>) {
  return db.select().from(letters).orderBy(letters.id);
}
