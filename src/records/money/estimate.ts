// What copies would cost: quantities to lines, each with its rule, in tenths of a cent, never above the law.
// It must hold no amount and store nothing; the city's schedule and its caps are the law's data.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { FeeRate, FeesLaw, FeeSchedule, FeeUnit } from '../law/fees-law.ts';
import { citationOf } from '../law/law.ts';
import type { Law } from '../law/law.ts';
import { dollarsOfTenths } from '../law/letters.ts';

/** Why something is not charged: RCW 42.56.120(1) and (2)(e). */
export type FreeReason = 'inspection' | 'already-published';

export type Quantity =
  | {
      readonly kind: 'unit';
      readonly unit: FeeUnit;
      /** Pages or files; for gigabytes the number of bytes. */
      readonly count: number;
      readonly free: FreeReason | null;
    }
  /** Postage, a container, a disk: what it costs, in cents. */
  | { readonly kind: 'actual-cost'; readonly what: string; readonly cents: number };

export type FeeLine = {
  readonly what: string; // 120 pages copied
  readonly rule: string; // $0.15 each (RCW …)
  readonly citation: string;
  readonly tenths: number;
};

export type Estimate = {
  readonly lines: readonly FeeLine[];
  readonly totalTenths: number;
  /** Rounded down: the law says "may not charge in excess of". */
  readonly totalCents: number;
  /** The most that may be asked for beforehand; null where the schedule knows no deposit. */
  readonly depositCents: number | null;
  /** The flat charge in place of these lines; null where the schedule has none, or they come to less than its floor. */
  readonly flat: FeeLine | null;
};

const greatestCount = 1_000_000_000_000_000;

/** The schedule that holds. Throws records-invalid where the city has stated none: then nothing is charged. */
export function requireSchedule(fees: FeesLaw): FeeSchedule {
  if (fees.schedule === null)
    throw new PortalError('records-invalid', say('money.no-schedule', { note: fees.scheduleNote }));
  return fees.schedule;
}

/** Throws records-invalid for a quantity that is none, or one that the schedule has no rate for. */
export function toEstimate(law: Law, fees: FeesLaw, quantities: readonly Quantity[]): Estimate {
  const schedule = requireSchedule(fees);
  const lines = quantities.flatMap((quantity) => toLine(law, fees, schedule, quantity));
  const totalTenths = lines.reduce((sum, line) => sum + line.tenths, 0);
  const { depositPercent, flat } = schedule;
  const isFlatAllowed = flat !== null && totalTenths >= fees.flatFloor.tenths;
  return {
    lines,
    totalTenths,
    totalCents: Math.floor(totalTenths / 10),
    depositCents: depositPercent === null ? null : depositOf(totalTenths, depositPercent),
    flat: isFlatAllowed ? flatLine(law, flat.tenths, flat.citation) : null,
  };
}

/** RCW 42.56.120(4): a part of the estimate, rounded down to the cent. */
export function depositOf(totalTenths: number, percent: number): number {
  return Number((BigInt(totalTenths) * BigInt(percent)) / 1_000n);
}

function flatLine(law: Law, tenths: number, citation: string): FeeLine {
  const { cite } = citationOf(law, citation);
  return { what: 'Flat charge', rule: `In place of every charge by unit, once a request (${cite}).`, citation, tenths };
}

function toLine(law: Law, fees: FeesLaw, schedule: FeeSchedule, quantity: Quantity): readonly FeeLine[] {
  if (quantity.kind === 'actual-cost') return [actualLine(law, fees, schedule, quantity)];
  const { unit, count, free } = quantity;
  if (!Number.isSafeInteger(count) || count < 0 || count > greatestCount) {
    throw new PortalError('records-invalid', say('money.quantity'));
  }
  if (count === 0) return [];
  const what = wordsOf(fees, unit, count);
  if (free !== null) return [freeLine(law, fees, what, free)];
  const rate = schedule.rates.find((each) => each.unit === unit);
  if (rate === undefined) {
    throw new PortalError('records-invalid', say('money.no-rate', { what }));
  }
  const { cite } = citationOf(law, rate.citation);
  const tenths = chargeOf(fees, rate, count);
  return [{ what, rule: `${rateWords(fees, rate)} (${cite}).`, citation: rate.citation, tenths }];
}

const actualCostsEnd = 1_000_000_000;

function isActualCost(cents: number): boolean {
  return Number.isSafeInteger(cents) && cents > 0 && cents < actualCostsEnd;
}

function actualLine(
  law: Law,
  fees: FeesLaw,
  schedule: FeeSchedule,
  { what, cents }: { readonly what: string; readonly cents: number },
): FeeLine {
  if (!schedule.passesActualCosts) {
    throw new PortalError('records-invalid', say('money.not-passed-on'));
  }
  const name = what.trim();
  if (name === '' || name.length > 200 || !isActualCost(cents)) {
    throw new PortalError('records-invalid', say('money.actual-cost'));
  }
  const citation = fees.citations.actualCosts;
  return { what: name, rule: `Actual cost (${citationOf(law, citation).cite}).`, citation, tenths: cents * 10 };
}

function freeLine(law: Law, fees: FeesLaw, what: string, free: FreeReason): FeeLine {
  const citation = free === 'inspection' ? fees.citations.inspection : fees.citations.alreadyPublished;
  const { cite } = citationOf(law, citation);
  const why = free === 'inspection' ? 'Looking at records is free' : 'On the website before the request: free';
  return { what, rule: `${why} (${cite}).`, citation, tenths: 0 };
}

/** Whole groups of files, bytes in proportion, and everything rounded down. */
function chargeOf(fees: FeesLaw, rate: FeeRate, count: number): number {
  const [n, tenths, per] = [BigInt(count), BigInt(rate.tenths), BigInt(rate.per)];
  switch (rate.unit) {
    case 'gigabyte-sent':
      return Number((n * tenths) / (per * BigInt(fees.counting.bytesPerGigabyte)));
    case 'files-sent': {
      const groups = fees.counting.files === 'floor' ? n / per : (n + per - 1n) / per;
      return Number(groups * tenths);
    }
    case 'page-copied':
    case 'page-scanned':
      return Number((n * tenths) / per);
  }
}

function wordsOf(fees: FeesLaw, unit: FeeUnit, count: number): string {
  const { one, many } = fees.units[unit];
  const shown = unit === 'gigabyte-sent' ? gigabytes(fees, count) : String(count);
  return `${shown} ${shown === '1' ? one : many}`;
}

/** Three decimals at most, rounded down, so that nobody reads more than is counted. */
function gigabytes(fees: FeesLaw, bytes: number): string {
  const thousandths = Number((BigInt(bytes) * 1_000n) / BigInt(fees.counting.bytesPerGigabyte));
  return String(thousandths / 1_000);
}

function rateWords(fees: FeesLaw, { unit, tenths, per }: FeeRate): string {
  const { one, many } = fees.units[unit];
  return `${dollarsOfTenths(tenths)} for ${per === 1 ? `each ${one}` : `every ${per} ${many}`}`;
}
