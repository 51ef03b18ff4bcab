// Rows as JSON objects, one on each line (NDJSON, JSON Lines). It must never write a line break inside a row.

import type { RowFormat } from './format.ts';
import { jsonObjectSql } from './row-text.ts';

export const ndjsonFormat: RowFormat = {
  id: 'ndjson',
  version: 1,
  mediaType: 'application/x-ndjson',
  extension: 'ndjson',
  separator: '\n',
  row: jsonObjectSql,
  begin: () => '',
  end: ({ rows }) => (rows === 0 ? '' : '\n'),
};
