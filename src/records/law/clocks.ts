// Counting: the twelve clocks of a request, each with the full account of how its date came about.
// It must hold no length and no holiday; both are in the law's data. Nothing here ever pauses a clock.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { BasisDay, BasisSource, ClockReckoning } from './basis.ts';
import { businessDayFrom, dayOffOf } from '../../city/calendar.ts';
import type { WorkCalendar } from '../../city/calendar.ts';
import { addDays, addYears, cityDateOf, cityTimeOf, isCityDate, sayDay } from '../../city/days.ts';
import type { CityDate } from '../../city/days.ts';
import { citationOf } from './law.ts';
import { calendarOn } from '../../city/calendar.ts';
import { versionOn } from '../../city/versions.ts';
import type { ClockId, ClockLaw, ClocksLaw, Law, ReceiptRule } from './law.ts';

export type ClockOptions = {
  /** The date that somebody set: an estimate, an agreed answer to a petition, a retention date. */
  readonly dueOn?: CityDate;
  /** Who set it and why, for the account. */
  readonly setBy?: string;
  /** The moment of receipt, RFC 3339: needed for the bot window, and by rule B to tell what came after hours. */
  readonly receivedAt?: string;
  /** First response only; left out: the city's rule. */
  readonly receiptRule?: ReceiptRule;
};

export type StartedClock = {
  readonly clock: ClockId;
  readonly startedOn: CityDate;
  readonly dueOn: CityDate;
  readonly basis: ClockReckoning;
};

/**
 * Counts one clock by the law of the day it starts on. Throws records-invalid where a date has to be given and is not,
 * or where one is given that the law does not leave to anybody.
 */
export function startClock(law: Law, clock: ClockId, startedOn: CityDate, options: ClockOptions = {}): StartedClock {
  const clocks = versionOn(law.clocks, startedOn);
  const rule = clocks.clocks.find(({ id }) => id === clock)!; // law-files.ts refuses data without all twelve
  const calendar = calendarOn(law, startedOn);
  const receipt = receiptOf({ clock, startedOn }, clocks, calendar, law, options);
  const counted = countRule(rule, calendar, law, receipt, options);
  const set = setDate(rule, startedOn, counted?.dueOn ?? null, options);
  const dueOn = set ?? counted?.dueOn;
  if (dueOn === undefined) {
    throw new PortalError('records-invalid', say('law.clock-needs-date', { clock: rule.name }));
  }
  const basis: ClockReckoning = {
    clock,
    name: rule.name,
    rule: rule.rule,
    basis: rule.basis,
    sources: rule.citations.map((id) => toSource(law, id)),
    count: rule.count,
    length: rule.length,
    setBy: set === null ? null : (options.setBy ?? 'by the City'),
    startedOn,
    receipt: clock === 'first-response' ? receipt : null,
    days: set === null ? (counted?.days ?? []) : [],
    dueOn,
    actOn: rule.actsDayAfter ? addDays(dueOn, 1) : null,
    lawFrom: clocks.effectiveFrom,
  };
  return { clock, startedOn, dueOn, basis };
}

type Counted = { readonly dueOn: CityDate; readonly days: readonly BasisDay[] };

function countRule(
  rule: ClockLaw,
  calendar: WorkCalendar,
  law: Law,
  receipt: { readonly receivedOn: CityDate; readonly countedFrom: CityDate },
  options: ClockOptions,
): Counted | null {
  if (rule.length === null || rule.count === 'set-date') return null;
  const { countedFrom } = receipt;
  switch (rule.count) {
    case 'business-days':
      return countBusinessDays(calendar, law, receipt, rule.length);
    case 'calendar-days':
      return rollForward(calendar, law, addDays(countedFrom, rule.length), rule.length);
    case 'years':
      return rollForward(calendar, law, addYears(countedFrom, rule.length), null);
    case 'hours':
      return countHours(law, rule.length, options.receivedAt);
  }
}

function countBusinessDays(
  calendar: WorkCalendar,
  law: Law,
  { receivedOn, countedFrom }: { readonly receivedOn: CityDate; readonly countedFrom: CityDate },
  length: number,
): Counted {
  const first: BasisDay = { on: receivedOn, number: null, reason: 'first-day', name: null, source: null };
  const days: BasisDay[] = [first];
  let on = receivedOn;
  for (let number = 0; number < length;) {
    on = addDays(on, 1);
    if (on === countedFrom) days.push({ ...first, on });
    else if (dayOffOf(calendar, on) !== null) days.push(offDay(calendar, law, on, null));
    else if (on > countedFrom) {
      number += 1;
      days.push({ on, number, reason: 'counted', name: null, source: null });
    }
  }
  return { dueOn: on, days };
}

