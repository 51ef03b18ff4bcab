// Which days there are: a date as it is written, 2026-03-02, and whether the calendar has it.
// It must count no days and know no time zone; src/city/days.ts does.

const written = /^(\d{4})-(\d{2})-(\d{2})$/u;

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

export function daysOfMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

export type Civil = { readonly year: number; readonly month: number; readonly day: number };

/** Null for a text that is no date, or one that the calendar does not have: 2023-02-29. */
export function toCivil(text: string): Civil | null {
  const found = written.exec(text);
  if (found === null) return null;
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])];
  const isThere = month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth(year, month);
  return isThere ? { year, month, day } : null;
}
