// Estimates, invoices, payments, waivers and refunds on a real database: by whom, in which order, to the cent.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';

import type { Actor, RequesterActor } from '../../../src/base/actor.ts';
import { roles } from '../../../src/base/actor.ts';
import { PortalError } from '../../../src/base/errors.ts';
import { isAllowed } from '../../../src/people/permissions.ts';
import type { Action } from '../../../src/people/permissions.ts';
import type { Till } from '../../../src/records/money/ledger.ts';
import type { RequestRecord } from '../../../src/records/requests/request.ts';
import { staffActor } from '../../people/staff.ts';
import { requesterOf } from '../records.ts';
import { cashier, clerk, officer, openTestMoney, worked } from './fixture.ts';

const site = await openTestMoney({ after });
const { money, database, records } = site;

const refused =
  (code: string, words = /./) =>
  (thrown: unknown) =>
    thrown instanceof PortalError && thrown.code === code && words.test(thrown.message);

let key = 0;
const pay = (request: RequestRecord, invoice: string, cents: number, method: Till = 'cash', entryKey?: string) =>
  money.recordPayment(cashier, request.id, {
    invoice,
    method,
    cents,
    receivedOn: '2026-03-02',
    reference: null,
    entryKey: entryKey ?? `key-${(key += 1)}`,
  });

async function invoiced(request: RequestRecord, change: { purpose?: 'deposit' | 'invoice'; isFlat?: boolean } = {}) {
  const estimate = await money.estimate(clerk, request.id, worked);
  return money.issueInvoice(cashier, request.id, {
    estimateId: estimate.id,
    purpose: 'invoice',
    isFlat: false,
    installment: null,
    ...change,
  });
}

const letters = async (request: RequestRecord): Promise<readonly string[]> =>
  (
    await database.pool.query<{ kind: string }>(
      'select kind from records_messages where request_id = $1 order by at, id',
      [request.id],
    )
  ).rows.map(({ kind }) => kind);

