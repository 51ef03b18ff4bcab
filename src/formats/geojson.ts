// Rows as a GeoJSON FeatureCollection (RFC 7946): the first geometry column is the geometry, `:id` the feature's id,
// everything else a property. It must not write a crs member: RFC 7946 knows longitude and latitude only.

import { rowIdColumn } from '../query/column.ts';
import type { RowFormat, SqlOutput } from './format.ts';
import { jsonObjectSql, jsonTextSql } from './row-text.ts';

export const geojsonFormat: RowFormat = {
  id: 'geojson',
  version: 1,
  mediaType: 'application/geo+json',
  extension: 'geojson',
  separator: ',\n',
  row: featureSql,
  begin: () => '{"type":"FeatureCollection","features":[\n',
  end: ({ next, truncated }) => {
    const walk = next === null ? {} : { next };
    const cut = truncated ? { truncated } : {};
    const members = JSON.stringify({ ...walk, ...cut }).slice(1, -1);
    return `\n]${members === '' ? '' : `,${members}`}}\n`;
  },
};

function featureSql(columns: readonly SqlOutput[]): string {
  const id = columns.find(({ column }) => column.name === rowIdColumn);
  const place = columns.find(({ column }) => column.type.kind === 'geometry');
  const properties = columns.filter((output) => output !== id && output !== place);
  const opening = id === undefined ? `'{"type":"Feature"'` : `'{"type":"Feature","id":', ${jsonTextSql(id)}`;
  const geometry = place === undefined ? `'null'` : jsonTextSql(place);
  return `concat(${opening}, ',"geometry":', ${geometry}, ',"properties":', ${jsonObjectSql(properties)}, '}')`;
}
