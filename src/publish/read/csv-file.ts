// Walks the records of a CSV file of any size with one window of memory.
// It must hand over every byte of the file in some record, and must not judge rows.

import { open } from 'node:fs/promises';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import { emptyRecord, prepareGrammar, readRecord } from './csv-record.ts';
import type { CsvGrammar, CsvRecord, CsvWindow } from './csv-record.ts';

export type CsvVisit = {
  readonly record: CsvRecord;
  /** The window that `record.start` and `record.end` point into; valid during the call only. */
  readonly bytes: Buffer;
  /** Physical line of the record's start, 1-based. */
  readonly line: number;
  /** Offset of the record in the file. */
  readonly offset: number;
};

export type CsvWalk = {
  readonly grammar: CsvGrammar;
  /** Offset of the first byte of text (after a byte-order mark). */
  readonly start: number;
  /** Values are decoded for every record. */
  readonly collect: boolean;
};

const csvLimits = { windowBytes: 1 << 20, recordBytes: 64 * 1024 * 1024 } as const;

/**
 * Calls `visit` for every record, blank lines included; false ends the walk. A record that cannot be read and spans
 * several lines is handed over as its first line only, and reading goes on at the next line: one stray quote costs one
 * row. Throws file-unreadable when a record is longer than 64 MB or the quotes are hopeless.
 */
export async function walkCsv(path: string, walk: CsvWalk, visit: (visit: CsvVisit) => boolean | void): Promise<void> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const grammar = prepareGrammar(walk.grammar);
    const record = emptyRecord();
    const window: CsvWindow = { bytes: Buffer.allocUnsafe(csvLimits.windowBytes), limit: 0, atEnd: false };
    let offset = walk.start; // of the window's first byte in the file
    let at = 0;
    let line = 1;
    let again = 0; // bytes read a second time after an unreadable record
    for (;;) {
      const { bytes, limit } = window;
      const atEnd = offset + limit >= size;
      if (at >= limit && atEnd) return;
      // A record that fills the largest window is one with a quote that never closes, or no record at all.
      const full = at === 0 && limit >= csvLimits.recordBytes;
      window.atEnd = atEnd || full;
      if (at < limit && readRecord(window, at, grammar, record, walk.collect)) {
        if (full && !atEnd && record.next === limit && record.firstLineEnd === -1) throw recordTooLong(line);
        const lost = toFirstLine(record, bytes);
        again += lost;
        if (again > size * 8 + csvLimits.recordBytes) throw hopelessQuotes(line);
        if (visit({ record, bytes, line, offset: offset + at }) === false) return;
        line += record.lineEnd === 'none' ? 0 : 1 + record.innerLines;
        at = record.next;
        continue;
      }
      const room = at === 0 && limit === bytes.length ? Buffer.concat([bytes], bytes.length * 2) : bytes;
      room.copy(room, 0, at, limit);
      offset += at;
      const kept = limit - at;
      at = 0;
      const { bytesRead } = await handle.read(room, kept, room.length - kept, offset + kept);
      if (bytesRead === 0 && !atEnd) throw new PortalError('upload-truncated', say('publish.file-shrank'));
      window.bytes = room;
      window.limit = kept + bytesRead;
    }
  } finally {
    await handle.close();
  }
}

/** Cuts an unreadable record of several lines down to its first; returns how many bytes will be read again. */
function toFirstLine(record: CsvRecord, bytes: Buffer): number {
  if (record.problem === null || record.problem === 'nul' || record.firstLineEnd === -1) return 0;
  const again = record.next - record.firstLineEnd;
  record.next = record.firstLineEnd + 1;
  record.end = record.firstLineEnd;
  record.innerLines = 0;
  record.lineEnd = bytes[record.end] === 0x0d ? 'cr' : 'lf';
  return again;
}

function recordTooLong(line: number): PortalError {
  return new PortalError('file-unreadable', {
    detail: say('publish.record-too-long', { line, bytes: csvLimits.recordBytes }),
    extra: { line },
  });
}

function hopelessQuotes(line: number): PortalError {
  return new PortalError('file-unreadable', {
    detail: say('publish.quotes-senseless', { line }),
    extra: { line },
  });
}