describe('an invoice', () => {
  it('lets the request wait, is paid in parts, and lets it go on; numbers have no gap', async () => {
    const request = await site.startRequest();
    const invoice = await invoiced(request);
    assert.equal(invoice.totalCents, 3_256);
    assert.equal(invoice.dueOn, '2026-04-01');
    assert.match(invoice.number, /^F2026-\d{6}$/);
    assert.equal((await records.requests.find(request.id)).state, 'awaiting_payment');
    const first = await pay(request, invoice.number, 3_000, 'check');
    assert.deepEqual([first.appliedCents, first.creditCents], [3_000, 0]);
    assert.equal((await records.requests.find(request.id)).state, 'awaiting_payment');
    const second = await pay(request, invoice.number, 256);
    assert.equal(Number(second.receipt.slice(-6)), Number(first.receipt.slice(-6)) + 1);
    assert.equal((await records.requests.find(request.id)).state, 'in_progress');
    const { balances, invoices } = await money.read(cashier, request.id);
    assert.equal(invoices[0]?.state, 'paid');
    assert.deepEqual(balances, zero({ charges: -3_256, check: 3_000, cash: 256 }));
    const sent = await letters(request);
    for (const kind of ['invoice', 'payment-receipt']) assert.ok(sent.includes(kind), kind);
    const next = await invoiced(await site.startRequest());
    assert.equal(Number(next.number.slice(-6)), Number(invoice.number.slice(-6)) + 1);
  });

  it('is made of an estimate once, also when it was paid meanwhile; one that was withdrawn may follow', async () => {
    const request = await site.startRequest();
    const estimate = await money.estimate(clerk, request.id, worked);
    const given = { estimateId: estimate.id, purpose: 'invoice', isFlat: false, installment: null } as const;
    const first = await money.issueInvoice(cashier, request.id, given);
    await money.voidInvoice(cashier, request.id, { invoice: first.number, reason: 'Wrong address' });
    const second = await money.issueInvoice(cashier, request.id, given);
    await pay(request, second.number, 3_256);
    await assert.rejects(money.issueInvoice(cashier, request.id, given), refused('conflict', /already/));
  });

  it('takes off the deposit that was paid, and a deposit is at most ten percent', async () => {
    const request = await site.startRequest();
    const deposit = await invoiced(request, { purpose: 'deposit' });
    assert.equal(deposit.totalCents, 325);
    await assert.rejects(invoiced(request), refused('conflict', /is open/));
    await pay(request, deposit.number, 325);
    const invoice = await invoiced(request);
    assert.equal(invoice.totalCents, 2_931);
    assert.equal(invoice.lines.at(-1)?.tenths, -3_250);
    await pay(request, invoice.number, 2_931);
    const { balances } = await money.read(cashier, request.id);
    assert.deepEqual(balances, zero({ charges: -3_256, cash: 3_256 }));
  });

  it('that a deposit covers is settled at once, and what is left of the deposit is still held', async () => {
    const request = await site.startRequest();
    const deposit = await invoiced(request, { purpose: 'deposit' });
    await pay(request, deposit.number, 325);
    const small = await money.estimate(clerk, request.id, [
      { kind: 'unit', unit: 'page-copied', count: 10, free: null },
    ]);
    const given = { estimateId: small.id, purpose: 'invoice', isFlat: false, installment: 1 } as const;
    const invoice = await money.issueInvoice(cashier, request.id, given);
    assert.deepEqual([invoice.totalCents, invoice.state], [0, 'paid']);
    assert.equal((await records.requests.find(request.id)).state, 'in_progress');
    const { balances, payments } = await money.read(cashier, request.id);
    assert.deepEqual(balances, zero({ charges: -150, deposits: -175, cash: 325 }));
    const back = {
      from: 'deposits',
      method: 'check',
      reason: 'Not needed',
      cents: 175,
      entryKey: 'deposit-back',
    } as const;
    await money.refund(cashier, request.id, { ...back, receipt: payments[0]!.receipt });
    assert.equal((await money.read(cashier, request.id)).balances.deposits, 0);
  });

  it('may be flat once, and then nothing by unit follows, on this installment or another', async () => {
    const request = await site.startRequest();
    const flat = await invoiced(request, { isFlat: true });
    assert.equal(flat.totalCents, 200);
    await pay(request, flat.number, 200);
    await assert.rejects(invoiced(request), refused('records-invalid', /no other charge for copies may follow/));
    await assert.rejects(invoiced(request, { isFlat: true }), refused('records-invalid'));
    await assert.rejects(invoiced(request, { purpose: 'deposit' }), refused('records-invalid'));
    const other = await site.startRequest();
    await pay(other, (await invoiced(other)).number, 3_256);
    await assert.rejects(invoiced(other, { isFlat: true }), refused('records-invalid', /cannot follow them/));
    const cheap = await site.startRequest();
    const estimate = await money.estimate(clerk, cheap.id, [
      { kind: 'unit', unit: 'page-copied', count: 13, free: null },
    ]);
    const given = { estimateId: estimate.id, purpose: 'invoice', isFlat: true, installment: null } as const;
    await assert.rejects(money.issueInvoice(cashier, cheap.id, given), refused('records-invalid', /flat charge needs/));
  });

  it('is withdrawn with what was paid on it as credit, and its number stays', async () => {
    const request = await site.startRequest();
    const invoice = await invoiced(request);
    await pay(request, invoice.number, 1_000);
    await money.voidInvoice(officer, request.id, { invoice: invoice.number, reason: 'Counted twice' });
    assert.equal((await records.requests.find(request.id)).state, 'in_progress');
    const { balances, payments } = await money.read(cashier, request.id);
    assert.deepEqual(balances, zero({ cash: 1_000, credit: -1_000 }));
    await assert.rejects(
      money.voidInvoice(officer, request.id, { invoice: invoice.number, reason: 'again' }),
      refused('conflict'),
    );
    const refund = { receipt: payments[0]!.receipt, from: 'credit', method: 'cash', reason: 'Withdrawn' } as const;
    await money.refund(cashier, request.id, { ...refund, cents: 1_000, entryKey: 'void-back' });
    assert.deepEqual((await money.read(cashier, request.id)).balances, zero({}));
  });

  it('is waived by a rule of the schedule, and no other way', async () => {
    const request = await site.startRequest();
    const invoice = await invoiced(request);
    const given = { invoice: invoice.number, ruleCode: 'because-i-say-so' };
    await assert.rejects(money.waive(officer, request.id, given), refused('records-invalid', /by rule alone/));
    await money.waive(officer, request.id, { ...given, ruleCode: 'small' });
    const { invoices, balances } = await money.read(officer, request.id);
    assert.equal(invoices[0]?.waiver?.text, 'Charges of less than one dollar are waived.');
    assert.deepEqual(balances, zero({ charges: -3_256, waived: 3_256 }));
    assert.equal((await records.requests.find(request.id)).state, 'in_progress');
    assert.ok((await letters(request)).includes('waiver'));
  });
});

