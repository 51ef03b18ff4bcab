// Holds a city's fee schedule to the caps of the law when it is read: a schedule above a cap is no schedule.
// It must hold no cap itself; city/<name>/records/fees.json does.

import { isCityDate } from '../../city/days.ts';
import type { FeeRate, FeesLaw } from './fees-law.ts';
import type { Citation } from './law.ts';

/** Calls `refuse` with the field and what is wrong with it, the cap's citation with it. */
export function requireLawfulFees(
  fees: FeesLaw,
  refuse: (place: string, what: string) => never,
  citations: readonly Citation[],
): void {
  const cite = (id: string): string => {
    const found = citations.find((each) => each.id === id);
    return found === undefined ? refuse('', `names “${id}”, which citations.json does not have`) : found.cite;
  };
  const { schedule } = fees;
  if (schedule === null) return;
  if (!isCityDate(schedule.adoptedOn)) refuse('/schedule/adoptedOn', 'is no date of the calendar');
  schedule.rates.forEach((rate, at) => {
    const place = `/schedule/rates/${at}`;
    cite(rate.citation);
    if (schedule.rates.some((other, before) => before < at && other.unit === rate.unit)) {
      refuse(place, `is a second rate for ${rate.unit}`);
    }
    if (schedule.kind === 'actual-costs') return; // .120(2)(a): what it costs, not the default caps
    const cap = fees.caps.find(({ unit }) => unit === rate.unit);
    if (cap === undefined) refuse(place, `charges ${rate.unit}, for which the law names no default rate`);
    if (isAbove(rate, cap)) {
      refuse(`${place}/tenths`, `is above the cap of ${cite(cap.citation)}: ${cap.tenths} for each ${cap.per}`);
    }
  });
  if (schedule.flat !== null && schedule.flat.tenths > fees.flatCap.tenths) {
    refuse('/schedule/flat/tenths', `is above the cap of ${cite(fees.flatCap.citation)}: ${fees.flatCap.tenths}`);
  }
  if (schedule.depositPercent !== null && schedule.depositPercent > fees.depositCapPercent) {
    refuse(
      '/schedule/depositPercent',
      `is above the cap of ${cite(fees.citations.deposit)}: ${fees.depositCapPercent} percent`,
    );
  }
  const codes = schedule.waivers.map(({ code }) => code);
  if (new Set(codes).size !== codes.length) refuse('/schedule/waivers', 'has a rule code twice');
}

/** Compares as fractions: 6 cents for five files is less than 5 cents for four. */
function isAbove(rate: FeeRate, cap: FeeRate): boolean {
  return rate.tenths * cap.per > cap.tenths * rate.per;
}
