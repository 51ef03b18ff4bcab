// Acts of the staff as HTTP routes: address, body and refusals from the act's own row.
// It must hold no rule: the row says who may, and the function behind it asks again for the very thing.

import type { TProperties } from 'typebox';

import { bodyMembers, readBody } from '../../base/inputs.ts';
import { requireSomewhere } from '../../people/act.ts';
import type { AnyAct } from '../../people/act.ts';
import type { Action } from '../../people/permissions.ts';
import { noStore } from './headers.ts';
import { exact } from '../../base/schemas.ts';
import { actRefusals, json, nothing } from './schemas.ts';
import type { TypedApp } from './typed-app.ts';

export type ActParams = Readonly<Record<string, string | number>>;

/** Where an act stands. `needs`: what else whoever acts must be allowed somewhere, before a byte is read. */
export type ActPlace<At> = {
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly params: TProperties;
  readonly needs: readonly Action[];
  readonly at: (params: ActParams) => At;
  readonly bodyLimit?: number;
};

/** A body is JSON of these members and no others; without any, none is needed. */
function bodyOf(members: TProperties) {
  return Object.keys(members).length === 0 ? {} : { body: exact(members) };
}

export function addAct<Part, At>(app: TypedApp, act: AnyAct<Part, At>, place: ActPlace<At>, part: Part): void {
  const { permission, summary, inputs, answer } = act;
  const response =
    answer === null ? { 204: nothing('Done.') } : { [answer.status ?? 200]: json(answer.description, answer.schema) };
  app.post(
    place.path,
    {
      config: { access: 'write' },
      ...(place.bodyLimit === undefined ? {} : { bodyLimit: place.bodyLimit }),
      onRequest: async (_request, reply) => void reply.header('cache-control', noStore),
      preParsing: async ({ actor }) => [...place.needs, permission].forEach((each) => requireSomewhere(actor, each)),
      schema: {
        tags: [place.tag],
        security: [{ session: [] }],
        summary,
        description: toNeeds(place.needs, permission),
        operationId: place.operationId,
        params: exact(place.params),
        ...bodyOf(bodyMembers(inputs)),
        response: { ...response, ...actRefusals },
      },
    },
    async (request, reply) => {
      const values = readBody(inputs, (request.body ?? {}) as Readonly<Record<string, unknown>>);
      // Of the very members that its inputs describe: the schema has let them through.
      const done = await act.run(part, request.actor, place.at(request.params as ActParams), values as never);
      return answer === null ? reply.code(204).send() : reply.code(answer.status ?? 200).send(done);
    },
  );
}

/** In words that the test of permissions reads. */
function toNeeds(needs: readonly Action[], permission: Action | readonly Action[]): string {
  const any = typeof permission === 'string' ? [permission] : permission;
  const named = [...needs.filter((action) => !any.includes(action)).map((action) => [action]), any];
  const words = named.map((actions) => actions.map((action) => `\`${action}\``).join(' or '));
  return `${words.length === 1 ? 'Permission' : 'Permissions'} ${words.join(' and ')}.`;
}