describe('a payment', () => {
  it('that comes twice is kept as credit and paid back, never more than there is', async () => {
    const request = await site.startRequest();
    const invoice = await invoiced(request);
    await pay(request, invoice.number, 3_256);
    const twice = await pay(request, invoice.number, 3_256, 'card');
    assert.deepEqual([twice.appliedCents, twice.creditCents], [0, 3_256]);
    const back = { receipt: twice.receipt, from: 'credit', method: 'card', reason: 'Paid twice' } as const;
    await assert.rejects(
      money.refund(cashier, request.id, { ...back, cents: 3_257, entryKey: 'a' }),
      refused('records-invalid'),
    );
    await money.refund(cashier, request.id, { ...back, cents: 3_256, entryKey: 'b' });
    await money.refund(cashier, request.id, { ...back, cents: 3_256, entryKey: 'b' }); // the form was sent twice
    const { balances, refunds } = await money.read(cashier, request.id);
    assert.equal(refunds.length, 1);
    assert.deepEqual(balances, zero({ charges: -3_256, cash: 3_256 }));
    await assert.rejects(
      money.refund(cashier, request.id, { ...back, cents: 1, entryKey: 'c' }),
      refused('records-invalid'),
    );
  });

  it('that is sent many times at once is one payment', async () => {
    const request = await site.startRequest();
    const invoice = await invoiced(request);
    const all = await Promise.all(
      Array.from({ length: 8 }, () => pay(request, invoice.number, 3_256, 'cash', 'pressed often')),
    );
    assert.equal(new Set(all.map(({ receipt }) => receipt)).size, 1);
    assert.equal((await money.read(cashier, request.id)).balances.cash, 3_256);
  });

  it('after the request was closed is taken, and the request stays closed', async () => {
    const request = await site.startRequest();
    const invoice = await invoiced(request);
    await site.act(officer, request, { kind: 'withdraw', via: 'phone' });
    const late = await pay(request, invoice.number, 3_256);
    assert.equal(late.appliedCents, 3_256);
    assert.equal((await records.requests.find(request.id)).state, 'closed');
  });

  it('is of a day between the receipt of the request and today, and above zero', async () => {
    const request = await site.startRequest();
    const { number } = await invoiced(request);
    const given = { invoice: number, method: 'cash', reference: null, entryKey: null } as const;
    for (const [cents, receivedOn] of [
      [0, '2026-03-02'],
      [-5, '2026-03-02'],
      [1.5, '2026-03-02'],
      [100, '2026-03-03'],
      [100, '2026-03-01'],
      [100, 'today'],
    ] as const) {
      const entered = { ...given, cents, receivedOn };
      await assert.rejects(money.recordPayment(cashier, request.id, entered), refused('form-invalid'));
    }
    const online = { ...given, method: 'online', cents: 100, receivedOn: '2026-03-02' } as const;
    await assert.rejects(money.recordPayment(cashier, request.id, online), refused('form-invalid', /own word/));
    const other = { ...given, invoice: 'F2026-999999', cents: 100, receivedOn: '2026-03-02' };
    await assert.rejects(money.recordPayment(cashier, request.id, other), refused('not-found'));
  });
});

describe('a customized service', () => {
  it('is charged after its four-part notice and an answer, once, and never above the notice', async () => {
    const request = await site.startRequest();
    const notice = { why: 'A list that no system makes', expertise: 'A database engineer', answerBy: '2026-03-20' };
    const estimate = await money.noticeCustomized(clerk, request.id, { ...notice, cents: 50_000 });
    assert.ok((await letters(request)).includes('customized-charge'));
    const given = { estimateId: estimate.id, purpose: 'customized', isFlat: false, installment: null } as const;
    await assert.rejects(
      money.issueInvoice(cashier, request.id, given),
      refused('records-invalid', /may still change/),
    );
    await money.agreeToCustomized(requesterOf(request), request.id, estimate.id);
    const invoice = await money.issueInvoice(cashier, request.id, given);
    assert.deepEqual([invoice.purpose, invoice.totalCents], ['customized', 50_000]);
    await pay(request, invoice.number, 50_000);
    assert.equal((await money.read(cashier, request.id)).balances.customized, -50_000);
    await assert.rejects(money.issueInvoice(cashier, request.id, given), refused('conflict', /already/));
    const today = { ...notice, answerBy: '2026-03-02', cents: 100 };
    await assert.rejects(money.noticeCustomized(clerk, request.id, today), refused('form-invalid', /to come/));
  });
});

