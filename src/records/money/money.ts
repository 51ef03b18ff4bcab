// The money of records requests as one part: what a person may do with it, one function each.
// It must hold no rule; the files beside it do.

import type { Actor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import { isAllowed } from '../../people/permissions.ts';
import type { Action } from '../../people/permissions.ts';
import { longDate } from '../../city/days.ts';
import { versionOn } from '../../city/versions.ts';
import type { FeesLaw } from '../law/fees-law.ts';
import { dollars, dollarsOfTenths, fillLetter } from '../law/letters.ts';
import { requireMay } from '../requests/requests.ts';
import type { RequestRow } from '../requests/rows.ts';
import { readMoney } from './accounts.ts';
import type { EstimateRecord, InvoiceRecord, PaymentRecord, RequestMoney } from './accounts.ts';
import {
  agreeToCustomized,
  estimateCopies,
  issueInvoice,
  noticeCustomized,
  sendSummary,
  voidInvoice,
} from './billing.ts';
import type { NewInvoice } from './billing.ts';
import { receiveProviderEvent, startCheckout } from './checkout.ts';
import type { EventOutcome } from './checkout.ts';
import type { Quantity } from './estimate.ts';
import { toPaper } from './paper.ts';
import { readAllowed, todayOf } from './parts.ts';
import type { MoneyParts } from './parts.ts';
import { methodWords, recordPayment, refundPayment, waiveInvoice } from './payments.ts';
import type { NewPayment, NewRefund } from './payments.ts';

export type RequestFees = RequestMoney & {
  readonly number: string;
  readonly today: string;
  readonly fees: FeesLaw;
  readonly canPayOnline: boolean;
  /** What the one who asks may do here. */
  readonly may: readonly Action[];
};

const feeActions = ['fee.estimate', 'fee.invoice', 'fee.waive', 'fee.record-payment', 'fee.refund'] as const;

export type Money = {
  /** Permission `fee.read`. A requester is told no names and no references of the till. */
  readonly read: (actor: Actor, request: string) => Promise<RequestFees>;
  readonly estimate: (actor: Actor, request: string, quantities: readonly Quantity[]) => Promise<EstimateRecord>;
  readonly noticeCustomized: (
    actor: Actor,
    request: string,
    given: Parameters<typeof noticeCustomized>[3],
  ) => Promise<EstimateRecord>;
  readonly sendSummary: (actor: Actor, request: string, estimateId: string) => Promise<void>;
  readonly agreeToCustomized: (actor: Actor, request: string, estimateId: string) => Promise<void>;
  readonly issueInvoice: (actor: Actor, request: string, given: NewInvoice) => Promise<InvoiceRecord>;
  readonly voidInvoice: (
    actor: Actor,
    request: string,
    given: { readonly invoice: string; readonly reason: string },
  ) => Promise<void>;
  readonly recordPayment: (
    actor: Actor,
    request: string,
    given: Omit<NewPayment, 'providerId'>,
  ) => Promise<PaymentRecord>;
  readonly waive: (
    actor: Actor,
    request: string,
    given: { readonly invoice: string; readonly ruleCode: string },
  ) => Promise<void>;
  readonly refund: (actor: Actor, request: string, given: NewRefund) => Promise<void>;
  readonly startCheckout: (actor: Actor, request: string, invoice: string) => Promise<{ readonly url: string }>;
  readonly receiveProviderEvent: (body: Buffer, signature: string) => Promise<EventOutcome>;
  readonly invoicePaper: (actor: Actor, request: string, invoice: string) => Promise<Buffer>;
  readonly receiptPaper: (actor: Actor, request: string, receipt: string) => Promise<Buffer>;
};

export function openMoney(parts: MoneyParts, effects: Effects): Money {
  return Object.freeze({
    read: (actor, request) => readFees(parts, actor, request, effects),
    estimate: (actor, request, quantities) => estimateCopies(parts, actor, request, quantities, effects),
    noticeCustomized: (actor, request, given) => noticeCustomized(parts, actor, request, given, effects),
    sendSummary: (actor, request, id) => sendSummary(parts, actor, request, id, effects),
    agreeToCustomized: (actor, request, id) => agreeToCustomized(parts, actor, request, id, effects),
    issueInvoice: (actor, request, given) => issueInvoice(parts, actor, request, given, effects),
    voidInvoice: (actor, request, given) => voidInvoice(parts, actor, request, given, effects),
    recordPayment: (actor, request, given) => recordPayment(parts, actor, request, given, effects),
    waive: (actor, request, given) => waiveInvoice(parts, actor, request, given, effects),
    refund: (actor, request, given) => refundPayment(parts, actor, request, given, effects),
    startCheckout: (actor, request, invoice) => startCheckout(parts, actor, request, invoice, effects),
    receiveProviderEvent: (body, signature) => receiveProviderEvent(parts, body, signature, effects),
    invoicePaper: (actor, request, invoice) => invoicePaper(parts, actor, request, invoice),
    receiptPaper: (actor, request, receipt) => receiptPaper(parts, actor, request, receipt),
  } satisfies Money);
}

async function readFees(parts: MoneyParts, actor: Actor, request: string, effects: Effects): Promise<RequestFees> {
  const row = await readAllowed(parts, actor, request);
  const today = todayOf(parts, effects);
  const money = await readMoney(parts.db, row.id);
  return {
    ...(actor.kind === 'requester' ? withoutNames(money) : money),
    number: row.number,
    today,
    fees: versionOn(parts.law().fees, today),
    canPayOnline: parts.provider !== null,
    may: await allowedActions(parts, actor, row),
  };
}

async function allowedActions(parts: MoneyParts, actor: Actor, row: RequestRow): Promise<readonly Action[]> {
  if (actor.kind !== 'staff') return feeActions.filter((action) => isAllowed(actor, action));
  const asked = feeActions.map(async (action) => {
    try {
      await requireMay(parts.db, actor, row, action);
      return [action];
    } catch (error) {
      if (error instanceof PortalError && (error.code === 'forbidden' || error.code === 'not-found')) return [];
      throw error;
    }
  });
  return (await Promise.all(asked)).flat();
}

/** Estimates that were not sent are the staff's drafts; who recorded what, and the till's slips, are theirs too. */
function withoutNames(money: RequestMoney): RequestMoney {
  return {
    ...money,
    estimates: money.estimates.filter(({ sentAt }) => sentAt !== null).map((each) => ({ ...each, createdBy: '' })),
    invoices: money.invoices.map((each) => ({ ...each, issuedBy: '' })),
    payments: money.payments.map((each) => ({ ...each, recordedBy: '', reference: null })),
    refunds: money.refunds.map((each) => ({ ...each, recordedBy: '' })),
  };
}

async function invoicePaper(parts: MoneyParts, actor: Actor, request: string, number: string): Promise<Buffer> {
  const row = await readAllowed(parts, actor, request);
  const { invoices } = await readMoney(parts.db, row.id);
  const invoice = invoices.find((each) => each.number === number);
  if (invoice === undefined) throw new PortalError('not-found', say('money.no-invoice'));
  const law = parts.law();
  const { lines, totalCents, dueOn, issuedOn } = invoice;
  const { subject, body } = fillLetter(law, 'invoice', {
    number: row.number,
    date: issuedOn,
    invoice: number,
    charges: lines,
    total: totalCents,
    payBy: dueOn,
    isDeposit: invoice.purpose === 'deposit',
    isFlat: invoice.isFlat,
    payUrl: parts.provider === null ? null : `${parts.publicUrl}/records/requests/${row.number}/fees`,
  });
  return toPaper({
    title: subject,
    city: law.city.name,
    language: law.city.language,
    madeAt: `${issuedOn}T12:00:00Z`,
    facts: [
      ['Invoice', number],
      ['Issued on', longDate(issuedOn)],
      ['Pay by', longDate(dueOn)],
      ['To pay', dollars(totalCents)],
      ['Fee schedule', invoice.scheduleSource],
      ['State', invoice.state],
    ],
    table: {
      caption: 'Charges',
      head: ['What', 'Rule', 'Amount'],
      rows: lines.map(({ what, rule, tenths }) => [what, rule, dollarsOfTenths(tenths)] as const),
    },
    text: body,
  });
}

async function receiptPaper(parts: MoneyParts, actor: Actor, request: string, receipt: string): Promise<Buffer> {
  const row = await readAllowed(parts, actor, request);
  const { payments, invoices } = await readMoney(parts.db, row.id);
  const payment = payments.find((each) => each.receipt === receipt);
  if (payment === undefined) throw new PortalError('not-found', say('money.no-receipt'));
  const law = parts.law();
  const { cents, method, receivedOn, creditCents } = payment;
  const paidBefore = payments
    .filter((each) => each.invoice === payment.invoice && each.receipt <= receipt)
    .reduce((sum, each) => sum + each.appliedCents, 0);
  const total = invoices.find(({ number }) => number === payment.invoice)?.totalCents ?? paidBefore;
  const left = Math.max(0, total - paidBefore);
  const { subject, body } = fillLetter(law, 'payment-receipt', {
    number: row.number,
    date: receivedOn,
    receipt,
    invoice: payment.invoice,
    amount: cents,
    method: methodWords[method],
    paidOn: receivedOn,
    left,
    credit: creditCents === 0 ? null : creditCents,
  });
  return toPaper({
    title: subject,
    city: law.city.name,
    language: law.city.language,
    madeAt: toInstant(Date.parse(`${receivedOn}T12:00:00Z`)),
    facts: [
      ['Receipt', receipt],
      ['Paid on', longDate(receivedOn)],
      ['Amount', dollars(cents)],
    ],
    table: null,
    text: body,
  });
}
