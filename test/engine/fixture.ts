// A real serving file of generated rows and a real engine on it, for the engine's tests.

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { systemClock } from '../../src/base/clock.ts';
import { PortalError } from '../../src/base/errors.ts';
import type { Engine, EngineAnswer, EngineQuery, EngineTrailer, ServingFile } from '../../src/engine/engine.ts';
import type { EngineEvent, EngineOptions } from '../../src/engine/options.ts';
import { openEngine } from '../../src/engine/pool.ts';
import { patienceMs, until } from '../patience.ts';

const defaultTable = (rows: number): string => `
  select i as ":id", i % 7 as ward, (hash(i) % 100000) / 100.0 as cost, 'Permit ' || i as title,
    ('POINT(' || (-122.3 + (i % 100) / 1000.0) || ' ' || (47.3 + (i % 77) / 1000.0) || ')')::GEOMETRY as place
  from range(1, ${rows + 1}) t(i)`;

export function makeFolder(t: { after(f: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'engine-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function makeServingFile(folder: string, select: string, name = 'data.duckdb'): Promise<ServingFile> {
  const path = join(folder, name);
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(`create table data as ${select}`);
  await connection.run('checkpoint');
  const rows = Number((await connection.runAndReadAll('select count(*) from data')).getRowsJson()[0]?.[0]);
  connection.closeSync();
  instance.closeSync();
  return {
    path,
    sha256: createHash('sha256').update(readFileSync(path)).digest('hex'),
    bytes: statSync(path).size,
    rows,
  };
}

export type Bench = {
  readonly engine: Engine;
  readonly file: ServingFile;
  readonly folder: string;
  readonly events: EngineEvent[];
  ask(text: string, change?: Partial<EngineQuery>, signal?: AbortSignal): Promise<Answer>;
};
export type Answer = { readonly text: string; readonly trailer: EngineTrailer };

/** An engine with a file of `rows` rows; closed after the test. */
export async function openBench(
  t: TestContext | { after(f: () => unknown): void },
  rows = 10_000,
  options: Partial<EngineOptions> = {},
): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'engine-test-'));
  const file = await makeServingFile(folder, defaultTable(rows));
  const events: EngineEvent[] = [];
  const engine = await openEngine(
    { tempFolder: join(folder, 'temp'), observe: (event) => events.push(event), ...options },
    { clock: systemClock },
  );
  t.after(async () => {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const ask = async (text: string, change: Partial<EngineQuery> = {}, signal?: AbortSignal): Promise<Answer> =>
    await collect(await engine.query(toRequest(file, text, change), signal));
  return { engine, file, folder, events, ask };
}

/** The processes of the children that were started and whose end was not told. */
export function livingChildren({ events }: Pick<Bench, 'events'>): readonly number[] {
  const ended = new Set(events.flatMap((event) => (event.kind === 'worker-ended' ? [event.pid] : [])));
  return events.flatMap((event) => (event.kind === 'worker-started' && !ended.has(event.pid) ? [event.pid] : []));
}

/** As many queries at once as there are to be children: each but the first is started because a query waits for it. */
export async function growTo(bench: Bench, workers: number): Promise<void> {
  await until(`${workers} children are there`, async () => {
    await Promise.all(
      Array.from({ length: workers }, async () => await bench.ask('select count(*)::varchar from data')),
    );
    return livingChildren(bench).length >= workers;
  });
}

export function toRequest(file: ServingFile, text: string, change: Partial<EngineQuery> = {}): EngineQuery {
  return {
    file,
    text,
    params: [],
    keyColumns: 0,
    maxRows: null,
    maxBytes: null,
    separator: '\n',
    deadlineMs: patienceMs,
    estimatedRows: 100,
    ...change,
  };
}

export async function collect(answer: EngineAnswer): Promise<Answer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of answer.chunks) parts.push(chunk);
  return { text: Buffer.concat(parts).toString('utf8'), trailer: await answer.trailer };
}

/** The PortalError that the work ends in; anything else fails the test. */
export async function errorOf(work: Promise<unknown>): Promise<PortalError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof PortalError) return error;
    throw error;
  }
  throw new Error('It succeeded, and should not have.');
}
