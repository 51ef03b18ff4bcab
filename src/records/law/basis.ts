// How a date was counted, as plain data that explains itself, and the same in sentences.
// It must not count: clocks.ts does, and what stands here is stored with each clock.

import { longDate, titled } from '../../city/days.ts';
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

/** The reckoning in plain sentences, one a line. */
export function basisSentences(basis: ClockReckoning): readonly string[] {
  const due = `${basis.name}: due by the end of ${longDate(basis.dueOn)}.`;
  return [due, ...ruleLines(basis), ...receiptLines(basis), ...basis.days.map(dayLine), ...endLines(basis)];
}

function ruleLines(basis: ClockReckoning): readonly string[] {
  const sources = basis.sources.map(({ cite }) => cite).join('; ');
  const kind = basisWords[basis.basis];
  const where = sources === '' ? kind : `${kind} (${sources})`;
  return [`${basis.rule} ${where}.`];
}

const basisWords: Readonly<Record<ClockBasis, string>> = {
  law: 'This length is set by law',
  practice: 'No law sets this length; it follows the practice of other Washington agencies',
  policy: 'No law sets this length; it is the portal’s default, which the City may change',
};

function receiptLines({ receipt }: ClockReckoning): readonly string[] {
  if (receipt === null) return [];
  if (receipt.countedFrom === receipt.receivedOn) return [receipt.text];
  return [
    receipt.text,
    `Received on ${longDate(receipt.receivedOn)}, which this rule counts as ${longDate(receipt.countedFrom)}.`,
  ];
}

function dayLine(day: BasisDay): string {
  const date = longDate(day.on);
  const source = day.source === null ? '' : ` (${day.source.cite})`;
  switch (day.reason) {
    case 'first-day':
      return `${date}: the first day is not counted.`;
    case 'counted':
      return `${date}: day ${day.number}.`;
    case 'weekend':
    case 'holiday':
    case 'closure': {
      const name = day.reason === 'weekend' ? titled(day.name ?? day.reason) : (day.name ?? day.reason);
      if (day.number === null) return `${date}: not counted, ${name}${source}.`;
      return `${date}: day ${day.number}, but the last day cannot be a day off: ${name}${source}.`;
    }
    case 'rolled-to':
      return `${date}: the last day, being the next business day.`;
  }
}

function endLines({ actOn, setBy }: ClockReckoning): readonly string[] {
  return [
    ...(setBy === null ? [] : [`The date was set: ${setBy}.`]),
    ...(actOn === null ? [] : [`The City may go on from ${longDate(actOn)}, the day after.`]),
  ];
}
