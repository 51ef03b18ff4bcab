// Retention for programs of the staff: what is held, due and destroyed, and every act of its pages.
// It must hold no rule; records/retention does.

import { Type } from 'typebox';

import { exact, nullable } from '../base/schemas.ts';
import type { AnyAct } from '../people/act.ts';
import { destructionActs, holdActs, retentionActs } from '../records/retention/acts.ts';
import { holdCovers, holdKinds } from '../records/retention/holds.ts';
import type { Retention } from '../records/retention/retention.ts';
import { destroyedSeries } from '../records/retention/schedule.ts';
import { addAct } from '../serve/http/acts.ts';
import { noStore } from '../serve/http/headers.ts';
import { json, problems } from '../serve/http/schemas.ts';
import type { TypedApp } from '../serve/http/typed-app.ts';
import type { Portal } from '../serve/portal.ts';

const text = nullable(Type.String());
const words = (list: readonly string[]) => Type.String({ enum: [...list] });
const idOf = (description: string) => Type.String({ maxLength: 36, description });

const hold = exact({
  id: Type.String(),
  kind: words(holdKinds),
  covers: words(holdCovers),
  name: Type.String(),
  reason: Type.String(),
  department: text,
  requests: Type.Array(Type.String()),
  placedAt: Type.String(),
  placedBy: Type.String(),
  releasedAt: text,
  releaseReason: text,
});
const destruction = exact({
  id: Type.String(),
  number: Type.String(),
  series: words(destroyedSeries),
  state: words(['proposed', 'approved', 'done', 'cancelled']),
  proposedAt: Type.String(),
  proposedBy: Type.String(),
  requests: Type.Array(Type.String()),
});
const due = exact({
  series: words(destroyedSeries),
  candidates: Type.Array(
    exact({
      id: Type.String(),
      number: Type.String(),
      closedOn: Type.String({ format: 'date' }),
      things: Type.Integer({ description: 'Records, or messages and files.' }),
      kept: nullable(Type.String({ description: 'Why it is kept; null: it may go.' })),
    }),
  ),
});

/** Under the prefix of the API. */
export async function retentionRoutes(app: TypedApp, { retention }: Portal): Promise<void> {
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', noStore));
  app.get(
    '/records/work/retention',
    {
      config: { access: 'write' },
      schema: {
        tags: ['Records'],
        security: [{ session: [] }],
        summary: 'Holds, destructions, and what is due under the schedule',
        operationId: 'readRetention',
        response: {
          200: json(
            'Retention as it stands.',
            exact({ holds: Type.Array(hold), destructions: Type.Array(destruction), due: Type.Array(due) }),
          ),
          ...problems(['unauthorized', 'forbidden']),
        },
      },
    },
    async ({ actor }) => {
      const { holds, destructions } = await retention.overview(actor);
      const series = destroyedSeries.map(async (each) => ({
        series: each,
        candidates: await retention.candidates(actor, each),
      }));
      return {
        holds: holds.map(({ id, kind, covers, name, reason, department, requests, ...each }) => ({
          ...{ id, kind, covers, name, reason, department, requests },
          ...{ placedAt: each.placedAt, placedBy: each.placedBy },
          ...{ releasedAt: each.releasedAt, releaseReason: each.releaseReason },
        })),
        destructions: destructions.map(({ items, ...each }) => ({
          ...{ id: each.id, number: each.number, series: each.series, state: each.state },
          ...{ proposedAt: each.proposedAt, proposedBy: each.proposedBy },
          requests: items.map(({ number }) => number),
        })),
        due: await Promise.all(series),
      };
    },
  );
  addActs(app, retention);
}

function addActs(app: TypedApp, retention: Retention): void {
  const shared = { tag: 'Records', needs: [] };
  const nowhere = { ...shared, params: {}, at: () => null };
  const paths = {
    holds: ['/records/work/holds', 'placeHold'],
    destructions: ['/records/work/destructions', 'proposeDestruction'],
    clock: ['/records/work/retention/clock', 'confirmClock'],
  } as const satisfies Readonly<Record<keyof typeof retentionActs, readonly [string, string]>>;
  for (const [name, act] of Object.entries<AnyAct<Retention, null>>(retentionActs)) {
    const [path, operationId] = paths[name as keyof typeof retentionActs];
    addAct(app, act, { ...nowhere, path, operationId }, retention);
  }
  const ofHold = { ...shared, path: '/records/work/holds/:hold/release', operationId: 'releaseHold' };
  const at = ({ hold: given }: { readonly hold?: string | number }) => String(given);
  addAct(app, holdActs.release, { ...ofHold, params: { hold: idOf('The hold’s id.') }, at }, retention);
  for (const [name, act] of Object.entries<AnyAct<Retention, string>>(destructionActs)) {
    const path = `/records/work/destructions/:destruction/${name}`;
    const place = { ...shared, path, operationId: `${name}Destruction`, params: { destruction: idOf('Its id.') } };
    addAct(app, act, { ...place, at: (params) => String(params['destruction']) }, retention);
  }
}
