// What the OpenAPI description says of SODA's addresses, their parameters and answers.
// It must let unknown parameters through: a bare name is a column, and parse.ts names the place of a mistake.

import { Type } from 'typebox';
import type { TSchema } from 'typebox';

import { bodies } from '../../serve/http/schemas.ts';

const text = (description: string, example: string) => Type.Optional(Type.String({ description, examples: [example] }));

const open = (properties: Record<string, TSchema>) => Type.Object(properties, { additionalProperties: true });

export const rowsQuery = open({
  $select: text('Columns, expressions and aggregates, with commas.', 'count(*) as n'),
  $where: text('A condition in SoQL.', '1 = 1'),
  $group: text('Columns or expressions to group by, or aliases of $select.', ''),
  $having: text('A condition on groups.', ''),
  $order: text('Columns or expressions, each with ASC or DESC.', ''),
  $limit: text('Rows; 1,000 when left out.', '10'),
  $offset: text('Rows to leave out.', '0'),
  $q: text('Words that must all be found in the row.', 'street'),
  $query: text('A whole SoQL statement in place of the parameters above.', 'SELECT count(*)'),
});

export const rowsFile = Type.Object({
  file: Type.String({
    description:
      'A dataset’s `xxxx-xxxx` code or readable id, and `.json`, `.csv`, `.tsv`, `.geojson`, `.cjson` or nothing.',
    examples: ['building-permits.json'],
  }),
});

export const rowFile = Type.Object({
  id: Type.String({ description: 'The dataset’s code or readable id.', examples: ['building-permits'] }),
  file: Type.String({ description: 'A row’s `:id` and `.json`.', examples: ['row-0000.0000~0001.json'] }),
});

export const documentFile = Type.Object({
  file: Type.String({
    description: 'The dataset’s code or readable id, `.json` if wanted.',
    examples: ['building-permits.json'],
  }),
});

export const exportFile = Type.Object({
  id: Type.String({ description: 'The dataset’s code or readable id.', examples: ['building-permits'] }),
  file: Type.String({ description: '`rows.csv`, `rows.tsv` or `rows.geojson`.', examples: ['rows.csv'] }),
});

export const pageId = Type.Object({
  id: Type.String({ description: 'The dataset’s code or readable id.', examples: ['building-permits'] }),
});

const row = Type.Object({}, { additionalProperties: true });
const table = Type.String();

export const rowsAnswer = bodies('The rows.', {
  'application/json': Type.Array(row),
  'text/csv': table,
  'text/tab-separated-values': table,
  'application/vnd.geo+json': row,
});

export const documentAnswer = bodies('The document.', { 'application/json': row });
export const exportAnswer = bodies('Every row.', { 'text/csv': table, 'application/vnd.geo+json': row });

/** The error envelope of SODA; docs/api/soda.md says what `code` may be. */
const errorAnswer = bodies('An error, in SODA’s own shape.', {
  'application/json': Type.Object({
    code: Type.String(),
    errorCode: Type.String(),
    error: Type.Literal(true),
    message: Type.String(),
    data: row,
  }),
});

export const errorAnswers = { '4xx': errorAnswer, '5xx': errorAnswer };
