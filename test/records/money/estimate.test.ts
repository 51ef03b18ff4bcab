// What copies cost: the worked example, the rules of free and flat, and never a tenth of a cent above the law.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';

import { PortalError } from '../../../src/base/errors.ts';
import { toEstimate } from '../../../src/records/money/estimate.ts';
import type { Quantity } from '../../../src/records/money/estimate.ts';
import { accounts, addUp, issueLines, paymentLines, refundLines } from '../../../src/records/money/ledger.ts';
import { voidLines, waiverLines } from '../../../src/records/money/ledger.ts';
import { kentLaw } from '../law/fixture.ts';
import { withFileCounting, withSchedule, worked } from './fixture.ts';

const kent = await kentLaw();
const law = withSchedule(kent);
const fees = law.fees[0]!;
const cents = (quantities: readonly Quantity[], of = law) => toEstimate(of, of.fees[0]!, quantities).totalCents;
const unit = (name: 'page-copied' | 'files-sent' | 'gigabyte-sent', count: number): Quantity => ({
  kind: 'unit',
  unit: name,
  count,
  free: null,
});

test('the worked example: $32.56, deposit $3.25, flat charge $2.00', () => {
  const estimate = toEstimate(law, fees, worked);
  assert.deepEqual(
    estimate.lines.map(({ tenths }) => tenths),
    [18_000, 4_000, 450, 260, 9_850],
  );
  assert.equal(estimate.totalCents, 3_256);
  assert.equal(estimate.depositCents, 325);
  assert.equal(estimate.flat?.tenths, 2_000);
  assert.equal(cents(worked, withFileCounting(law, 'ceil')), 3_261);
});

test('each line says what it is and by which rule', () => {
  const [copies, , files, sent, postage] = toEstimate(law, fees, worked).lines;
  assert.equal(copies?.what, '120 pages copied or printed');
  assert.equal(copies?.rule, '$0.15 for each page copied or printed (RCW 42.56.120(2)(b)(i)).');
  assert.equal(files?.rule, '$0.05 for every 4 files sent (RCW 42.56.120(2)(b)(iii)).');
  assert.equal(sent?.what, '2.6 gigabytes sent');
  assert.equal(postage?.rule, 'Actual cost (RCW 42.56.120(2)(b)(v)).');
});

test('three files are free and so is a small message; totals are rounded down', () => {
  assert.equal(cents([unit('files-sent', 3)]), 0);
  assert.equal(cents([unit('files-sent', 4)]), 5);
  assert.equal(cents([unit('files-sent', 7)]), 5);
  assert.equal(cents([unit('gigabyte-sent', 99_999_999)]), 0);
  assert.equal(cents([unit('gigabyte-sent', 199_999_999)]), 1);
});

test('looking is free, and so is what was on the website', () => {
  const free = (['inspection', 'already-published'] as const).map((reason): Quantity => ({
    kind: 'unit',
    unit: 'page-copied',
    count: 500,
    free: reason,
  }));
  const { lines, totalTenths } = toEstimate(law, fees, free);
  assert.equal(totalTenths, 0);
  assert.match(lines[0]!.rule, /RCW 42\.56\.120\(1\)/);
  assert.match(lines[1]!.rule, /RCW 42\.56\.120\(2\)\(e\)/);
});

test('a flat charge needs two dollars of other charges', () => {
  assert.equal(toEstimate(law, fees, [unit('page-copied', 13)]).flat, null); // $1.95
  assert.equal(toEstimate(law, fees, [unit('page-copied', 14)]).flat?.tenths, 2_000); // $2.10
  assert.equal(toEstimate(law, fees, [unit('page-copied', 10), unit('files-sent', 40)]).flat?.tenths, 2_000); // $2.00
});

const refused = (words: RegExp) => (thrown: unknown) =>
  thrown instanceof PortalError && thrown.code === 'records-invalid' && words.test(thrown.message);

test('nothing is charged without a schedule, nor what the schedule does not name', () => {
  assert.throws(() => toEstimate(kent, kent.fees[0]!, worked), refused(/not specified/));
  const copiesOnly = withSchedule(kent, { rates: fees.caps.slice(0, 1), passesActualCosts: false });
  assert.throws(() => cents([unit('files-sent', 4)], copiesOnly), refused(/no rate for this/));
  assert.throws(
    () => cents([{ kind: 'actual-cost', what: 'Box', cents: 100 }], copiesOnly),
    refused(/does not pass on/),
  );
  for (const count of [-1, 0.5, Number.NaN, 2 ** 60]) {
    assert.throws(() => cents([unit('page-copied', count)]), refused(/whole number/));
  }
});

test('whatever the quantities, nobody pays more than the exact amount, nor a deposit above ten percent', () => {
  const count = fc.integer({ min: 0, max: 1_000_000_000 });
  fc.assert(
    fc.property(count, count, fc.integer({ min: 0, max: 1_000_000_000_000_000 }), (pages, files, bytes) => {
      const estimate = toEstimate(law, fees, [
        unit('page-copied', pages),
        unit('files-sent', files),
        unit('gigabyte-sent', bytes),
      ]);
      // In billionths of a tenth of a cent, exactly: 15 cents a page, 5 cents for four files, 10 cents a gigabyte
      const exact = BigInt(pages) * 150n * 10n ** 9n + (BigInt(files) * 50n * 10n ** 9n) / 4n + BigInt(bytes) * 100n;
      const charged = BigInt(estimate.totalCents) * 10n * 10n ** 9n;
      assert.ok(charged <= exact);
      assert.ok(exact - charged < 70n * 10n ** 9n); // less than three files and one cent below it
      assert.ok(BigInt(estimate.depositCents!) * 10n <= BigInt(estimate.totalCents) + 1n);
      assert.ok(estimate.depositCents! * 100 <= estimate.totalTenths);
    }),
  );
});

test('every entry of the ledger comes to nothing, whatever the amounts', () => {
  const money = fc.record({
    purpose: fc.constantFrom('deposit' as const, 'invoice' as const, 'customized' as const),
    grossCents: fc.nat(100_000),
    depositCents: fc.nat(100_000),
  });
  fc.assert(
    fc.property(money, fc.nat(100_000), fc.nat(100_000), (invoice, paid, credit) => {
      for (const lines of [
        issueLines(invoice),
        voidLines(invoice, paid),
        waiverLines(invoice.purpose, paid),
        paymentLines('cash', paid, credit),
        refundLines('credit', 'check', credit),
      ]) {
        assert.equal(
          lines.reduce((sum, [, amount]) => sum + amount, 0),
          0,
        );
        const summed = addUp(lines);
        assert.ok(summed.every(([account, amount]) => accounts.includes(account) && amount !== 0));
      }
    }),
  );
});
