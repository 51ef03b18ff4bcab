// Which serving files have been checked against their SHA-256, and with which bytes. A damaged file is never served.

import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Sentence } from '../base/say.ts';
import type { ServingFile } from './engine.ts';

/** Hashes a file away from the portal's own thread. */
export type HashFile = (file: ServingFile, signal?: AbortSignal) => Promise<string>;

export type ServingFiles = {
  /** Names the verified bytes behind the path. Throws stored-file-damaged. Reads the file once per fingerprint. */
  requireIntact(file: ServingFile): Promise<string>;
};

const mostRemembered = 10_000;

export function servingFiles(hashFile: HashFile): ServingFiles {
  const known = new Map<string, { readonly key: string; readonly checked: Promise<void> }>();

  const check = async (file: ServingFile): Promise<void> => {
    const found = await hashFile(file);
    if (found !== file.sha256) throw damaged(say('engine.bytes-changed'));
  };

  return {
    requireIntact: async (file) => {
      const fingerprint = toFingerprint(await readStat(file.path));
      const key = `${file.sha256}:${fingerprint}`;
      const before = known.get(file.path);
      if (before?.key === key) {
        await before.checked;
        return fingerprint;
      }
      const checked = check(file);
      known.delete(file.path);
      known.set(file.path, { key, checked });
      const oldest = known.size > mostRemembered ? known.keys().next().value : undefined;
      if (oldest !== undefined) known.delete(oldest);
      try {
        await checked;
      } catch (error) {
        // Damage stays known until the file changes; a busy or failing engine is no verdict on the file.
        const verdict = error instanceof PortalError && error.code === 'stored-file-damaged';
        if (!verdict && known.get(file.path)?.checked === checked) known.delete(file.path);
        throw error;
      }
      return fingerprint;
    },
  };
}

async function readStat(path: string): Promise<BigIntStats> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    throw damaged(say('engine.not-there'), error);
  }
}

/** Device, inode, size and both times: a change of any of them means reading the file again. */
function toFingerprint(found: BigIntStats): string {
  return [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join('-');
}

function damaged(why: Sentence, cause?: unknown): PortalError {
  return new PortalError('stored-file-damaged', {
    detail: say('engine.file-damaged', { why }),
    cause,
  });
}
