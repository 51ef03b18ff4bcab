// Paying online: signed events alone count, each once, in any order; a second payment is kept; nothing of the payer is.
import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';

import { PortalError } from '../../../src/base/errors.ts';
import { openStripe } from '../../../src/records/money/stripe.ts';
import type { InvoiceRecord } from '../../../src/records/money/accounts.ts';
import type { RequestRecord } from '../../../src/records/requests/request.ts';
import { requesterOf } from '../records.ts';
import { cashier, clerk, officer, openTestMoney, worked } from './fixture.ts';
import { openStripeServer, paidEvent } from './stripe-server.ts';

const server = await openStripeServer({ after });
const nowMs = Date.parse('2026-03-02T20:00:00Z');
const site = await openTestMoney({ after }, { provider: openStripe(server.settings, () => nowMs) });
const { money, database, records } = site;

const refused = (code: string) => (thrown: unknown) => thrown instanceof PortalError && thrown.code === code;
const deliver = (event: object, atMs = nowMs) => {
  const { body, signature } = server.sign(event, atMs);
  return money.receiveProviderEvent(body, signature);
};
const count = async (text: string): Promise<number> =>
  (await database.pool.query<{ n: number }>(`select count(*)::int as n from ${text}`)).rows[0]!.n;

let request: RequestRecord;
let invoice: InvoiceRecord;
let checkout: string;
let serial = 0;

beforeEach(async () => {
  request = await site.startRequest();
  const estimate = await money.estimate(clerk, request.id, worked);
  const given = { estimateId: estimate.id, purpose: 'invoice', isFlat: false, installment: null } as const;
  invoice = await money.issueInvoice(cashier, request.id, given);
  const { url } = await money.startCheckout(requesterOf(request), request.id, invoice.number);
  checkout = url.split('/').at(-1)!;
  serial += 1;
});

const paid = (change: Partial<Parameters<typeof paidEvent>[0]> = {}) =>
  paidEvent({ id: `evt_${serial}`, checkout, payment: `pi_${serial}`, cents: 3_256, ...change });
const balances = async () => (await money.read(cashier, request.id)).balances;

describe('a checkout', () => {
  it('is one page for an open invoice, however often it is asked for', async () => {
    const before = server.calls.length;
    const again = await money.startCheckout(requesterOf(request), request.id, invoice.number);
    assert.equal(again.url, `https://checkout.example/${checkout}`);
    assert.equal(server.calls.length, before);
    const { form, path } = server.calls.at(-1)!;
    assert.equal(path, '/v1/checkout/sessions');
    assert.equal(form.get('line_items[0][price_data][unit_amount]'), '3256');
    assert.equal(form.get('metadata[invoice_id]'), invoice.id);
    // Where the page leads back to has no secret in it, and the provider is not told who asks.
    assert.doesNotMatch(String(form), /canary|Canary|key=/);
  });

  it('is refused when nothing is open, and when the provider fails nothing leaks', async () => {
    await deliver(paid());
    await assert.rejects(money.startCheckout(requesterOf(request), request.id, invoice.number), refused('conflict'));
    const other = await site.startRequest();
    const estimate = await money.estimate(clerk, other.id, worked);
    const given = { estimateId: estimate.id, purpose: 'invoice', isFlat: false, installment: null } as const;
    const open = await money.issueInvoice(cashier, other.id, given);
    server.fail(402);
    const failing = money.startCheckout(requesterOf(other), other.id, open.number);
    await assert.rejects(failing, (thrown: unknown) => {
      assert.ok(thrown instanceof PortalError && thrown.code === 'not-ready');
      assert.doesNotMatch(thrown.message, /Canary/);
      return true;
    });
    server.fail(null);
    assert.match((await money.startCheckout(requesterOf(other), other.id, open.number)).url, /^https:/);
  });
});

