// The law as the city's data states it: citations, calendar, clocks, fee caps, exemptions, letters; and which version
// holds on a date. It must hold no rule and no number itself; law-files.ts reads them from city/<name>/records.

import type { CityCalendar, Closure, WorkCalendar } from '../../city/calendar.ts';
import { calendarOn } from '../../city/calendar.ts';
import type { CityDate } from '../../city/days.ts';
import type { CityProfile } from '../../city/profile.ts';
import { versionOn } from '../../city/versions.ts';
import type { FeesLaw } from './fees-law.ts';

/** Where a rule stands. `verified` is false where the text itself was not read when the data was written. */
export type Citation = {
  readonly id: string;
  readonly cite: string; // RCW 42.56.520(1)
  readonly title: string;
  readonly url: string | null;
  readonly verified: boolean;
};

export const clockIds = [
  'first-response',
  'estimate',
  'clarification',
  'employee-notice',
  'third-party-notice',
  'claim',
  'payment',
  'final-action',
  'petition',
  'court-limit',
  'bot-window',
  'retention',
] as const;
export type ClockId = (typeof clockIds)[number];

/**
 * Law: a statute sets the length. Practice: another agency's rule. Policy: the portal's default; the city may set it.
 */
export type ClockBasis = 'law' | 'practice' | 'policy';

export type ClockLaw = {
  readonly id: ClockId;
  /** What clients and pages call it: C1. */
  readonly code: string;
  readonly name: string;
  /** `set-date`: the city names the day. `hours`: from moment to moment, never rolled. */
  readonly count: 'business-days' | 'calendar-days' | 'years' | 'hours' | 'set-date';
  readonly length: number | null; // null: not specified; the date has to be given
  readonly basis: ClockBasis;
  readonly citations: readonly string[];
  readonly rule: string; // one sentence, in plain English
  readonly starts: string;
  readonly stops: string;
  /** The length is the shortest that the law allows; a later date may be set. */
  readonly isLeast: boolean;
  /** What the city may only do on the day after: release once a notice has run. */
  readonly actsDayAfter: boolean;
};

/** A counts from the day of receipt. B first moves what came on a day off or after hours to the next business day. */
export type ReceiptRule = 'A' | 'B';

export type ClocksLaw = {
  readonly effectiveFrom: CityDate | null;
  readonly receipt: {
    readonly rule: ReceiptRule;
    readonly closingTime: string | null; // 17:00; null: not specified
    readonly texts: { readonly A: string; readonly B: string };
    readonly citations: readonly string[];
  };
  readonly clocks: readonly ClockLaw[];
};

export type Exemption = {
  readonly id: string;
  readonly cite: string; // RCW 42.56.240(1)
  readonly title: string;
  readonly covers: string;
  readonly note: string | null;
  readonly verified: boolean;
};

export type ExemptionsLaw = { readonly effectiveFrom: CityDate | null; readonly exemptions: readonly Exemption[] };

export type LetterTemplate = {
  readonly id: string;
  readonly file: string;
  readonly effectiveFrom: CityDate | null;
  readonly subject: string;
  readonly body: string;
};

/** The city as letters and clocks need it. A null reads "not specified". */
export type LawCity = Pick<CityProfile, 'name' | 'shortName' | 'timeZone' | 'language' | 'clerk'>;

/** Every version of everything, earliest first. A null `effectiveFrom` holds from the beginning. */
export type Law = CityCalendar & {
  readonly city: LawCity;
  readonly citations: readonly Citation[];
  readonly clocks: readonly ClocksLaw[];
  readonly fees: readonly FeesLaw[];
  readonly exemptions: readonly ExemptionsLaw[];
  readonly letters: readonly LetterTemplate[];
};

export type LawOnDate = {
  readonly date: CityDate;
  readonly calendar: WorkCalendar;
  readonly clocks: ClocksLaw;
  readonly fees: FeesLaw;
  readonly exemptions: readonly Exemption[];
};

/** The law as it holds on a date. A clock keeps the law of the day it started on. */
export function lawOn(law: Law, date: CityDate): LawOnDate {
  return {
    date,
    calendar: calendarOn(law, date),
    clocks: versionOn(law.clocks, date),
    fees: versionOn(law.fees, date),
    exemptions: versionOn(law.exemptions, date).exemptions,
  };
}

export function withClosures(law: Law, closures: readonly Closure[]): Law {
  return { ...law, closures };
}

/** What clients call a clock, in the latest version of the law. */
export function clockCode(law: Law, id: string): string {
  return law.clocks.at(-1)?.clocks.find((clock) => clock.id === id)?.code ?? id;
}

/** By id; a source that is no id (of a closure, say) stands for itself. */
export function citationOf(law: Law, id: string): Citation {
  return law.citations.find((each) => each.id === id) ?? { id, cite: id, title: id, url: null, verified: true };
}
