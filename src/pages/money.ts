// The money of a request for pages: what stands, and what a form says turned into an act.
// It must hold no rule of money; records/money does. Amounts come as people write them: 12.50.

import type { Actor } from '../base/actor.ts';
import { textOf } from '../base/form.ts';
import type { FormValues } from '../base/form.ts';
import { newId } from '../base/ids.ts';
import { actByForm } from '../people/act.ts';
import type { Act } from '../people/act.ts';
import { moneyActs } from '../records/money/acts.ts';
import type { Money, RequestFees } from '../records/money/money.ts';
import type { Portal } from '../serve/portal.ts';

export type { InvoiceRecord } from '../records/money/accounts.ts';
export type { RequestFees } from '../records/money/money.ts';

/** The forms of the staff; each asks for its own permission. */
export type FeeForm = keyof typeof moneyActs;

export type MoneyPages = {
  /** By number. Throws not-found, forbidden or unauthorized. */
  read(number: string): Promise<RequestFees>;
  /** Each throws form-invalid with the field, or what the rules of money refuse. */
  readonly acts: Readonly<Record<FeeForm, (number: string, form: FormValues) => Promise<void>>>;
  /** The requester agrees to a customized service charge. */
  agree(number: string, form: FormValues): Promise<void>;
  /** The provider's page on which an open invoice is paid. */
  checkout(number: string, invoice: string): Promise<{ readonly url: string }>;
  /** A key for a form, so that it counts once however often it is sent. */
  newKey(): string;
};

export function toMoneyPages(portal: Pick<Portal, 'records' | 'effects'>, actor: Actor): MoneyPages {
  const { money } = portal.records;
  return {
    read: (number) => money.read(actor, number),
    acts: toForms(money, actor),
    agree: (number, form) => money.agreeToCustomized(actor, number, textOf(form, 'estimate')),
    checkout: (number, invoice) => money.startCheckout(actor, number, invoice),
    newKey: () => newId(portal.effects.clock),
  };
}

function toForms(money: Money, actor: Actor): MoneyPages['acts'] {
  const doing =
    <Values, Answer>(act: Act<Money, string, Values, Answer>) =>
    async (number: string, form: FormValues): Promise<void> =>
      void (await actByForm(act, money, actor, number, form));
  return {
    estimate: doing(moneyActs.estimate),
    summary: doing(moneyActs.summary),
    customized: doing(moneyActs.customized),
    agree: doing(moneyActs.agree),
    invoice: doing(moneyActs.invoice),
    void: doing(moneyActs.void),
    pay: doing(moneyActs.pay),
    waive: doing(moneyActs.waive),
    refund: doing(moneyActs.refund),
  };
}
