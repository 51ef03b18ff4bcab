// An act of the staff as one row: who may, what it takes, and the function that does it.
// Forms, HTTP routes, the description of the API and the test of permissions read it from there.
// It must not check the permission for the very thing: the function does, in its first line.

import type { TSchema } from 'typebox';

import type { Actor } from '../base/actor.ts';
import { readForm } from '../base/inputs.ts';
import type { FormValues } from '../base/form.ts';
import type { Input, Inputs } from '../base/inputs.ts';
import { anywhere, isAllowed, requirePermission } from './permissions.ts';
import type { Action } from './permissions.ts';

/** `Part` does it, `At` is where: a request's number, a task's id. */
export type Act<Part, At, Values, Answer> = {
  /** Of several, any one will do. */
  readonly permission: Action | readonly Action[];
  /** One line, for the description of the API. */
  readonly summary: string;
  readonly inputs: Inputs<Values>;
  readonly run: (part: Part, actor: Actor, at: At, values: Values) => Promise<Answer>;
  /** What it answers as JSON, and what that is; null: nothing. */
  readonly answer: { readonly description: string; readonly schema: TSchema; readonly status?: 201 } | null;
};

/** Any act of this part at this kind of place, whatever it takes and answers. */
export type AnyAct<Part, At> = Omit<Act<Part, At, never, unknown>, 'inputs'> & {
  readonly inputs: Readonly<Record<string, Input<unknown>>>;
};

/** Makes the rows of one part at one kind of place; the values of each are inferred from its inputs. */
export function actsOf<Part, At>() {
  return <Values, Answer>(
    permission: Action | readonly Action[],
    summary: string,
    inputs: Inputs<Values>,
    run: Act<Part, At, Values, Answer>['run'],
    answer: Act<Part, At, Values, Answer>['answer'] = null,
  ): Act<Part, At, Values, Answer> => ({ permission, summary, inputs, run, answer });
}

/** Whether one may do it at all, before it is known where. Throws unauthorized or forbidden. */
export function requireSomewhere(actor: Actor, permission: Action | readonly Action[]): void {
  const any = typeof permission === 'string' ? [permission] : permission;
  if (any.some((action) => isAllowed(actor, action, anywhere(actor)))) return;
  requirePermission(actor, any[0]!, anywhere(actor));
}

/**
 * Does it with what a form says. Throws unauthorized or forbidden for whoever may do this nowhere, then what the inputs
 * refuse and what the function throws.
 */
export async function actByForm<Part, At, Values, Answer>(
  act: Act<Part, At, Values, Answer>,
  part: Part,
  actor: Actor,
  at: At,
  form: FormValues,
): Promise<Answer> {
  requireSomewhere(actor, act.permission);
  return act.run(part, actor, at, readForm(act.inputs, form));
}
