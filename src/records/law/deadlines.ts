// The public calculator: a date or a moment of receipt to a due date with the whole account of its count.
// It must not count itself; records/law does.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import { observedHolidays } from '../../city/calendar.ts';
import { startClock } from './clocks.ts';
import { basisSentences } from './basis.ts';
import { cityDateOf, dateOf, isCityDate, weekdayOf, yearOf } from '../../city/days.ts';
import { citationOf } from './law.ts';
import { versionOn } from '../../city/versions.ts';
import type { ClockId, ClockLaw, Law } from './law.ts';

/** A day of a count, as a calendar shows it. */
export type CountedDay = {
  readonly on: string; // YYYY-MM-DD
  readonly weekday: string; // monday
  readonly number: number | null;
  readonly reason: 'first-day' | 'counted' | 'weekend' | 'holiday' | 'closure' | 'rolled-to';
  readonly name: string | null;
  readonly source: SourceLink | null;
};

export type SourceLink = { readonly cite: string; readonly url: string | null };

export type DeadlineView = {
  readonly clock: string; // C1
  readonly name: string;
  /** What was asked: the date, or the moment whose date it is in the city. */
  readonly received: string;
  readonly receivedOn: string;
  readonly timeZone: string;
  readonly dueOn: string;
  /** The first day on which the city may act, where it has to let the time pass. */
  readonly actOn: string | null;
  readonly rule: string;
  readonly basis: 'law' | 'practice' | 'policy';
  readonly sources: readonly SourceLink[];
  readonly receiptRule: 'A' | 'B' | null;
  readonly days: readonly CountedDay[];
  readonly sentences: readonly Sentence[];
};

export type ClockChoice = {
  readonly id: ClockId;
  readonly code: string; // C1
  readonly name: string;
  readonly rule: string;
  readonly basis: DeadlineView['basis'];
};

export type DayOffView = {
  readonly on: string;
  readonly weekday: string;
  readonly name: string;
  readonly isObserved: boolean; // a weekend moved it here
  readonly kind: 'holiday' | 'closure';
  readonly source: SourceLink;
};

export type YearOfDaysOff = { readonly year: number; readonly days: readonly DayOffView[] };

/** Far enough for every request there is, near enough for the calendar's rules. */
const firstYear = 2000;
const lastYear = 2100;

const instantPattern = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})$/;

/** Clocks that can be counted from a date alone. */
export function countedClocks(law: Law, today: string): readonly ClockChoice[] {
  return versionOn(law.clocks, today)
    .clocks.filter(isCounted)
    .map(({ id, code, name, rule, basis }) => ({ id, code, name, rule, basis }));
}

function isCounted({ length, count }: ClockLaw): boolean {
  return length !== null && count !== 'set-date' && count !== 'hours';
}

/** `received` is YYYY-MM-DD or an RFC 3339 moment; `clock` a code or a name. Throws bad-request with what is wrong. */
export function toDeadline(law: Law, received: string, clock: string): DeadlineView {
  const { timeZone } = law.city;
  const text = received.trim();
  const receivedOn = isCityDate(text) ? text : momentDate(text, timeZone);
  const year = yearOf(receivedOn);
  if (year < firstYear || year > lastYear) {
    refuse('received', say('law.years', { first: firstYear, last: lastYear }));
  }
  const { id, code } = requireClock(law, clock, receivedOn);
  const started = startClock(law, id, receivedOn, text === receivedOn ? {} : { receivedAt: text });
  const { basis } = started;
  return {
    clock: code,
    name: basis.name,
    received: text,
    receivedOn,
    timeZone,
    dueOn: started.dueOn,
    actOn: basis.actOn,
    rule: basis.rule,
    basis: basis.basis,
    sources: basis.sources,
    receiptRule: basis.receipt?.rule ?? null,
    days: basis.days.map((day) => ({ ...day, weekday: weekdayOf(day.on) })),
    sentences: basisSentences(basis),
  };
}

function momentDate(text: string, timeZone: string): string {
  if (!instantPattern.test(text) || !isCityDate(text.slice(0, 10)) || Number.isNaN(Date.parse(text))) {
    refuse('received', say('law.no-date-nor-moment', { text: text.slice(0, 60) }));
  }
  return cityDateOf(text, timeZone);
}

function requireClock(law: Law, clock: string, on: string): ClockChoice {
  const choices = countedClocks(law, on);
  const found = choices.find(({ id, code }) => id === clock || code === clock);
  if (found === undefined) {
    return refuse('clock', say('law.clocks', { known: choices.map(({ code }) => code) }));
  }
  return found;
}

function refuse(parameter: string, detail: Sentence): never {
  throw new PortalError('bad-request', { detail, extra: { parameter } });
}

/** Holidays and closure days of a year, by date; a closure on a holiday is not told twice. */
export function toDaysOff(law: Law, year: number): YearOfDaysOff {
  if (!Number.isInteger(year) || year < firstYear || year > lastYear) {
    throw new PortalError('not-found', say('law.calendar-years', { first: firstYear, last: lastYear }));
  }
  const version = versionOn(law.calendar, dateOf(year, 12, 31));
  const holidays = observedHolidays(version, year).map(({ on, fallsOn, name, citation }): DayOffView => ({
    on,
    weekday: weekdayOf(on),
    name,
    isObserved: on !== fallsOn,
    kind: 'holiday',
    source: toSource(law, citation),
  }));
  const closures = law.closures
    .filter(({ on }) => yearOf(on) === year && !holidays.some((holiday) => holiday.on === on))
    .map(({ on, name, source }): DayOffView => ({
      on,
      weekday: weekdayOf(on),
      name,
      isObserved: false,
      kind: 'closure',
      source: toSource(law, source),
    }));
  return { year, days: [...holidays, ...closures].sort((a, b) => (a.on < b.on ? -1 : 1)) };
}

function toSource(law: Law, id: string): DayOffView['source'] {
  const { cite, url } = citationOf(law, id);
  return { cite, url };
}
