// Who may do what: one table of role × action. Every function that does something for a person asks it in its
// first line.
// It must not look at a database: a role is known from the actor alone.

import type { Actor } from '../base/actor.ts';
import { PortalError } from '../base/errors.ts';

export const actions = [
  'dataset.publish',
  'dataset.describe', // change metadata
  'department.save',
  'token.create',
  'token.list',
  'token.revoke',
  'audit.read',
  'store.verify',
  'portal.backup',
] as const;
export type Action = (typeof actions)[number];

/** Everybody may read what is public, so reading is no action. A token publishes; only the machine hands out tokens. */
export const permissions: Readonly<Record<Action, readonly Actor['kind'][]>> = {
  'dataset.publish': ['machine', 'token'],
  'dataset.describe': ['machine', 'token'],
  'department.save': ['machine', 'token'],
  'token.create': ['machine'],
  'token.list': ['machine'],
  'token.revoke': ['machine'],
  'audit.read': ['machine'],
  'store.verify': ['machine', 'token'],
  'portal.backup': ['machine'],
};

export function isAllowed(actor: Actor, action: Action): boolean {
  return permissions[action].includes(actor.kind);
}

/** Throws unauthorized when nobody in particular asks, forbidden when the one who asks may not. */
export function requirePermission(actor: Actor, action: Action): void {
  if (isAllowed(actor, action)) return;
  throw new PortalError(actor.kind === 'public' ? 'unauthorized' : 'forbidden', { extra: { action } });
}
