// Text of a literal → the canonical text of a value of the type its place asks for. null: it cannot be read so.
// It must not throw: who asks knows the position in the client's text.

import { daysOfMonth, fromDayNumber, toDateText, toDayNumber } from '../base/dates.ts';
import { readGeometryLiteral } from './geometry-literal.ts';
import type { ValueType } from './value-type.ts';

/** The canonical text (or boolean) of `text` read as `type`, or null. */
export function readLiteral(text: string, type: ValueType): string | boolean | null {
  switch (type.kind) {
    case 'text':
      return text;
    case 'integer':
      return readInteger(text);
    case 'number':
      return readNumber(text);
    case 'decimal':
      return readDecimal(text)?.text ?? null;
    case 'boolean':
      return readBoolean(text);
    case 'date':
      return readDate(text);
    case 'time':
      return readTime(text);
    case 'timestamp':
      return readMoment(text)?.local ?? null;
    case 'instant':
      return readInstant(text);
    case 'interval':
      return readInterval(text);
    case 'geometry':
      return readGeometryLiteral(text);
    case 'json':
    case 'null':
      return null;
  }
}

const numberPattern = /^[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?$/u;

function readInteger(text: string): string | null {
  const trimmed = text.trim();
  if (!/^[+-]?\d{1,19}$/u.test(trimmed)) return null;
  const value = BigInt(trimmed.replace(/^\+/u, ''));
  return value >= -(2n ** 63n) && value < 2n ** 63n ? value.toString() : null;
}

function readNumber(text: string): string | null {
  const trimmed = text.trim();
  if (!numberPattern.test(trimmed)) return null;
  const value = Number(trimmed);
  return Number.isFinite(value) ? String(value) : null;
}

/** An exact decimal of at most 38 digits, without an exponent; `precision` and `scale` are those of its text. */
export function readDecimal(text: string): { text: string; precision: number; scale: number } | null {
  const trimmed = text.trim();
  if (!numberPattern.test(trimmed)) return null;
  const plain = /[eE]/u.test(trimmed) ? expandExponent(trimmed) : trimmed;
  const parts = plain === null ? null : /^([+-]?)0*(\d*)(?:\.(\d*))?$/u.exec(plain);
  if (parts === null) return null;
  const [, sign = '', whole = '', tail = ''] = parts;
  const fraction = tail.replace(/0+$/u, '');
  const digits = whole.length + fraction.length;
  if (digits > 38) return null;
  const body = `${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`;
  const isZero = digits === 0;
  return { text: sign === '-' && !isZero ? `-${body}` : body, precision: Math.max(1, digits), scale: fraction.length };
}

function expandExponent(text: string): string | null {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?[eE]([+-]?\d+)$/u.exec(text);
  if (parts === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const shift = Number(exponent);
  if (Math.abs(shift) > 60) return null;
  const digits = `${'0'.repeat(60)}${whole}${fraction}${'0'.repeat(60)}`;
  const point = 60 + whole.length + shift;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

function readBoolean(text: string): boolean | null {
  const word = text.trim().toLowerCase();
  if (word === 'true' || word === '1') return true;
  if (word === 'false' || word === '0') return false;
  return null;
}

function readDate(text: string): string | null {
  const moment = readMoment(text);
  return moment !== null && moment.local.endsWith('T00:00:00') ? moment.local.slice(0, -9) : null;
}

function readTime(text: string): string | null {
  const parts = /^(\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?$/u.exec(text.trim());
  if (parts === null) return null;
  const [, hour = '', minute = '', second = '00', fraction = ''] = parts;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  return `${hour}:${minute}:${second}${trimFraction(fraction)}`;
}

function readInstant(text: string): string | null {
  if (text === 'infinity' || text === '-infinity') return text;
  const moment = readMoment(text);
  return moment === null ? null : `${moment.local}Z`;
}

/** A date, or a date and time with or without a zone, as wall-clock time in UTC (as it stands without a zone). */
export function readMoment(text: string): { local: string } | null {
  if (text === 'infinity' || text === '-infinity') return { local: text };
  const pattern =
    /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?\s?(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/u;
  const parts = pattern.exec(text.trim());
  if (parts === null) return null;
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', fraction = '', zone = ''] =
    parts;
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1) return null;
  if (Number(day) > daysOfMonth(Number(year), Number(month))) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const offset = readOffset(zone);
  if (offset === null) return null;
  const days = toDayNumber({ year: Number(year), month: Number(month), day: Number(day) });
  const minutes = days * 1440 + Number(hour) * 60 + Number(minute) - offset;
  const shown = toDateText(fromDayNumber(Math.floor(minutes / 1440)));
  const rest = ((minutes % 1440) + 1440) % 1440;
  const clock = `${two(Math.floor(rest / 60))}:${two(rest % 60)}:${second}${trimFraction(fraction)}`;
  return { local: `${shown}T${clock}` };
}

/** Microseconds are what is stored; digits beyond them are cut, as the engine does. */
function trimFraction(fraction: string): string {
  const kept = fraction.slice(0, 7).replace(/\.?0+$/u, '');
  return kept;
}

function readOffset(zone: string): number | null {
  if (zone === '' || zone === 'Z' || zone === 'z') return 0;
  const digits = zone.slice(1).replace(':', '');
  const [hours, minutes] = [Number(digits.slice(0, 2)), Number(digits.slice(2) || '0')];
  if (hours > 18 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** An ISO 8601 duration (`P1Y2M3DT4H5M6S`, `P2W`, a leading minus) → the engine's own words for it. */
function readInterval(text: string): string | null {
  const days = String.raw`(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,7})D)?`;
  const clock = String.raw`(?:T(?:(\d{1,7})H)?(?:(\d{1,7})M)?(?:(\d{1,9}(?:\.\d{1,6})?)S)?)?`;
  const pattern = new RegExp(`^([+-]?)P${days}${clock}$`, 'iu');
  const parts = pattern.exec(text.trim());
  if (parts === null) return null;
  const sign = parts[1] === '-' ? '-' : '';
  const units = ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds'];
  const said = units.flatMap((unit, index) => {
    const amount = parts[index + 2];
    return amount === undefined ? [] : [`${sign}${amount} ${unit}`];
  });
  return said.length === 0 ? null : said.join(' ');
}
