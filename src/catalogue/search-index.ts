// What search knows of one dataset: its words with their weights, and the values that facets count.
// It must be written in the transaction that changes the dataset, so that search never shows what is not so.

import { sql } from '../db/drizzle.ts';
import type { Transaction } from '../db/open.ts';
import { datasetSearch } from '../db/tables.ts';
import type { Column } from '../query/column.ts';
import type { DatasetMetadata } from './dataset.ts';
import type { MatchReason } from './search-types.ts';
import { hasGeometry, toFormats } from './rows.ts';
import { toIndexedWords } from './words.ts';

export type Indexed = {
  readonly code: string;
  readonly id: string;
  readonly department: { readonly id: string; readonly name: string };
  readonly metadata: DatasetMetadata;
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly dataUpdatedAt: string;
};

type Weight = 'A' | 'B' | 'C' | 'D';
export type SearchField = { readonly field: MatchReason['field']; readonly weight: Weight; readonly text: string };

export const notSpecified = 'not-specified';
const mostPositions = 16_383; // of a tsvector
const mostPlaces = 255; // of one word in it

/** The texts that search looks at, weightiest first; also what reasons are quoted from. */
export function toSearchFields(
  dataset: Pick<Indexed, 'id' | 'department' | 'metadata' | 'columns'>,
): readonly SearchField[] {
  const { metadata, columns, department, id } = dataset;
  const field = (name: SearchField['field'], weight: Weight, text: string | null): readonly SearchField[] =>
    text === null || text === '' ? [] : [{ field: name, weight, text }];
  return [
    ...field('title', 'A', metadata.title),
    ...field('id', 'A', id),
    ...metadata.keywords.flatMap((keyword) => field('keyword', 'B', keyword)),
    ...field('keyword', 'B', metadata.theme),
    ...columns.flatMap((column) =>
      field('column', 'B', column.title === column.name ? column.name : `${column.title} (${column.name})`),
    ),
    ...field('department', 'C', department.name),
    ...field('description', 'D', metadata.description),
    ...field('description', 'D', metadata.rowMeaning),
    ...field('description', 'D', metadata.purpose),
    ...field('description', 'D', metadata.source),
    ...field('description', 'D', metadata.spatial),
    ...columns.flatMap((column) => field('column', 'D', column.description)),
  ];
}

/** Writes or replaces the dataset's row and adds its new words to the vocabulary. */
export async function indexDataset(tx: Transaction, dataset: Indexed): Promise<void> {
  const { vector, words } = toVector(toSearchFields(dataset));
  const { metadata } = dataset;
  const row = {
    words: vector,
    department: dataset.department.id,
    theme: metadata.theme,
    formats: [...toFormats(hasGeometry(dataset.columns))],
    licence: metadata.licence?.id ?? metadata.licence?.name ?? notSpecified,
    licenceName: metadata.licence?.name ?? notSpecified,
    cadence: metadata.cadence ?? notSpecified,
    hasGeometry: hasGeometry(dataset.columns),
    title: metadata.title,
    rows: dataset.rows,
    dataUpdatedAt: dataset.dataUpdatedAt,
  };
  await tx
    .insert(datasetSearch)
    .values({ code: dataset.code, ...row })
    .onConflictDoUpdate({ target: datasetSearch.code, set: row });
  await tx.execute(sql`
    insert into search_words (word, stem)
    select given.word, coalesce((ts_lexize('english_stem', given.word))[1], given.word)
    from unnest(string_to_array(${words.join(' ')}, ' ')) as given (word)
    where not exists (select from search_words known where known.word = given.word)
    order by given.word
    on conflict do nothing`);
}

/** A tsvector literal with every word's places and weights, and the distinct words. */
function toVector(fields: readonly SearchField[]): {
  readonly vector: string;
  readonly words: readonly string[];
} {
  const places = new Map<string, string[]>();
  let position = 0;
  for (const { text, weight } of fields) {
    for (const word of toIndexedWords(text)) {
      if (position < mostPositions) position += 1;
      const known = places.get(word) ?? [];
      if (known.length < mostPlaces) known.push(`${position}${weight}`);
      places.set(word, known);
    }
    position = Math.min(mostPositions, position + 10); // a phrase does not run from one field into the next
  }
  const vector = [...places].map(([word, at]) => `'${word}':${at.join(',')}`).join(' ');
  return { vector, words: [...places.keys()].sort() };
}
