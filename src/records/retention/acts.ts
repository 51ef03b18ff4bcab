// Retention as rows: holds placed and lifted, destruction proposed, approved and cancelled, the clock confirmed.
// It must hold no rule; the files beside it and the database do.

import { Type } from 'typebox';

import { textOf } from '../../base/form.ts';
import { exact } from '../../base/schemas.ts';
import { say } from '../../base/say.ts';
import { answerOf, own, required, text, line, written } from '../../base/inputs.ts';
import { actsOf } from '../../people/act.ts';
import { holdCovers, holdKinds } from './holds.ts';
import type { Retention } from './retention.ts';
import { destroyedSeries } from './schedule.ts';

const made = { description: 'What was made.', schema: exact({ id: Type.String() }), status: 201 } as const;
const numbers = Type.Array(Type.String({ examples: ['2026-000123'] }));
const ids = Type.Array(Type.String());

const anywhere = actsOf<Retention, null>();

/** At nothing that is there yet. */
export const retentionActs = {
  holds: anywhere(
    'retention.hold',
    'Place a hold: nothing that it covers is destroyed',
    {
      kind: answerOf(holdKinds, say('retention.hold-kind')),
      covers: answerOf(holdCovers, say('retention.hold-covers')),
      name: required(line()),
      reason: required(text()),
      department: written(),
      requests: own<readonly string[]>(numbers, (form) =>
        textOf(form, 'requests')
          .split(/[\s,;]+/u)
          .filter((number) => number !== ''),
      ),
    },
    async (retention, actor, _at, hold) => ({ id: await retention.placeHold(actor, hold) }),
    made,
  ),
  destructions: anywhere(
    'retention.destroy',
    'Propose the destruction of what is due; a second person approves it',
    {
      series: answerOf(destroyedSeries, say('retention.which-series')),
      requests: own<readonly string[]>(ids, (form) => form['requests'] ?? []),
    },
    async (retention, actor, _at, proposal) => ({ id: await retention.propose(actor, proposal) }),
    made,
  ),
  clock: anywhere(
    'retention.destroy',
    'Confirm that the portal’s clock is right, after it has leapt',
    {},
    (retention, actor) => retention.confirmClock(actor),
  ),
};

const atHold = actsOf<Retention, string>();

/** At a hold, by its id. */
export const holdActs = {
  release: atHold(
    'retention.hold',
    'Lift a hold, with the reason',
    { releaseReason: required(text()) },
    (retention, actor, id, { releaseReason }) => retention.releaseHold(actor, id, releaseReason),
  ),
};

const atDestruction = actsOf<Retention, string>();

/** At a destruction, by its id. */
export const destructionActs = {
  approve: atDestruction(
    'retention.destroy',
    'Approve a destruction that somebody else proposed',
    {},
    (retention, actor, id) => retention.approve(actor, id),
  ),
  cancel: atDestruction(
    'retention.destroy',
    'Cancel a destruction that has not begun',
    { reason: required(text()) },
    (retention, actor, id, { reason }) => retention.cancel(actor, id, reason),
  ),
};
