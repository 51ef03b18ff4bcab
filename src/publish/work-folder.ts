// Folders for unfinished work, one for each piece of it: gone when the work ends, swept when a crash left it.
// It must not know what the work is.

import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PortalError } from '../base/errors.ts';

export type WorkPlace = {
  /** Folder for unfinished work, on the file system of the store when that is a folder. */
  readonly workFolder: string;
};

const workPrefix = 'work-';

/** A folder of its own under `workFolder`, gone whatever happens. */
export async function withWorkFolder<Result>(
  { workFolder }: WorkPlace,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  await mkdir(workFolder, { recursive: true });
  const folder = await mkdtemp(join(workFolder, workPrefix));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Removes the work folders that a crash left behind. Only for whoever knows that no work is under way: the folder has
 * one owner.
 */
export async function sweepWork({ workFolder }: WorkPlace): Promise<number> {
  const names = await readdir(workFolder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const left = names.filter((each) => each.startsWith(workPrefix));
  for (const name of left) await rm(join(workFolder, name), { recursive: true, force: true });
  return left.length;
}

/** A full disk is named as such wherever it was met. */
export function toDiskFull(error: unknown): unknown {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const code = 'code' in at ? at.code : null;
    if (code === 'ENOSPC' || code === 'EDQUOT' || /No space left on device/.test(at.message)) {
      return error instanceof PortalError && error.code === 'disk-full'
        ? error
        : new PortalError('disk-full', { cause: error });
    }
  }
  return error;
}
