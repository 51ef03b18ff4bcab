// What pages of retention may ask of the portal: types alone, for pages and for retention-pages.ts that answers them.
// It must not hold anything that runs.

import type { Candidate, Destruction } from '../records/retention/destructions.ts';
import type { HoldCovers, HoldKind } from '../records/retention/holds.ts';
import type { Overview } from '../records/retention/retention.ts';
import type { DestroyedSeries } from '../records/retention/schedule.ts';
import type { Named } from './pages-reports.ts';
import type { FormValues } from './pages-work.ts';

export type { Candidate, Destruction } from '../records/retention/destructions.ts';
export type { Hold } from '../records/retention/holds.ts';
export type { Series } from '../records/retention/schedule.ts';

export type RetentionView = Overview & {
  readonly due: readonly { readonly series: DestroyedSeries; readonly candidates: readonly Candidate[] }[];
  readonly kinds: readonly HoldKind[];
  readonly covers: readonly HoldCovers[];
  readonly departments: readonly Named[];
  readonly mayHold: boolean;
  readonly mayDestroy: boolean;
};

export type DestructionView = {
  readonly destruction: Destruction;
  readonly mayApprove: boolean;
  readonly mayCancel: boolean;
};

export type RetentionPages = {
  overview(): Promise<RetentionView>;
  destruction(id: string): Promise<DestructionView>;
  placeHold(form: FormValues): Promise<void>;
  releaseHold(form: FormValues): Promise<void>;
  /** Answers the id of the destruction that was proposed. */
  propose(form: FormValues): Promise<string>;
  approve(id: string): Promise<void>;
  cancel(id: string, form: FormValues): Promise<void>;
  confirmClock(): Promise<void>;
};
