// What pages are given of a request's money: what stands, and the acts of their forms.
// It must hold types alone.

import type { RequestFees } from '../records/money/money.ts';

export type { EstimateRecord, InvoiceRecord, PaymentRecord, RefundRecord } from '../records/money/accounts.ts';
export type { RequestFees } from '../records/money/money.ts';

/** Every value of every field of a form. */
export type FormValues = Readonly<Record<string, readonly string[]>>;

/** The acts of the forms; each asks for its own permission. */
export type FeeAct = 'estimate' | 'summary' | 'customized' | 'agree' | 'invoice' | 'void' | 'pay' | 'waive' | 'refund';

export type MoneyPages = {
  /** By number. Throws not-found, forbidden or unauthorized. */
  read(number: string): Promise<RequestFees>;
  /** Throws form-invalid with the field, or what the rules of money refuse. */
  act(number: string, act: FeeAct, values: FormValues): Promise<void>;
  /** The provider's page on which an open invoice is paid. */
  checkout(number: string, invoice: string): Promise<{ readonly url: string }>;
  /** A key for a form, so that it counts once however often it is sent. */
  newKey(): string;
};
