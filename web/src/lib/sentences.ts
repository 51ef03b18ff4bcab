// Sentences about data that stand beside a picture or above a table. It must not know components.

import type { Sentence } from '../../../src/base/say.ts';
import type { ColumnProfile, Dataset, Finding } from '../../../src/catalogue/dataset.ts';
import type { Column } from '../../../src/query/column.ts';
import { isNumeric, readable } from './values.ts';
import type { Words } from './words.ts';

type Histogram = NonNullable<ColumnProfile['histogram']>;

/** What the distribution shows, as text: its ends, and where most rows are. */
export function distributionSentence(words: Words, column: Column, histogram: Histogram): string {
  const most = Math.max(...histogram.counts);
  const at = histogram.counts.indexOf(most);
  const edge = (index: number) => readable(words, column, histogram.edges[index] ?? '');
  return words.t('chart.sentence', {
    column: column.title,
    from: edge(0),
    to: edge(histogram.edges.length - 1),
    peakFrom: edge(at),
    peakTo: edge(at + 1),
    peak: most,
  });
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
