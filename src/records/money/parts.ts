// What every act with money is handed, the request it locks, and the letter that tells of it.
// It must hold no rule of money: billing.ts, payments.ts and checkout.ts do.

import { sql } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import type { Seal } from '../../base/seal.ts';
import type { Database, Transaction } from '../../db/open.ts';
import { recordsMoneyNumbers } from '../../db/tables-fees.ts';
import { appendAudit } from '../../people/audit.ts';
import type { AuditDetails } from '../../people/audit.ts';
import { requirePermission } from '../../people/permissions.ts';
import type { Action } from '../../people/permissions.ts';
import { cityDateOf, yearOf } from '../../city/days.ts';
import type { CityDate } from '../../city/days.ts';
import type { Law } from '../law/law.ts';
import type { LetterOrder } from '../requests/machine-terms.ts';
import { sendLetters } from '../requests/letters.ts';
import type { NewEvent, RequestsCore } from '../requests/request.ts';
import { readRow, requireMay } from '../requests/requests.ts';
import type { RequestRow } from '../requests/rows.ts';
import type { PaymentProvider } from './provider.ts';

export type MoneyParts = {
  readonly db: Database;
  readonly seal: Seal;
  readonly law: () => Law;
  readonly publicUrl: string;
  readonly requests: RequestsCore;
  /** Null: nobody can pay online. */
  readonly provider: PaymentProvider | null;
};

/** A request locked for the length of a transaction: what changes its money waits for the one before. */
export type Locked = { readonly tx: Transaction; readonly row: RequestRow; readonly today: CityDate };

/** Who does something with the money of which request, by id or number. */
type MoneyAct = {
  readonly parts: MoneyParts;
  readonly actor: Actor;
  readonly request: string;
  readonly effects: Effects;
};

/** Locks the request, asks the permission, runs. Throws not-found for what is another's. */
export async function withRequest<T>(
  { parts, actor, request, effects }: MoneyAct,
  action: Action,
  run: (locked: Locked) => Promise<T>,
): Promise<T> {
  if (actor.kind === 'public') requirePermission(actor, action); // before it could learn whether the request is there
  return parts.db.transaction(async (tx) => {
    const row = await readRow(tx, request, true);
    await requireMay(tx, actor, row, action);
    return run({ tx, row, today: todayOf(parts, effects) });
  });
}

/** The same without a lock, for reading. */
export async function readAllowed(parts: MoneyParts, actor: Actor, request: string): Promise<RequestRow> {
  if (actor.kind === 'public') requirePermission(actor, 'fee.read');
  const row = await readRow(parts.db, request);
  await requireMay(parts.db, actor, row, 'fee.read');
  return row;
}

export function todayOf(parts: Pick<MoneyParts, 'law'>, effects: Effects): CityDate {
  return cityDateOf(effects.clock.now(), parts.law().city.timeZone);
}

/** The next number of a series, without a gap: a transaction that fails gives it back. Taken before the audit lock. */
export async function nextNumber(tx: Transaction, series: 'F' | 'R', today: CityDate): Promise<string> {
  const year = yearOf(today);
  const [row] = await tx
    .insert(recordsMoneyNumbers)
    .values({ series, year, last: 1 })
    .onConflictDoUpdate({
      target: [recordsMoneyNumbers.series, recordsMoneyNumbers.year],
      set: { last: sql`${recordsMoneyNumbers.last} + 1` },
    })
    .returning({ last: recordsMoneyNumbers.last });
  return `${series}${year}-${String(row!.last).padStart(6, '0')}`;
}

/** Tells the requester, if there is something to tell, and writes the audit event: the last things of an act. */
export async function finishAct(
  parts: MoneyParts,
  { tx, row, today }: Locked,
  actor: Actor,
  act: {
    readonly action: Action;
    readonly subject: string;
    readonly details: AuditDetails;
    readonly letter: LetterOrder | null;
    /** Null where a transition has told it already. */
    readonly event: NewEvent | null;
  },
  effects: Effects,
): Promise<void> {
  if (act.event !== null) await parts.requests.appendEvent(tx, actor, row.id, act.event);
  if (act.letter !== null) {
    const now = await readRow(tx, row.id);
    const sending = { request: now, version: now.version, actor, onDate: today, link: null };
    await sendLetters(tx, parts, [act.letter], sending, effects);
  }
  const { action, subject, details } = act;
  await appendAudit(tx, actor, { action, subject, details: { request: row.number, ...details } }, effects);
}

export function requireWords(text: string, what: Sentence, longest = 500): string {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > longest) {
    throw new PortalError('form-invalid', say('form.give', { what, longest }));
  }
  return trimmed;
}
