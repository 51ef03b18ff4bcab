// How much of what is personal is suggested, and how much of what is suggested is personal: on lines made from a seed,
// in the signs that Word, browsers and scanners write.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectOnPage, type DetectorKind } from '../../../src/records/documents/detectors.ts';
import type { Word } from '../../../src/records/documents/document.ts';

/** Mulberry32: the same lines everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Dice = {
  readonly pick: <T>(from: readonly T[]) => T;
  readonly digits: (count: number) => string;
  readonly between: (low: number, high: number) => number;
};

function toDice(random: () => number): Dice {
  const between = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  return {
    between,
    pick: (from) => from[between(0, from.length - 1)]!,
    digits: (count) => Array.from({ length: count }, () => between(0, 9)).join(''),
  };
}

const two = (value: number): string => String(value).padStart(2, '0');

/** The last digit that makes the sum of Luhn right. */
function withCheck(digits: string): string {
  for (let last = 0; last < 10; last++) {
    const sum = [...`${digits}${last}`].reverse().reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
    if (sum % 10 === 0) return `${digits}${last}`;
  }
  throw new Error('One of ten digits makes the sum right.');
}

function routing(dice: Dice): string {
  for (;;) {
    const digits = `1250${dice.digits(5)}`;
    const sum = [...digits].reduce((total, digit, index) => total + Number(digit) * [3, 7, 1][index % 3]!, 0);
    if (sum % 10 === 0) return digits;
  }
}

const streets = ['Central', 'Meeker', 'Gowe', 'Military', 'Reith', 'Kent Kangley', 'Canyon', '4th', '104th', '240th'];
const kinds: Readonly<Record<DetectorKind, (dice: Dice) => readonly [before: string, value: string]>> = {
  'social-security': (dice) => {
    const [area, group, serial] = [dice.between(100, 665), two(dice.between(1, 99)), dice.between(1000, 9999)];
    if (dice.between(0, 4) === 0) return ['SSN', `${area}${group}${serial}`];
    const sign = dice.pick(['-', '-', ' ']);
    return [dice.pick(['SSN', 'Social Security number', 'his number is', '']), [area, group, serial].join(sign)];
  },
  'payment-card': (dice) => {
    const digits = withCheck(`${dice.pick(['4', '51', '37', '6011'])}${dice.digits(15)}`.slice(0, 15));
    return [
      dice.pick(['card', 'Visa', 'paid with']),
      digits.replaceAll(/(\d{4})(?=\d)/g, `$1${dice.pick(['-', ' ', ''])}`),
    ];
  },
  'bank-account': (dice) =>
    dice.between(0, 1) === 0
      ? [dice.pick(['routing number', 'ABA', 'RTN:']), routing(dice)]
      : [dice.pick(['account number', 'Acct.', 'account no.', 'account #']), `${dice.between(1, 9)}${dice.digits(9)}`],
  'driver-licence': (dice) => [
    dice.pick(['license', 'WA DL', '']),
    `WDL${dice.pick(['A', 'B', 'C9'])}${dice.digits(8)}`.slice(0, 12).padEnd(12, '7'),
  ],
  'date-of-birth': (dice) => {
    const [year, month, day] = [dice.between(1940, 2010), dice.between(1, 12), dice.between(1, 28)];
    const said = dice.pick([
      `${month}/${day}/${year}`,
      `${two(month)}-${two(day)}-${year}`,
      `${year}-${two(month)}-${two(day)}`,
      `March ${day}, ${year}`,
      `${day} March ${year}`,
    ]);
    return [dice.pick(['DOB', 'DOB:', 'date of birth', 'born', 'Born:', 'born on', 'birthdate']), said];
  },
  phone: (dice) => {
    const [area, exchange, line] = [dice.pick(['253', '206', '425']), dice.between(200, 999), dice.digits(4)];
    const said = dice.pick([
      `${area}-${exchange}-${line}`,
      `(${area}) ${exchange}-${line}`,
      `${area}.${exchange}.${line}`,
      `${area} ${exchange} ${line}`,
      `+1 ${area} ${exchange} ${line}`,
      `1-${area}-${exchange}-${line}`,
    ]);
    return [dice.pick(['call', 'phone', 'tel.', 'cell']), said];
  },
  email: (dice) => [
    dice.pick(['write to', 'email', 'from']),
    `${dice.pick(['rosa.quimby', "pat.o'neil", 'j_smith', 'lee+kent'])}@${dice.pick(['example.org', 'mail.example.com'])}`,
  ],
  'street-address': (dice) => {
    const street = dice.pick(streets);
    const side = dice.pick(['', 'SE ', 'S. ', 'N ']);
    const kind = dice.pick(['Ave', 'Street', 'St.', 'Rd', 'Blvd', 'Pl', 'Way']);
    return [dice.pick(['at', 'lives at', 'address:']), `${dice.between(1, 29_999)} ${side}${street} ${kind}`];
  },
};

