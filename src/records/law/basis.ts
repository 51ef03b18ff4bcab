// How a date was counted, as plain data that explains itself, and the same in sentences.
// It must not count: clocks.ts does, and what stands here is stored with each clock.

import { say } from '../../base/say.ts';
import type { SaidDate, Sentence } from '../../base/say.ts';
import { sayDate, titled } from '../../city/days.ts';
import type { CityDate } from '../../city/days.ts';
import type { ClockBasis, ClockId, ClockLaw, ReceiptRule } from './law.ts';

export type BasisDay = {
  readonly on: CityDate;
  /** Which day of the count this is; null when it is not counted. */
  readonly number: number | null;
  /** `rolled-to`: the last calendar day was a day off, so that this one is the last. */
  readonly reason: 'first-day' | 'counted' | 'weekend' | 'holiday' | 'closure' | 'rolled-to';
  /** The holiday or closure, or the weekday of a weekend. */
  readonly name: string | null;
  readonly source: BasisSource | null;
};

export type BasisSource = { readonly cite: string; readonly url: string | null };

export type ClockReckoning = {
  readonly clock: ClockId;
  readonly name: string;
  readonly rule: string;
  readonly basis: ClockBasis;
  readonly sources: readonly BasisSource[];
  readonly count: ClockLaw['count'];
  readonly length: number | null;
  /** Who set the date, where it was not counted; else null. */
  readonly setBy: string | null;
  readonly startedOn: CityDate;
  /** First response only: the rule of receipt, and the day that the count begins after. */
  readonly receipt: {
    readonly rule: ReceiptRule;
    readonly text: string;
    readonly receivedOn: CityDate;
    readonly countedFrom: CityDate;
  } | null;
  /** Every day for counts of business days; for calendar days, the days from the last one on. */
  readonly days: readonly BasisDay[];
  readonly dueOn: CityDate;
  /** The first day on which the city may act, where it has to let the whole time pass. */
  readonly actOn: CityDate | null;
  /** Which version of the law counted: its first day, null for the first version. */
  readonly lawFrom: CityDate | null;
};

/** The reckoning in plain sentences. */
export function basisSentences(basis: ClockReckoning): readonly Sentence[] {
  const due = say('law.basis-due', { clock: basis.name, on: sayDate(basis.dueOn) });
  return [due, sayRule(basis), ...receiptLines(basis), ...basis.days.map(sayCountedDay), ...endLines(basis)];
}

/** The rule is the law’s own words; so are a receipt’s text, a holiday’s name and a citation. */
function sayRule({ basis, rule, sources: cited }: ClockReckoning): Sentence {
  const sources = cited.map(({ cite }) => cite).join('; ');
  const isCited = sources !== '';
  switch (basis) {
    case 'law':
      return isCited ? say('law.basis-law-cited', { rule, sources }) : say('law.basis-law', { rule });
    case 'practice':
      return isCited ? say('law.basis-practice-cited', { rule, sources }) : say('law.basis-practice', { rule });
    case 'policy':
      return isCited ? say('law.basis-policy-cited', { rule, sources }) : say('law.basis-policy', { rule });
  }
}

function receiptLines({ receipt }: ClockReckoning): readonly Sentence[] {
  if (receipt === null) return [];
  const { text, receivedOn, countedFrom } = receipt;
  const stated = say('law.basis-as-stated', { text });
  if (countedFrom === receivedOn) return [stated];
  return [stated, say('law.basis-received', { on: sayDate(receivedOn), counted: sayDate(countedFrom) })];
}

function sayCountedDay(day: BasisDay): Sentence {
  const on = sayDate(day.on);
  switch (day.reason) {
    case 'first-day':
      return say('law.basis-first-day', { on });
    case 'counted':
      return say('law.basis-counted', { on, number: day.number ?? 0 });
    case 'weekend':
    case 'holiday':
    case 'closure':
      return sayDayOff(day, on);
    case 'rolled-to':
      return say('law.basis-rolled-to', { on });
  }
}

function sayDayOff(day: BasisDay, on: SaidDate): Sentence {
  const { number } = day;
  const name = day.reason === 'weekend' ? sayWeekend(day.name) : (day.name ?? day.reason);
  const source = day.source?.cite ?? null;
  if (number === null) {
    return source === null ? say('law.basis-off', { on, name }) : say('law.basis-off-cited', { on, name, source });
  }
  return source === null
    ? say('law.basis-last-off', { on, number, name })
    : say('law.basis-last-off-cited', { on, number, name, source });
}

function sayWeekend(name: string | null): Sentence | string {
  if (name === 'saturday') return say('law.saturday');
  return name === 'sunday' ? say('law.sunday') : titled(name ?? 'weekend');
}

function endLines({ actOn, setBy }: ClockReckoning): readonly Sentence[] {
  return [
    ...(setBy === null ? [] : [say('law.basis-set', { by: setBy })]),
    ...(actOn === null ? [] : [say('law.basis-act-on', { on: sayDate(actOn) })]),
  ];
}
