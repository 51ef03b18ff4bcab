// Spans of days in words, for charts and tables of reports. It must not hold a word itself; the catalogue does.

import type { Words } from './words.ts';

/** `0 to 5`, `366 or more`, `3`. */
export function spanOf(words: Words, { from, to }: { readonly from: number; readonly to: number | null }): string {
  if (to === null) return words.t('reports.span.more', { from });
  return from === to ? words.number(from) : words.t('reports.span', { from, to });
}
