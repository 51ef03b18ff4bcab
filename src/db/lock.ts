// One portal to one data folder: a lock that the operating system gives back when the process ends, however it ends.
// It must not rely on a process id alone (ids are used again) nor on anything being tidied up after a crash.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PortalError } from '../base/errors.ts';

export type DataDirLock = { release(): void };

const sqliteBusy = 5;

/**
 * Takes the folder, making it when it is not there. Node has no flock(); SQLite, which Node carries, holds an fcntl
 * lock on a file for as long as a transaction is open, and the kernel drops it with the process. Throws
 * data-dir-in-use, naming the process that has it.
 */
export function lockDataDir(dataDir: string): DataDirLock {
  mkdirSync(dataDir, { recursive: true });
  const holder = join(dataDir, 'portal.pid');
  const lock = new DatabaseSync(join(dataDir, 'portal.lock'), { timeout: 0 });
  try {
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw new PortalError('data-dir-in-use', {
      detail:
        `The data folder ${dataDir} is in use by another portal (process ${readHolder(holder)}). ` +
        'Stop that one, work through it, or give this one a DATA_DIR of its own.',
      cause: error,
    });
  }
  writeFileSync(holder, `${process.pid}\n`);
  return { release: () => lock.close() };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy;
}

function readHolder(path: string): string {
  const text = readFileSync(path, { encoding: 'utf8', flag: 'a+' }).trim();
  return text === '' ? 'unknown' : text;
}
