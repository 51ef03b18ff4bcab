// What is left to decide of a document, as it is said. It needs no database.

import assert from 'node:assert/strict';
import test from 'node:test';
import { inEnglish } from '../../../src/base/say.ts';
import { findUndecided } from '../../../src/records/documents/approval.ts';
import type { DocumentPage } from '../../../src/records/documents/document.ts';

type Row = Parameters<typeof findUndecided>[0];

const row: Row = { state: 'ready', kind: 'pages', pages: 30, releasedWhole: false, withholdExemption: null };

/** What is said with so many pages undecided after one that is decided. */
function sayOf(undecided: number): string | null {
  const pages = Array.from(
    { length: undecided + 1 },
    (_, at) => ({ number: at + 1, decision: at === 0 ? 'release' : 'undecided' }) as DocumentPage,
  );
  const said = findUndecided(row, pages);
  return said === null ? null : inEnglish(said);
}

test('the pages that nobody decided are named, twenty at most', () => {
  assert.equal(sayOf(0), null);
  assert.equal(sayOf(2), 'Decide every page first. Undecided: 2, 3.');
  const twenty = Array.from({ length: 20 }, (_, at) => at + 2).join(', ');
  assert.equal(sayOf(20), `Decide every page first. Undecided: ${twenty}.`);
  assert.equal(sayOf(23), `Decide every page first. Undecided: ${twenty} and 3 more.`);
});
