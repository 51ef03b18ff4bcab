// Reads every stored file, slowly, and compares it with its name: damage is found before anybody asks for the file.
// It must not hold up an answer: it reads a little, then waits.

import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import type { StoreHealth } from './health.ts';
import type { Blob, BlobStore } from './store.ts';

export type ScrubPace = { readonly bytesPerSecond: number };

/** So much is read at once before the pace is looked at. */
const stretchBytes = 4 * 1024 * 1024;

/**
 * Damage is told by the store itself, which is asked to look again. Returns false when it was stopped before the end.
 */
export async function scrubStore(
  store: BlobStore,
  health: StoreHealth,
  pace: ScrubPace,
  signal: AbortSignal,
  effects: Effects,
): Promise<boolean> {
  const begunMs = effects.clock.monotonicMs();
  let [files, bytes, damaged] = [0, 0, 0];
  for await (const blob of store.list()) {
    if (signal.aborted) return false;
    const found = await hashSlowly(store, blob, pace, signal);
    if (found === null) continue;
    files += 1;
    bytes += blob.bytes;
    if (found !== blob.sha256 && !(await store.verify(blob.sha256))) damaged += 1;
    health.countChecked(blob.bytes);
  }
  const elapsedMs = effects.clock.monotonicMs() - begunMs;
  effects.observe({ kind: 'stored-files-checked', files, bytes, damaged, elapsedMs });
  return true;
}

/** The file's SHA-256; null when it was removed meanwhile, or when there was no time to read it to its end. */
async function hashSlowly(
  store: BlobStore,
  { sha256 }: Blob,
  { bytesPerSecond }: ScrubPace,
  signal: AbortSignal,
): Promise<string | null> {
  const hash = createHash('sha256');
  let stretch = 0;
  try {
    for await (const chunk of await store.read(sha256)) {
      const piece = chunk as Buffer;
      hash.update(piece);
      stretch += piece.length;
      if (stretch < stretchBytes) continue;
      await rest(stretch, bytesPerSecond, signal);
      stretch = 0;
    }
    await rest(stretch, bytesPerSecond, signal);
  } catch (error) {
    if (signal.aborted || (error instanceof PortalError && error.code === 'not-found')) return null;
    throw error;
  }
  return hash.digest('hex');
}

async function rest(bytes: number, bytesPerSecond: number, signal: AbortSignal): Promise<void> {
  await wait(Math.ceil((bytes / bytesPerSecond) * 1_000), undefined, { signal, ref: false });
}
