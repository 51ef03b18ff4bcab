// Putting one local file in its lasting place: synced, renamed, and the folder synced, so that a power cut cannot undo
// it. It must never leave a half-written file under a lasting name, and never retry a sync that failed.

import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PortalError } from '../base/errors.ts';

export type FileStamp = { readonly bytes: number; readonly changed: string; readonly changedMs: number };

/** What changes when a file does: size, inode, and both times to the nanosecond. null when there is no such file. */
export async function readStamp(path: string): Promise<FileStamp | null> {
  try {
    const found = await stat(path, { bigint: true });
    const changed = `${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}`;
    return { bytes: Number(found.size), changed, changedMs: Number(found.mtimeMs) };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

export async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a folder whose name survives a power cut. */
export async function makeFolder(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true });
  if (made !== undefined) await syncPath(dirname(made));
}

/** Moves a finished file to `target`; both are synced. A file on another disk is copied beside the target first. */
export async function moveDurably(source: string, target: string, beside: string): Promise<void> {
  await chmod(source, 0o444);
  await syncPath(source);
  try {
    await rename(source, target);
  } catch (error) {
    if (!hasCode(error, 'EXDEV')) throw error;
    try {
      await copyFile(source, beside, constants.COPYFILE_EXCL);
      await syncPath(beside);
      await rename(beside, target);
    } finally {
      await rm(beside, { force: true });
    }
    await rm(source);
  }
  await syncPath(dirname(target));
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** A full disk or quota gets its own code; every other error stays what it is. */
export async function orDiskFull<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, 'ENOSPC') || hasCode(error, 'EDQUOT')) throw new PortalError('disk-full', { cause: error });
    throw error;
  }
}
