// Retention for pages: what they may ask, in process for one request's actor, forms in, plain data out.
// It must decide nothing: records/retention asks the permissions, and the database keeps what is held.

import type { Actor } from '../base/actor.ts';
import { textOf } from '../base/form.ts';
import type { FormValues } from '../base/form.ts';
import { actByForm } from '../people/act.ts';
import { isAllowed } from '../people/permissions.ts';
import { destructionActs, holdActs, retentionActs } from '../records/retention/acts.ts';
import type { Candidate, Destruction } from '../records/retention/destructions.ts';
import { holdCovers, holdKinds } from '../records/retention/holds.ts';
import type { HoldCovers, HoldKind } from '../records/retention/holds.ts';
import type { Overview } from '../records/retention/retention.ts';
import { destroyedSeries } from '../records/retention/schedule.ts';
import type { DestroyedSeries } from '../records/retention/schedule.ts';
import type { Named } from './reports.ts';
import type { Portal } from '../serve/portal.ts';

export type { Candidate, Destruction } from '../records/retention/destructions.ts';
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

export function toRetentionPages(portal: Pick<Portal, 'retention' | 'catalogue'>, actor: Actor): RetentionPages {
  const { retention, catalogue } = portal;
  return {
    async overview() {
      const overview = await retention.overview(actor);
      const due = await Promise.all(
        destroyedSeries.map(async (series) => ({ series, candidates: await retention.candidates(actor, series) })),
      );
      return {
        ...overview,
        due,
        kinds: holdKinds,
        covers: holdCovers,
        departments: catalogue.departments().map(({ id, name }) => ({ id, name })),
        mayHold: isAllowed(actor, 'retention.hold'),
        mayDestroy: isAllowed(actor, 'retention.destroy'),
      };
    },
    async destruction(id) {
      const destruction = await retention.destruction(actor, id);
      const mayCancel = isAllowed(actor, 'retention.destroy') && destruction.state === 'proposed';
      const isOther = actor.kind === 'staff' && actor.id !== destruction.proposedById;
      return { destruction, mayApprove: mayCancel && isOther, mayCancel };
    },
    placeHold: async (form) => void (await actByForm(retentionActs.holds, retention, actor, null, form)),
    releaseHold: (form) => actByForm(holdActs.release, retention, actor, textOf(form, 'hold'), form),
    propose: async (form) => (await actByForm(retentionActs.destructions, retention, actor, null, form)).id,
    approve: (id) => actByForm(destructionActs.approve, retention, actor, id, {}),
    cancel: (id, form) => actByForm(destructionActs.cancel, retention, actor, id, form),
    confirmClock: () => actByForm(retentionActs.clock, retention, actor, null, {}),
  };
}
