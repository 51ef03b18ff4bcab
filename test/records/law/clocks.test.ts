// The clocks against the worked deadlines, and against a counter that goes day by day over twenty-one years.
import assert from 'node:assert/strict';
import test from 'node:test';

import { PortalError } from '../../../src/base/errors.ts';
import { inEnglish } from '../../../src/base/say.ts';
import { basisSentences } from '../../../src/records/law/basis.ts';
import { observedHolidays } from '../../../src/city/calendar.ts';
import { isWithinBotWindow, startClock } from '../../../src/records/law/clocks.ts';
import { cityDateOf } from '../../../src/city/days.ts';
import { clockIds } from '../../../src/records/law/law.ts';
import type { ClockId } from '../../../src/records/law/law.ts';
import { kentLaw, withClosure, withReceiptRule } from './fixture.ts';

const law = await kentLaw();
const lawB = withReceiptRule(law, 'B', '17:00');

type Vector = readonly [received: string, counted: string, dueA: string, dueB: string];

const firstResponses: readonly Vector[] = [
  ['2026-03-02', '03-03 03-04 03-05 03-06 03-09', '2026-03-09', '2026-03-09'],
  ['2026-01-16', '01-20 01-21 01-22 01-23 01-26', '2026-01-26', '2026-01-26'],
  ['2026-06-13', '06-15 06-16 06-17 06-18 06-22', '2026-06-22', '2026-06-23'],
  ['2026-07-01', '07-02 07-06 07-07 07-08 07-09', '2026-07-09', '2026-07-09'],
  ['2026-07-02', '07-06 07-07 07-08 07-09 07-10', '2026-07-10', '2026-07-10'],
  ['2026-07-03', '07-06 07-07 07-08 07-09 07-10', '2026-07-10', '2026-07-13'],
  ['2026-07-04', '07-06 07-07 07-08 07-09 07-10', '2026-07-10', '2026-07-13'],
  ['2026-11-06', '11-09 11-10 11-12 11-13 11-16', '2026-11-16', '2026-11-16'],
  ['2026-11-25', '11-30 12-01 12-02 12-03 12-04', '2026-12-04', '2026-12-04'],
  ['2026-12-24', '12-28 12-29 12-30 12-31 01-04', '2027-01-04', '2027-01-04'],
  ['2026-12-26', '12-28 12-29 12-30 12-31 01-04', '2027-01-04', '2027-01-05'],
  ['2027-12-24', '12-27 12-28 12-29 12-30 01-03', '2028-01-03', '2028-01-04'],
];

for (const [received, counted, dueA, dueB] of firstResponses) {
  test(`received ${received}: due ${dueA} by rule A, ${dueB} by rule B`, () => {
    const a = startClock(law, 'first-response', received);
    assert.equal(a.dueOn, dueA);
    const numbered = a.basis.days.filter(({ number }) => number !== null);
    assert.equal(numbered.map(({ on }) => on.slice(5)).join(' '), counted);
    assert.deepEqual(
      numbered.map(({ number }) => number),
      [1, 2, 3, 4, 5],
    );
    assert.equal(
      startClock(lawB, 'first-response', received, { receivedAt: `${received}T12:00:00-08:00` }).dueOn,
      dueB,
    );
  });
}

test('a request of the evening is of the Pacific date, and by rule B of the next business day', () => {
  const receivedAt = '2026-07-03T06:30:00Z'; // 23:30 on the 2nd in Kent
  const received = cityDateOf(receivedAt, law.city.timeZone);
  assert.equal(received, '2026-07-02');
  assert.equal(startClock(law, 'first-response', received, { receivedAt }).dueOn, '2026-07-10');
  assert.equal(startClock(lawB, 'first-response', received, { receivedAt }).dueOn, '2026-07-13');
  // Without a closing time that the city has published, no hour is late.
  assert.equal(
    startClock(withReceiptRule(law, 'B', null), 'first-response', received, { receivedAt }).dueOn,
    '2026-07-10',
  );
});

test('a closure day of the city is skipped, and by rule B defers the receipt', () => {
  const closed = withClosure(lawB, '2026-12-24');
  assert.equal(startClock(closed, 'first-response', '2026-12-24').dueOn, '2027-01-05');
  assert.equal(startClock(closed, 'first-response', '2026-12-24', { receiptRule: 'A' }).dueOn, '2027-01-04');
  const skipped = startClock(withClosure(law, '2026-03-05'), 'first-response', '2026-03-02');
  assert.equal(skipped.dueOn, '2026-03-10');
  const day = skipped.basis.days.find(({ on }) => on === '2026-03-05');
  assert.deepEqual(
    [day?.reason, day?.number, day?.name, day?.source?.cite],
    ['closure', null, 'City closed', 'Ordinance 1'],
  );
});

