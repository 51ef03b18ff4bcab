// What a running portal does for its stored files by itself: makes what is missing or damaged, sweeps, looks at each
// once a day. It must not be what a request waits for; a failure is told, and the next time tries again.

import { dayMs } from '../base/clock.ts';
import type { Effects } from '../base/effects.ts';
import type { StoreHealth } from '../store/health.ts';
import { scrubStore } from '../store/scrub.ts';
import type { BlobStore } from '../store/store.ts';
import type { Publisher } from './publisher.ts';

export type UpkeepPace = {
  /** A stored file that no revision names goes at the second look that finds it so. */
  readonly sweepEveryMs: number;
  readonly firstScrubMs: number;
  readonly scrubEveryMs: number;
  readonly scrubBytesPerSecond: number;
};

const usualPace: UpkeepPace = {
  sweepEveryMs: 60 * 60_000,
  firstScrubMs: 15 * 60_000,
  scrubEveryMs: dayMs,
  scrubBytesPerSecond: 20_000_000,
};

export type UpkeepParts = {
  readonly publisher: Pick<Publisher, 'deriveMissing' | 'sweep' | 'mend'>;
  readonly store: BlobStore;
  readonly health: StoreHealth;
  /** False where reading every file costs money: an object store looks after its own. */
  readonly scrubs: boolean;
};

/** Goes on until the signal. */
export function startUpkeep(
  { publisher, store, health, scrubs }: UpkeepParts,
  effects: Effects,
  signal: AbortSignal,
  pace: UpkeepPace = usualPace,
): void {
  const run = (work: () => Promise<unknown>): void => {
    work().catch((error: unknown) => {
      if (!signal.aborted) effects.observe({ kind: 'failure', where: 'tidying', error });
    });
  };
  const hopeless = mendAsFound(publisher, health, run, signal);
  run(async () => {
    await publisher.deriveMissing();
    if (!signal.aborted) await publisher.sweep();
  });
  const hourly = setInterval(() => run(() => publisher.sweep()), pace.sweepEveryMs).unref();
  let next: NodeJS.Timeout | null = null;
  const scrub = async (): Promise<void> => {
    hopeless.clear(); // what could not be mended yesterday is tried again
    try {
      await scrubStore(store, health, { bytesPerSecond: pace.scrubBytesPerSecond }, effects, signal);
    } finally {
      if (!signal.aborted) next = setTimeout(() => run(scrub), pace.scrubEveryMs).unref();
    }
  };
  if (scrubs) next = setTimeout(() => run(scrub), pace.firstScrubMs).unref();
  const stop = (): void => {
    clearInterval(hourly);
    if (next !== null) clearTimeout(next);
  };
  signal.addEventListener('abort', stop, { once: true });
}

/** Every reader of a damaged file finds it damaged: it is worked on once, and not again when that was in vain. */
function mendAsFound(
  publisher: Pick<Publisher, 'mend'>,
  health: StoreHealth,
  run: (work: () => Promise<unknown>) => void,
  signal: AbortSignal,
): Set<string> {
  const working = new Set<string>();
  const hopeless = new Set<string>();
  health.onDamage((name) => {
    if (signal.aborted || working.has(name) || hopeless.has(name)) return;
    working.add(name);
    run(async () => {
      try {
        const outcome = await publisher.mend(name);
        if (outcome === 'mended') health.countMended();
        else if (outcome !== 'whole') hopeless.add(name);
      } catch (error) {
        hopeless.add(name);
        throw error;
      } finally {
        working.delete(name);
      }
    });
  });
  return hopeless;
}