describe('an event', () => {
  it('that is signed settles the invoice and lets the request go on', async () => {
    assert.equal(await deliver(paid()), 'paid');
    const seen = await money.read(cashier, request.id);
    assert.equal(seen.invoices[0]?.state, 'paid');
    assert.equal(seen.payments[0]?.method, 'online');
    assert.equal(seen.balances.online, 3_256);
    assert.equal((await records.requests.find(request.id)).state, 'in_progress');
  });

  it('that is not signed, signed by another, changed or old is refused and does nothing', async () => {
    const { body, signature } = server.sign(paid(), nowMs);
    const changed = Buffer.from(body.toString('utf8').replace('3256', '1'));
    await assert.rejects(money.receiveProviderEvent(changed, signature), refused('bad-request'));
    await assert.rejects(money.receiveProviderEvent(body, ''), refused('bad-request'));
    await assert.rejects(money.receiveProviderEvent(body, signature.replace(/v1=../, 'v1=00')), refused('bad-request'));
    await assert.rejects(deliver(paid(), nowMs - 301_000), refused('bad-request'));
    assert.equal((await balances()).online, 0);
  });

  it('that is told ten times at once is one payment', async () => {
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => deliver(paid())));
    assert.equal(outcomes.filter((outcome) => outcome === 'paid').length, 1);
    assert.equal(outcomes.filter((outcome) => outcome === 'known').length, 9);
    assert.equal((await balances()).online, 3_256);
  });

  it('of the same payment under two names, in either order, is one payment', async () => {
    const slow = paid({ id: `evt_slow_${serial}`, type: 'checkout.session.async_payment_succeeded' });
    assert.equal(await deliver(slow), 'paid');
    assert.equal(await deliver(paid()), 'known');
    assert.equal((await balances()).online, 3_256);
  });

  it('that comes before the checkout was noted, or after it expired, still counts', async () => {
    await database.pool.query('delete from records_checkouts where id = $1', [checkout]);
    assert.equal(await deliver(paid({ invoiceId: invoice.id })), 'paid');
    assert.equal((await balances()).online, 3_256);
    const expired = { ...paid({ id: `evt_x_${serial}` }), type: 'checkout.session.expired' };
    assert.equal(await deliver(expired), 'ignored');
  });

  it('of a second payment is kept as credit and goes back through the provider, once', async () => {
    await deliver(paid());
    assert.equal(await deliver(paid({ id: `evt_b_${serial}`, payment: `pi_b_${serial}` })), 'paid');
    assert.equal((await balances()).credit, -3_256);
    const { payments } = await money.read(cashier, request.id);
    const back = { receipt: payments[1]!.receipt, from: 'credit', cents: 3_256, reason: 'Paid twice' } as const;
    const entryKey = `back-${serial}`;
    await assert.rejects(
      money.refund(cashier, request.id, { ...back, method: 'cash', entryKey }),
      refused('form-invalid'),
    );
    await money.refund(cashier, request.id, { ...back, method: 'online', entryKey });
    await money.refund(cashier, request.id, { ...back, method: 'online', entryKey });
    const refunds = server.calls.filter(({ path, key }) => path === '/v1/refunds' && key === entryKey);
    assert.equal(refunds.length, 1);
    assert.equal(refunds[0]?.form.get('payment_intent'), `pi_b_${serial}`);
    assert.deepEqual([(await balances()).credit, (await balances()).online], [0, 3_256]);
  });

  it('of a payment for an invoice that was withdrawn or paid at the counter is kept as credit', async () => {
    await money.voidInvoice(officer, request.id, { invoice: invoice.number, reason: 'Counted wrongly' });
    assert.equal(await deliver(paid()), 'paid');
    assert.equal((await balances()).credit, -3_256);
  });

  it('of another kind, currency or account, or not yet paid, is taken and does nothing', async () => {
    const strange = paid({ id: `evt_1_${serial}`, checkout: 'cs_of_somebody_else' });
    assert.equal(await deliver(strange), 'ignored');
    const unknown = { invoiceId: '01900000-0000-7000-8000-000000000000', checkout: 'cs_unknown' };
    assert.equal(await deliver(paid({ id: `evt_2_${serial}`, ...unknown })), 'ignored');
    assert.equal(await deliver(paid({ id: `evt_3_${serial}`, status: 'unpaid' })), 'ignored');
    assert.equal(await deliver(paid({ id: `evt_4_${serial}`, currency: 'eur' })), 'ignored');
    assert.equal(await deliver({ ...paid({ id: `evt_5_${serial}` }), type: 'customer.created' }), 'ignored');
    assert.equal((await balances()).online, 0);
    assert.equal(await count(`records_payment_events where id like 'evt_%_${serial}'`), 5);
  });

  it('leaves nothing of the payer in the database', async () => {
    await deliver(paid());
    const { rows } = await database.pool.query<{ found: string }>(
      `select to_jsonb(t)::text as found from records_payment_events t
       union all select to_jsonb(t)::text from records_payments t
       union all select to_jsonb(t)::text from records_checkouts t
       union all select body from audit_events`,
    );
    assert.ok(rows.length > 3);
    for (const { found } of rows) assert.doesNotMatch(found, /canary|whitlock/i);
  });
});
