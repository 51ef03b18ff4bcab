// Writes the downloads of a revision: the whole dataset in each format, and each ready compressed.
// Their bytes are those of a live export of everything; it must not know how either of the two is served.

import { spawn } from 'node:child_process';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Dataset, Download, Revision } from '../catalogue/dataset.ts';
import type { Engine, ServingFile } from '../engine/engine.ts';
import { formatsFor, type FormatEntry } from '../formats/formats.ts';
import type { RowFormat } from '../formats/format.ts';
import { compileRows, toOutputColumns } from '../query/compile.ts';
import { planQuery } from '../query/passes.ts';
import { emptyQuery } from '../query/query.ts';
import type { BlobStore } from '../store/store.ts';
import { compressFile, type Encoding } from './compressor.ts';
import { toDiskFull } from './work-folder.ts';

/** Beyond so many rows only CSV is kept ready, without brotli: the others are made when somebody asks. */
const largeRows = 2_000_000;

/** Compressing so little takes less than starting a process for it, and is done beside the portal's own thread. */
const smallBytes = 1 << 20;

const deadlineMs = 6 * 60 * 60_000;

type DownloadDeps = { readonly engine: Engine; readonly store: BlobStore };

function encodingsFor(rows: number): readonly Encoding[] {
  return rows > largeRows ? ['zstd', 'gzip'] : ['zstd', 'br', 'gzip'];
}

function readyFormats(revision: Revision): readonly FormatEntry[] {
  const formats = formatsFor(revision.columns);
  return revision.rows > largeRows ? formats.filter(({ id }) => id === 'csv' || id === 'parquet') : formats;
}

/** In a work folder of the caller's. The canonical Parquet file is its own download. */
export async function writeDownloads(
  deps: DownloadDeps,
  dataset: Pick<Dataset, 'id'>,
  revision: Revision,
  folder: string,
  signal?: AbortSignal,
): Promise<Download[]> {
  const { serving } = revision;
  if (serving === null) throw new PortalError('not-ready', say('publish.no-serving-file'));
  const path = await deps.store.localPath(serving.sha256);
  const file: ServingFile = { path, ...serving, rows: revision.rows };
  const downloads: Download[] = [];
  for (const { id, rows } of readyFormats(revision)) {
    if (rows === null) {
      downloads.push({ format: id, ...revision.parquet, encodings: {} });
      continue;
    }
    const plain = join(folder, `download.${id}`);
    await writeRows(deps.engine, file, { dataset, revision, format: rows }, plain, signal);
    const encodings: Partial<Record<Encoding, { sha256: string; bytes: number }>> = {};
    for (const encoding of encodingsFor(revision.rows)) {
      const target = `${plain}.${encoding}`;
      await compress(plain, target, encoding, signal);
      encodings[encoding] = await deps.store.adopt(target);
    }
    downloads.push({ format: id, ...(await deps.store.adopt(plain)), encodings });
  }
  return downloads;
}

type Whole = { readonly dataset: Pick<Dataset, 'id'>; readonly revision: Revision; readonly format: RowFormat };

async function writeRows(
  engine: Engine,
  file: ServingFile,
  whole: Whole,
  path: string,
  signal?: AbortSignal,
): Promise<void> {
  const { dataset, revision, format } = whole;
  const target = { datasetId: dataset.id, revisionId: revision.id, schema: revision.columns, rows: revision.rows };
  const plan = planQuery(emptyQuery, target, { defaultLimit: null, maxLimit: null });
  const info = { columns: toOutputColumns(plan), datasetId: dataset.id, revisionId: revision.id };
  const compiled = compileRows(plan, (outputs) => format.row(outputs));
  const answer = await engine.query(
    { ...compiled, file, maxBytes: null, separator: format.separator, deadlineMs },
    signal,
  );
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(format.begin(info));
    for await (const chunk of answer.chunks) await handle.writeFile(chunk);
    const { rows, more, truncated } = await answer.trailer;
    if (more || truncated || rows !== revision.rows) {
      throw new PortalError('internal-error', `A download of ${revision.rows} rows was to be written and has ${rows}.`);
    }
    await handle.writeFile(format.end({ rows, more, truncated, next: null }, info));
  } finally {
    await handle.close();
  }
}

/** What is large in a process of its own at the lowest priority, so that nobody who reads waits for it. */
export async function compress(
  source: string,
  target: string,
  encoding: Encoding,
  signal?: AbortSignal,
): Promise<void> {
  if ((await stat(source)).size <= smallBytes) {
    try {
      return await compressFile(source, target, encoding, signal);
    } catch (error) {
      throw toDiskFull(error);
    }
  }
  const program = join(import.meta.dirname, 'compress-child.ts');
  const child = spawn(process.execPath, [program, source, target, encoding], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {},
    signal,
    killSignal: 'SIGKILL',
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (words.length < 4_000) words += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;
  if (/ENOSPC|EDQUOT/.test(words)) throw new PortalError('disk-full');
  throw new PortalError(
    'internal-error',
    `Compressing a download as ${encoding} failed (${code ?? 'killed'}): ${words.slice(0, 500)}`,
  );
}
