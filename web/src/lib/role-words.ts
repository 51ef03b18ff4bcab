// Roles in words: what staff read where the portal says `records-officer` of `parks`.

import type { Me } from '../../../src/pages/people.ts';
import type { Words } from './words.ts';

type Grant = Me['grants'][number];

export function roleName(words: Words, role: Grant['role']): string {
  return words.t(`role.${role}`);
}

/** “Clerk, for parks” or “Clerk, for the whole city”; `names` are the departments' own. */
export function placeOf(words: Words, grant: Grant, names: ReadonlyMap<string, string> = new Map()): string {
  const role = roleName(words, grant.role);
  if (grant.department === null) return words.t('grant.city', { role });
  return words.t('grant.department', { role, department: names.get(grant.department) ?? grant.department });
}
