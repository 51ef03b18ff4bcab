// What a running portal does for its stored files by its jobs: makes what is missing or damaged, sweeps, looks at each
// once a day. It must not be what a request waits for, and do nothing that is not a job.

import type { Effects } from '../base/effects.ts';
import type { Jobs } from '../jobs/job.ts';
import type { StoreHealth } from '../store/health.ts';
import { scrubStore } from '../store/scrub.ts';
import type { BlobStore } from '../store/store.ts';
import { deriveJob, type DeriveData } from './derive.ts';
import type { Publisher } from './publisher.ts';

export type UpkeepDeps = {
  readonly publisher: Pick<Publisher, 'derive' | 'deriveMissing' | 'sweep' | 'mend'>;
  readonly store: BlobStore;
  readonly health: StoreHealth;
  /** False where reading every file costs money: an object store looks after its own. */
  readonly scrubs: boolean;
  readonly jobs: Pick<Jobs, 'work' | 'every' | 'send'>;
};

export const scrubJob = 'publish-scrub';
const sweepJob = 'publish-sweep';
const mendJob = 'publish-mend';

const scrubPace = { bytesPerSecond: 20_000_000 };
/** Large tables take hours, and each of these waits for the one before it. */
const long = { deadlineSeconds: 23 * 3_600 };
/** Making downloads is begun anew by every start that comes in between. */
const deriveTries = 10;

/** Says who does these jobs; they begin when the portal's jobs do. */
export async function openUpkeep(deps: UpkeepDeps, effects: Effects): Promise<void> {
  const { publisher, store, health, jobs } = deps;
  await jobs.work<DeriveData>(deriveJob, { ...long, tries: deriveTries }, async ({ data, signal }) => {
    if (data.dataset !== null) return await publisher.derive(data.dataset, signal);
    await publisher.deriveMissing(signal);
    signal.throwIfAborted();
    await publisher.sweep(signal);
  });
  // A stored file that no revision names goes at the second look that finds it so.
  await jobs.every(sweepJob, '41 * * * *', ({ signal }) => publisher.sweep(signal), long);
  await mendAsFound(deps, effects);
  const scrub = async (signal: AbortSignal): Promise<void> => {
    await scrubStore(store, health, scrubPace, signal, effects);
    signal.throwIfAborted();
  };
  const off = () => Promise.resolve(); // of an earlier start there may be one that waits
  await jobs.every(scrubJob, '10 1 * * *', deps.scrubs ? ({ signal }) => scrub(signal) : off, long);
}

/** For a start: a crash, a lost file or a backup that was brought back may have left anything missing. */
export async function askForMissing(jobs: Pick<Jobs, 'send'>): Promise<void> {
  await jobs.send(deriveJob, { dataset: null } satisfies DeriveData, { singletonKey: 'all' });
}

const askAgainMs = 3_600_000;

/** Every reader of a damaged file finds it damaged: it is asked for once, and once an hour when that was in vain. */
async function mendAsFound({ publisher, health, jobs }: UpkeepDeps, effects: Effects): Promise<void> {
  const asked = new Map<string, number>();
  await jobs.work<{ sha256: string }>(mendJob, long, async ({ data: { sha256 }, signal }) => {
    const outcome = await publisher.mend(sha256, signal);
    if (outcome === 'mended') health.countMended();
    if (outcome === 'mended' || outcome === 'whole') asked.delete(sha256);
  });
  health.onDamage((name) => {
    const now = effects.clock.monotonicMs();
    for (const [each, at] of asked) if (now - at >= askAgainMs) asked.delete(each);
    if (asked.has(name)) return;
    asked.set(name, now);
    jobs.send(mendJob, { sha256: name }, { singletonKey: name }).catch((error: unknown) => {
      asked.delete(name);
      effects.observe({ kind: 'failure', where: 'asking for a damaged file to be made again', error });
    });
  });
}
