// The money of a request for pages: what stands, and what a form says turned into an act.
// It must hold no rule of money; records/money does. Amounts come as people write them: 12.50.

import type { Actor } from '../base/actor.ts';
import { refuseField } from '../base/fields.ts';
import { newId } from '../base/ids.ts';
import type { Quantity } from '../records/money/estimate.ts';
import { tills } from '../records/money/ledger.ts';
import type { RefundSource, Till } from '../records/money/ledger.ts';
import type { RequestFees } from '../records/money/money.ts';
import type { Portal } from '../serve/portal.ts';

export type { InvoiceRecord } from '../records/money/accounts.ts';
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

export function toMoneyPages(portal: Pick<Portal, 'records' | 'effects'>, actor: Actor): MoneyPages {
  const { money } = portal.records;
  return {
    read: (number) => money.read(actor, number),
    act: (number, act, values) => run(portal, actor, number, act, values),
    checkout: (number, invoice) => money.startCheckout(actor, number, invoice),
    newKey: () => newId(portal.effects.clock),
  };
}

async function run(
  { records }: Pick<Portal, 'records'>,
  actor: Actor,
  number: string,
  act: FeeAct,
  values: FormValues,
): Promise<void> {
  const { money } = records;
  const text = (name: string): string => values[name]?.[0]?.trim() ?? '';
  switch (act) {
    case 'estimate':
      await money.estimate(actor, number, toQuantities(text));
      return;
    case 'summary':
      return money.sendSummary(actor, number, text('estimate'));
    case 'customized':
      await money.noticeCustomized(actor, number, {
        why: text('why'),
        expertise: text('expertise'),
        answerBy: text('answerBy'),
        cents: toCents(text('amount'), 'amount'),
      });
      return;
    case 'agree':
      return money.agreeToCustomized(actor, number, text('estimate'));
    case 'invoice':
      await money.issueInvoice(actor, number, {
        estimateId: text('estimate'),
        purpose: requireOneOf(text('purpose'), ['deposit', 'invoice', 'customized'] as const, 'purpose'),
        isFlat: text('flat') !== '',
        installment: text('installment') === '' ? null : toCount(text('installment'), 'installment'),
      });
      return;
    case 'void':
      return money.voidInvoice(actor, number, { invoice: text('invoice'), reason: text('reason') });
    case 'pay':
      await money.recordPayment(actor, number, {
        invoice: text('invoice'),
        method: requireOneOf<Till>(text('method'), tills, 'method'),
        cents: toCents(text('amount'), 'amount'),
        receivedOn: text('receivedOn'),
        reference: text('reference') === '' ? null : text('reference'),
        entryKey: text('key') === '' ? null : text('key'),
      });
      return;
    case 'waive':
      return money.waive(actor, number, { invoice: text('invoice'), ruleCode: text('rule') });
    case 'refund':
      return money.refund(actor, number, {
        receipt: text('receipt'),
        from: requireOneOf<RefundSource>(text('from'), ['credit', 'deposits', 'charges', 'customized'], 'from'),
        method: requireOneOf<Till>(text('method'), tills, 'method'),
        cents: toCents(text('amount'), 'amount'),
        reason: text('reason'),
        entryKey: text('key'),
      });
  }
}

/** An empty field is nothing; of free pages it is said why they are free. */
function toQuantities(text: (name: string) => string): readonly Quantity[] {
  const counted = [
    ['page-copied', 'pagesCopied', null],
    ['page-scanned', 'pagesScanned', null],
    ['files-sent', 'files', null],
    ['page-copied', 'pagesInspected', 'inspection'],
    ['page-copied', 'pagesPublished', 'already-published'],
  ] as const;
  const units = counted.flatMap(([unit, name, free]): readonly Quantity[] =>
    text(name) === '' ? [] : [{ kind: 'unit', unit, count: toCount(text(name), name), free }],
  );
  const megabytes = text('megabytes');
  const sent: readonly Quantity[] =
    megabytes === ''
      ? []
      : [{ kind: 'unit', unit: 'gigabyte-sent', count: toCount(megabytes, 'megabytes') * 1_000_000, free: null }];
  const actual = ['postage', 'container', 'media'].flatMap((name): readonly Quantity[] =>
    text(name) === ''
      ? []
      : [{ kind: 'actual-cost', what: text(`${name}What`) || name, cents: toCents(text(name), name) }],
  );
  return [...units, ...sent, ...actual];
}

function toCount(text: string, field: string): number {
  if (!/^\d{1,9}$/u.test(text)) refuseField(field, 'Enter a whole number, without commas.');
  return Number(text);
}

/** `12`, `12.5`, `$1,234.50` → cents, without ever passing through a fraction. */
function toCents(text: string, field: string): number {
  const found = /^\$?(\d{1,3}(?:,\d{3})+|\d{1,7})(?:\.(\d{1,2}))?$/u.exec(text);
  if (found === null) return refuseField(field, 'Enter an amount such as 12.50.');
  const dollars = Number(found[1]!.replaceAll(',', ''));
  return dollars * 100 + Number((found[2] ?? '').padEnd(2, '0'));
}

function requireOneOf<T extends string>(text: string, words: readonly T[], field: string): T {
  return words.find((word) => word === text) ?? refuseField(field, 'Choose one of those that are offered.');
}
