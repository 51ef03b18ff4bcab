// Small results as plain JSON values, for building and describing files. Never for answers: those are streamed.

import type { DuckDBResult, DuckDBValueConverter, Json } from '@duckdb/node-api';
import { DuckDBBlobValue, DuckDBTypeId, JsonDuckDBValueConverter } from '@duckdb/node-api';

/**
 * Rows as objects: integers as numbers when safe, else as text; decimals as text; dates and times as ISO text; bytes
 * as base64.
 */
export async function readPlainRows(result: DuckDBResult): Promise<Record<string, Json>[]> {
  return await result.convertRowObjects(toPlain);
}

const toPlain: DuckDBValueConverter<Json> = (value, type, self) => {
  if (value === null) return null;
  if (typeof value === 'bigint') {
    const asNumber = Number(value);
    return Number.isSafeInteger(asNumber) ? asNumber : value.toString();
  }
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64');
  switch (type.typeId) {
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
      return String(value).replace(' ', 'T');
    case DuckDBTypeId.TIMESTAMP_TZ:
      // A child's time zone is UTC, so the offset is always written +00.
      return String(value).replace(' ', 'T').replace(/\+00$/, 'Z');
    default:
      return JsonDuckDBValueConverter(value, type, self);
  }
};
