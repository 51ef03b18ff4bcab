// `portal sample --rows N`: a generated set as CSV, streamed to a file or to standard output at constant memory.

import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { buildingPermits } from '../../sample/building-permits.ts';
import { businessLicences } from '../../sample/business-licences.ts';
import { serviceRequests } from '../../sample/service-requests.ts';
import { formatCount } from './catalogue-commands.ts';
import { usageError } from './exit.ts';
import { openProgress, writeJson, writeLines, type Progress, type Terminal } from './terminal.ts';

/** Name → generator of the CSV text of a number of rows. */
export const generators = {
  'building-permits': buildingPermits,
  'service-requests': serviceRequests,
  'business-licenses': businessLicences,
} as const satisfies Record<string, (rows: number, seed?: number) => Iterable<string>>;

export type SampleOptions = {
  readonly rows: string;
  readonly set: string;
  readonly seed?: string;
  readonly out?: string;
  readonly json?: boolean;
};

const greatestRows = 100_000_000;

function requireWhole(name: string, text: string, most: number): number {
  const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most)) throw usageError(`${name} takes a whole number from 0 to ${most}; “${text}” is not one.`);
  return value;
}

function* counted(
  pieces: Iterable<string>,
  bytes: { total: number },
  progress: Progress,
  expected: number,
): Generator<Buffer> {
  for (const piece of pieces) {
    const buffer = Buffer.from(piece);
    bytes.total += buffer.length;
    progress.show({ step: 'rows', done: Math.min(bytes.total, expected), total: expected });
    yield buffer;
  }
}

/** Writes the rows. A file appears under its name only when it is whole. */
export async function writeSample(options: SampleOptions, terminal: Terminal): Promise<void> {
  const generate = Object.entries(generators).find(([name]) => name === options.set)?.[1];
  if (generate === undefined) {
    throw usageError(`--set takes one of ${Object.keys(generators).join(', ')}; “${options.set}” is not one.`);
  }
  if (options.json === true && options.out === undefined) throw usageError('--json needs --out FILE.');
  const rows = requireWhole('--rows', options.rows, greatestRows);
  const seed = options.seed === undefined ? undefined : requireWhole('--seed', options.seed, 0xffffffff);
  const progress = openProgress(terminal);
  const bytes = { total: 0 };
  const source = Readable.from(counted(generate(rows, seed), bytes, progress, rows * 160), { objectMode: true });
  if (options.out === undefined) {
    await pipeline(source, terminal.out, { end: false });
    progress.end();
    return;
  }
  const partial = `${options.out}.partial`;
  try {
    await pipeline(source, createWriteStream(partial));
    await rename(partial, options.out);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  } finally {
    progress.end();
  }
  const made = { file: options.out, set: options.set, rows, bytes: bytes.total };
  if (options.json === true) return writeJson(terminal, made);
  writeLines(terminal, [
    `${options.out}: ${formatCount(rows)} rows, ${formatCount(bytes.total)} bytes. Generated, not city records.`,
  ]);
}
