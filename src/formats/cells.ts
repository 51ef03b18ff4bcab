// Rows for pages: a JSON array of the texts a person reads, null for no value. It must not put words into a language.

import type { RowFormat, SqlOutput } from './format.ts';
import { plainTextSql } from './row-text.ts';

/** Longer texts are cut, with an ellipsis, in tables on pages only. */
const longestCell = 2_000;
const longestPlace = 80;

export const cellsFormat: RowFormat = {
  id: 'cells',
  version: 1,
  mediaType: 'application/json',
  extension: 'json',
  separator: ',\n',
  row(columns) {
    if (columns.length === 0) return `'[]'`;
    const cells = columns.map((output) => `coalesce(CAST(to_json(${displaySql(output)}) AS VARCHAR), 'null')`);
    return `concat('[', ${cells.join(`, ',', `)}, ']')`;
  },
  begin: () => '[\n',
  end: () => '\n]\n',
};

function displaySql(output: SqlOutput): string {
  const { column, sql } = output;
  const text = plainTextSql(output, `CAST(${sql} AS VARCHAR)`);
  switch (column.type.kind) {
    case 'text':
    case 'json':
      return shortenedSql(text, longestCell);
    case 'geometry':
      return shortenedSql(text, longestPlace);
    case 'number':
      return `regexp_replace(${text}, '\\.0$', '')`;
    case 'timestamp':
      return `replace(${text}, 'T', ' ')`;
    case 'instant':
      return `replace(replace(${text}, 'T', ' '), 'Z', ' UTC')`;
    default:
      return text;
  }
}

function shortenedSql(text: string, length: number): string {
  return `(CASE WHEN length(${text}) > ${length} THEN left(${text}, ${length}) || '…' ELSE ${text} END)`;
}
