// The 1M- and 10M-row sets that benchmarks share, published once into one portal, and what their columns are called.

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { removeFolder, runPortal, startBenchPortal, temporaryFolder, type BenchPortal } from './portal.ts';

export type BenchColumns = { readonly category: string; readonly number: string; readonly text: string };

export type BenchSets = {
  readonly portal: BenchPortal;
  readonly columns: BenchColumns;
  readonly million: string;
  readonly tenMillion: string | null;
  readonly folder: string;
  close(): Promise<void>;
};

/** Makes a generated CSV of `rows` rows, once. */
export function sampleFile(folder: string, rows: number): { path: string; bytes: number } {
  const path = join(folder, `sample-${rows}.csv`);
  if (!existsSync(path)) runPortal(['sample', '--rows', String(rows), '--out', path], folder);
  return { path, bytes: statSync(path).size };
}

export function publishArguments(path: string, id: string): string[] {
  return ['publish', path, '--id', id, '--title', `Benchmark ${id}`, '--department', 'Benchmarks', '--json'];
}

type Described = { columns: { name: string; type: { kind: string }; distinct?: number | null }[] };

async function readColumns(portal: BenchPortal, id: string): Promise<BenchColumns> {
  const answer = await fetch(`${portal.url}/api/v1/datasets/${id}`);
  const body = (await answer.json()) as { data?: unknown };
  const found = JSON.stringify(body);
  const columns = findColumns(body);
  if (columns === null) throw new Error(`no columns in ${found.slice(0, 200)}`);
  const number = columns.find((each) => ['number', 'decimal'].includes(each.type.kind));
  const texts = columns.filter((each) => each.type.kind === 'text');
  const distinct = async (name: string): Promise<number> => {
    const text = await fetch(
      `${portal.url}/api/v1/datasets/${id}/rows?select=${encodeURIComponent(`count(distinct ${name}) as n`)}`,
    ).then((each) => each.json() as Promise<{ data: { n: number }[] }>);
    return Number(text.data[0]!.n);
  };
  const counted = await Promise.all(texts.map(async (each) => ({ name: each.name, n: await distinct(each.name) })));
  counted.sort((a, b) => a.n - b.n);
  const category = counted.find((each) => each.n > 1);
  if (number === undefined || category === undefined) throw new Error('the sample has no number or no category column');
  return { number: number.name, category: category.name, text: counted.at(-1)!.name };
}

function findColumns(body: unknown): Described['columns'] | null {
  if (typeof body !== 'object' || body === null) return null;
  if ('columns' in body && Array.isArray(body.columns)) return body.columns as Described['columns'];
  for (const value of Object.values(body)) {
    const found = findColumns(value);
    if (found !== null) return found;
  }
  return null;
}

/** Downloads are made after the release, at low priority: queries are measured when that is done. */
async function waitDerived(portal: BenchPortal, id: string): Promise<void> {
  for (let seconds = 0; seconds < 900; seconds++) {
    const answer = await fetch(`${portal.url}/api/v1/datasets/${id}`);
    const { downloads } = (await answer.json()) as { downloads: { format: string; bytes: number | null }[] };
    if (downloads.some((each) => each.format === 'csv' && each.bytes !== null)) return;
    await new Promise((done) => setTimeout(done, 1000));
  }
  throw new Error(`the downloads of ${id} were not made in time`);
}

/** Publishes what the chosen cases need (0, 1M or 10M rows) into a fresh portal. */
export async function prepareSets(maxRows: number): Promise<BenchSets> {
  const folder = temporaryFolder();
  const dataDir = join(folder, 'data');
  const portal = await startBenchPortal(dataDir, {
    QUERY_DEADLINE_SECONDS: '120',
    EXPORT_DEADLINE_SECONDS: '600',
    MAX_UPLOAD_MB: '4000',
  });
  const close = async (): Promise<void> => {
    await portal.stop();
    removeFolder(folder);
  };
  try {
    const columns = await publishSets(portal, folder, maxRows);
    return {
      portal,
      columns,
      million: 'million',
      tenMillion: maxRows >= 10_000_000 ? 'ten-million' : null,
      folder,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function publishSets(portal: BenchPortal, folder: string, maxRows: number): Promise<BenchColumns> {
  const wanted = [
    { rows: 1_000_000, id: 'million' },
    { rows: 10_000_000, id: 'ten-million' },
  ].filter(({ rows }) => rows <= maxRows);
  for (const { rows, id } of wanted) {
    process.stderr.write(`publishing ${rows} rows …\n`);
    runPortal(publishArguments(sampleFile(folder, rows).path, id), portal.dataDir);
  }
  for (const { id } of wanted) await waitDerived(portal, id);
  return wanted.length > 0 ? await readColumns(portal, 'million') : { category: '', number: '', text: '' };
}
