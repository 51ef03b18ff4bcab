// Publishing as the portal runs it: a few files at a time, downloads made in the background, leftovers swept.
// It must be closed, and closing waits for publishes under way but not for downloads, which are made again later.

import type { Actor } from '../base/actor.ts';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import { openTurns } from '../base/turns.ts';
import type { Dataset, IngestReport } from '../catalogue/dataset.ts';
import type { Catalogue } from '../catalogue/datasets.ts';
import type { ReleaseInput } from '../catalogue/release.ts';
import { requirePermission } from '../people/permissions.ts';
import { deriveDownloads, deriveMissing, deriveProfile, deriveServing, sweepBlobs, type DeriveDeps } from './derive.ts';
import { closeReleased, type KeptDraft } from './drafts.ts';
import type { Described } from './ingest.ts';
import { mendStored, type MendOutcome } from './mend.ts';
import { describeFile, prepareFile } from './prepare.ts';
import type { DescribeDeps, PreparedFile, PrepareInput } from './prepare.ts';
import type { ReceiveInput } from './receive.ts';
import { releaseDraft, type Draft, type Released } from './release.ts';
import type { OnStep, PublishStep } from './steps.ts';
import { sweepWork, toDiskFull } from './work-folder.ts';

export type PublishDeps = DescribeDeps & DeriveDeps & { readonly catalogue: Pick<Catalogue, 'release'> };

export type PublishInput = Omit<Draft, 'file'> & {
  readonly actor: Actor;
  readonly upload: ReceiveInput;
  readonly locale?: string;
  /** Told after each step, for whoever watches this one publish. */
  readonly onStep?: (name: PublishStep) => void;
};

/** Called after each named step, in order; tests kill the process here. */
export type PublishEffects = Effects & { readonly step?: OnStep };

/** The report is of this very file, also when the current revision holds the same rows already. */
export type Published = Released & { readonly report: IngestReport };

export type Publisher = {
  /** Waits its turn, at most two files are worked on at once. Throws overloaded when too many wait; see publishFile. */
  publish(input: PublishInput): Promise<Published>;
  describe(upload: ReceiveInput, locale?: string): Promise<Described>;
  /** The first half alone. `keep` has something name the files, as drafts.ts does, before anything is swept. */
  prepare<Kept>(input: PrepareInput, keep: (file: PreparedFile) => Promise<Kept>): Promise<Kept>;
  /** The second half of a draft that is kept: it is closed in the release's transaction. Throws conflict. */
  release(actor: Actor, kept: KeptDraft, within?: ReleaseInput['within']): Promise<Released>;
  /** Makes what a crash or a lost file left missing. */
  deriveMissing(): Promise<number>;
  /** Makes a damaged stored file again where that can be done. */
  mend(sha256: string): Promise<MendOutcome>;
  /**
   * Removes stored files that no revision has named since the call before, and what a crash left of unfinished work.
   */
  sweep(): Promise<void>;
  /** Settles when no downloads are being made. */
  idle(): Promise<void>;
  close(): Promise<void>;
};

const atOnce = 2;
const mayWait = 50;

export function openPublisher(deps: PublishDeps, effects: PublishEffects): Publisher {
  const full = () => new PortalError('overloaded', { retryAfterSeconds: 30 });
  const turns = openTurns({ atOnce, mayWait, full });
  const stopping = new AbortController();
  let background: Promise<unknown> = Promise.resolve();
  let unnamed: ReadonlySet<string> = new Set();

  const later = (dataset: Dataset): void => {
    background = background.then(() => deriveLater(deps, dataset, effects, stopping.signal));
  };
  return {
    publish: (input) =>
      turns.take(async () => {
        const published = await publishFile(deps, input, effects);
        if (published.dataset.current.downloads.length === 0) later(published.dataset);
        return published;
      }),
    prepare: (input, keep) => turns.take(async () => keep(await prepareFile(deps, input))),
    release: (actor, kept, within) =>
      turns.take(async () => {
        const released = await releaseDraft(deps, actor, kept.draft, async (tx, outcome) => {
          await closeReleased(tx, actor, kept, effects);
          await within?.(tx, outcome);
        });
        if (released.dataset.current.downloads.length === 0) later(released.dataset);
        return released;
      }),
    describe: (upload, locale) => turns.take(() => describeFile(deps, upload, locale)),
    deriveMissing: async () => {
      const work = background.then(() => deriveMissing(deps, effects, stopping.signal));
      background = work.catch(() => undefined); // the caller of this one is told
      return await work;
    },
    mend: async (sha256) => {
      const work = background.then(() => mendStored(deps, sha256, effects, stopping.signal));
      background = work.catch(() => undefined); // the caller of this one is told
      return await work;
    },
    sweep: async () => {
      // A publish under way may be about to name a file that an earlier one left: nothing is removed then.
      await turns.alone(async () => {
        const work = background.then(async () => {
          await sweepWork(deps);
          unnamed = await sweepBlobs(deps, unnamed, effects);
        });
        background = work.catch(() => undefined); // the caller of this one is told
        await work;
      });
    },
    idle: async () => {
      await background;
    },
    close: async () => {
      turns.close();
      stopping.abort();
      await turns.settled();
      await background;
    },
  };
}

/**
 * Both halves at once: the draft between them is kept nowhere. Throws the PortalError that says what is wrong with the
 * file, forbidden, conflict, metadata-invalid, disk-full; whatever it throws, the dataset is as it was.
 */
export async function publishFile(deps: PublishDeps, input: PublishInput, effects: PublishEffects): Promise<Published> {
  const { actor, department, metadata, note, expected, upload, locale } = input;
  requirePermission(actor, 'dataset.publish', { departments: [department.id] });
  const standing = deps.catalogue.view(input.id);
  const held = standing?.department.id ?? department.id;
  requirePermission(actor, 'dataset.publish', { departments: [held] });
  const id = standing?.id ?? input.id;
  const onStep = async (name: PublishStep) => {
    input.onStep?.(name);
    await effects.step?.(name);
  };
  try {
    const file = await prepareFile(deps, { upload, declared: standing?.current.columns ?? null, locale, onStep });
    const released = await releaseDraft(deps, actor, { id, department, metadata, note, expected, file });
    await onStep('released');
    return { ...released, report: file.report };
  } catch (error) {
    const told = toDiskFull(error);
    if (told instanceof PortalError) {
      effects.observe({ kind: 'publish-failed', dataset: id, code: told.code, sentence: told.message });
    }
    throw told;
  }
}

/**
 * Downloads are for the current revision only: by the time they are made there may be a newer one, which made its own.
 */
async function deriveLater(deps: PublishDeps, dataset: Dataset, effects: Effects, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const now = deps.catalogue.view(dataset.code);
  if (now === null || now.current.number !== dataset.current.number || now.current.downloads.length > 0) return;
  try {
    const served = now.current.serving === null ? await deriveServing(deps, now, now.current) : now.current;
    const revision = await deriveProfile(deps, now, served);
    await deriveDownloads(deps, now, revision, effects, signal);
  } catch (error) {
    if (!signal.aborted) effects.observe({ kind: 'failure', where: `making the downloads of ${dataset.id}`, error });
  }
}
