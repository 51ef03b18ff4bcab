// Pages of retention, answered in process for one request's actor: forms in, plain data out.
// It must decide nothing: src/records/retention asks the permissions, and the database keeps what is held.

import type { Actor } from '../base/actor.ts';
import { PortalError } from '../base/errors.ts';
import { isAllowed } from '../people/permissions.ts';
import { holdCovers, holdKinds } from '../records/retention/holds.ts';
import { destroyedSeries } from '../records/retention/schedule.ts';
import type { RetentionPages } from './pages-retention.ts';
import type { FormValues } from './pages-work.ts';
import type { Portal } from './portal.ts';

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
    async placeHold(form) {
      await retention.placeHold(actor, {
        kind: pick(form, 'kind', holdKinds, 'Say what the hold is for.'),
        covers: pick(form, 'covers', holdCovers, 'Say what the hold covers.'),
        name: textOf(form, 'name'),
        reason: textOf(form, 'reason'),
        department: textOf(form, 'department') || null,
        requests: textOf(form, 'requests')
          .split(/[\s,;]+/u)
          .filter((number) => number !== ''),
      });
    },
    releaseHold: (form) => retention.releaseHold(actor, textOf(form, 'hold'), textOf(form, 'releaseReason')),
    propose: (form) =>
      retention.propose(actor, {
        series: pick(form, 'series', destroyedSeries, 'Say which series.'),
        requests: form['requests'] ?? [],
      }),
    approve: (id) => retention.approve(actor, id),
    cancel: (id, form) => retention.cancel(actor, id, textOf(form, 'reason')),
    confirmClock: () => retention.confirmClock(actor),
  };
}

function textOf(form: FormValues, name: string): string {
  return form[name]?.[0]?.trim() ?? '';
}

function pick<T extends string>(form: FormValues, name: string, known: readonly T[], detail: string): T {
  const found = known.find((each) => each === textOf(form, name));
  if (found === undefined) throw new PortalError('form-invalid', { detail, extra: { field: name } });
  return found;
}
