// Staff for tests: plain actors for what runs below HTTP, and real accounts with a real session for what runs above it.
// It must give nobody a right that the table of permissions does not.

import type { Role, StaffActor } from '../../src/base/actor.ts';

/** A member of staff with one role, for the whole city or for one department. */
export function staffActor(role: Role, department: string | null = null): StaffActor {
  const place = department === null ? '' : ` of ${department}`;
  return {
    kind: 'staff',
    id: `staff-${role}${department === null ? '' : `-${department}`}`,
    name: `Test ${role}${place}`,
    email: `${role}${department === null ? '' : `.${department}`}@example.gov`,
    grants: [{ role, department }],
  };
}
