// What is read of a form. It must know no form of the portal.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PortalError } from '../../src/base/errors.ts';
import {
  centsOf,
  choiceOf,
  dateOf,
  isTicked,
  linesOf,
  requireChoice,
  signedCentsOf,
  textOf,
} from '../../src/base/form.ts';
import { versionOf, versionOrNoneOf, writtenOf } from '../../src/base/form.ts';
import { say } from '../../src/base/say.ts';

const form = { name: [' Ann ', 'Ben'], blank: ['  '], lines: ['a, b\n\nc'], version: ['3'], box: [''], many: [] };

test('what was written is read without its blanks, and nothing is nothing', () => {
  assert.deepEqual([textOf(form, 'name'), textOf(form, 'none'), textOf(form, 'many')], ['Ann', '', '']);
  assert.deepEqual([writtenOf(form, 'name'), writtenOf(form, 'blank')], ['Ann', null]);
  assert.deepEqual([isTicked(form, 'box'), isTicked(form, 'none'), isTicked(form, 'many')], [true, false, false]);
  assert.deepEqual(linesOf(form, 'lines'), ['a', 'b', 'c']);
});

test('a choice is one of those offered, or is refused with the sentence of the page', () => {
  assert.equal(choiceOf(form, 'name', ['Ann', 'Ben']), 'Ann');
  assert.equal(choiceOf(form, 'name', ['Ben']), null);
  const isRefused = (error: unknown) => error instanceof PortalError && error.message === 'Choose one of the answers.';
  assert.throws(() => requireChoice(form, 'name', ['Ben'], say('form.choose')), isRefused);
});

test('a form says which version it was made for', () => {
  assert.deepEqual([versionOf(form), versionOrNoneOf(form), versionOrNoneOf({})], [3, 3, 0]);
  for (const version of ['', '0', '-1', '1.5', 'x'])
    assert.throws(() => versionOf({ version: [version] }), /version it/u);
  assert.throws(() => versionOf({}, say('desk.the-request')), /version of the request it was made for/u);
});

test('an amount is read in one way, and what may mean two is refused', () => {
  const read = (text: string) => centsOf({ amount: [text] }, 'amount');
  const amounts: readonly (readonly [text: string, cents: number | null])[] = [
    ['', null],
    ['0', 0],
    ['12', 1_200],
    ['12.5', 1_250],
    [' $1,234.50 ', 123_450],
    ['1,234,567', 123_456_700],
    ['0.07', 7],
    ['999999999999.99', 99_999_999_999_999],
  ];
  for (const [text, cents] of amounts) assert.equal(read(text), cents, text);
  const refused = [
    '1,23',
    '1,2345',
    '12,34.00',
    ',123',
    '1.234,50',
    '1.',
    '.5',
    '1.234',
    '1e3',
    '-1',
    '$',
    '$$1',
    '1 2',
  ];
  for (const text of [...refused, '1234567890123', '1,234,567,890,123']) {
    const isRefused = (error: unknown) => error instanceof PortalError && error.code === 'form-invalid';
    assert.throws(() => read(text), isRefused, text);
  }
  const signed = (text: string) => signedCentsOf({ amount: [text] }, 'amount');
  assert.deepEqual(['-12.50', '-$1,234.50', '12', '', '-0'].map(signed), [-1_250, -123_450, 1_200, null, 0]);
  for (const text of ['-', '--1', '-1,23', '- 1']) assert.throws(() => signed(text), PortalError, text);
});

test('a date is one of the calendar, written 2026-03-02, or none', () => {
  const read = (text: string) => dateOf({ on: [text] }, 'on');
  assert.deepEqual(['2026-03-02', ' 2024-02-29 '].map(read), ['2026-03-02', '2024-02-29']);
  for (const text of ['', '2023-02-29', '1900-02-29', '2026-04-31', '2026-13-01', '2026-00-10', '2026-01-00'])
    assert.equal(read(text), null, text);
  for (const text of ['2026-3-2', '03/02/2026', '20260302', '2026-03-02T10:00', 'x2026-03-02', '２０２６-03-02'])
    assert.equal(read(text), null, text);
  assert.equal(dateOf({}, 'on'), null);
});
