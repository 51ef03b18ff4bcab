// A city that has adopted a schedule, for tests alone: the law's default rates, a flat charge, a deposit, a waiver.
import type { Cleaner } from '../../database.ts';
import type { FeeSchedule } from '../../../src/records/law/fees-law.ts';
import type { Law } from '../../../src/records/law/law.ts';
import { openMoney } from '../../../src/records/money/money.ts';
import type { Money } from '../../../src/records/money/money.ts';
import type { Quantity } from '../../../src/records/money/estimate.ts';
import type { PaymentProvider } from '../../../src/records/money/provider.ts';
import type { RequestRecord } from '../../../src/records/requests/request.ts';
import { staffActor } from '../../people/staff.ts';
import { openTestRecords } from '../records.ts';
import type { TestRecords } from '../records.ts';

function testSchedule(law: Law): FeeSchedule {
  const fees = law.fees[0]!;
  return {
    adoptedOn: '2026-01-05',
    source: 'Test schedule',
    kind: 'default-rates',
    rates: fees.caps,
    passesActualCosts: true,
    flat: { tenths: 2_000, citation: fees.flatCap.citation },
    depositPercent: 10,
    waivers: [
      { code: 'small', text: 'Charges of less than one dollar are waived.', source: 'Test schedule, section 4' },
    ],
  };
}

export function withSchedule(law: Law, change: Partial<FeeSchedule> = {}): Law {
  return { ...law, fees: law.fees.map((fees) => ({ ...fees, schedule: { ...testSchedule(law), ...change } })) };
}

export function withFileCounting(law: Law, files: 'floor' | 'ceil'): Law {
  return { ...law, fees: law.fees.map((fees) => ({ ...fees, counting: { ...fees.counting, files } })) };
}

const unit = (name: 'page-copied' | 'page-scanned' | 'files-sent' | 'gigabyte-sent', count: number): Quantity => ({
  kind: 'unit',
  unit: name,
  count,
  free: null,
});

/** The worked example of the law's notes: $32.56. */
export const worked: readonly Quantity[] = [
  unit('page-copied', 120),
  unit('page-scanned', 40),
  unit('files-sent', 37),
  unit('gigabyte-sent', 2_600_000_000),
  { kind: 'actual-cost', what: 'Postage', cents: 985 },
];

export const clerk = staffActor('clerk');
export const officer = staffActor('records-officer');
export const cashier = staffActor('cashier');

export type TestMoney = TestRecords & {
  readonly money: Money;
  /** A request that is being worked on, so that it may wait for a payment. */
  startRequest(): Promise<RequestRecord>;
};

export async function openTestMoney(
  cleaner: Cleaner,
  options: { readonly provider?: PaymentProvider; readonly schedule?: boolean } = {},
): Promise<TestMoney> {
  const site = await openTestRecords(cleaner);
  const { records, database, seal, effects } = site;
  const law = () => (options.schedule === false ? records.law() : withSchedule(records.law()));
  const parts = { db: database.db, seal, law, publicUrl: 'http://localhost:8080', requests: records.requests };
  const money = openMoney({ ...parts, provider: options.provider ?? null }, effects);
  return {
    ...site,
    money,
    async startRequest() {
      const request = await site.submit();
      return site.act(officer, request, { kind: 'acknowledge', estimateOn: '2026-04-01', message: 'Working on it.' });
    },
  };
}
