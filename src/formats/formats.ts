// The table of formats that data is given in. Adding a format is adding a row here and the file that writes it.

import type { Schema } from '../query/column.ts';
import { csvFormat } from './csv.ts';
import type { RowFormat } from './format.ts';
import { geojsonFormat } from './geojson.ts';
import { jsonFormat } from './json.ts';
import { ndjsonFormat } from './ndjson.ts';

export type FormatName = 'csv' | 'json' | 'ndjson' | 'geojson' | 'parquet';

export type FormatEntry = {
  readonly id: FormatName;
  /** What people call it. */
  readonly label: string;
  readonly mediaType: string;
  readonly extension: string;
  /** Null: the engine writes the whole file itself (COPY), so it cannot be streamed row by row. */
  readonly rows: RowFormat | null;
  readonly needsGeometry: boolean;
};

function toEntry(id: FormatName, label: string, rows: RowFormat, needsGeometry = false): FormatEntry {
  return { id, label, mediaType: rows.mediaType, extension: rows.extension, rows, needsGeometry };
}

export const formatTable: Readonly<Record<FormatName, FormatEntry>> = {
  csv: toEntry('csv', 'CSV', csvFormat),
  json: toEntry('json', 'JSON', jsonFormat),
  ndjson: toEntry('ndjson', 'NDJSON', ndjsonFormat),
  geojson: toEntry('geojson', 'GeoJSON', geojsonFormat, true),
  parquet: {
    id: 'parquet',
    label: 'Parquet',
    mediaType: 'application/vnd.apache.parquet',
    extension: 'parquet',
    rows: null,
    needsGeometry: false,
  },
};

/** The formats that a dataset of these columns can be given in: GeoJSON only when there is geometry. */
export function formatsFor(schema: Schema): readonly FormatEntry[] {
  const hasGeometry = schema.some((column) => column.type.kind === 'geometry');
  return Object.values(formatTable).filter((entry) => hasGeometry || !entry.needsGeometry);
}

export { csvFormat, geojsonFormat, jsonFormat, ndjsonFormat };
