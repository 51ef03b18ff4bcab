// The money of a request as it is read: estimates, invoices with what is open, payments, refunds, balances.
// It must change nothing.

import { asc, desc, eq } from '../../db/drizzle.ts';

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Queryable } from '../../db/open.ts';
import {
  recordsEstimates,
  recordsInvoiceLines,
  recordsInvoices,
  recordsPayments,
  recordsRefunds,
  recordsWaivers,
} from '../../db/tables-fees.ts';
import type { CityDate } from '../../city/days.ts';
import type { FeeLine, Quantity } from './estimate.ts';
import { readBalances } from './ledger.ts';
import type { Balances, InvoiceMoney, Till } from './ledger.ts';

export type EstimateRecord = {
  readonly id: string;
  readonly seq: number;
  readonly kind: 'copies' | 'customized';
  readonly quantities: readonly Quantity[];
  readonly lines: readonly FeeLine[];
  readonly totalTenths: number;
  readonly totalCents: number;
  readonly customized: Customized | null;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly sentAt: string | null;
  readonly agreedAt: string | null;
};

/** The four parts of the notice, RCW 42.56.120(3): why, the expertise, the estimate (the total), time to amend. */
export type Customized = { readonly why: string; readonly expertise: string; readonly answerBy: CityDate };

export type InvoiceRecord = {
  readonly id: string;
  readonly number: string;
  readonly estimateId: string | null;
  readonly purpose: InvoiceMoney['purpose'];
  readonly installment: number | null;
  readonly isFlat: boolean;
  readonly lines: readonly FeeLine[];
  readonly totalCents: number;
  readonly paidCents: number;
  readonly openCents: number; // 0 unless the invoice is open
  readonly issuedOn: CityDate;
  readonly dueOn: CityDate;
  readonly issuedBy: string;
  readonly scheduleSource: string;
  readonly state: 'open' | 'paid' | 'waived' | 'agreed' | 'void';
  readonly waiver: { readonly text: string; readonly source: string; readonly cents: number } | null;
};

export type PaymentRecord = {
  readonly id: string;
  readonly receipt: string;
  readonly invoice: string;
  readonly method: Till;
  readonly cents: number;
  readonly appliedCents: number;
  readonly creditCents: number;
  readonly receivedOn: CityDate;
  readonly recordedBy: string;
  readonly reference: string | null;
  readonly refundedCents: number;
};

export type RefundRecord = {
  readonly id: string;
  readonly receipt: string; // of the payment
  readonly method: Till;
  readonly cents: number;
  readonly reason: string;
  readonly refundedOn: CityDate;
  readonly recordedBy: string;
};

export type RequestMoney = {
  readonly estimates: readonly EstimateRecord[]; // the latest first
  readonly invoices: readonly InvoiceRecord[];
  readonly payments: readonly PaymentRecord[];
  readonly refunds: readonly RefundRecord[];
  readonly balances: Balances;
};

export async function readMoney(db: Queryable, requestId: string): Promise<RequestMoney> {
  const estimates = await db
    .select()
    .from(recordsEstimates)
    .where(eq(recordsEstimates.requestId, requestId))
    .orderBy(desc(recordsEstimates.seq));
  const invoices = await readInvoices(db, requestId);
  const refunds = await db
    .select()
    .from(recordsRefunds)
    .where(eq(recordsRefunds.requestId, requestId))
    .orderBy(asc(recordsRefunds.recordedAt));
  const payments = await db
    .select()
    .from(recordsPayments)
    .where(eq(recordsPayments.requestId, requestId))
    .orderBy(asc(recordsPayments.recordedAt), asc(recordsPayments.receipt));
  const receipts = new Map(payments.map(({ id, receipt }) => [id, receipt]));
  const numbers = new Map(invoices.map(({ id, number }) => [id, number]));
  return {
    estimates: estimates.map(toEstimateRecord),
    invoices,
    payments: payments.map((row) => ({
      id: row.id,
      receipt: row.receipt,
      invoice: numbers.get(row.invoiceId) ?? '',
      method: row.method as Till,
      cents: row.cents,
      appliedCents: row.appliedCents,
      creditCents: row.creditCents,
      receivedOn: row.receivedOn,
      recordedBy: row.recordedBy,
      reference: row.reference,
      refundedCents: refunds.filter(({ paymentId }) => paymentId === row.id).reduce((sum, { cents }) => sum + cents, 0),
    })),
    refunds: refunds.map(({ id, paymentId, method, cents, reason, refundedOn, recordedBy }) => ({
      id,
      receipt: receipts.get(paymentId) ?? '',
      method: method as Till,
      cents,
      reason,
      refundedOn,
      recordedBy,
    })),
    balances: await readBalances(db, requestId),
  };
}

