// Result chunks to row bytes: copies each row's text out of the engine's memory into frames, and keeps the budgets.
// It must never build a JavaScript string per row: that alone costs more than the query.

import type { DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';
import { DuckDBTypeId } from '@duckdb/node-api';
import { bytesColumn } from './vectors.ts';

export type RowBudget = {
  readonly keyColumns: number;
  readonly maxRows: number | null;
  readonly maxBytes: number | null;
  readonly separator: string;
};

export type RowTotals = {
  readonly rows: number;
  readonly bytes: number;
  readonly more: boolean;
  readonly truncated: boolean;
  readonly lastKeys: readonly (string | null)[];
};

/** One row alone is larger than the whole byte budget. */
export class RowTooLarge extends Error {
  override readonly name = 'RowTooLarge';
}

export type RowSink = {
  /** Takes over `bytes`; waits while the reader is slow. */
  send(bytes: Uint8Array): Promise<void> | null;
};

const frameBytes = 128 * 1024;
const firstFrameBytes = 16 * 1024;

/** Emits whole rows until the result or a budget ends. Stops early without draining the result. */
export async function emitRows(result: DuckDBResult, budget: RowBudget, sink: RowSink): Promise<RowTotals> {
  requireRowShape(result, budget.keyColumns);
  const separator = Buffer.from(budget.separator, 'utf8');
  const maxRows = budget.maxRows ?? Number.POSITIVE_INFINITY;
  const maxBytes = budget.maxBytes ?? Number.POSITIVE_INFINITY;
  let frame = Buffer.allocUnsafeSlow(firstFrameBytes);
  let used = 0;
  let rows = 0;
  let bytes = 0;
  let more = false;
  let truncated = false;
  let lastKeys: readonly (string | null)[] = Array.from({ length: budget.keyColumns }, () => null);
  const flush = async (): Promise<void> => {
    if (used === 0) return;
    const waiting = sink.send(frame.subarray(0, used));
    frame = Buffer.allocUnsafeSlow(frameBytes);
    used = 0;
    if (waiting) await waiting;
  };
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    const before = rows;
    const text = bytesColumn(chunk, 0);
    const count = chunk.rowCount;
    for (let index = 0; index < count; index += 1) {
      if (rows >= maxRows) {
        more = true;
        break;
      }
      if (!text.seek(index)) throw new Error('The row text is null.');
      const gap = rows === 0 ? 0 : separator.length;
      if (bytes + gap + text.length > maxBytes) {
        if (rows === 0) throw new RowTooLarge(`One row has ${text.length} bytes.`);
        truncated = true;
        break;
      }
      if (used + gap + text.length > frame.length) {
        await flush();
        if (gap + text.length > frame.length) frame = Buffer.allocUnsafeSlow(gap + text.length);
      }
      if (gap > 0) used += separator.copy(frame, used);
      frame.set(text.bytes(), used);
      used += text.length;
      bytes += gap + text.length;
      rows += 1;
    }
    if (rows > before) lastKeys = readKeys(chunk, rows - before - 1, budget.keyColumns);
    if (more || truncated) break;
  }
  await flush();
  return { rows, bytes, more, truncated, lastKeys };
}

function requireRowShape(result: DuckDBResult, keyColumns: number): void {
  const first = result.columnCount > 0 ? result.columnTypeId(0) : null;
  if (first !== DuckDBTypeId.VARCHAR && first !== DuckDBTypeId.BLOB) {
    throw new Error('The first result column is neither text nor bytes.');
  }
  if (result.columnCount < 1 + keyColumns) throw new Error('There are fewer result columns than key columns.');
}

function readKeys(chunk: DuckDBDataChunk, row: number, keyColumns: number): (string | null)[] {
  return Array.from({ length: keyColumns }, (_, index) => {
    const value = chunk.getColumnVector(index + 1).getItem(row);
    return value === null ? null : String(value);
  });
}
