// Publishing as the portal runs it: both halves, a few files at a time; what its jobs do (upkeep.ts), one at a time.
// It must be closed, and closing waits for publishes under way but not for downloads, which a job makes later.

import type { Actor } from '../base/actor.ts';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import { openTurns } from '../base/turns.ts';
import type { IngestReport } from '../catalogue/dataset.ts';
import type { Recipe } from '../catalogue/recipe.ts';
import type { Catalogue } from '../catalogue/datasets.ts';
import type { ReleaseInput, ReleaseOutcome } from '../catalogue/release.ts';
import type { Transaction } from '../db/open.ts';
import type { Jobs } from '../jobs/job.ts';
import { requirePermission } from '../people/permissions.ts';
import { deriveCurrent, deriveJob, deriveMissing, sweepBlobs, type DeriveDeps } from './derive.ts';
import { closeReleased, type KeptDraft } from './drafts.ts';
import type { Described } from './ingest.ts';
import { mendStored, type MendOutcome } from './mend.ts';
import { describeFile, prepareFile } from './prepare.ts';
import type { DescribeDeps, PreparedFile, PrepareInput } from './prepare.ts';
import type { ReceiveInput } from './receive.ts';
import { releaseDraft, type Draft, type Released } from './release.ts';
import type { OnStep, PublishStep } from './steps.ts';
import { sweepWork, toDiskFull } from './work-folder.ts';

export type PublishDeps = DescribeDeps &
  DeriveDeps & {
    readonly catalogue: Pick<Catalogue, 'release'>;
    readonly jobs: Pick<Jobs, 'send'>;
  };

export type PublishInput = Omit<Draft, 'file'> & {
  readonly actor: Actor;
  readonly upload: ReceiveInput;
  readonly locale?: string;
  /** Left out: what was said of the file before; an empty one has everything guessed. */
  readonly recipe?: Recipe | undefined;
  readonly acceptsChanges?: boolean;
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
  describe(upload: ReceiveInput, options?: Pick<PublishInput, 'locale' | 'recipe'>): Promise<Described>;
  /** The first half alone. `keep` has something name the files, as drafts.ts does, before anything is swept. */
  prepare<Kept>(input: PrepareInput, keep: (file: PreparedFile) => Promise<Kept>): Promise<Kept>;
  /** The second half of a draft that is kept: it is closed in the release's transaction. Throws conflict. */
  release(actor: Actor, kept: KeptDraft, within?: ReleaseInput['within']): Promise<Released>;
  /** Makes what the current revision of this dataset, by code, has not yet: figures, downloads, a lost query file. */
  derive(code: string, signal?: AbortSignal): Promise<void>;
  /** Makes what a crash or a lost file left missing, of every dataset. */
  deriveMissing(signal?: AbortSignal): Promise<number>;
  /** Makes a damaged stored file again where that can be done. */
  mend(sha256: string, signal?: AbortSignal): Promise<MendOutcome>;
  /**
   * Removes stored files that no revision has named since the call before, and what a crash left of unfinished work.
   */
  sweep(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
};

const atOnce = 2;
const mayWait = 50;

export function openPublisher(deps: PublishDeps, effects: PublishEffects): Publisher {
  const full = () => new PortalError('overloaded', { retryAfterSeconds: 30 });
  const turns = openTurns({ atOnce, mayWait, full });
  const background = openTurns({ atOnce: 1 });
  let unnamed: ReadonlySet<string> = new Set();
  const tidy = async (): Promise<void> => {
    await sweepWork(deps);
    unnamed = await sweepBlobs(deps, unnamed, effects);
  };
  return {
    publish: (input) => turns.take(() => publishFile(deps, input, effects)),
    describe: (upload, options) => turns.take(() => describeFile(deps, upload, options)),
    prepare: (input, keep) => turns.take(async () => keep(await prepareFile(deps, input))),
    release: (actor, kept, within) =>
      turns.take(() =>
        releaseDraft(deps, actor, kept.draft, async (tx, outcome) => {
          await closeReleased(tx, actor, kept, effects);
          await askForDownloads(deps, tx, outcome);
          await within?.(tx, outcome); // it may write the audit event, whose lock is taken last
        }),
      ),
    derive: (code, signal) => background.take(() => deriveCurrent(deps, code, signal, effects), { signal }),
    deriveMissing: (signal) => background.take(() => deriveMissing(deps, signal, effects), { signal }),
    mend: (sha256, signal) => background.take(() => mendStored(deps, sha256, signal, effects), { signal }),
    // A publish under way may be about to name a file that an earlier one left: nothing is removed then.
    sweep: (signal) => background.take(() => turns.alone(tidy, { signal }), { signal }),
    close: async () => {
      turns.close();
      background.close();
      await turns.settled();
      await background.settled();
    },
  };
}

/** In the release's transaction: whatever ends the portal afterwards, they are made. */
async function askForDownloads({ jobs }: PublishDeps, tx: Transaction, { code }: ReleaseOutcome): Promise<void> {
  await jobs.send(deriveJob, { dataset: code }, { tx, singletonKey: code });
}

/**
 * Both halves at once: the draft between them is kept nowhere. Throws the PortalError that says what is wrong with the
 * file, forbidden, conflict, metadata-invalid, disk-full; whatever it throws, the dataset is as it was.
 */
export async function publishFile(deps: PublishDeps, input: PublishInput, effects: PublishEffects): Promise<Published> {
  const { actor, department, metadata, note, expected, upload, locale, acceptsChanges } = input;
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
    const recipe = input.recipe ?? standing?.current.report.recipe ?? {};
    const declared = standing?.current.columns ?? null;
    const file = await prepareFile(deps, { upload, declared, locale, recipe, acceptsChanges, onStep });
    const draft = { id, department, metadata, note, expected, file };
    const released = await releaseDraft(deps, actor, draft, (tx, outcome) => askForDownloads(deps, tx, outcome));
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
