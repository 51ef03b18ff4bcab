// Blobs in a folder: blobs/ab/abcdef…, each named by the SHA-256 of its bytes and read-only.
// It must not hand out a local path whose bytes it has not compared with their name in this process.

import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { dayMs } from '../base/clock.ts';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import { hasCode, makeFolder, moveDurably, orDiskFull, readStamp, syncPath } from './files.ts';
import type { Hasher } from './hashing.ts';
import type { Blob, BlobName, BlobStore } from './store.ts';
import { openVerifier, requireName } from './verification.ts';

const namePattern = /^[0-9a-f]{64}$/;
const partAgeMs = dayMs;

/** `root` is made when it is not there. */
export async function openFolderStore(root: string, hasher: Hasher, effects: Effects): Promise<BlobStore> {
  const parts = join(root, 'parts');
  await orDiskFull(makeFolder(parts));
  await syncFolders(root);
  await removeParts(parts, effects);
  const verifier = openVerifier(hasher, effects);
  const placeOf = (name: BlobName): string => join(root, requireName(name).slice(0, 2), name);

  async function adopt(path: string): Promise<Blob> {
    const { sha256, bytes } = await hasher.hashFile(path);
    const place = placeOf(sha256);
    if ((await readStamp(place)) !== null && (await verifier.isWhole(place, sha256))) {
      await rm(path);
      return { sha256, bytes };
    }
    await makeFolder(join(place, '..'));
    await moveDurably(path, place, join(parts, randomUUID()));
    await verifier.trust(place);
    return { sha256, bytes };
  }

  async function read(name: BlobName, range?: { start: number; end: number }): Promise<Readable> {
    const stream = createReadStream(placeOf(name), { ...range, highWaterMark: 1 << 18 });
    await new Promise<void>((done, fail) => {
      stream.once('open', () => done());
      stream.once('error', (error) => fail(hasCode(error, 'ENOENT') ? missing(name, error) : error));
    });
    return stream;
  }

  async function localPath(name: BlobName): Promise<string> {
    const place = placeOf(name);
    if ((await readStamp(place)) === null) throw missing(name);
    await verifier.require(place, name);
    return place;
  }

  async function verify(name: BlobName): Promise<boolean> {
    const place = placeOf(name);
    if ((await readStamp(place)) === null) return false;
    return verifier.compare(place, name);
  }

  return {
    adopt: (path) => orDiskFull(adopt(path)),
    has: async (name) => (await readStamp(placeOf(name))) !== null,
    size: async (name) => (await readStamp(placeOf(name)))?.bytes ?? null,
    read,
    localPath,
    verify,
    list: () => listFolder(root),
    remove: async (name) => {
      await rm(placeOf(name), { force: true });
      verifier.forget(placeOf(name));
    },
  };
}

function missing(name: BlobName, cause?: unknown): PortalError {
  return new PortalError('not-found', { detail: say('store.no-file', { name }), cause });
}

/**
 * A crash may have come between a rename and the sync of its folder: what is there now must survive a power cut, too.
 */
async function syncFolders(root: string): Promise<void> {
  for (const name of await readdir(root)) if (/^[0-9a-f]{2}$/.test(name)) await syncPath(join(root, name));
  await syncPath(root);
}

/** What a crash left unfinished; younger ones may be another node's, at work on the same folder. */
async function removeParts(parts: string, effects: Effects): Promise<void> {
  for (const name of await readdir(parts)) {
    const path = join(parts, name);
    const age = effects.clock.now() - ((await readStamp(path))?.changedMs ?? effects.clock.now());
    if (age > partAgeMs) await rm(path, { force: true });
  }
}

async function* listFolder(root: string): AsyncGenerator<Blob> {
  for (const shard of (await readdir(root)).sort()) {
    if (!/^[0-9a-f]{2}$/.test(shard)) continue;
    for (const sha256 of (await readdir(join(root, shard))).sort()) {
      if (!namePattern.test(sha256)) continue;
      const stamp = await readStamp(join(root, shard, sha256));
      if (stamp !== null) yield { sha256, bytes: stamp.bytes };
    }
  }
}
