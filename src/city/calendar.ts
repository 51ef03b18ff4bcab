// Which days the city works: weekends, holidays by the rules of the law's data, and the city's own closure days.
// It must hold no holiday itself; city/<name>/records/calendar.json does.

import { addDays, daysOfMonth, dateOf, weekdayOf, weekdays, yearOf } from './days.ts';
import type { CityDate, Weekday } from './days.ts';
import { versionOn } from './versions.ts';

/** When a holiday falls, before a weekend moves it. `plusDays` counts on from there: the Friday after Thanksgiving. */
export type HolidayRule =
  | { readonly kind: 'fixed'; readonly month: number; readonly day: number }
  | {
      readonly kind: 'nth-weekday';
      readonly month: number;
      readonly weekday: Weekday;
      readonly nth: number;
      readonly plusDays?: number;
    }
  | { readonly kind: 'last-weekday'; readonly month: number; readonly weekday: Weekday };

export type HolidayLaw = {
  readonly id: string;
  readonly name: string;
  readonly rule: HolidayRule;
  readonly citation: string; // id in citations.json
};

export type CalendarLaw = {
  readonly effectiveFrom: CityDate | null;
  readonly weekend: { readonly days: readonly Weekday[]; readonly citation: string };
  /** Days to add to a holiday that falls on this day of the week. */
  readonly shifts: { readonly saturday: number; readonly sunday: number; readonly citation: string };
  readonly holidays: readonly HolidayLaw[];
};

/** The rules with what they come to: holidays of a year by the date observed, each year worked out once. */
export type CalendarVersion = CalendarLaw & {
  readonly observed: (year: number) => ReadonlyMap<CityDate, Holiday>;
};

export function toCalendarVersion(law: CalendarLaw): CalendarVersion {
  const years = new Map<number, ReadonlyMap<CityDate, Holiday>>();
  const observed = (year: number): ReadonlyMap<CityDate, Holiday> => {
    const known = years.get(year) ?? new Map(observedHolidays(law, year).map((holiday) => [holiday.on, holiday]));
    years.set(year, known);
    return known;
  };
  return { ...law, observed };
}

/** A day on which this city alone is closed. It counts for clocks that start on `effectiveFrom` or later. */
export type Closure = {
  readonly id: string;
  readonly on: CityDate;
  readonly name: string;
  readonly source: string;
  readonly effectiveFrom: CityDate;
};

export type Holiday = {
  readonly on: CityDate; // observed
  readonly fallsOn: CityDate; // before a weekend moved it
  readonly id: string;
  readonly name: string;
  readonly citation: string;
};

/** Why the city does not work on a day. */
export type DayOff =
  | { readonly kind: 'weekend'; readonly name: string; readonly source: string }
  | { readonly kind: 'holiday'; readonly name: string; readonly source: string }
  | { readonly kind: 'closure'; readonly name: string; readonly source: string };

/** What counting needs: rules of one version of the law, and the closures that hold for the clock being counted. */
export type WorkCalendar = { readonly law: CalendarVersion; readonly closures: ReadonlyMap<CityDate, Closure> };

/** Every version of the rules, earliest first, and the closures that the city has entered (closures.ts). */
export type CityCalendar = { readonly calendar: readonly CalendarVersion[]; readonly closures: readonly Closure[] };

function toWorkCalendar(law: CalendarVersion, closures: readonly Closure[]): WorkCalendar {
  return { law, closures: new Map(closures.map((closure) => [closure.on, closure])) };
}

/** The calendar alone, with the closures that hold for what starts on the date. */
export function calendarOn(city: CityCalendar, date: CityDate): WorkCalendar {
  const closures = city.closures.filter(({ effectiveFrom }) => effectiveFrom <= date);
  return toWorkCalendar(versionOn(city.calendar, date), closures);
}

/** The calendar with every closure, whenever it was decided: what people plan by. */
export function fullCalendar(city: CityCalendar, date: CityDate): WorkCalendar {
  return toWorkCalendar(versionOn(city.calendar, date), city.closures);
}

/** Holidays observed within a year, by date: also those of the next year that a weekend moves into this one. */
export function observedHolidays(law: CalendarLaw, year: number): readonly Holiday[] {
  return [year - 1, year, year + 1]
    .flatMap((each) => law.holidays.map((holiday) => observe(law, holiday, each)))
    .filter(({ on }) => yearOf(on) === year)
    .sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0));
}

function observe(law: CalendarLaw, holiday: HolidayLaw, year: number): Holiday {
  const fallsOn = dayOfRule(holiday.rule, year);
  const weekday = weekdayOf(fallsOn);
  const shift = weekday === 'saturday' ? law.shifts.saturday : weekday === 'sunday' ? law.shifts.sunday : 0;
  const { id, name, citation } = holiday;
  return { on: addDays(fallsOn, shift), fallsOn, id, name, citation };
}

function dayOfRule(rule: HolidayRule, year: number): CityDate {
  switch (rule.kind) {
    case 'fixed':
      return dateOf(year, rule.month, rule.day);
    case 'nth-weekday': {
      const first = dateOf(year, rule.month, 1);
      const toFirst = daysUntil(weekdayOf(first), rule.weekday);
      return addDays(first, toFirst + (rule.nth - 1) * 7 + (rule.plusDays ?? 0));
    }
    case 'last-weekday': {
      const last = dateOf(year, rule.month, daysOfMonth(year, rule.month));
      return addDays(last, -daysUntil(rule.weekday, weekdayOf(last)));
    }
  }
}

function daysUntil(from: Weekday, to: Weekday): number {
  return (weekdays.indexOf(to) - weekdays.indexOf(from) + 7) % 7;
}

/** Null on a business day. A holiday or closure is named before the weekend it may fall on. */
export function dayOffOf(calendar: WorkCalendar, date: CityDate): DayOff | null {
  const { law, closures } = calendar;
  const holiday = law.observed(yearOf(date)).get(date);
  if (holiday !== undefined) {
    const falls = holiday.fallsOn === date ? '' : ' (observed)';
    return { kind: 'holiday', name: `${holiday.name}${falls}`, source: holiday.citation };
  }
  const closure = closures.get(date);
  if (closure !== undefined) return { kind: 'closure', name: closure.name, source: closure.source };
  const weekday = weekdayOf(date);
  if (law.weekend.days.includes(weekday)) return { kind: 'weekend', name: weekday, source: law.weekend.citation };
  return null;
}

export function isBusinessDay(calendar: WorkCalendar, date: CityDate): boolean {
  return dayOffOf(calendar, date) === null;
}

/** The first business day on the date or after it. */
export function businessDayFrom(calendar: WorkCalendar, date: CityDate): CityDate {
  let on = date;
  while (!isBusinessDay(calendar, on)) on = addDays(on, 1);
  return on;
}

/** The day that is `days` business days after the date; the date itself is not counted. */
export function addBusinessDays(calendar: WorkCalendar, date: CityDate, days: number): CityDate {
  let on = date;
  for (let counted = 0; counted < days;) {
    on = addDays(on, 1);
    if (isBusinessDay(calendar, on)) counted += 1;
  }
  return on;
}
