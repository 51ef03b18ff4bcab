// Offers what may be personal data on a page, each kind with a check of its own beyond its shape.
// It must never mark anything: what it finds is a suggestion that a person takes or leaves.

import type { Word } from './document.ts';
import { toViews } from './normal-form.ts';
import { toHit, wordsAt } from './search.ts';
import type { Hit } from './search.ts';

export const detectorKinds = [
  'social-security',
  'payment-card',
  'bank-account',
  'driver-licence',
  'date-of-birth',
  'phone',
  'email',
  'street-address',
] as const;
export type DetectorKind = (typeof detectorKinds)[number];

export type Suggestion = Hit & {
  readonly kind: DetectorKind;
  /** The id of the exemption that this kind usually falls under, where the law's data has one; a person decides. */
  readonly exemption: string | null;
};

type Detector = {
  readonly kind: DetectorKind;
  readonly exemption: string | null;
  readonly shape: RegExp;
  /** Which part of the shape is the finding: the whole, or its group. */
  readonly group?: number;
  readonly holds: (found: string) => boolean;
};

/** Words that stand between a number and “street” without naming one. */
const noStreetName =
  / (?:people|persons|on|the|of|in|at|and|to|for|from|with|by|or|a|an|is|was|per|days|hours|minutes|miles|feet|years|pages|copies|cars|lots|units) /iu;

/** Every shape is of bounded length: no time grows faster than the text. */
const detectors: readonly Detector[] = [
  {
    kind: 'social-security',
    exemption: 'account-numbers',
    shape: /(?<![\d-])\d{3}[- ]\d{2}[- ]\d{4}(?![\d-])/gu,
    holds: isSocialSecurity,
  },
  {
    kind: 'social-security',
    exemption: 'account-numbers',
    shape: /\b(?:ssn|social security(?: number| no\.?)?)[ :#]{1,3}(\d{9})(?!\d)/giu,
    group: 1,
    holds: isSocialSecurity,
  },
  {
    kind: 'payment-card',
    exemption: 'account-numbers',
    shape: /(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])/gu,
    holds: isPaymentCard,
  },
  {
    kind: 'bank-account',
    exemption: 'account-numbers',
    shape: /\b(?:routing|aba|rtn)(?: (?:number|no\.?))?[ :#]{1,3}(\d{9})(?!\d)/giu,
    group: 1,
    holds: isRouting,
  },
  {
    kind: 'bank-account',
    exemption: 'account-numbers',
    shape: /\b(?:account|acct\.?|iban)(?: (?:number|no\.?))?[ :#]{1,3}([A-Z]{0,2}\d[\d -]{4,28}\d)/giu,
    group: 1,
    holds: () => true,
  },
  {
    // Washington: WDL, then nine letters or digits; before 2018 seven letters or stars, then five
    kind: 'driver-licence',
    exemption: null,
    shape: /\bWDL[A-Z0-9]{9}\b|\b[A-Z*]{7}[0-9O]{3}[A-Z0-9]{2}\b/gu,
    holds: (found) => /\d/u.test(found),
  },
  {
    kind: 'date-of-birth',
    exemption: null,
    shape:
      /\b(?:dob|d\.o\.b\.|date of birth|born|birth ?(?:date|day))(?: (?:on|is))?[ :]{1,3}((?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4})|(?:\d{4}-\d{2}-\d{2})|(?:\p{L}{3,9}\.? \d{1,2},? \d{4})|(?:\d{1,2} \p{L}{3,9}\.?,? \d{4}))/giu,
    group: 1,
    holds: () => true,
  },
  {
    kind: 'phone',
    exemption: null,
    shape: /(?<![\d-])(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\d-])/gu,
    holds: isPhone,
  },
  {
    kind: 'email',
    exemption: null,
    shape: /[\p{L}\d._%+-]{1,64}@[\p{L}\d-]{1,63}(?:\.[\p{L}\d-]{1,63}){1,4}/giu,
    holds: () => true,
  },
  {
    kind: 'street-address',
    exemption: null,
    shape:
      /\b\d{1,6} (?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.? )?(?:\p{L}{1,30}|\d{1,4}(?:st|nd|rd|th))(?: \p{L}{1,30}){0,3} (?:St|Street|Ave|Avenue|Rd|Road|Blvd|Boulevard|Dr|Drive|Ln|Lane|Ct|Court|Pl|Place|Way|Pkwy|Parkway|Ter|Terrace|Cir|Circle|Hwy|Highway)\b\.?/giu,
    holds: (found) => !noStreetName.test(found),
  },
];

const mostOfPage = 300;

export function detectOnPage(page: number, words: readonly Word[]): readonly Suggestion[] {
  const found: { readonly at: readonly number[]; readonly suggestion: Suggestion }[] = [];
  const taken = new Set<number>();
  for (const view of toViews(words, true)) {
    const own: [number, number][] = [];
    for (const { kind, exemption, shape, group = 0, holds } of detectors) {
      for (const match of view.text.matchAll(shape)) {
        const value = match[group] ?? match[0];
        if (!holds(value) || found.length >= mostOfPage) continue;
        const start = match.index + match[0].lastIndexOf(value);
        const end = start + value.length;
        if (own.some(([from, to]) => start < to && from < end)) continue; // the earlier kind is the graver
        own.push([start, end]);
        const at = wordsAt(view, start, end);
        // Another way of reading the page finds nothing new where one has found something.
        if (at.length === 0 || (view.isOther && at.some((index) => taken.has(index)))) continue;
        found.push({ at, suggestion: { ...toHit(words, page, at), kind, exemption } });
      }
    }
    for (const { at } of found) for (const index of at) taken.add(index);
  }
  return found.sort((a, b) => (a.at[0] ?? 0) - (b.at[0] ?? 0)).map(({ suggestion }) => suggestion);
}

function digitsOf(text: string): string {
  return text.replaceAll(/\D/gu, '');
}

/** The Social Security Administration has given out no number with 000, 666 or 9xx first, 00 next, or 0000 last. */
function isSocialSecurity(found: string): boolean {
  const digits = digitsOf(found);
  return !/^(?:000|666|9)/u.test(digits) && digits.slice(3, 5) !== '00' && digits.slice(5) !== '0000';
}

/** A first digit that card issuers use, and the check digit of ISO/IEC 7812. */
function isPaymentCard(found: string): boolean {
  const digits = digitsOf(found);
  if (!/^[2-6]/u.test(digits) || /^(\d)\1+$/u.test(digits)) return false;
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/** The check digit of the American Bankers Association. */
function isRouting(found: string): boolean {
  const weights = [3, 7, 1];
  const sum = [...digitsOf(found)].reduce((total, digit, index) => total + Number(digit) * weights[index % 3]!, 0);
  return sum % 10 === 0;
}

/** Area codes and exchanges of the North American plan begin with 2 to 9. */
function isPhone(found: string): boolean {
  const digits = digitsOf(found).slice(-10);
  return digits.length === 10 && /^[2-9]\d{2}[2-9]/u.test(digits);
}
