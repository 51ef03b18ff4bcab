// What the system does when time passes: reminders, ends of notices, clarifications that nobody answered.
// It must close nothing: it hands clocks that ran out to the machine, and closing is proposed to a records officer.

import { eq, sql } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Transaction } from '../../db/open.ts';
import { recordsMessages } from '../../db/tables-records.ts';
import { addDays } from '../../city/days.ts';
import { messagePurpose } from '../requests/letters.ts';
import type { LetterParts, MessageContent } from '../requests/letters.ts';
import { reminderDays } from '../requests/machine-waiting.ts';
import { readRow } from '../requests/requests.ts';
import type { CityDate, RequestCommand, RequestsCore } from '../requests/request.ts';
import { toFacts } from '../requests/rows.ts';

/** What was done, by number of request, and what the machine would not do: told, never lost. */
export type ClockRun = {
  readonly reminded: readonly string[];
  readonly moved: readonly string[];
  readonly refused: readonly { readonly number: string; readonly error: PortalError }[];
};

/** Reminders go out before the last day on which they would still count, so that a day of failure loses nothing. */
const reminderLeadDays = reminderDays + 3;

const system: Actor = { kind: 'system', name: 'clocks' };

type Due = {
  readonly id: string;
  readonly number: string;
  readonly clock: 'clarification' | 'employee-notice' | 'third-party-notice' | 'claim' | 'payment';
  readonly dueOn: CityDate;
};

/** Run as often as one likes: what was done is not done again. */
export async function runClocks(core: RequestsCore, parts: LetterParts, today: CityDate): Promise<ClockRun> {
  const run = {
    reminded: [] as string[],
    moved: [] as string[],
    refused: [] as { number: string; error: PortalError }[],
  };
  for (const due of await readDueClocks(core, today)) {
    try {
      // Whoever has just been reminded has time left, be it that the date moved: nothing of theirs has lapsed.
      if (await remind(core, parts, due, today)) run.reminded.push(due.number);
      else if (await lapse(core, due, today)) run.moved.push(due.number);
    } catch (error) {
      // One request that cannot go on must not keep the others waiting; the next run tries it again.
      if (!(error instanceof PortalError) || error.status >= 500) throw error;
      run.refused.push({ number: due.number, error });
    }
  }
  return run;
}

/** Clocks against somebody else that end within the lead of a reminder, or have ended. */
async function readDueClocks(core: RequestsCore, today: CityDate): Promise<readonly Due[]> {
  const { rows } = await core.db.execute<{ [name in keyof Due]: Due[name] }>(sql`
    select r.id, r.number, c.clock, c.due_on::text as "dueOn"
    from records_clocks c join records_requests r on r.id = c.request_id
    where c.stopped_at is null
      and c.clock in ('clarification', 'employee-notice', 'third-party-notice', 'claim', 'payment')
      and c.due_on <= ${addDays(today, reminderLeadDays)}::date
      and r.state in ('clarification', 'notice_wait', 'awaiting_payment', 'installment_ready')
    order by c.due_on, r.number`);
  return rows;
}

async function lapse(core: RequestsCore, due: Due, today: CityDate): Promise<boolean> {
  if (due.dueOn >= today) return false;
  const command = lapseCommand(due.clock);
  if (command === null) return false;
  return core.db.transaction(async (tx) => {
    const facts = toFacts(await readRow(tx, due.id, true));
    if (command.kind === 'lapse-clarification' && facts.proposal !== null) return false;
    const injunction = facts.notice?.injunction ?? null;
    const isEnjoined = injunction !== null && (injunction.until === null || injunction.until >= today);
    if (command.kind === 'end-notice' && isEnjoined) return false;
    await core.transition(tx, system, { id: due.id, expectedVersion: null }, command);
    return true;
  });
}

/**
 * What is not claimed or not paid has no transition of its own: the queue proposes its closing once the clock has run
 * out.
 */
function lapseCommand(clock: Due['clock']): RequestCommand | null {
  switch (clock) {
    case 'clarification':
      return { kind: 'lapse-clarification' };
    case 'employee-notice':
    case 'third-party-notice':
      return { kind: 'end-notice', reason: 'time-passed' };
    case 'claim':
    case 'payment':
      return null;
  }
}

/**
 * Once for each clock, to the requester: a closing for want of an answer asks for it. After an outage it goes out late,
 * and the machine moves the date; a question of which a part is clear has then lapsed instead.
 */
async function remind(core: RequestsCore, parts: LetterParts, due: Due, today: CityDate): Promise<boolean> {
  const { id, clock, dueOn } = due;
  if (clock === 'employee-notice' || clock === 'third-party-notice') return false;
  return core.db.transaction(async (tx) => {
    const facts = toFacts(await readRow(tx, id, true));
    if (facts.reminders[clock] !== undefined) return false;
    if (facts.clarification?.extent === 'part' && dueOn < today) return false;
    const question = clock === 'clarification' ? await readQuestion(tx, parts, id) : null;
    await core.transition(tx, system, { id, expectedVersion: null }, { kind: 'remind', question });
    return true;
  });
}

/** The question as it was asked: the letter that asked it, which the request keeps sealed. */
async function readQuestion(tx: Transaction, parts: LetterParts, requestId: string): Promise<string> {
  const { id, at, kind, content } = recordsMessages;
  const rows = await tx
    .select({ id, at, kind, content })
    .from(recordsMessages)
    .where(eq(recordsMessages.requestId, requestId));
  const asked = rows.filter((row) => row.kind === 'clarification').sort((a, b) => (a.at < b.at ? 1 : -1))[0];
  if (asked === undefined) throw new PortalError('records-invalid', say('records.question-not-on-file'));
  return (parts.seal.open(asked.content, messagePurpose(asked.id)) as MessageContent).body;
}
