// The row formats that the native API, downloads and pages give, by the name in their addresses.
// It must make no format of its own; src/formats does.

import { cellsFormat } from '../../formats/cells.ts';
import { csvFormat, geojsonFormat, jsonFormat, ndjsonFormat } from '../../formats/formats.ts';

export const exportFormats = {
  json: jsonFormat,
  csv: csvFormat,
  ndjson: ndjsonFormat,
  geojson: geojsonFormat,
} as const;

export type RowFormatName = keyof typeof exportFormats;

export { cellsFormat };
