// `portal sample`: loads the sample catalogue; with --rows, a generated set as CSV, streamed at constant memory.

import { createWriteStream } from 'node:fs';
import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { buildingPermits } from '../../sample/building-permits.ts';
import { businessLicences } from '../../sample/business-licences.ts';
import { sampleSets } from '../../sample/catalogue.ts';
import { toUpload } from '../../sample/load.ts';
import { serviceRequests } from '../../sample/service-requests.ts';
import { datasetPath, formatCount } from './catalogue-commands.ts';
import { CommandError, usageError } from './exit.ts';
import type { HttpClient } from './http-client.ts';
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
    const isFull = (error as NodeJS.ErrnoException).code === 'ENOSPC';
    const why = isFull ? 'the disk is full' : (error as Error).message;
    throw new CommandError(
      'failed',
      isFull ? 'disk-full' : 'file-unwritable',
      `${options.out} was not written: ${why}.`,
    );
  } finally {
    progress.end();
  }
  const made = { file: options.out, set: options.set, rows, bytes: bytes.total };
  if (options.json === true) return writeJson(terminal, made);
  writeLines(terminal, [
    `${options.out}: ${formatCount(rows)} rows, ${formatCount(bytes.total)} bytes. Generated, not city records.`,
  ]);
}

/** Publishes the sample datasets that the portal does not have, through its API. */
export async function loadSampleThrough(client: HttpClient, terminal: Terminal, json: boolean): Promise<void> {
  const progress = openProgress(terminal);
  const folder = await mkdtemp(join(tmpdir(), 'portal-sample-'));
  const published: string[] = [];
  try {
    for (const [done, set] of sampleSets.entries()) {
      progress.show({ step: 'sample', done, total: sampleSets.length });
      if ((await client.find(datasetPath(set.id))) !== null) continue;
      const upload = toUpload(set);
      const path = join(folder, upload.fileName);
      await pipeline(Readable.from(upload.bytes()), createWriteStream(path));
      const metadata = JSON.stringify({ ...upload.metadata, department: upload.department });
      const file = { path, name: upload.fileName, bytes: (await stat(path)).size };
      await client.upload(`${datasetPath(set.id)}/revisions`, { metadata, note: upload.note }, file, () => undefined);
      published.push(set.id);
    }
  } finally {
    progress.end();
    await rm(folder, { recursive: true, force: true });
  }
  if (json) return writeJson(terminal, { published });
  const count = published.length;
  writeLines(terminal, [
    count === 0 ? 'Every sample dataset is there already.' : `Published ${count} sample datasets.`,
  ]);
}
