// The withholding index of a document: which pages, under which exemption, and why, as RCW 42.56.210(3) wants it told.
// It must say nothing of what was withheld beyond that.

import type { Exemption } from '../law/law.ts';
import type { Withholding } from '../requests/request.ts';
import { documentTitle } from './document.ts';
import type { DocumentPage, DocumentRecord, Redaction } from './document.ts';

/** One line of the index: a Withholding with what a table of them shows beside. */
export type IndexLine = Withholding & {
  readonly document: number;
  readonly title: string;
  readonly pages: readonly number[]; // empty: the document has none
  readonly cite: string;
  readonly places: number; // redactions; 0 for a page or document withheld whole
};

export function toIndex(
  document: DocumentRecord,
  pages: readonly DocumentPage[],
  redactions: readonly Redaction[],
  exemptions: readonly Exemption[],
): readonly IndexLine[] {
  const title = documentTitle(document);
  const of = { document: document.number, title };
  const citeOf = (id: string) => exemptions.find((exemption) => exemption.id === id)?.cite ?? id;
  if (document.withheld !== null) {
    const { exemption, explanation } = document.withheld;
    const count = document.pages === 0 ? '' : `, ${countPages(document.pages)}`;
    const record = `${title}${count}, in full`;
    return [{ ...of, record, extent: 'full', exemption, explanation, cite: citeOf(exemption), pages: [], places: 0 }];
  }
  const lines = new Map<string, { line: IndexLine; pages: number[]; places: number }>();
  const add = (extent: 'full' | 'part', exemption: string, explanation: string, page: number) => {
    const key = JSON.stringify([extent, exemption, explanation]);
    const kept = lines.get(key) ?? {
      line: { ...of, record: '', extent, exemption, explanation, cite: citeOf(exemption), pages: [], places: 0 },
      pages: [],
      places: 0,
    };
    if (!kept.pages.includes(page)) kept.pages.push(page);
    if (extent === 'part') kept.places++;
    lines.set(key, kept);
  };
  for (const page of pages) {
    if (page.exemption !== null && page.explanation !== null)
      add('full', page.exemption, page.explanation, page.number);
  }
  const redacted = new Set(pages.filter(({ decision }) => decision === 'redact').map(({ number }) => number));
  for (const { page, exemption, explanation } of redactions) {
    if (redacted.has(page)) add('part', exemption, explanation, page);
  }
  return [...lines.values()].map(({ line, pages: on, places }) => {
    const sorted = [...on].sort((a, b) => a - b);
    const what = line.extent === 'full' ? 'withheld' : 'redacted in part';
    return { ...line, pages: sorted, places, record: `${title}, ${toRanges(sorted)} of ${document.pages}, ${what}` };
  });
}

function countPages(count: number): string {
  return count === 1 ? '1 page' : `${count} pages`;
}

/** `page 3`, `pages 1–4, 7` */
export function toRanges(sorted: readonly number[]): string {
  const runs: [from: number, to: number][] = [];
  for (const number of sorted) {
    const last = runs.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  const text = runs.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
  return `${sorted.length === 1 ? 'page' : 'pages'} ${text}`;
}
