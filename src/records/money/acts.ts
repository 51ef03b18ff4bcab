// What the staff do with the money of a request, one row each: estimate, invoice, payment, waiver, refund.
// It must hold no rule of money; the files beside it do. In a form amounts come as people write them: 12.50.

import { Type } from 'typebox';

import { refuseField } from '../../base/fields.ts';
import { centsOf, textOf, writtenOf } from '../../base/form.ts';
import type { FormValues } from '../../base/form.ts';
import { answerOf, check, day, line, named, own, ownOr, required, text, written } from '../../base/inputs.ts';
import type { Input } from '../../base/inputs.ts';
import { say } from '../../base/say.ts';
import { exact, nullable, oneOf } from '../../base/schemas.ts';
import { actsOf } from '../../people/act.ts';
import { feeUnits } from '../law/fees-law.ts';
import type { FreeReason, Quantity } from './estimate.ts';
import { tills } from './ledger.ts';
import type { RefundSource } from './ledger.ts';
import type { Money } from './money.ts';

const notOffered = say('form.not-offered');
const purposes = ['deposit', 'invoice', 'customized'] as const;
const sources = ['credit', 'deposits', 'charges', 'customized'] as const satisfies readonly RefundSource[];
const frees = ['inspection', 'already-published'] as const satisfies readonly FreeReason[];

const quantity = Type.Union([
  exact({
    kind: Type.Literal('unit'),
    unit: oneOf(feeUnits),
    count: Type.Integer({ minimum: 0, description: 'Pages or files; for gigabytes the number of bytes.' }),
    free: nullable(oneOf(frees, { description: 'Why it is not charged: RCW 42.56.120(1) and (2)(e).' })),
  }),
  exact({ kind: Type.Literal('actual-cost'), what: Type.String(), cents: Type.Integer({ minimum: 0 }) }),
]);

/** An amount: cents in JSON, as people write it in the form's field. */
const cents = (field: string): Input<number> => own(Type.Integer(), (form) => requireCents(form, field));
/** One form counts once, however often it is sent. */
const entryKey = Type.String({ description: 'One key is one entry, however often it is sent.' });

const atRequest = actsOf<Money, string>();

/** At a request, by its number. */
export const moneyActs = {
  estimate: atRequest(
    'fee.estimate',
    'Estimate what copies would cost',
    { quantities: own<readonly Quantity[]>(Type.Array(quantity), readQuantities) },
    async (money, actor, number, { quantities }) => ({ id: (await money.estimate(actor, number, quantities)).id }),
    { description: 'The estimate.', schema: exact({ id: Type.String() }), status: 201 },
  ),
  summary: atRequest(
    'fee.estimate',
    'Send the requester the summary of an estimate (RCW 42.56.120(2)(f))',
    { estimate: required(line()) },
    (money, actor, number, { estimate }) => money.sendSummary(actor, number, estimate),
  ),
  customized: atRequest(
    'fee.estimate',
    'Notify of a customized service charge (RCW 42.56.120(3))',
    { why: required(text()), expertise: required(text()), answerBy: day(), cents: cents('amount') },
    async (money, actor, number, given) => ({ id: (await money.noticeCustomized(actor, number, given)).id }),
    { description: 'The estimate.', schema: exact({ id: Type.String() }), status: 201 },
  ),
  agree: atRequest(
    'fee.estimate',
    'Record that the requester agrees to a customized service charge',
    { estimate: required(line()) },
    (money, actor, number, { estimate }) => money.agreeToCustomized(actor, number, estimate),
  ),
  invoice: atRequest(
    'fee.invoice',
    'Issue an invoice and let the request wait for it',
    {
      estimateId: named('estimate', required(line())),
      purpose: answerOf(purposes, notOffered),
      isFlat: { ...check(), read: (form) => textOf(form, 'flat') !== '' },
      installment: ownOr<number | null>(nullable(Type.Integer({ minimum: 1 })), null, readInstallment),
    },
    async (money, actor, number, given) => ({ invoice: (await money.issueInvoice(actor, number, given)).number }),
    { description: 'The number of the invoice.', schema: exact({ invoice: Type.String() }), status: 201 },
  ),
  void: atRequest(
    'fee.invoice',
    'Withdraw an invoice',
    { invoice: required(line()), reason: required(text()) },
    (money, actor, number, given) => money.voidInvoice(actor, number, given),
  ),
  pay: atRequest(
    'fee.record-payment',
    'Record a payment at the counter',
    {
      invoice: required(line()),
      method: answerOf(tills, notOffered),
      cents: cents('amount'),
      receivedOn: day(),
      reference: written(),
      entryKey: ownOr<string | null>(nullable(entryKey), null, (form) => writtenOf(form, 'key')),
    },
    async (money, actor, number, given) => ({ receipt: (await money.recordPayment(actor, number, given)).receipt }),
    { description: 'The number of the receipt.', schema: exact({ receipt: Type.String() }), status: 201 },
  ),
  waive: atRequest(
    'fee.waive',
    'Waive an invoice by a rule of the fee schedule',
    { invoice: required(line()), ruleCode: named('rule', required(line())) },
    (money, actor, number, given) => money.waive(actor, number, given),
  ),
  refund: atRequest(
    'fee.refund',
    'Give money back',
    {
      receipt: required(line()),
      from: answerOf<RefundSource>(sources, notOffered),
      method: answerOf(tills, notOffered),
      cents: cents('amount'),
      reason: required(text()),
      entryKey: own(entryKey, (form) => textOf(form, 'key')),
    },
    (money, actor, number, given) => money.refund(actor, number, given),
  ),
};

/** An empty field is nothing; of free pages it is said why they are free. */
function readQuantities(form: FormValues): readonly Quantity[] {
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

function readInstallment(form: FormValues): number | null {
  const given = textOf(form, 'installment');
  return given === '' ? null : toCount(given, 'installment');
}

function toCount(given: string, field: string): number {
  if (!/^\d{1,9}$/u.test(given)) refuseField(field, say('form.whole-number'));
  return Number(given);
}

function requireCents(form: FormValues, name: string): number {
  return centsOf(form, name) ?? refuseField(name, say('form.amount'));
}
