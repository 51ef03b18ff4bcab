// Reads text and bytes straight out of DuckDB's result and argument vectors, and writes function results into them.
// The driver's own accessors make objects a value; here one call maps a run of neighbours. Nothing is kept past its
// chunk.

import type { DuckDBDataChunk } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';

/** duckdb_string_t: length, then twelve bytes in place or a prefix and a pointer. */
const itemBytes = 16;
const inlineBytes = 12;
/**
 * Values of one vector lie one after the other in the engine's arena, apart from alignment. A gap this small between
 * two mapped values cannot contain an unmapped page, so a run may be mapped as one piece.
 */
const widestGap = 8n;

/**
 * One VARCHAR or BLOB column of a chunk, read row by row, downwards. `view`, `start` and `length` are the row's
 * bytes.
 */
export type BytesColumn = {
  /** False for NULL. */
  seek(row: number): boolean;
  view: DataView;
  start: number;
  length: number;
  bytes(): Uint8Array;
  /** Where the bytes lie, to see that two rows share them; 0 for values that stand in the vector itself. */
  address: bigint;
};

export function bytesColumn(chunk: DuckDBDataChunk, column: number): BytesColumn {
  const count = chunk.rowCount;
  const vector = duckdb.data_chunk_get_vector(chunk.chunk, column);
  const items = duckdb.vector_get_data(vector, count * itemBytes);
  const table = new DataView(items.buffer, items.byteOffset, items.byteLength);
  const validity = readValidity(vector, count);
  let run = table;
  let runAddress = 0n;
  let runEnd = -1; // rows from the run's first to this one (excluded) lie in `run`
  const found: BytesColumn = {
    view: table,
    start: 0,
    length: 0,
    address: 0n,
    bytes: () => new Uint8Array(found.view.buffer, found.view.byteOffset + found.start, found.length),
    seek: (row) => {
      if (validity !== null && !isValid(validity, row)) return false;
      const at = row * itemBytes;
      const length = table.getUint32(at, true);
      const before = found.address;
      if (
        length > inlineBytes &&
        before !== 0n &&
        length === found.length &&
        table.getBigUint64(at + 8, true) === before
      ) {
        return true; // a constant argument: every row points at the same bytes, and mapping copies them
      }
      found.length = length;
      if (length <= inlineBytes) {
        found.view = table;
        found.start = at + 4;
        found.address = 0n;
        return true;
      }
      found.address = table.getBigUint64(at + 8, true);
      if (row >= runEnd) {
        const next = findRun(table, validity, row, count);
        runEnd = next.endRow;
        runAddress = found.address;
        run = mapRun(items, at + 8, next.byteLength);
      }
      found.view = run;
      found.start = Number(found.address - runAddress);
      return true;
    },
  };
  return found;
}

/** One DOUBLE column of a chunk. */
export type NumberColumn = { seek(row: number): boolean; value: number };

export function numberColumn(chunk: DuckDBDataChunk, column: number): NumberColumn {
  const count = chunk.rowCount;
  const vector = duckdb.data_chunk_get_vector(chunk.chunk, column);
  const items = duckdb.vector_get_data(vector, count * Float64Array.BYTES_PER_ELEMENT);
  const table = new DataView(items.buffer, items.byteOffset, items.byteLength);
  const validity = readValidity(vector, count);
  const found: NumberColumn = {
    value: 0,
    seek: (row) => {
      if (validity !== null && !isValid(validity, row)) return false;
      found.value = table.getFloat64(row * Float64Array.BYTES_PER_ELEMENT, true);
      return true;
    },
  };
  return found;
}

/** The binding reads the pointer that stands at this offset of the vector's own memory. */
function mapRun(items: Uint8Array, pointerOffset: number, byteLength: number): DataView {
  const buffer = items.buffer as ArrayBuffer; // the binding makes these itself, never shared
  const bytes = duckdb.get_data_from_pointer(buffer, items.byteOffset + pointerOffset, byteLength);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** From `row` on, the rows whose values follow each other in memory, and the bytes from the first to the last. */
function findRun(
  table: DataView,
  validity: Uint8Array | null,
  row: number,
  count: number,
): { endRow: number; byteLength: number } {
  const start = table.getBigUint64(row * itemBytes + 8, true);
  let end = start + BigInt(table.getUint32(row * itemBytes, true));
  let next = row + 1;
  for (; next < count; next += 1) {
    if (validity !== null && !isValid(validity, next)) continue;
    const length = table.getUint32(next * itemBytes, true);
    if (length <= inlineBytes) continue;
    const pointer = table.getBigUint64(next * itemBytes + 8, true);
    const gap = pointer - end;
    if (gap < 0n || gap > widestGap) break;
    end = pointer + BigInt(length);
  }
  return { endRow: next, byteLength: Number(end - start) };
}

function readValidity(vector: duckdb.Vector, count: number): Uint8Array | null {
  // The binding answers null, whatever its types say, when every value is valid.
  const bytes = duckdb.vector_get_validity(vector, Math.ceil(count / 64) * 8) as Uint8Array | null;
  return bytes === null || bytes === undefined ? null : bytes;
}

function isValid(validity: Uint8Array, row: number): boolean {
  return ((validity[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
}
