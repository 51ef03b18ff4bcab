// Comparing local files with the SHA-256 they are named by: once in a process, and again when the file has changed.
// It must never take a file's word for its content: size and times only say whether to look again.

import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import { readStamp } from './files.ts';
import type { Hasher } from './hashing.ts';
import type { BlobName } from './store.ts';

export type Verifier = {
  /** Throws stored-file-damaged unless the bytes are those of the name. Cheap the second time. */
  require(path: string, name: BlobName): Promise<void>;
  isWhole(path: string, name: BlobName): Promise<boolean>;
  /** Reads every byte, whatever is remembered. */
  compare(path: string, name: BlobName): Promise<boolean>;
  /** Remembers a file that was hashed just before it was moved here. */
  trust(path: string): Promise<void>;
  forget(path: string): void;
};

export function requireName(name: BlobName): BlobName {
  if (!/^[0-9a-f]{64}$/.test(name))
    throw new PortalError('not-found', { detail: say('store.no-name', { name: name.slice(0, 80) }) });
  return name;
}

export function openVerifier(hasher: Hasher, effects: Effects): Verifier {
  const known = new Map<string, string>(); // path → stamp of the file when its bytes were last right
  const running = new Map<string, Promise<boolean>>();

  async function compareNow(path: string, name: BlobName): Promise<boolean> {
    const before = await readStamp(path);
    if (before === null) return false;
    const { sha256 } = await hasher.hashFile(path);
    const whole = sha256 === name;
    if (whole) known.set(path, before.changed);
    else {
      known.delete(path);
      const sentence = `The stored file ${name} is damaged: its bytes hash to ${sha256}. It is not being served.`;
      effects.observe({ kind: 'stored-file-damaged', sha256: name, sentence });
    }
    return whole;
  }

  /** Readers that ask at once wait for one reading of the file. */
  function compare(path: string, name: BlobName): Promise<boolean> {
    const already = running.get(path);
    if (already !== undefined) return already;
    const work = compareNow(path, name).finally(() => running.delete(path));
    running.set(path, work);
    return work;
  }

  async function isWhole(path: string, name: BlobName): Promise<boolean> {
    const stamp = await readStamp(path);
    if (stamp !== null && known.get(path) === stamp.changed) return true;
    return compare(path, name);
  }

  return {
    require: async (path, name) => {
      if (await isWhole(path, name)) return;
      throw new PortalError('stored-file-damaged', { extra: { sha256: name } });
    },
    isWhole,
    compare,
    trust: async (path) => {
      const stamp = await readStamp(path);
      if (stamp !== null) known.set(path, stamp.changed);
    },
    forget: (path) => void known.delete(path),
  };
}
