// How a DuckDB instance is opened: read-only or walled into folders, no extensions, no secrets, configuration locked
// last. It must never open anything without a lock at the end.

import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';

export type Limits = {
  /** DuckDB's own budget, e.g. `700MB`. No bound by itself: RLIMIT_DATA of the process is. */
  readonly memoryLimit: string;
  readonly threads: number;
  /** Folder that sorts and joins spill into; relative to the child's own folder. */
  readonly spillFolder: string;
  readonly spillLimit: string;
};

export type Opened = { readonly instance: DuckDBInstance; readonly connection: DuckDBConnection };

const noExtensions: Readonly<Record<string, string>> = {
  autoload_known_extensions: 'false',
  autoinstall_known_extensions: 'false',
  allow_community_extensions: 'false',
  allow_unsigned_extensions: 'false',
  allow_persistent_secrets: 'false',
};

/** A serving file, read-only. File access is shut after opening, because opening looks for a write-ahead log. */
export async function openServingFile(path: string, limits: Limits): Promise<Opened> {
  const instance = await DuckDBInstance.create(path, {
    access_mode: 'READ_ONLY',
    ...toOptions(limits),
    ...noExtensions,
  });
  const connection = await instance.connect();
  await lock(connection, []);
  return { instance, connection };
}

/** An in-memory instance that may read and write below `folders` and nowhere else. `paths` are single files. */
export async function openBuild(folders: readonly string[], attach: string | null, limits: Limits): Promise<Opened> {
  const instance = await DuckDBInstance.create(':memory:', { ...toOptions(limits), ...noExtensions });
  const connection = await instance.connect();
  if (attach !== null) {
    await connection.run(`attach ${toSqlText(attach)} as served (read_only)`);
    await connection.run('use served');
  }
  await lock(connection, folders);
  return { instance, connection };
}

/** An instance that only parses. */
export async function openParser(): Promise<Opened> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '64MB', ...noExtensions });
  const connection = await instance.connect();
  await lock(connection, []);
  return { instance, connection };
}

async function lock(connection: DuckDBConnection, folders: readonly string[]): Promise<void> {
  if (folders.length > 0) {
    // A prefix without its slash would also allow its siblings: /a/b and /a/bc.
    const prefixes = folders.map((folder) => toSqlText(folder.endsWith('/') ? folder : `${folder}/`));
    await connection.run(`set allowed_directories=[${prefixes.join(', ')}]`);
  }
  await connection.run('set enable_external_access=false');
  await connection.run('set lock_configuration=true');
}

function toOptions(limits: Limits): Record<string, string> {
  return {
    memory_limit: limits.memoryLimit,
    threads: String(limits.threads),
    temp_directory: limits.spillFolder,
    max_temp_directory_size: limits.spillLimit,
  };
}

export function toSqlText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
