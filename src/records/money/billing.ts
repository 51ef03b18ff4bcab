// Estimates, the notice of a customized charge, invoices. Nothing is charged that the city's schedule does not name.
// It must take no money; payments.ts does.

import { and, eq, sql } from '../../db/drizzle.ts';

import { actorId, actorName } from '../../base/actor.ts';
import type { Actor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { isId, newId } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import type { Transaction } from '../../db/open.ts';
import { recordsEstimates, recordsInvoiceLines, recordsInvoices } from '../../db/tables-fees.ts';
import { startClock } from '../law/clocks.ts';
import { isCityDate } from '../../city/days.ts';
import { citationOf } from '../law/law.ts';
import { versionOn } from '../../city/versions.ts';
import { dollars } from '../law/letters.ts';
import { toLetter } from '../requests/machine-terms.ts';
import { readInvoices, readMoney, requireInvoice, toEstimateRecord, toInvoiceMoney } from './accounts.ts';
import type { Customized, EstimateRecord, InvoiceRecord } from './accounts.ts';
import { depositOf, requireSchedule, toEstimate } from './estimate.ts';
import type { FeeLine, Quantity } from './estimate.ts';
import { issueLines, postEntry, voidLines } from './ledger.ts';
import { finishAct, nextNumber, requireWords, withRequest } from './parts.ts';
import type { Locked, MoneyParts } from './parts.ts';

const mostQuantities = 50;

/** Works out what copies would cost and keeps it. Permission `fee.estimate`. Throws records-invalid: no schedule. */
export function estimateCopies(
  parts: MoneyParts,
  actor: Actor,
  request: string,
  quantities: readonly Quantity[],
  effects: Effects,
): Promise<EstimateRecord> {
  return withRequest({ parts, actor, request, effects }, 'fee.estimate', async (locked) => {
    const law = parts.law();
    if (quantities.length > mostQuantities) throw new PortalError('form-invalid', say('money.estimate-long'));
    const { lines, totalTenths } = toEstimate(law, versionOn(law.fees, locked.today), quantities);
    if (lines.length === 0) throw new PortalError('form-invalid', say('money.no-quantity'));
    const kept = { kind: 'copies', quantities, lines, totalTenths, customized: null } as const;
    return insertEstimate(parts, locked, actor, kept, effects);
  });
}

/** The notice of RCW 42.56.120(3), with its four parts, sent before any of the work is done. */
export function noticeCustomized(
  parts: MoneyParts,
  actor: Actor,
  request: string,
  given: Customized & { readonly cents: number },
  effects: Effects,
): Promise<EstimateRecord> {
  return withRequest({ parts, actor, request, effects }, 'fee.estimate', async (locked) => {
    const why = requireWords(given.why, say('money.why-charged'), 2_000);
    const expertise = requireWords(given.expertise, say('money.which-expertise'), 2_000);
    const { answerBy, cents } = given;
    if (!isCityDate(answerBy) || answerBy <= locked.today) {
      throw new PortalError('form-invalid', say('money.change-until'));
    }
    const line = customizedLine(parts, locked, cents, expertise);
    const customized = { why, expertise, answerBy };
    const kept = { kind: 'customized', quantities: [], lines: [line], totalTenths: line.tenths, customized } as const;
    const estimate = await insertEstimate(parts, locked, actor, kept, effects);
    const at = toInstant(effects.clock.now());
    await locked.tx.update(recordsEstimates).set({ sentAt: at }).where(eq(recordsEstimates.id, estimate.id));
    const act = {
      action: 'fee.estimate',
      subject: `estimate:${estimate.id}`,
      details: { cents, kind: 'customized', sent: true },
      letter: toLetter('customized-charge', { why, expertise, estimate: cents, answerBy }),
      event: { kind: 'customized-charge-noticed', audience: 'requester', data: { cents, answerBy } },
    } as const;
    await finishAct(parts, locked, actor, act, effects);
    return { ...estimate, sentAt: at };
  });
}

function customizedLine(parts: MoneyParts, { today }: Locked, cents: number, expertise: string): FeeLine {
  const law = parts.law();
  const fees = versionOn(law.fees, today);
  requireSchedule(fees);
  if (!Number.isSafeInteger(cents) || cents <= 0 || cents > 100_000_000) {
    throw new PortalError('form-invalid', say('money.customized-amount'));
  }
  const citation = fees.citations.customized;
  const rule = `At most the actual cost (${citationOf(law, citation).cite}).`;
  return { what: `Customized service: ${expertise}`, rule, citation, tenths: cents * 10 };
}

type KeptEstimate = Pick<EstimateRecord, 'kind' | 'quantities' | 'lines' | 'totalTenths' | 'customized'>;

async function insertEstimate(
  parts: MoneyParts,
  locked: Locked,
  actor: Actor,
  kept: KeptEstimate,
  effects: Effects,
): Promise<EstimateRecord> {
  const { tx, row, today } = locked;
  const { adoptedOn, source } = requireSchedule(versionOn(parts.law().fees, today));
  const [last] = await tx
    .select({ seq: sql<number>`coalesce(max(${recordsEstimates.seq}), 0)::int` })
    .from(recordsEstimates)
    .where(eq(recordsEstimates.requestId, row.id));
  const [stored] = await tx
    .insert(recordsEstimates)
    .values({
      id: newId(effects.clock),
      requestId: row.id,
      seq: last!.seq + 1,
      ...kept,
      totalCents: Math.floor(kept.totalTenths / 10),
      scheduleSource: source,
      scheduleAdoptedOn: adoptedOn,
      createdAt: toInstant(effects.clock.now()),
      createdBy: actorName(actor),
      createdById: actorId(actor),
    })
    .returning();
  const estimate = toEstimateRecord(stored!);
  if (kept.kind === 'copies') {
    const details = { cents: estimate.totalCents, kind: kept.kind, sent: false };
    const act = { action: 'fee.estimate', subject: `estimate:${estimate.id}`, details, letter: null } as const;
    await finishAct(parts, locked, actor, { ...act, event: null }, effects);
  }
  return estimate;
}

/** RCW 42.56.120(2)(f): what copies would cost, before any are made; the requester may narrow the request. */
export function sendSummary(
  parts: MoneyParts,
  actor: Actor,
  request: string,
  estimateId: string,
  effects: Effects,
): Promise<void> {
  return withRequest({ parts, actor, request, effects }, 'fee.estimate', async (locked) => {
    const estimate = await requireEstimate(locked, estimateId, 'copies');
    const sentAt = toInstant(effects.clock.now());
    await locked.tx.update(recordsEstimates).set({ sentAt }).where(eq(recordsEstimates.id, estimate.id));
    const { lines: charges, totalCents: total } = estimate;
    const act = {
      action: 'fee.estimate',
      subject: `estimate:${estimate.id}`,
      details: { cents: total, kind: 'copies', sent: true },
      letter: toLetter('charges-summary', { charges, total }),
      event: { kind: 'charges-summarized', audience: 'requester', data: { cents: total } },
    } as const;
    await finishAct(parts, locked, actor, act, effects);
  });
}

/** The requester says yes to a customized service. Permission `fee.read` of their own request; staff may enter it. */
export function agreeToCustomized(
  parts: MoneyParts,
  actor: Actor,
  request: string,
  estimateId: string,
  effects: Effects,
): Promise<void> {
  const action = actor.kind === 'requester' ? 'fee.read' : 'fee.estimate';
  return withRequest({ parts, actor, request, effects }, action, async (locked) => {
    const estimate = await requireEstimate(locked, estimateId, 'customized');
    if (estimate.agreedAt !== null) return; // pressed twice
    const agreedAt = toInstant(effects.clock.now());
    await locked.tx.update(recordsEstimates).set({ agreedAt }).where(eq(recordsEstimates.id, estimate.id));
    const data = { cents: estimate.totalCents };
    const act = {
      action,
      subject: `estimate:${estimate.id}`,
      details: { ...data, agreed: true },
      letter: null,
      event: { kind: 'customized-charge-agreed', audience: 'requester', data },
    } as const;
    await finishAct(parts, locked, actor, act, effects);
  });
}

async function requireEstimate({ tx, row }: Locked, id: string, kind: EstimateRecord['kind']): Promise<EstimateRecord> {
  const found = isId(id)
    ? await tx
        .select()
        .from(recordsEstimates)
        .where(
          and(eq(recordsEstimates.id, id), eq(recordsEstimates.requestId, row.id), eq(recordsEstimates.kind, kind)),
        )
    : [];
  if (found[0] === undefined) throw new PortalError('not-found', say('money.no-estimate'));
  return toEstimateRecord(found[0]);
}

export type NewInvoice = {
  readonly estimateId: string;
  readonly purpose: 'deposit' | 'invoice' | 'customized';
  /** The flat charge in place of the estimate's lines. */
  readonly isFlat: boolean;
  readonly installment: number | null;
};

/** Issues an invoice and lets the request wait for it. Permission `fee.invoice`. */
export function issueInvoice(
  parts: MoneyParts,
  actor: Actor,
  request: string,
  given: NewInvoice,
  effects: Effects,
): Promise<InvoiceRecord> {
  return withRequest({ parts, actor, request, effects }, 'fee.invoice', async (locked) => {
    const { tx, row } = locked;
    const kind = given.purpose === 'customized' ? 'customized' : 'copies';
    const estimate = await requireEstimate(locked, given.estimateId, kind);
    const before = await readInvoices(tx, row.id);
    if (before.some(({ state }) => state === 'open')) {
      throw new PortalError('conflict', say('money.invoice-open'));
    }
    requireNotInvoiced(before, given);
    requireFlatRule(before, given);
    if (given.purpose === 'customized') requireNoticed(estimate, locked);
    const { lines, depositCents } = await invoiceLines(parts, locked, given, estimate);
    return storeInvoice(parts, locked, actor, { ...given, lines, depositCents }, effects);
  });
}

/** RCW 42.56.120(2)(d): the flat charge stands in place of all others, once; nothing by unit comes after or before. */
function requireFlatRule(before: readonly InvoiceRecord[], { purpose, isFlat }: NewInvoice): void {
  const standing = before.filter(({ state }) => state !== 'void');
  if (purpose !== 'customized' && standing.some((invoice) => invoice.isFlat)) {
    throw new PortalError('records-invalid', say('money.after-flat'));
  }
  if (isFlat && purpose !== 'invoice') throw new PortalError('form-invalid', say('money.only-invoice-flat'));
  if (isFlat && standing.some((invoice) => invoice.purpose === 'invoice')) {
    throw new PortalError('records-invalid', say('money.flat-after-units'));
  }
}

function requireNoticed(estimate: EstimateRecord, { today }: Locked): void {
  const { customized, sentAt, agreedAt } = estimate;
  const isOver = customized !== null && customized.answerBy < today;
  if (sentAt === null || (agreedAt === null && !isOver)) {
    throw new PortalError('records-invalid', say('money.may-still-change'));
  }
}

/** An estimate becomes an invoice once, and a deposit once: pressing twice charges nobody twice. */
function requireNotInvoiced(before: readonly InvoiceRecord[], { estimateId, purpose }: NewInvoice): void {
  const known = before.find(
    (invoice) => invoice.state !== 'void' && invoice.estimateId === estimateId && invoice.purpose === purpose,
  );
  if (known === undefined) return;
  throw new PortalError('conflict', say('money.estimate-invoiced', { invoice: known.number }));
}

async function invoiceLines(
  parts: MoneyParts,
  { tx, row, today }: Locked,
  { purpose, isFlat }: NewInvoice,
  estimate: EstimateRecord,
): Promise<{ readonly lines: readonly FeeLine[]; readonly depositCents: number }> {
  const law = parts.law();
  const fees = versionOn(law.fees, today);
  const schedule = requireSchedule(fees);
  if (purpose === 'deposit') return { lines: [depositLine(parts, today, estimate)], depositCents: 0 };
  const { balances } = await readMoney(tx, row.id);
  let { lines } = estimate;
  if (isFlat) {
    const { flat } = toEstimate(law, fees, estimate.quantities);
    if (flat === null || schedule.flat === null) {
      throw new PortalError('records-invalid', say('money.flat-needs-estimate'));
    }
    lines = [flat];
  }
  const gross = Math.floor(lines.reduce((sum, { tenths }) => sum + tenths, 0) / 10);
  const depositCents = Math.min(gross, Math.max(0, -balances.deposits));
  if (depositCents === 0) return { lines, depositCents };
  const citation = fees.citations.deposit;
  const rule = `Taken off (${citationOf(law, citation).cite}).`;
  return {
    lines: [...lines, { what: 'Deposit already paid', rule, citation, tenths: -depositCents * 10 }],
    depositCents,
  };
}

function depositLine(parts: MoneyParts, today: string, { totalTenths, totalCents }: EstimateRecord): FeeLine {
  const law = parts.law();
  const fees = versionOn(law.fees, today);
  const { depositPercent } = requireSchedule(fees);
  if (depositPercent === null) throw new PortalError('records-invalid', say('money.no-deposit'));
  const cents = depositOf(totalTenths, depositPercent);
  if (cents === 0) throw new PortalError('records-invalid', say('money.deposit-nothing'));
  const citation = fees.citations.deposit;
  const rule = `At most ${fees.depositCapPercent} percent (${citationOf(law, citation).cite}).`;
  return { what: `Deposit of ${depositPercent} percent of ${dollars(totalCents)}`, rule, citation, tenths: cents * 10 };
}

type InvoiceToStore = NewInvoice & { readonly lines: readonly FeeLine[]; readonly depositCents: number };

async function storeInvoice(
  parts: MoneyParts,
  locked: Locked,
  actor: Actor,
  given: InvoiceToStore,
  effects: Effects,
): Promise<InvoiceRecord> {
  const { tx, row, today } = locked;
  const { purpose, isFlat, lines, depositCents, installment, estimateId } = given;
  const law = parts.law();
  const schedule = requireSchedule(versionOn(law.fees, today));
  const cents = Math.floor(lines.reduce((sum, { tenths }) => sum + tenths, 0) / 10);
  if (cents === 0 && depositCents === 0) throw new PortalError('records-invalid', say('money.nothing-to-charge'));
  const at = toInstant(effects.clock.now());
  const id = newId(effects.clock);
  const number = await nextNumber(tx, 'F', today);
  const dueOn = startClock(law, 'payment', today).dueOn;
  await tx.insert(recordsInvoices).values({
    id,
    number,
    requestId: row.id,
    estimateId,
    purpose,
    installment,
    isFlat,
    totalCents: cents,
    issuedAt: at,
    issuedOn: today,
    dueOn,
    issuedBy: actorName(actor),
    issuedById: actorId(actor),
    scheduleSource: schedule.source,
    scheduleAdoptedOn: schedule.adoptedOn,
    ...(cents === 0 ? { state: 'paid', settledAt: at } : {}), // a deposit covers it all
  });
  await tx.insert(recordsInvoiceLines).values(lines.map((line, index) => ({ invoiceId: id, seq: index + 1, ...line })));
  const posted = issueLines({ purpose, grossCents: cents + depositCents, depositCents });
  const entry = { requestId: row.id, invoiceId: id, at, onDate: today, actor } as const;
  await postEntry(tx, { ...entry, kind: 'invoice', lines: posted }, effects);
  const order = { id: row.id, expectedVersion: null };
  if (cents > 0) {
    await parts.requests.transition(tx, actor, order, { kind: 'await-payment', invoice: number, cents, purpose });
  }
  const payUrl = cents > 0 && parts.provider !== null ? `${parts.publicUrl}/records/requests/${row.number}/fees` : null;
  const fields = { invoice: number, charges: lines, total: cents, payBy: dueOn, isDeposit: purpose === 'deposit' };
  const act = {
    action: 'fee.invoice',
    subject: `invoice:${number}`,
    details: { cents, purpose, isFlat },
    letter: toLetter('invoice', { ...fields, isFlat, payUrl }),
    event: cents > 0 ? null : ({ kind: 'invoice-covered', audience: 'requester', data: { invoice: number } } as const),
  } as const;
  await finishAct(parts, locked, actor, act, effects);
  return requireInvoice(tx, row.id, number);
}

/** An invoice that should not stand: undone in the ledger; what was paid on it becomes the requester's credit. */
export function voidInvoice(
  parts: MoneyParts,
  actor: Actor,
  request: string,
  given: { readonly invoice: string; readonly reason: string },
  effects: Effects,
): Promise<void> {
  return withRequest({ parts, actor, request, effects }, 'fee.invoice', async (locked) => {
    const { tx, row, today } = locked;
    const reason = requireWords(given.reason, say('form.the-reason'));
    const invoice = await requireInvoice(tx, row.id, given.invoice);
    if (invoice.state !== 'open') throw new PortalError('conflict', say('money.only-open-withdrawn'));
    await settleInvoice(tx, invoice.id, 'void', effects);
    const lines = voidLines(toInvoiceMoney(invoice), invoice.paidCents);
    const at = toInstant(effects.clock.now());
    const entry = { requestId: row.id, invoiceId: invoice.id, at, onDate: today, actor } as const;
    await postEntry(tx, { ...entry, kind: 'void', lines }, effects);
    await tellSettled(parts, locked, actor, invoice.number, 'agreed');
    const act = {
      action: 'fee.invoice',
      subject: `invoice:${invoice.number}`,
      details: { void: true, cents: invoice.totalCents },
      letter: null,
      event: { kind: 'invoice-withdrawn', audience: 'requester', data: { invoice: invoice.number, reason } },
    } as const;
    await finishAct(parts, locked, actor, act, effects);
  });
}

export async function settleInvoice(
  tx: Transaction,
  id: string,
  state: 'paid' | 'waived' | 'agreed' | 'void',
  effects: Effects,
): Promise<void> {
  const settledAt = toInstant(effects.clock.now());
  await tx.update(recordsInvoices).set({ state, settledAt }).where(eq(recordsInvoices.id, id));
}

/** Lets the request go on, where it waits for this very invoice; one that was closed meanwhile stays closed. */
export async function tellSettled(
  parts: MoneyParts,
  { tx, row }: Locked,
  actor: Actor,
  invoice: string,
  how: 'paid' | 'waived' | 'agreed',
): Promise<boolean> {
  if (row.state !== 'awaiting_payment') return false;
  const order = { id: row.id, expectedVersion: null };
  await parts.requests.transition(tx, actor, order, { kind: 'payment-settled', invoice, how });
  return true;
}
