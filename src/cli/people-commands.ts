// `portal admin invite|list`: the accounts of the staff. The link of an invitation is shown once, when it is made.

import { toTable } from './catalogue-commands.ts';
import { usageError } from './exit.ts';
import type { HttpClient } from './http-client.ts';
import { writeJson, writeLines, type Terminal } from './terminal.ts';

export type InviteOptions = {
  readonly email: string;
  readonly name?: string;
  readonly role?: string;
  readonly department?: string;
  readonly again?: boolean;
};

type InvitedAnswer = { readonly email: string; readonly link: string; readonly expiresAt: string };
type PersonAnswer = {
  readonly name: string;
  readonly email: string;
  readonly state: string;
  readonly grants: readonly { readonly role: string; readonly department: string | null }[];
};

export async function invite(
  client: HttpClient,
  options: InviteOptions,
  terminal: Terminal,
  json: boolean,
): Promise<void> {
  const { again = false, name, role } = options;
  if (!again && (name === undefined || role === undefined)) {
    throw usageError('Somebody new needs --name and --role; somebody who cannot get in needs --again.');
  }
  const made = (await client.send('POST', '/api/v1/people/invitations', { ...options, again })) as InvitedAnswer;
  if (json) return writeJson(terminal, made);
  writeLines(terminal, [made.link]);
  terminal.err.write(
    `A link for ${made.email}, good once until ${made.expiresAt}. Keep it now: it cannot be shown again.\n`,
  );
}

export async function listPeople(client: HttpClient, terminal: Terminal, json: boolean): Promise<void> {
  const { data: people } = (await client.get('/api/v1/people')) as { readonly data: readonly PersonAnswer[] };
  if (json) return writeJson(terminal, { people });
  if (people.length === 0) return writeLines(terminal, ['There are no accounts.']);
  const rows = people.map(({ name, email, state, grants }) => [
    name,
    email,
    grants.map(({ role, department }) => (department === null ? role : `${role} of ${department}`)).join(', '),
    state,
  ]);
  writeLines(terminal, toTable([['NAME', 'EMAIL', 'ROLES', 'STATE'], ...rows]));
}
