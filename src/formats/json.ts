// Rows as one JSON array of objects. Every column is there in every row; what has no value is null.
// Whole and decimal numbers are written with all their digits, so a reader must not cut them to doubles.

import type { RowFormat } from './format.ts';
import { jsonObjectSql } from './row-text.ts';

export const jsonFormat: RowFormat = {
  id: 'json',
  version: 1,
  mediaType: 'application/json',
  extension: 'json',
  separator: ',\n',
  row: jsonObjectSql,
  begin: () => '[\n',
  end: () => '\n]\n',
};
