// Looks at a text before everybody may read it: whoever asked must not be in it, and what may be personal is shown.
// It must never change the text: a person writes what the public sees.

import { toNormal } from '../documents/normal-form.ts';
import { detectOnPage } from '../documents/detectors.ts';
import type { DetectorKind } from '../documents/detectors.ts';
import type { Word } from '../documents/document.ts';
import type { Requester } from '../requests/request.ts';

export type Finding = {
  /** `requester` is never let through; the rest a person may have good reason to leave. */
  readonly kind: DetectorKind | 'requester';
  readonly text: string;
};

/** Names of one or two letters are everywhere in a text. */
const shortestName = 3;

export function checkText(text: string, requester: Requester | null): readonly Finding[] {
  const own = requester === null ? [] : findRequester(text, requester);
  const words = toWords(text);
  const found = detectOnPage(1, words).map(({ kind, text: shown }) => ({ kind, text: shown }));
  const seen = new Set<string>();
  return [...own, ...found].filter(({ kind, text: shown }) => {
    const key = `${kind} ${shown}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** The detectors read words as they stand on a page; where they stand does not matter here. */
function toWords(text: string): readonly Word[] {
  return text
    .split(/\s+/u)
    .filter((word) => word !== '')
    .map((word) => ({ text: word, box: [0, 0, 1, 1], line: 0, hidden: false }));
}

/** The whole of each detail, the parts of a name, and a telephone number however it is written. */
function findRequester(text: string, requester: Requester): readonly Finding[] {
  const { name, organization, email, phone, address } = requester;
  const flat = fold(text);
  const wholes = [organization, email, address].map((each) => fold(each ?? '')).filter((each) => each !== '');
  const names = fold(name ?? '')
    .split(/[ -]/u)
    .filter((part) => part.length >= shortestName);
  const held = [...wholes, ...names].filter((each) => standsIn(flat, each));
  const digits = (phone ?? '').replaceAll(/\D/gu, '').slice(-10);
  const called = digits.length >= 7 && text.replaceAll(/[\s().+-]/gu, '').includes(digits) ? [phone ?? ''] : [];
  return [...new Set([...held, ...called])].map((each) => ({ kind: 'requester', text: each }));
}

function fold(text: string): string {
  return toNormal(text).text;
}

/** As words of its own, not as part of another. */
function standsIn(text: string, part: string): boolean {
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    const before = text[at - 1] ?? ' ';
    const after = text[at + part.length] ?? ' ';
    if (!/[\p{L}\p{N}]/u.test(before) && !/[\p{L}\p{N}]/u.test(after)) return true;
  }
  return false;
}