describe('who may', () => {
  const acts: readonly (readonly [Action, (actor: Actor, request: RequestRecord) => Promise<unknown>])[] = [
    ['fee.read', (actor, { id }) => money.read(actor, id)],
    ['fee.read', (actor, { id }) => money.invoicePaper(actor, id, 'F2026-999999')],
    ['fee.read', (actor, { id }) => money.receiptPaper(actor, id, 'R2026-999999')],
    ['fee.read', (actor, { id }) => money.startCheckout(actor, id, 'F2026-999999')],
    ['fee.estimate', (actor, { id }) => money.estimate(actor, id, worked)],
    ['fee.estimate', (actor, { id }) => money.sendSummary(actor, id, 'none')],
    [
      'fee.estimate',
      (actor, { id }) => money.noticeCustomized(actor, id, { why: '', expertise: '', answerBy: '', cents: 1 }),
    ],
    [
      'fee.invoice',
      (actor, { id }) =>
        money.issueInvoice(actor, id, { estimateId: 'none', purpose: 'invoice', isFlat: false, installment: null }),
    ],
    ['fee.invoice', (actor, { id }) => money.voidInvoice(actor, id, { invoice: 'none', reason: 'x' })],
    ['fee.waive', (actor, { id }) => money.waive(actor, id, { invoice: 'none', ruleCode: 'small' })],
    [
      'fee.record-payment',
      (actor, { id }) =>
        money.recordPayment(actor, id, {
          invoice: 'none',
          method: 'cash',
          cents: 1,
          receivedOn: '2026-03-02',
          reference: null,
          entryKey: null,
        }),
    ],
    [
      'fee.refund',
      (actor, { id }) =>
        money.refund(actor, id, {
          receipt: 'none',
          from: 'credit',
          method: 'cash',
          cents: 1,
          reason: 'x',
          entryKey: 'nothing',
        }),
    ],
  ];
  const isRefused = (thrown: unknown): boolean =>
    thrown instanceof PortalError && ['forbidden', 'unauthorized'].includes(thrown.code);

  it('is as the table of permissions says, act by act and role by role', async () => {
    const request = await site.submit();
    const delegate: RequesterActor = { ...requesterOf(request), delegate: { id: 'd', mayAct: false } };
    const helper: RequesterActor = { ...requesterOf(request), delegate: { id: 'd', mayAct: true } };
    const actors: readonly Actor[] = [
      { kind: 'public' },
      { kind: 'token', id: 't', name: 'token' },
      requesterOf(request),
      delegate,
      helper,
      ...roles.map((role) => staffActor(role)),
    ];
    for (const [action, act] of acts) {
      for (const actor of actors) {
        const outcome = await act(actor, request).then(
          () => 'done',
          (thrown: unknown) => (isRefused(thrown) ? 'refused' : 'done'),
        );
        const name = actor.kind === 'staff' ? actor.grants[0]?.role : actor.kind;
        assert.equal(outcome, isAllowed(actor, action) ? 'done' : 'refused', `${action} by ${name}`);
      }
    }
  });

  it('gives a requester nothing of another’s request, not even that it is there', async () => {
    const [mine, theirs] = [await site.startRequest(), await site.startRequest()];
    const invoice = await invoiced(theirs);
    const payment = await pay(theirs, invoice.number, 100);
    const me = requesterOf(mine);
    for (const id of [theirs.id, theirs.number]) {
      await assert.rejects(money.read(me, id), refused('not-found'));
      await assert.rejects(money.invoicePaper(me, id, invoice.number), refused('not-found'));
      await assert.rejects(money.receiptPaper(me, id, payment.receipt), refused('not-found'));
      await assert.rejects(money.startCheckout(me, id, invoice.number), refused('not-found'));
    }
    // Another's number within one's own request is nothing either.
    await assert.rejects(money.invoicePaper(me, mine.id, invoice.number), refused('not-found'));
    await assert.rejects(money.receiptPaper(me, mine.id, payment.receipt), refused('not-found'));
    const estimate = await money.estimate(clerk, theirs.id, worked);
    await assert.rejects(money.agreeToCustomized(me, mine.id, estimate.id), refused('not-found'));
    await assert.rejects(money.sendSummary(clerk, mine.id, estimate.id), refused('not-found'));
  });

  it('shows a requester what was sent, without names of the staff or slips of the till', async () => {
    const request = await site.startRequest();
    await money.estimate(clerk, request.id, worked);
    assert.equal((await money.read(requesterOf(request), request.id)).estimates.length, 0);
    const sent = await money.estimate(clerk, request.id, worked);
    await money.sendSummary(clerk, request.id, sent.id);
    const invoice = await money.issueInvoice(cashier, request.id, {
      estimateId: sent.id,
      purpose: 'invoice',
      isFlat: false,
      installment: null,
    });
    await money.recordPayment(cashier, request.id, {
      invoice: invoice.number,
      method: 'check',
      cents: 100,
      receivedOn: '2026-03-02',
      reference: 'check 1234',
      entryKey: null,
    });
    const seen = await money.read(requesterOf(request), request.id);
    assert.deepEqual(
      seen.estimates.map(({ id }) => id),
      [sent.id],
    );
    assert.doesNotMatch(JSON.stringify(seen), /Test (clerk|cashier)|check 1234/);
    assert.deepEqual(seen.may, []);
    assert.deepEqual((await money.read(officer, request.id)).may, ['fee.estimate', 'fee.invoice', 'fee.waive']);
  });
});

