// Calendar dates as text, `YYYY-MM-DD`, and their arithmetic in whole days since 1970-01-01.
// It must never count with instants or time zones: only cityDateOf knows that a day has hours.

import { daysOfMonth, fromDayNumber, toCivil, toDateText, toDayNumber, type Civil } from '../base/dates.ts';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { SaidDate } from '../base/say.ts';

/** A calendar date of the city, `YYYY-MM-DD`. */
export type CityDate = string;

export const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
export type Weekday = (typeof weekdays)[number];

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

export { daysOfMonth };

/** Throws form-invalid when the text is no date of the calendar. */
export function parseDate(text: string): Civil {
  const civil = toCivil(text);
  if (civil === null) {
    throw new PortalError('form-invalid', say('city.no-date', { text: text.slice(0, 40) }));
  }
  return civil;
}

export function isCityDate(text: string): boolean {
  return toCivil(text) !== null;
}

/** Days since 1970-01-01. */
function numberOf(date: CityDate): number {
  return toDayNumber(parseDate(date));
}

export function dateOf(year: number, month: number, day: number): CityDate {
  return toDateText({ year, month, day });
}

export function addDays(date: CityDate, days: number): CityDate {
  return toDateText(fromDayNumber(numberOf(date) + days));
}

/** Days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: CityDate, to: CityDate): number {
  return numberOf(to) - numberOf(from);
}

/** The same day some years later; a 29 February becomes the 28th where the year has no such day. */
export function addYears(date: CityDate, years: number): CityDate {
  const { year, month, day } = parseDate(date);
  return dateOf(year + years, month, Math.min(day, daysOfMonth(year + years, month)));
}

export function yearOf(date: CityDate): number {
  return parseDate(date).year;
}

export function weekdayOf(date: CityDate): Weekday {
  return weekdays[(((numberOf(date) + 4) % 7) + 7) % 7]!; // 1970-01-01 was a Thursday
}

/** `Monday, March 9, 2026` */
export function longDate(date: CityDate): string {
  const { year, month, day } = parseDate(date);
  return `${titled(weekdayOf(date))}, ${months[month - 1]} ${day}, ${year}`;
}

/** For a gap of a sentence: a page writes the date in its language. */
export function sayDate(date: CityDate): SaidDate {
  return { date, english: longDate(date) };
}

/** As sayDate, where English writes the date as it stands: `2026-03-09`. */
export function sayDay(date: CityDate): SaidDate {
  return { date, english: date };
}

export function titled(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

export type CityTime = { readonly date: CityDate; readonly minutes: number };

/** An instant as the city's clocks show it: its date, and the minutes since midnight. */
export function cityTimeOf(instant: string | number, timeZone: string): CityTime {
  const ms = typeof instant === 'number' ? instant : Date.parse(instant);
  if (!Number.isFinite(ms)) throw new PortalError('form-invalid', say('city.no-moment'));
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(new Date(ms));
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  return { date: dateOf(of('year'), of('month'), of('day')), minutes: of('hour') * 60 + of('minute') };
}

/** The city's calendar date of an instant: RFC 3339 text, or milliseconds since 1970 UTC. */
export function cityDateOf(instant: string | number, timeZone: string): CityDate {
  return cityTimeOf(instant, timeZone).date;
}
