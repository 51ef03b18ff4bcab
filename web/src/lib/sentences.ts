// Sentences about data that stand beside a picture or above a table. It must not know components.

import type { Sentence } from '../../../src/base/say.ts';
import type { ColumnProfile, Dataset, Finding } from '../../../src/catalogue/dataset.ts';
import type { Column } from '../../../src/query/column.ts';
import type { Bin } from './bins.ts';
import { isNumeric, readable, rounded } from './values.ts';
import type { Words } from './words.ts';

/** What the distribution shows, as text: its ends, and where most rows are. */
export function distributionSentence(words: Words, column: Column, bins: readonly Bin[]): string {
  const peak = bins.reduce((best, bin) => (bin.count > best.count ? bin : best));
  const written = { column: column.title, peak: peak.count };
  const from = readable(words, column, bins[0]?.from ?? '');
  const to = readable(words, column, bins.at(-1)?.to ?? '');
  if (bins.length === 1 && from === to) return words.t('chart.sentence.one', { ...written, value: from });
  if (peak.from === peak.to)
    return words.t('chart.sentence.value', { ...written, from, to, value: readable(words, column, peak.from) });
  const peakFrom = peak === bins[0] ? from : rounded(words, column, peak.from);
  const peakTo = peak === bins.at(-1) ? to : rounded(words, column, peak.to);
  return words.t('chart.sentence', { ...written, from, to, peakFrom, peakTo });
}

/** The citation of a dataset: who, what, which version, when, where. */
export function citation(words: Words, city: string, dataset: Dataset, address: string): string {
  return words.t('dataset.citation', {
    city,
    department: dataset.department.name,
    title: dataset.metadata.title,
    number: dataset.current.number,
    date: words.date(dataset.current.publishedAt),
    sha: dataset.current.id.slice(0, 16),
    address,
  });
}

/** Mean and median only say something of numbers that measure; of an identifier they would mislead. */
export function hasMean(column: Column, profile: ColumnProfile): boolean {
  return (
    isNumeric(column.type) &&
    profile.mean !== null &&
    column.meaning !== 'identifier' &&
    column.meaning !== 'postal-code'
  );
}

/** What was found in a file, for `words.say`; of files published before findings had keys it is the English alone. */
export function sayFinding({ said, sentence }: Finding): Sentence | string {
  return said === undefined ? sentence : { ...said, english: sentence };
}