/** RCW 1.12.040: the last day is included unless it is a holiday, Saturday or Sunday. */
function rollForward(calendar: WorkCalendar, law: Law, last: CityDate, number: number | null): Counted {
  const dueOn = businessDayFrom(calendar, last);
  if (dueOn === last) return { dueOn, days: [{ on: last, number, reason: 'counted', name: null, source: null }] };
  const days: BasisDay[] = [];
  for (let on = last; on < dueOn; on = addDays(on, 1)) {
    days.push(offDay(calendar, law, on, on === last ? number : null));
  }
  days.push({ on: dueOn, number: null, reason: 'rolled-to', name: null, source: null });
  return { dueOn, days };
}

/** From moment to moment: the date on which the window ends, be it a day off. */
function countHours(law: Law, hours: number, receivedAt: string | undefined): Counted | null {
  if (receivedAt === undefined) return null;
  const dueOn = cityDateOf(Date.parse(receivedAt) + hours * 3_600_000, law.city.timeZone);
  return { dueOn, days: [] };
}

function offDay(calendar: WorkCalendar, law: Law, on: CityDate, number: number | null): BasisDay {
  const off = dayOffOf(calendar, on);
  if (off === null) throw new Error(`${on} is a business day`);
  return { on, number, reason: off.kind, name: off.name, source: toSource(law, off.source) };
}

function toSource(law: Law, id: string): BasisSource {
  const { cite, url } = citationOf(law, id);
  return { cite, url };
}

type Receipt = NonNullable<ClockReckoning['receipt']>;

/** Only the first response has a rule of receipt; every other clock counts from the day that starts it. */
function receiptOf(
  { clock, startedOn }: Pick<StartedClock, 'clock' | 'startedOn'>,
  clocks: ClocksLaw,
  calendar: WorkCalendar,
  law: Law,
  options: ClockOptions,
): Receipt {
  const rule = clock === 'first-response' ? (options.receiptRule ?? clocks.receipt.rule) : 'A';
  const countedFrom = rule === 'A' ? startedOn : deemedReceipt(clocks, calendar, law, startedOn, options.receivedAt);
  return { rule, text: clocks.receipt.texts[rule], receivedOn: startedOn, countedFrom };
}

/** Rule B: what came on a day off, or after the hour at which the city closes, came on the next business day. */
function deemedReceipt(
  clocks: ClocksLaw,
  calendar: WorkCalendar,
  law: Law,
  receivedOn: CityDate,
  receivedAt: string | undefined,
): CityDate {
  const from = businessDayFrom(calendar, receivedOn);
  const { closingTime } = clocks.receipt;
  if (from !== receivedOn || receivedAt === undefined || closingTime === null) return from;
  const [hours, minutes] = closingTime.split(':').map(Number);
  const isLate = cityTimeOf(receivedAt, law.city.timeZone).minutes > hours! * 60 + minutes!;
  return isLate ? businessDayFrom(calendar, addDays(receivedOn, 1)) : from;
}

function setDate(
  rule: ClockLaw,
  startedOn: CityDate,
  counted: CityDate | null,
  { dueOn }: ClockOptions,
): CityDate | null {
  if (dueOn === undefined) return null;
  if (!isCityDate(dueOn)) throw new PortalError('form-invalid', say('law.no-date'));
  if (dueOn < startedOn) {
    throw new PortalError('records-invalid', say('law.date-before-count', { clock: rule.name }));
  }
  const isFixed = rule.basis === 'law' && rule.count !== 'set-date' && !rule.isLeast;
  if (isFixed) throw new PortalError('records-invalid', say('law.date-set-by-law', { clock: rule.name }));
  if (rule.isLeast && counted !== null && dueOn < counted) {
    throw new PortalError(
      'records-invalid',
      say('law.date-before-least', { clock: rule.name, least: sayDay(counted) }),
    );
  }
  return dueOn;
}

/** RCW 42.56.080(3): whether two requests came within the window in which the one may be taken for a bot's. */
export function isWithinBotWindow(law: Law, earlier: string, later: string): boolean {
  const startedOn = cityDateOf(earlier, law.city.timeZone);
  const rule = versionOn(law.clocks, startedOn).clocks.find(({ id }) => id === 'bot-window')!;
  const apart = Date.parse(later) - Date.parse(earlier);
  return apart >= 0 && apart <= (rule.length ?? 0) * 3_600_000;
}