export function toEstimateRecord(row: typeof recordsEstimates.$inferSelect): EstimateRecord {
  return {
    id: row.id,
    seq: row.seq,
    kind: row.kind as EstimateRecord['kind'],
    quantities: row.quantities as readonly Quantity[], // as billing.ts wrote them
    lines: row.lines as readonly FeeLine[],
    totalTenths: row.totalTenths,
    totalCents: row.totalCents,
    customized: row.customized as Customized | null,
    createdAt: row.createdAt,
    createdBy: row.createdBy,
    sentAt: row.sentAt,
    agreedAt: row.agreedAt,
  };
}

export async function readInvoices(db: Queryable, requestId: string): Promise<readonly InvoiceRecord[]> {
  const rows = await db
    .select()
    .from(recordsInvoices)
    .where(eq(recordsInvoices.requestId, requestId))
    .orderBy(asc(recordsInvoices.number));
  const lines = await db
    .select({ line: recordsInvoiceLines })
    .from(recordsInvoiceLines)
    .innerJoin(recordsInvoices, eq(recordsInvoices.id, recordsInvoiceLines.invoiceId))
    .where(eq(recordsInvoices.requestId, requestId))
    .orderBy(asc(recordsInvoiceLines.seq));
  const paid = await db
    .select({ invoiceId: recordsPayments.invoiceId, cents: recordsPayments.appliedCents })
    .from(recordsPayments)
    .where(eq(recordsPayments.requestId, requestId));
  const waivers = await db.select().from(recordsWaivers).where(eq(recordsWaivers.requestId, requestId));
  return rows.map((row) => {
    const paidCents = paid.filter(({ invoiceId }) => invoiceId === row.id).reduce((sum, { cents }) => sum + cents, 0);
    const waiver = waivers.find(({ invoiceId }) => invoiceId === row.id);
    return {
      id: row.id,
      number: row.number,
      estimateId: row.estimateId,
      purpose: row.purpose as InvoiceMoney['purpose'],
      installment: row.installment,
      isFlat: row.isFlat,
      lines: lines
        .filter(({ line }) => line.invoiceId === row.id)
        .map(({ line: { what, rule, citation, tenths } }) => ({ what, rule, citation, tenths })),
      totalCents: row.totalCents,
      paidCents,
      openCents: row.state === 'open' ? row.totalCents - paidCents : 0,
      issuedOn: row.issuedOn,
      dueOn: row.dueOn,
      issuedBy: row.issuedBy,
      scheduleSource: row.scheduleSource,
      state: row.state as InvoiceRecord['state'],
      waiver: waiver === undefined ? null : { text: waiver.ruleText, source: waiver.ruleSource, cents: waiver.cents },
    };
  });
}

/** By number, of this request alone. Throws not-found. */
export async function requireInvoice(db: Queryable, requestId: string, number: string): Promise<InvoiceRecord> {
  const found = (await readInvoices(db, requestId)).find((invoice) => invoice.number === number);
  if (found === undefined) throw new PortalError('not-found', say('money.no-invoice'));
  return found;
}

/** What the ledger needs of an invoice: its lines without the deposit that was taken off, and that deposit. */
export function toInvoiceMoney({ purpose, lines, totalCents }: InvoiceRecord): InvoiceMoney {
  const depositCents = lines.reduce((sum, { tenths }) => (tenths < 0 ? sum - tenths / 10 : sum), 0);
  return { purpose, grossCents: totalCents + depositCents, depositCents };
}
