// Dates as written and as numbers, against the runtime's own calendar.

import assert from 'node:assert/strict';
import test from 'node:test';

import { fromDayNumber, toCivil, toDateText, toDayNumber } from '../../src/base/dates.ts';

test('a day and its number lead to one another, as the calendar of the runtime counts', () => {
  for (let number = -719_162; number < 2_932_000; number += 97) {
    const written = new Date(number * 86_400_000).toISOString().slice(0, 10);
    if (written.startsWith('+')) break; // after the year 9999
    assert.equal(toDateText(fromDayNumber(number)), written);
    const civil = toCivil(written);
    assert.equal(civil === null ? null : toDayNumber(civil), number, written);
  }
});

test('the leap day and the days beside it', () => {
  for (const [date, number] of [
    ['1970-01-01', 0],
    ['2000-02-29', 11_016],
    ['2000-03-01', 11_017],
    ['1900-02-28', -25_509],
    ['1900-03-01', -25_508],
  ] as const) {
    assert.equal(toDateText(fromDayNumber(number)), date);
  }
  assert.equal(toCivil('1900-02-29'), null);
});
