// Money that comes in and goes out: payments at the counter and online, waivers by rule, refunds.
// It must lose no payment: one that comes twice, late or too large is the requester's credit until it is paid back.

import { eq } from '../../db/drizzle.ts';

import { actorId, actorName } from '../../base/actor.ts';
import type { Actor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import { recordsPayments, recordsRefunds, recordsWaivers } from '../../db/tables-fees.ts';
import { isCityDate } from '../../city/days.ts';
import type { CityDate } from '../../city/days.ts';
import { versionOn } from '../../city/versions.ts';
import { toLetter } from '../requests/machine-terms.ts';
import { readMoney, requireInvoice } from './accounts.ts';
import type { InvoiceRecord, PaymentRecord, RequestMoney } from './accounts.ts';
import { settleInvoice, tellSettled } from './billing.ts';
import { requireSchedule } from './estimate.ts';
import { paymentLines, postEntry, refundLines, waiverLines } from './ledger.ts';
import type { RefundSource, Till } from './ledger.ts';
import { finishAct, nextNumber, requireWords, withRequest } from './parts.ts';
import type { Locked, MoneyParts } from './parts.ts';

export type NewPayment = {
  readonly invoice: string;
  readonly method: Till;
  readonly cents: number;
  readonly receivedOn: CityDate;
  readonly reference: string | null;
  /** One form is one payment, however often it is sent. */
  readonly entryKey: string | null;
  /** Of an online payment, the provider's. */
  readonly providerId: string | null;
};

const greatestCents = 100_000_000;

/** At the counter. Permission `fee.record-payment`. The same entry key gives the payment that was recorded first. */
export function recordPayment(
  parts: MoneyParts,
  actor: Actor,
  request: string,
  given: Omit<NewPayment, 'providerId'>,
  effects: Effects,
): Promise<PaymentRecord> {
  return withRequest({ parts, actor, request, effects }, 'fee.record-payment', async (locked) => {
    if (given.method === 'online') {
      throw new PortalError('form-invalid', say('money.online-by-provider'));
    }
    requireAmount(given.cents);
    if (!isCityDate(given.receivedOn) || given.receivedOn > locked.today || given.receivedOn < locked.row.receivedOn) {
      throw new PortalError('form-invalid', say('money.payment-day'));
    }
    const reference = given.reference === null ? null : requireWords(given.reference, say('money.the-reference'), 60);
    const { payments } = await readMoney(locked.tx, locked.row.id);
    const known = await findByKey(locked, given.entryKey, payments);
    if (known !== null) return known;
    return takePayment(parts, locked, actor, { ...given, reference, providerId: null }, effects);
  });
}

async function findByKey(
  { tx, row }: Locked,
  key: string | null,
  payments: readonly PaymentRecord[],
): Promise<PaymentRecord | null> {
  if (key === null) return null;
  const [found] = await tx
    .select({ id: recordsPayments.id, requestId: recordsPayments.requestId })
    .from(recordsPayments)
    .where(eq(recordsPayments.entryKey, key));
  if (found === undefined) return null;
  if (found.requestId !== row.id) throw new PortalError('form-invalid', say('money.other-request'));
  return payments.find(({ id }) => id === found.id) ?? null;
}

function requireAmount(cents: number): void {
  if (!Number.isSafeInteger(cents) || cents <= 0 || cents > greatestCents) {
    throw new PortalError('form-invalid', say('money.amount-above-zero'));
  }
}

/** Applies what is open, keeps the rest as credit, settles the invoice when nothing is left. The request is locked. */
export async function takePayment(
  parts: MoneyParts,
  locked: Locked,
  actor: Actor,
  given: NewPayment,
  effects: Effects,
): Promise<PaymentRecord> {
  const { tx, row, today } = locked;
  const invoice = await requireInvoice(tx, row.id, given.invoice);
  const { cents, method } = given;
  const appliedCents = Math.min(cents, invoice.openCents);
  const creditCents = cents - appliedCents;
  const at = toInstant(effects.clock.now());
  const id = newId(effects.clock);
  const receipt = await nextNumber(tx, 'R', today);
  await tx.insert(recordsPayments).values({
    id,
    receipt,
    requestId: row.id,
    invoiceId: invoice.id,
    method,
    cents,
    appliedCents,
    creditCents,
    receivedOn: given.receivedOn,
    recordedAt: at,
    recordedBy: actorName(actor),
    recordedById: actorId(actor),
    reference: given.reference,
    providerId: given.providerId,
    entryKey: given.entryKey,
  });
  const entry = { requestId: row.id, invoiceId: invoice.id, at, onDate: today, actor } as const;
  await postEntry(tx, { ...entry, kind: 'payment', lines: paymentLines(method, appliedCents, creditCents) }, effects);
  const left = invoice.openCents - appliedCents;
  if (invoice.state === 'open' && left === 0) {
    await settleInvoice(tx, invoice.id, 'paid', effects);
    await tellSettled(parts, locked, actor, invoice.number, 'paid');
  }
  await tellPayment(parts, locked, actor, { invoice, receipt, given, left, creditCents }, effects);
  const { payments } = await readMoney(tx, row.id);
  return payments.find((payment) => payment.id === id)!; // inserted above
}

async function tellPayment(
  parts: MoneyParts,
  locked: Locked,
  actor: Actor,
  told: {
    readonly invoice: InvoiceRecord;
    readonly receipt: string;
    readonly given: NewPayment;
    readonly left: number;
    readonly creditCents: number;
  },
  effects: Effects,
): Promise<void> {
  const { invoice, receipt, given, left, creditCents } = told;
  const credit = creditCents === 0 ? null : creditCents;
  const { cents, method, receivedOn } = given;
  const data = { invoice: invoice.number, receipt, cents, method, left, credit };
  const letter = toLetter('payment-receipt', {
    receipt,
    invoice: invoice.number,
    amount: cents,
    method: methodWords[method],
    paidOn: receivedOn,
    left,
    credit,
  });
  const act = {
    action: 'fee.record-payment',
    subject: `payment:${receipt}`,
    details: { invoice: invoice.number, cents, method, credit: creditCents },
    letter,
    event: { kind: 'payment-received', audience: 'requester', data },
  } as const;
  await finishAct(parts, locked, actor, act, effects);
}

export const methodWords: Readonly<Record<Till, string>> = {
  cash: 'cash',
  check: 'check',
  card: 'card at the counter',
  online: 'online',
};

/** RCW 42.56.120(4): by a rule of the city's own schedule, and no other way. Permission `fee.waive`. */
export function waiveInvoice(
  parts: MoneyParts,
  actor: Actor,
  request: string,
  given: { readonly invoice: string; readonly ruleCode: string },
  effects: Effects,
): Promise<void> {
  return withRequest({ parts, actor, request, effects }, 'fee.waive', async (locked) => {
    const { tx, row, today } = locked;
    const { waivers } = requireSchedule(versionOn(parts.law().fees, today));
    const rule = waivers.find(({ code }) => code === given.ruleCode);
    if (rule === undefined) {
      throw new PortalError('records-invalid', say('money.no-waiver-rule'));
    }
    const invoice = await requireInvoice(tx, row.id, given.invoice);
    if (invoice.state !== 'open') throw new PortalError('conflict', say('money.only-open-waived'));
    const at = toInstant(effects.clock.now());
    const cents = invoice.openCents;
    const by = { decidedAt: at, decidedBy: actorName(actor), decidedById: actorId(actor) };
    const ruled = { ruleCode: rule.code, ruleText: rule.text, ruleSource: rule.source };
    await tx.insert(recordsWaivers).values({ invoiceId: invoice.id, requestId: row.id, cents, ...ruled, ...by });
    await settleInvoice(tx, invoice.id, 'waived', effects);
    const entry = { requestId: row.id, invoiceId: invoice.id, at, onDate: today, actor } as const;
    await postEntry(tx, { ...entry, kind: 'waiver', lines: waiverLines(invoice.purpose, cents) }, effects);
    const told = await tellSettled(parts, locked, actor, invoice.number, 'waived');
    const data = { invoice: invoice.number, cents, rule: rule.code };
    const act = {
      action: 'fee.waive',
      subject: `invoice:${invoice.number}`,
      details: { cents, rule: rule.code },
      letter: toLetter('waiver', { invoice: invoice.number, amount: cents, rule: rule.text, source: rule.source }),
      event: told ? null : ({ kind: 'invoice-waived', audience: 'requester', data } as const),
    } as const;
    await finishAct(parts, locked, actor, act, effects);
  });
}

export type NewRefund = {
  readonly receipt: string; // of the payment it comes from
  readonly from: RefundSource;
  readonly method: Till;
  readonly cents: number;
  readonly reason: string;
  readonly entryKey: string;
};

/**
 * Permission `fee.refund`. What came online goes back the same way, by the provider, whose key makes a second try the
 * same refund; the money's own row is written after it.
 */
export async function refundPayment(
  parts: MoneyParts,
  actor: Actor,
  request: string,
  given: NewRefund,
  effects: Effects,
): Promise<void> {
  return withRequest({ parts, actor, request, effects }, 'fee.refund', async (locked) => {
    const { tx, row } = locked;
    const reason = requireWords(given.reason, say('form.the-reason'));
    requireAmount(given.cents);
    const key = requireWords(given.entryKey, say('money.form-key'), 100);
    const [known] = await tx
      .select({ requestId: recordsRefunds.requestId })
      .from(recordsRefunds)
      .where(eq(recordsRefunds.entryKey, key));
    if (known !== undefined && known.requestId === row.id) return; // sent twice
    const money = await readMoney(tx, row.id);
    const payment = requireRefundable(money, given);
    const providerId = await refundOnline(parts, locked, payment, given, key);
    await storeRefund(parts, locked, actor, { ...given, reason, payment, providerId }, effects);
  });
}

/** No more than was paid, and no more than that account holds. */
function requireRefundable(money: RequestMoney, { receipt, from, method, cents }: NewRefund): PaymentRecord {
  const payment = money.payments.find((each) => each.receipt === receipt);
  if (payment === undefined) throw new PortalError('not-found', say('money.no-payment'));
  if ((method === 'online') !== (payment.method === 'online')) {
    throw new PortalError('form-invalid', say('money.back-as-paid'));
  }
  const held = Math.max(0, -money.balances[from]);
  const isOpen = money.invoices.some(({ state, purpose }) => state === 'open' && purpose === 'deposit');
  if (from === 'deposits' && isOpen) {
    throw new PortalError('conflict', say('money.deposit-open'));
  }
  const most = Math.min(held, payment.cents - payment.refundedCents);
  if (cents > most) {
    throw new PortalError('records-invalid', {
      detail: say('money.more-than-paid'),
      extra: { mostCents: most },
    });
  }
  return payment;
}

async function refundOnline(
  parts: MoneyParts,
  { tx }: Locked,
  payment: PaymentRecord,
  { cents }: NewRefund,
  key: string,
): Promise<string | null> {
  if (payment.method !== 'online') return null;
  if (parts.provider === null) throw new PortalError('conflict', say('money.no-provider'));
  const [row] = await tx
    .select({ paymentId: recordsPayments.providerId })
    .from(recordsPayments)
    .where(eq(recordsPayments.id, payment.id));
  return parts.provider.refund({ paymentId: row?.paymentId ?? '', cents, key });
}

async function storeRefund(
  parts: MoneyParts,
  locked: Locked,
  actor: Actor,
  given: NewRefund & { readonly payment: PaymentRecord; readonly providerId: string | null },
  effects: Effects,
): Promise<void> {
  const { tx, row, today } = locked;
  const { payment, providerId, cents, method, reason, from, entryKey } = given;
  const invoice = await requireInvoice(tx, row.id, payment.invoice);
  const at = toInstant(effects.clock.now());
  const id = newId(effects.clock);
  await tx.insert(recordsRefunds).values({
    id,
    requestId: row.id,
    paymentId: payment.id,
    method,
    cents,
    reason,
    refundedOn: today,
    recordedAt: at,
    recordedBy: actorName(actor),
    recordedById: actorId(actor),
    providerId,
    entryKey,
  });
  const entry = { requestId: row.id, invoiceId: invoice.id, at, onDate: today, actor } as const;
  await postEntry(tx, { ...entry, kind: 'refund', lines: refundLines(from, method, cents) }, effects);
  const act = {
    action: 'fee.refund',
    subject: `payment:${payment.receipt}`,
    details: { cents, from, method },
    letter: toLetter('refund', { amount: cents, method: methodWords[method], reason }),
    event: { kind: 'refunded', audience: 'requester', data: { receipt: payment.receipt, cents, method } },
  } as const;
  await finishAct(parts, locked, actor, act, effects);
}
