// Writes the rows that could not be published, as CSV: row, line, code, reason, and the row as it stood in the file.
// It must not drop a row: what is added is on the disk when `close` has returned.

import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { ErrorCode } from '../../base/errors.ts';
import type { Sentence } from '../../base/say.ts';

export type QuarantinedRow = {
  /** 1-based record number in the file, header not counted. */
  readonly row: number;
  readonly line: number | null;
  readonly code: ErrorCode;
  readonly reason: Sentence;
  readonly raw: string;
};

export type Quarantine = {
  add(row: QuarantinedRow): void;
  /** Waits until what was added is written; call it now and then on long runs. */
  drain(): Promise<void>;
  readonly path: string;
  count(): number;
  /** Record numbers of the rows added so far, ascending within one pass. */
  rows(): readonly number[];
  close(): Promise<void>;
};

export function openQuarantine(path: string): Quarantine {
  const stream = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  const rows: number[] = [];
  let failed: Error | null = null;
  stream.on('error', (error) => (failed = error));
  stream.write('row,line,code,reason,raw\n');
  return {
    path,
    add({ row, line, code, reason, raw }) {
      rows.push(row);
      stream.write(`${row},${line ?? ''},${code},${toCell(reason.english)},${toCell(raw)}\n`);
    },
    async drain() {
      if (failed !== null) throw failed;
      if (stream.writableNeedDrain) await once(stream, 'drain');
    },
    count: () => rows.length,
    rows: () => rows,
    async close() {
      if (failed !== null) throw failed;
      stream.end();
      await finished(stream);
    },
  };
}

/** One CSV cell, always quoted; a quote inside is doubled. */
export function toCell(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
