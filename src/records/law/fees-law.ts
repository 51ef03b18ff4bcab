// What may be charged: the caps of the law, and the city's own schedule where it has adopted one.
// It must hold no amount itself; amounts are integer tenths of a cent, so that nothing is ever rounded up.

import type { CityDate } from '../../city/days.ts';

/** What is counted when records are copied. */
export const feeUnits = ['page-copied', 'page-scanned', 'files-sent', 'gigabyte-sent'] as const;
export type FeeUnit = (typeof feeUnits)[number];

export type FeeRate = {
  readonly unit: FeeUnit;
  /** A thousandth of a dollar each: 15 cents is 150. */
  readonly tenths: number;
  /** For so many units: files are charged by fours. */
  readonly per: number;
  readonly citation: string;
};

export type FeeSchedule = {
  readonly adoptedOn: CityDate;
  readonly source: string; // the order, resolution or page in which the city adopted it
  /**
   * `default-rates`: the city has declared that actual costs would be unduly burdensome to work out. `actual-costs`:
   * published after notice and hearing.
   */
  readonly kind: 'default-rates' | 'actual-costs';
  readonly rates: readonly FeeRate[];
  /** Postage, containers, media: charged at what they cost. */
  readonly passesActualCosts: boolean;
  readonly flat: { readonly tenths: number; readonly citation: string } | null;
  /** At most this part of an estimate, in percent; null: no deposit is asked for. */
  readonly depositPercent: number | null;
  readonly waivers: readonly WaiverRule[];
};

/** RCW 42.56.120(4): only by the city's own rules, applied alike to everybody. */
export type WaiverRule = { readonly code: string; readonly text: string; readonly source: string };

export type FeesLaw = {
  readonly effectiveFrom: CityDate | null;
  readonly caps: readonly FeeRate[];
  /** How a quantity reads on an invoice. */
  readonly units: Readonly<Record<FeeUnit, { readonly one: string; readonly many: string }>>;
  readonly flatCap: { readonly tenths: number; readonly citation: string };
  /** A flat fee stands in place of unit charges only where these are estimated at this or more. */
  readonly flatFloor: { readonly tenths: number; readonly citation: string };
  readonly depositCapPercent: number;
  readonly citations: {
    readonly inspection: string;
    readonly actualCosts: string;
    readonly combining: string;
    readonly alreadyPublished: string;
    readonly summary: string;
    readonly customized: string;
    readonly deposit: string;
    readonly installment: string;
    readonly waiver: string;
    readonly defaultRates: string;
  };
  readonly counting: {
    /** How files are counted that are not a whole number of fours. */
    readonly files: 'floor' | 'ceil';
    readonly bytesPerGigabyte: number;
    readonly note: string;
  };
  /** Null: the city has stated none, and nothing is charged. */
  readonly schedule: FeeSchedule | null;
  readonly scheduleNote: string;
};