describe('paper', () => {
  it('is a tagged PDF with title and language, of the invoice as it was sent', async () => {
    const request = await site.startRequest();
    const invoice = await invoiced(request);
    const bytes = await money.invoicePaper(requesterOf(request), request.id, invoice.number);
    const text = bytes.toString('latin1');
    assert.match(text.slice(0, 9), /^%PDF-1\.7/);
    for (const part of [
      /\/Marked true/,
      /\/Lang \(en-US\)/,
      /\/StructTreeRoot/,
      /\/DisplayDocTitle true/,
      /\/S \/TH\b/,
    ]) {
      assert.match(text, part);
    }
    assert.deepEqual(bytes, await money.invoicePaper(officer, request.id, invoice.number));
    const { receipt } = await pay(request, invoice.number, 3_256);
    assert.match((await money.receiptPaper(requesterOf(request), request.id, receipt)).toString('latin1'), /^%PDF/);
  });
});

describe('the database', () => {
  it('refuses an entry that does not balance, an invoice that does not add up, and every change', async () => {
    const request = await site.startRequest();
    const invoice = await invoiced(request);
    const { pool } = database;
    const fails = (text: string, values: readonly unknown[] = []) =>
      assert.rejects(
        pool.query(text, [...values]),
        (thrown: unknown) => (thrown as { code?: string }).code === '23000',
      );
    await fails('update records_ledger_lines set cents = cents + 1');
    await fails('delete from records_ledger_entries');
    await fails('update records_payments set cents = 1');
    await fails('update records_invoices set total_cents = 1 where id = $1', [invoice.id]);
    await fails('delete from records_invoices where id = $1', [invoice.id]);
    await fails(
      `insert into records_invoice_lines (invoice_id, seq, what, rule, citation, tenths)
       values ($1, 99, 'x', 'x', 'x', 10)`,
      [invoice.id],
    );
    await fails(
      `with entry as (insert into records_ledger_entries (id, request_id, kind, invoice_id, at, on_date, actor)
         values (gen_random_uuid(), $1, 'payment', $2, now(), '2026-03-02', 'x') returning id)
       insert into records_ledger_lines select id, 1, 'cash', 5 from entry
       union all select id, 2, 'credit', -4 from entry`,
      [request.id, invoice.id],
    );
    await fails(
      `insert into records_ledger_entries (id, request_id, kind, invoice_id, at, on_date, actor)
         values (gen_random_uuid(), $1, 'payment', $2, now(), '2026-03-02', 'x')`,
      [request.id, invoice.id],
    );
  });
});

describe('in the end', () => {
  it('numbers have no gap although acts failed, and the whole ledger comes to nothing', async () => {
    const { rows } = await database.pool.query<{ series: string; least: number; most: number; count: number }>(
      `select 'F' as series, min(right(number, 6)::int) as least, max(right(number, 6)::int) as most,
         count(*)::int as count
         from records_invoices
       union all select 'R', min(right(receipt, 6)::int), max(right(receipt, 6)::int),
         count(*)::int from records_payments`,
    );
    for (const { series, least, most, count } of rows) {
      assert.deepEqual([least, most], [1, count], series);
      assert.ok(count >= 8, series);
    }
    const sums = await database.pool.query<{ sum: string }>('select sum(cents) from records_ledger_lines');
    assert.equal(sums.rows[0]?.sum, '0');
  });
});

/** Balances with everything that is not named at nothing. */
function zero(change: Partial<Record<string, number>>) {
  const none = { receivable: 0, charges: 0, customized: 0, deposits: 0, credit: 0, waived: 0 };
  return { ...none, cash: 0, check: 0, card: 0, online: 0, ...change };
}
