// What the publishing tests stand on: a real engine, work folders, and files made on the spot or found in
// ../shared/data. It must not publish anything by itself.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { PortalError, type ErrorCode } from '../../src/base/errors.ts';
import type { BuildSession, Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/pool.ts';
import { defaultIngestLimits, ingestFile, type Ingested, type IngestOptions } from '../../src/publish/ingest.ts';

export const sharedData = join(import.meta.dirname, '../../../shared/data');
export const skipWithoutShared = existsSync(sharedData) ? false : '../shared/data is not here';

export type Ground = {
  readonly engine: Engine;
  readonly folder: string;
  /** Ingests the bytes in a folder of their own, which stays until the tests end. */
  ingest(name: string, bytes: string | Uint8Array, options?: IngestOptions): Promise<Ingested>;
  /** Rows of the ingested Parquet file; `text` is SQL over the table `data`. */
  read(ingested: Ingested, text?: string): Promise<Record<string, unknown>[]>;
  /** Rows of its serving file. */
  readServing(ingested: Ingested, text: string): Promise<Record<string, unknown>[]>;
};

/** One engine for a test file. */
export async function openGround(): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'portal-publish-'));
  const engine = await openEngine(
    { tempFolder: join(folder, 'engine'), workers: 1, extraWorkers: 0 },
    { clock: systemClock },
  );
  const reader: { session: BuildSession | null } = { session: null };
  const session = async (): Promise<BuildSession> =>
    (reader.session ??= await engine.build({ folders: [folder], deadlineMs: 600_000 }));
  after(async () => {
    await reader.session?.close();
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    engine,
    folder,
    ingest: async (name, bytes, options = {}) => {
      const work = await mkdtemp(join(folder, 'work-'));
      const path = join(work, 'upload');
      await writeFile(path, bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const file = { path, name, bytes: Buffer.byteLength(bytes), sha256 };
      const ingested = await ingestFile({ engine, folder: work, limits: defaultIngestLimits }, file, options);
      requireSum(ingested);
      return ingested;
    },
    read: async ({ parquet }, text = 'select * from data') => {
      const build = await session();
      await build.run(`create or replace view data as select * from read_parquet('${parquet}')`);
      return await build.run(text);
    },
    readServing: async ({ serving }, text) => {
      const build = await session();
      await build.run(`attach '${serving}' as served (read_only)`);
      try {
        return await build.run(text);
      } finally {
        await build.run('detach served');
      }
    },
  };
}

function requireSum({ report }: Ingested): void {
  if (report.rowsInFile !== report.rowsPublished + report.rowsQuarantined) throw new Error('rows do not add up');
}

export function hasCode(...codes: ErrorCode[]) {
  return (error: unknown): boolean => error instanceof PortalError && codes.includes(error.code);
}

/** `name:kind` of every column, with what else is known of it. */
export function toTypes({ columns }: Pick<Ingested, 'columns'>): string {
  return columns
    .map(({ name, type, meaning }) => {
      const more = type.kind === 'decimal' ? `(${type.scale})` : type.kind === 'geometry' ? `/${type.shape}` : '';
      return `${name}:${type.kind}${more}${meaning === null ? '' : `!${meaning}`}`;
    })
    .join(' ');
}
