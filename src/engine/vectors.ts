// Reads text and bytes straight out of DuckDB's result and argument vectors.
// The driver's own accessors make an object a value; here one call maps a whole run of neighbours. Nothing is kept past its chunk.

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

export type Strings = Iterable<Uint8Array | null>;

/** Each value of a VARCHAR or BLOB column as bytes that stay valid only until the chunk is let go; null for NULL. */
export function* stringBytes(chunk: DuckDBDataChunk, column: number): Generator<Uint8Array | null, void, void> {
  const count = chunk.rowCount;
  const vector = duckdb.data_chunk_get_vector(chunk.chunk, column);
  const items = duckdb.vector_get_data(vector, count * itemBytes);
  const view = new DataView(items.buffer, items.byteOffset, items.byteLength);
  const validity = readValidity(vector, count);
  let run: Uint8Array = new Uint8Array(0);
  let runStart = 0n;
  let runEnd = -1; // rows below this index lie in `run`
  for (let row = 0; row < count; row += 1) {
    if (validity !== null && !isValid(validity, row)) {
      yield null;
      continue;
    }
    const length = view.getUint32(row * itemBytes, true);
    if (length <= inlineBytes) {
      yield new Uint8Array(items.buffer, items.byteOffset + row * itemBytes + 4, length);
      continue;
    }
    if (row >= runEnd) {
      const found = findRun(view, validity, row, count);
      runStart = view.getBigUint64(row * itemBytes + 8, true);
      runEnd = found.endRow;
      // The binding reads the pointer that stands at this offset of the vector's own memory.
      run = duckdb.get_data_from_pointer(
        items.buffer as ArrayBuffer,
        items.byteOffset + row * itemBytes + 8,
        found.byteLength,
      );
    }
    const at = Number(view.getBigUint64(row * itemBytes + 8, true) - runStart);
    yield run.subarray(at, at + length);
  }
}

/** From `row` on, the rows whose values follow each other in memory, and the bytes from the first to the last. */
function findRun(
  view: DataView,
  validity: Uint8Array | null,
  row: number,
  count: number,
): { endRow: number; byteLength: number } {
  const start = view.getBigUint64(row * itemBytes + 8, true);
  let end = start + BigInt(view.getUint32(row * itemBytes, true));
  let next = row + 1;
  for (; next < count; next += 1) {
    if (validity !== null && !isValid(validity, next)) continue;
    const length = view.getUint32(next * itemBytes, true);
    if (length <= inlineBytes) continue;
    const pointer = view.getBigUint64(next * itemBytes + 8, true);
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