/** What looks like it and is none. */
const others: readonly ((dice: Dice) => string)[] = [
  (dice) => `case ${dice.between(20, 26)}-${dice.digits(4)}`,
  (dice) => `parcel ${dice.digits(6)}-${dice.digits(4)}`,
  (dice) => `invoice ${dice.digits(8)}`,
  (dice) => `permit B${dice.digits(2)}-${dice.digits(4)}`,
  (dice) => `${dice.between(1, 12)}/${dice.between(1, 28)}/${dice.between(2015, 2026)}`,
  (dice) => `ZIP 98${dice.digits(3)}-${dice.digits(4)}`,
  (dice) => `$${dice.between(1, 900)},${dice.digits(3)}.${dice.digits(2)}`,
  (dice) => `pages ${dice.between(1, 40)}–${dice.between(41, 90)}`,
  (dice) => `RCW 42.56.${dice.between(100, 999)}`,
  (dice) => `ratio ${dice.between(1, 9)}:${dice.between(1, 9)}`,
  (dice) => `number 000-${two(dice.between(1, 99))}-${dice.digits(4)}`,
  (dice) => `number 9${dice.digits(2)}-${two(dice.between(1, 99))}-${dice.digits(4)}`,
  (dice) => `meter ${dice.digits(10)}`,
  (dice) => `born in Kent in ${dice.between(1940, 2000)}`,
  () => 'the way to the court and the place of the hearing',
  (dice) => `${dice.between(2, 9)} people on the street`,
];

const hyphens = ['-', '-', '\u2010', '\u2011', '\u2013', '\u2212', '\u00ad', '\uff0d'];
const apostrophes = ["'", '\u2019', '\u02bc'];
const blanks = [' ', ' ', '\u00a0', '\u202f', '\u2009'];

/** As programs write it; a blank that does not break stays within its word. */
function disguise(text: string, dice: Dice): string {
  const [hyphen, apostrophe, blank] = [dice.pick(hyphens), dice.pick(apostrophes), dice.pick(blanks)];
  const shown = text.replaceAll('-', hyphen).replaceAll("'", apostrophe).replaceAll(' ', blank);
  const wide =
    dice.between(0, 11) === 0
      ? shown.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))
      : shown;
  return dice.between(0, 7) === 0 ? `${wide.slice(0, 2)}\u200b${wide.slice(2)}` : wide;
}

function toWords(text: string): readonly Word[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word, at): Word => ({ text: word, box: [at * 100, 0, at * 100 + 80, 12], line: 0, hidden: false }));
}

test('of what is personal at least 98 of 100 are suggested, and of what is suggested at least 90 are personal', (t) => {
  const dice = toDice(randomFrom(20_261_201));
  const missed = new Map<DetectorKind, string[]>();
  let [given, found, suggested, wrong] = [0, 0, 0, 0];
  const wrongly: string[] = [];
  for (let line = 0; line < 4_000; line++) {
    const kind = line % 2 === 0 ? dice.pick(Object.keys(kinds) as DetectorKind[]) : null;
    const other = dice.pick(others)(dice);
    if (kind === null) {
      const none = detectOnPage(1, toWords(`The ${disguise(other, dice)} was filed.`));
      suggested += none.length;
      wrong += none.length;
      if (none.length > 0) wrongly.push(other);
      continue;
    }
    const [before, value] = kinds[kind](dice);
    const shown = disguise(value, dice);
    const words = toWords(`The ${other} says: ${before} ${shown} and more.`);
    const suggestions = detectOnPage(1, words);
    given++;
    suggested += suggestions.length;
    const wanted = shown.split(' ');
    const isFound = suggestions.some((each) => each.kind === kind && wanted.every((part) => each.text.includes(part)));
    if (isFound) found++;
    else missed.set(kind, [...(missed.get(kind) ?? []), `${before} ${value}`]);
    wrong += suggestions.length - (isFound ? 1 : 0);
    if (suggestions.length > 1) wrongly.push(`${other} | ${before} ${value}`);
  }
  const [recall, precision] = [found / given, (suggested - wrong) / suggested];
  t.diagnostic(`recall ${recall.toFixed(4)} of ${given}, precision ${precision.toFixed(4)} of ${suggested}`);
  for (const [kind, values] of missed)
    t.diagnostic(`missed ${kind}: ${values.length}, as ${values.slice(0, 5).join('; ')}`);
  t.diagnostic(`wrong, as ${wrongly.slice(0, 8).join('; ')}`);
  assert.ok(recall >= 0.98, `recall ${recall}`);
  assert.ok(precision >= 0.9, `precision ${precision}`);
});