test('a closure counts only for clocks that start on its first day or later', () => {
  const late = withClosure(law, '2026-03-05', { effectiveFrom: '2026-03-03' });
  assert.equal(startClock(late, 'first-response', '2026-03-02').dueOn, '2026-03-09');
  assert.equal(startClock(late, 'first-response', '2026-03-03').dueOn, '2026-03-11');
});

test('the other clocks: worked deadlines', () => {
  const due = (clock: ClockId, on: string) => startClock(law, clock, on).dueOn;
  assert.equal(due('final-action', '2026-03-06'), '2026-03-10');
  assert.equal(due('final-action', '2026-07-02'), '2026-07-07');
  assert.equal(due('final-action', '2026-12-24'), '2026-12-29');
  for (const clock of ['clarification', 'claim', 'payment'] as const) {
    assert.equal(due(clock, '2026-06-03'), '2026-07-06', clock);
    assert.equal(due(clock, '2026-11-26'), '2026-12-28', clock);
  }
  const notice = startClock(law, 'employee-notice', '2026-06-23');
  assert.equal(notice.dueOn, '2026-07-06');
  assert.equal(notice.basis.actOn, '2026-07-07');
  assert.equal(due('court-limit', '2026-03-06'), '2027-03-08');
  assert.equal(due('court-limit', '2028-02-29'), '2029-02-28');
  assert.equal(due('third-party-notice', '2026-06-23'), '2026-07-08');
  assert.equal(due('petition', '2026-03-06'), '2026-03-10');
});

test('the table of observed holidays', () => {
  const of = (year: number) => observedHolidays(law.calendar[0]!, year).map(({ on }) => on.slice(5));
  assert.deepEqual(of(2026).join(' '), '01-01 01-19 02-16 05-25 06-19 07-03 09-07 11-11 11-26 11-27 12-25');
  assert.deepEqual(of(2027).join(' '), '01-01 01-18 02-15 05-31 06-18 07-05 09-06 11-11 11-25 11-26 12-24 12-31');
  assert.deepEqual(of(2028).join(' '), '01-17 02-21 05-29 06-19 07-04 09-04 11-10 11-23 11-24 12-25');
});

/**
 * The naive counter: the platform's own calendar, one UTC noon after the other, and for each day the question whether
 * somebody would find it on the list of the law. Nothing of it is the portal's.
 */
const noon = (text: string) => new Date(`${text}T12:00:00Z`);
const textOf = (day: Date) => day.toISOString().slice(0, 10);
const after = (day: Date, days: number) => new Date(day.getTime() + days * 86_400_000);

function isNamed(day: Date): boolean {
  const [month, date, week] = [day.getUTCMonth() + 1, day.getUTCDate(), day.getUTCDay()];
  const nth = Math.ceil(date / 7);
  const isLast = after(day, 7).getUTCMonth() + 1 !== month;
  if (['1-1', '6-19', '7-4', '11-11', '12-25'].includes(`${month}-${date}`)) return true;
  if (week === 1) {
    return (
      (month === 1 && nth === 3) || (month === 2 && nth === 3) || (month === 5 && isLast) || (month === 9 && nth === 1)
    );
  }
  if (month !== 11) return false;
  return (week === 4 && nth === 4) || (week === 5 && Math.ceil((date - 1) / 7) === 4);
}

function naiveIsWorked(day: Date): boolean {
  const week = day.getUTCDay();
  if (week === 0 || week === 6 || isNamed(day)) return false;
  if (week === 5 && isNamed(after(day, 1)) && [0, 6].includes(after(day, 1).getUTCDay())) return false;
  return !(week === 1 && isNamed(after(day, -1)));
}

function naiveBusiness(start: string, length: number): string {
  let day = noon(start);
  let left = length;
  while (left > 0) {
    day = after(day, 1);
    if (naiveIsWorked(day)) left -= 1;
  }
  return textOf(day);
}

function naiveRolled(last: Date): string {
  let day = last;
  while (!naiveIsWorked(day)) day = after(day, 1);
  return textOf(day);
}

function everyDay(): readonly string[] {
  const days: string[] = [];
  for (let day = noon('2020-01-01'); textOf(day) <= '2040-12-31'; day = after(day, 1)) days.push(textOf(day));
  return days;
}

test('every day of 2020 to 2040 comes out as the naive counter has it', () => {
  const days = everyDay();
  assert.equal(days.length, 7_671);
  for (const on of days) {
    assert.equal(startClock(law, 'first-response', on).dueOn, naiveBusiness(on, 5), `first response from ${on}`);
    assert.equal(startClock(law, 'final-action', on).dueOn, naiveBusiness(on, 2), `final action from ${on}`);
    assert.equal(
      startClock(law, 'clarification', on).dueOn,
      naiveRolled(after(noon(on), 30)),
      `clarification from ${on}`,
    );
    const year = noon(on);
    year.setUTCFullYear(year.getUTCFullYear() + 1);
    if (on.endsWith('-02-29')) year.setUTCDate(0); // 1 March in the platform's calendar; the 28th here
    assert.equal(startClock(law, 'court-limit', on).dueOn, naiveRolled(year), `court limit from ${on}`);
    const due = startClock(lawB, 'first-response', on).dueOn;
    assert.equal(due, naiveBusiness(naiveRolled(noon(on)), 5), `rule B from ${on}`);
    assert.ok(startClock(law, 'first-response', on).dueOn <= due, `rule A is never later than B: ${on}`);
  }
});

