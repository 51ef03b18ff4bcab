// What may be done with a request as it stands: the commands that fit, with the fields that their forms ask for.
// It must decide nothing: the machine does, and refuses what a form lets through.

import type { Actor } from '../../base/actor.ts';
import type { Input, InputKind } from '../../base/inputs.ts';
import { isAllowed } from '../../people/permissions.ts';
import type { Exemption } from '../law/law.ts';
import { commandKinds, commands, formOf, isListed } from '../requests/commands.ts';
import type { CommandForm, ListedKind } from '../requests/commands.ts';
import type { CommandKind, RequestRecord } from '../requests/request.ts';

/** A choice's words are the catalogue's, by field and option; those of exemptions come with them. */
export type ActionField = Pick<Input<unknown>, 'isRequired' | 'options'> & {
  readonly name: string;
  readonly kind: InputKind;
};

export type WorkAction = Pick<CommandForm<CommandKind>, 'isFinal' | 'sendsLetter'> & {
  readonly kind: ListedKind;
  readonly fields: readonly ActionField[];
};

/** What this actor may do now; the forms for it. Assigning and describing have places of their own on the page. */
export function actionsFor(
  actor: Actor,
  request: RequestRecord,
  departments: readonly string[],
): readonly WorkAction[] {
  return commandKinds.filter(isListed).flatMap((kind): readonly WorkAction[] => {
    const { permission, from } = commands[kind];
    const form = formOf(kind);
    if (!from.includes(request.state) || !form.isOffered(request)) return [];
    if (!isAllowed(actor, permission, { departments })) return [];
    const { isFinal, sendsLetter } = form;
    return [{ kind, isFinal, sendsLetter, fields: fieldsOf(form) }];
  });
}

function fieldsOf({ inputs }: Pick<CommandForm<CommandKind>, 'inputs'>): readonly ActionField[] {
  return Object.entries<Input<unknown>>(inputs).map(([name, { kind, isRequired, options }]) => ({
    name,
    kind,
    isRequired,
    options,
  }));
}

/** What a form offers for an exemption: its id, and what a clerk knows it by. */
export type ExemptionChoice = Pick<Exemption, 'id' | 'cite' | 'title' | 'covers'>;
