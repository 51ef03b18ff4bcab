// Calendar dates as text, `YYYY-MM-DD`, and their arithmetic in whole days since 1970-01-01.
// It must never count with instants or time zones: only cityDateOf knows that a day has hours.

import { daysOfMonth, toCivil, type Civil } from '../base/dates.ts';
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

/** Days since 1970-01-01. The year begins in March here, so that the leap day is its last. */
function toDayNumber(date: CityDate): number {
  const { year, month, day } = parseDate(date);
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The date of a number of days since 1970-01-01. */
function toCityDate(dayNumber: number): CityDate {
  const shifted = dayNumber + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return dateOf(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day);
}

export function dateOf(year: number, month: number, day: number): CityDate {
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}

export function addDays(date: CityDate, days: number): CityDate {
  return toCityDate(toDayNumber(date) + days);
}

/** Days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: CityDate, to: CityDate): number {
  return toDayNumber(to) - toDayNumber(from);
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
  return weekdays[(((toDayNumber(date) + 4) % 7) + 7) % 7]!; // 1970-01-01 was a Thursday
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