test('the account of a count is complete: it names every day from the first to the last', () => {
  for (const on of ['2026-12-24', '2026-11-25', '2027-12-24', '2026-07-04']) {
    for (const each of [law, lawB]) {
      const { basis, dueOn } = startClock(each, 'first-response', on);
      const days = basis.days.map((day) => day.on);
      const expected: string[] = [];
      for (let day = noon(on); textOf(day) <= dueOn; day = after(day, 1)) expected.push(textOf(day));
      assert.deepEqual(days, expected);
    }
  }
});

test('the account reads as sentences, with the source of each skipped day', () => {
  const text = basisSentences(startClock(law, 'first-response', '2026-07-02').basis)
    .map(inEnglish)
    .join('\n');
  assert.match(text, /First response: due by the end of Friday, July 10, 2026\./);
  assert.match(text, /RCW 42\.56\.520\(1\)/);
  assert.match(text, /Friday, July 3, 2026: not counted, Independence Day \(observed\) \(RCW 1\.16\.050\(1\)\)\./);
  assert.match(text, /Friday, July 10, 2026: day 5\./);
  const rolled = basisSentences(startClock(law, 'clarification', '2026-06-03').basis)
    .map(inEnglish)
    .join('\n');
  assert.match(rolled, /July 3, 2026: day 30, but the last day cannot be a day off: Independence Day \(observed\)/);
  assert.match(rolled, /Monday, July 6, 2026: the last day, being the next business day\./);
  assert.match(rolled, /No law sets this length; it is the portal’s default/);
});

const refused = (code: string, words: RegExp) => (thrown: unknown) =>
  thrown instanceof PortalError && thrown.code === code && words.test(thrown.message);

test('nobody can choose what the law sets; what somebody has to set must be given', () => {
  assert.throws(() => startClock(law, 'estimate', '2026-03-02'), refused('records-invalid', /give it a date/));
  assert.throws(() => startClock(law, 'retention', '2026-03-02'), refused('records-invalid', /give it a date/));
  assert.throws(
    () => startClock(law, 'first-response', '2026-03-02', { dueOn: '2026-04-01' }),
    refused('records-invalid', /nobody can choose/),
  );
  assert.throws(
    () => startClock(law, 'final-action', '2026-03-02', { dueOn: '2026-04-01' }),
    refused('records-invalid', /nobody can choose/),
  );
  assert.throws(
    () => startClock(law, 'employee-notice', '2026-06-23', { dueOn: '2026-07-03' }),
    refused('records-invalid', /the least by law/),
  );
  assert.equal(startClock(law, 'employee-notice', '2026-06-23', { dueOn: '2026-07-20' }).basis.actOn, '2026-07-21');
  assert.throws(
    () => startClock(law, 'estimate', '2026-03-02', { dueOn: '2026-03-01' }),
    refused('records-invalid', /before the day/),
  );
  assert.throws(() => startClock(law, 'first-response', '2026-02-30'), refused('form-invalid', /is not a date/));
  const estimate = startClock(law, 'estimate', '2026-03-02', { dueOn: '2026-03-15', setBy: 'estimated by the City' });
  assert.equal(estimate.dueOn, '2026-03-15'); // a Sunday that the City named is what the City named
  assert.match(basisSentences(estimate.basis).map(inEnglish).join('\n'), /The date was set: estimated by the City\./);
  assert.equal(startClock(law, 'petition', '2026-03-06', { dueOn: '2026-03-20' }).dueOn, '2026-03-20');
});

test('the window of automated requests is of hours, not of days', () => {
  const first = '2026-03-07T20:00:00Z';
  assert.equal(isWithinBotWindow(law, first, '2026-03-08T20:00:00Z'), true);
  assert.equal(isWithinBotWindow(law, first, '2026-03-08T20:00:00.001Z'), false);
  assert.equal(isWithinBotWindow(law, first, '2026-03-07T19:59:59Z'), false);
  const window = startClock(law, 'bot-window', '2026-03-07', { receivedAt: first });
  assert.equal(window.dueOn, '2026-03-08'); // a Sunday: hours are not rolled, and the clocks went forward in between
});

test('there are all twelve clocks, each with a citation that reads', () => {
  const { clocks } = law.clocks[0]!;
  assert.deepEqual(
    clocks.map(({ id }) => id),
    [...clockIds],
  );
  for (const { citations } of clocks) {
    for (const id of citations) assert.ok(law.citations.some((citation) => citation.id === id));
  }
});
