// What is found on a page: searches with signs, suggestions with their checks, and places as whole words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { PortalError } from '../../../src/base/errors.ts';
import { detectOnPage } from '../../../src/records/documents/detectors.ts';
import type { Word } from '../../../src/records/documents/document.ts';
import { toNormal } from '../../../src/records/documents/normal-form.ts';
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

/** Each letter in every way that programs write it. */
const written: Readonly<Record<string, readonly string[]>> = {
  '-': ['-', '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2212', '\ufe63', '\uff0d', '\u00ad'],
  "'": ["'", '\u2019', '\u2018', '\u02bc', '\u2032', '\u00b4', '\uff07'],
};

test('every hyphen, dash and minus is one, and so is every apostrophe', () => {
  for (const hyphen of written['-'] ?? []) {
    const number = `529${hyphen}11${hyphen}2233`;
    assert.equal(findOnPage(toPattern('529-11-2233'), 1, toWords(`SSN ${number} here`)).length, 1, number);
    assert.equal(findOnPage(toPattern('###-##-####'), 1, toWords(`SSN ${number} here`)).length, 1, number);
    assert.deepEqual(found(`no ${number} here`), [`social-security: ${number}`]);
    assert.deepEqual(found(`call 253${hyphen}555${hyphen}0142`).length, 1, hyphen);
  }
  for (const one of written["'"] ?? []) {
    for (const other of written["'"] ?? []) {
      assert.equal(findOnPage(toPattern(`O${one}Neil`), 1, toWords(`Mr. O${other}Neil said`)).length, 1);
    }
  }
});

test('a width of nothing is nothing, a soft hyphen within a word as well; accents and case do not count', () => {
  const finds = (text: string, line: string): number => findOnPage(toPattern(text), 1, toWords(line)).length;
  assert.deepEqual(found('to rosa\u200b@exam\u2060ple.org'), ['email: rosa\u200b@exam\u2060ple.org']);
  assert.equal(finds('information', 'the infor\u00admation desk'), 1);
  assert.equal(finds('Jose Nunez', 'Mr. JOS\u00c9 N\u00fa\u00f1ez'), 1);
  assert.equal(finds('jos\u00e9 n\u00fa\u00f1ez', 'Jose\u0301 Nunez'), 1);
  assert.equal(finds('office 12', 'the o\ufb03ce \uff11\uff12'), 1);
  assert.equal(finds('Strasse', 'in der Stra\u00dfe'), 1);
  assert.equal(finds('Sorensen', 'Anna S\u00f8rensen'), 1);
});

test('what a line end divides is found, with the hyphen and without it', () => {
  const finds = (text: string, ...lines: string[]): number => findOnPage(toPattern(text), 1, toWords(...lines)).length;
  assert.equal(finds('253-555-0142', 'call 253-555-', '0142 now'), 1);
  assert.equal(finds('information', 'the infor-', 'mation desk'), 1);
  assert.equal(finds('well-known', 'a well-', 'known one'), 1);
  assert.equal(finds('Rosa Quimby', 'from Rosa', 'Quimby, Kent'), 1);
  assert.equal(found('call 253-555-', '0142 now').length, 1);
  assert.equal(found('no 529-11-', '2233 here').length, 1);
});

test('letters are found by where they stand, in whatever order a file draws them', () => {
  const name = 'Quimby, 529-11-2233'.split('');
  const letters = name.map((text, at): Word => {
    return { text, box: [at * 6, 100, at * 6 + 5.8, 110], line: at, hidden: false };
  });
  const shuffled = [...letters.filter((_, at) => at % 3 === 1), ...letters.filter((_, at) => at % 3 !== 1)].filter(
    ({ text }) => text !== ' ',
  );
  const [hit] = findOnPage(toPattern('quimby'), 1, shuffled);
  assert.equal(hit?.boxes.length, 6);
  assert.deepEqual(
    detectOnPage(1, shuffled).map(({ kind }) => kind),
    ['social-security'],
  );
});

test('the normal form leads every letter back to where it stood, and is the normal form of itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
      const { text: normal, from } = toNormal(text);
      assert.equal(from.length, normal.length);
      assert.ok(from.every((at, index) => at < text.length && at >= (from[index - 1] ?? 0)));
      assert.equal(toNormal(normal).text, normal);
    }),
    { numRuns: 500 },
  );
});
