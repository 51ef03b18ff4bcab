// What is found on a page: searches with signs, suggestions with their checks, and places as whole words.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PortalError } from '../../../src/base/errors.ts';
import { detectOnPage } from '../../../src/records/documents/detectors.ts';
import type { Word } from '../../../src/records/documents/document.ts';
import { findOnPage, toPattern } from '../../../src/records/documents/search.ts';
import { survivors } from '../../../src/records/documents/survivors.ts';
import { toRanges } from '../../../src/records/documents/withholding.ts';

/** Ten points a letter, a line for each string. */
function toWords(...lines: readonly string[]): readonly Word[] {
  return lines.flatMap((text, line) => {
    let at = 0;
    return text.split(' ').map((word): Word => {
      const left = at;
      at += (word.length + 1) * 10;
      return { text: word, box: [left, line * 20, left + word.length * 10, line * 20 + 12], line, hidden: false };
    });
  });
}

const found = (...lines: readonly string[]) =>
  detectOnPage(1, toWords(...lines)).map(({ kind, text }) => `${kind}: ${text}`);

test('numbers that fail their check are not suggested', () => {
  assert.deepEqual(found('SSN 529-11-2233 not 000-11-2233 nor 666-11-2233 nor 529-00-2233'), [
    'social-security: 529-11-2233',
  ]);
  assert.deepEqual(found('card 4111 1111 1111 1111 not 4111 1111 1111 1112'), ['payment-card: 4111 1111 1111 1111']);
  assert.deepEqual(found('routing number 125000024 not routing number 125000025'), ['bank-account: 125000024']);
  assert.deepEqual(found('call 253-555-0142 not 153-555-0142'), ['phone: 253-555-0142']);
  assert.deepEqual(found('born: March 2, 1980 at 1220 Central Ave S.'), [
    'date-of-birth: March 2, 1980',
    'street-address: 1220 Central Ave',
  ]);
  assert.deepEqual(found('WDLABC123456 wrote to a.b@example.org'), [
    'driver-licence: WDLABC123456',
    'email: a.b@example.org',
  ]);
  assert.deepEqual(found('at 220 4th Ave S'), ['street-address: 220 4th Ave']);
  assert.deepEqual(found('Nothing personal in 2026 on page 12'), []);
});

test('a search reads over lines, takes whole words along, and is refused when it says nothing', () => {
  const words = toWords('The owner, Jane', 'Resident, called.');
  const [hit] = findOnPage(toPattern('jane resident'), 1, words);
  assert.equal(hit?.text, 'Jane Resident,');
  assert.equal(hit.boxes.length, 2, 'a box on each line');
  assert.equal(findOnPage(toPattern('###-##'), 1, toWords('a 123-45 b 12-345')).length, 1);
  assert.equal(findOnPage(toPattern('call*'), 1, words)[0]?.text, 'called.');
  assert.equal(
    findOnPage(toPattern('(a+)+$'), 1, toWords('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')).length,
    0,
    'signs of patterns are letters',
  );
  for (const text of ['', '   ', '***', '@', 'x'.repeat(201), 'a*b*c*d*e']) {
    assert.throws(
      () => toPattern(text),
      (error) => error instanceof PortalError && error.code === 'form-invalid',
      text,
    );
  }
});

test('a word that a box so much as touches does not survive, nor one that nobody sees', () => {
  const words = toWords('one two three');
  assert.deepEqual(
    survivors(words, [[45, 0, 48, 3]]).map(({ text }) => text),
    ['one', 'three'],
  );
  assert.deepEqual(
    survivors(
      words.map((word) => ({ ...word, hidden: word.text === 'one' })),
      [],
    ).map(({ text }) => text),
    ['two', 'three'],
  );
});

test('pages of the index read as a person writes them', () => {
  assert.equal(toRanges([3]), 'page 3');
  assert.equal(toRanges([1, 2, 3, 7, 9, 10]), 'pages 1–3, 7, 9–10');
});
