// The money of a request for pages: what stands, and what a form says turned into an act.
// It must hold no rule of money; records/money does. Amounts come as people write them: 12.50.

import type { Actor } from '../base/actor.ts';
import { refuseField } from '../base/fields.ts';
import { centsOf, requireChoice, textOf, writtenOf } from '../base/form.ts';
import type { FormValues } from '../base/form.ts';
import { newId } from '../base/ids.ts';
import { say } from '../base/say.ts';
import type { Quantity } from '../records/money/estimate.ts';
import { tills } from '../records/money/ledger.ts';
import type { RefundSource, Till } from '../records/money/ledger.ts';
import type { RequestFees } from '../records/money/money.ts';
import type { Portal } from '../serve/portal.ts';

export type { InvoiceRecord } from '../records/money/accounts.ts';
export type { RequestFees } from '../records/money/money.ts';

/** The acts of the forms; each asks for its own permission. */
export type FeeAct = 'estimate' | 'summary' | 'customized' | 'agree' | 'invoice' | 'void' | 'pay' | 'waive' | 'refund';

export type MoneyPages = {
  /** By number. Throws not-found, forbidden or unauthorized. */
  read(number: string): Promise<RequestFees>;
  /** Throws form-invalid with the field, or what the rules of money refuse. */
  act(number: string, act: FeeAct, form: FormValues): Promise<void>;
  /** The provider's page on which an open invoice is paid. */
  checkout(number: string, invoice: string): Promise<{ readonly url: string }>;
  /** A key for a form, so that it counts once however often it is sent. */
  newKey(): string;
};

export function toMoneyPages(portal: Pick<Portal, 'records' | 'effects'>, actor: Actor): MoneyPages {
  const { money } = portal.records;
  return {
    read: (number) => money.read(actor, number),
    act: (number, act, form) => run(portal, actor, number, act, form),
    checkout: (number, invoice) => money.startCheckout(actor, number, invoice),
    newKey: () => newId(portal.effects.clock),
  };
}

async function run(
  { records }: Pick<Portal, 'records'>,
  actor: Actor,
  number: string,
  act: FeeAct,
  form: FormValues,
): Promise<void> {
  const { money } = records;
  switch (act) {
    case 'estimate':
      await money.estimate(actor, number, toQuantities(form));
      return;
    case 'summary':
      return money.sendSummary(actor, number, textOf(form, 'estimate'));
    case 'customized':
      await money.noticeCustomized(actor, number, {
        why: textOf(form, 'why'),
        expertise: textOf(form, 'expertise'),
        answerBy: textOf(form, 'answerBy'),
        cents: requireCents(form, 'amount'),
      });
      return;
    case 'agree':
      return money.agreeToCustomized(actor, number, textOf(form, 'estimate'));
    case 'invoice':
      await money.issueInvoice(actor, number, {
        estimateId: textOf(form, 'estimate'),
        purpose: requireChoice(form, 'purpose', ['deposit', 'invoice', 'customized'] as const, notOffered),
        isFlat: textOf(form, 'flat') !== '',
        installment: textOf(form, 'installment') === '' ? null : toCount(textOf(form, 'installment'), 'installment'),
      });
      return;
    case 'void':
      return money.voidInvoice(actor, number, { invoice: textOf(form, 'invoice'), reason: textOf(form, 'reason') });
    case 'pay':
      await money.recordPayment(actor, number, {
        invoice: textOf(form, 'invoice'),
        method: requireChoice<Till>(form, 'method', tills, notOffered),
        cents: requireCents(form, 'amount'),
        receivedOn: textOf(form, 'receivedOn'),
        reference: writtenOf(form, 'reference'),
        entryKey: writtenOf(form, 'key'),
      });
      return;
    case 'waive':
      return money.waive(actor, number, { invoice: textOf(form, 'invoice'), ruleCode: textOf(form, 'rule') });
    case 'refund':
      return money.refund(actor, number, {
        receipt: textOf(form, 'receipt'),
        from: requireChoice<RefundSource>(form, 'from', ['credit', 'deposits', 'charges', 'customized'], notOffered),
        method: requireChoice<Till>(form, 'method', tills, notOffered),
        cents: requireCents(form, 'amount'),
        reason: textOf(form, 'reason'),
        entryKey: textOf(form, 'key'),
      });
  }
}

/** An empty field is nothing; of free pages it is said why they are free. */
function toQuantities(form: FormValues): readonly Quantity[] {
  const counted = [
    ['page-copied', 'pagesCopied', null],
    ['page-scanned', 'pagesScanned', null],
    ['files-sent', 'files', null],
    ['page-copied', 'pagesInspected', 'inspection'],
    ['page-copied', 'pagesPublished', 'already-published'],
  ] as const;
  const units = counted.flatMap(([unit, name, free]): readonly Quantity[] =>
    textOf(form, name) === '' ? [] : [{ kind: 'unit', unit, count: toCount(textOf(form, name), name), free }],
  );
  const megabytes = textOf(form, 'megabytes');
  const sent: readonly Quantity[] =
    megabytes === ''
      ? []
      : [{ kind: 'unit', unit: 'gigabyte-sent', count: toCount(megabytes, 'megabytes') * 1_000_000, free: null }];
  const actual = ['postage', 'container', 'media'].flatMap((name): readonly Quantity[] =>
    textOf(form, name) === ''
      ? []
      : [{ kind: 'actual-cost', what: textOf(form, `${name}What`) || name, cents: requireCents(form, name) }],
  );
  return [...units, ...sent, ...actual];
}

const notOffered = say('pages.choice-not-offered');

function toCount(text: string, field: string): number {
  if (!/^\d{1,9}$/u.test(text)) refuseField(field, say('pages.whole-number'));
  return Number(text);
}

function requireCents(form: FormValues, name: string): number {
  return centsOf(form, name) ?? refuseField(name, say('form.amount'));
}
