// What a hash of a password costs in tests. It must never be what a portal starts with.

import type { PasswordCost } from '../../src/people/passwords.ts';

/** Microseconds each: no test keeps a password that anybody has. */
export const cheapPasswords: PasswordCost = { N: 16, r: 1, p: 1 };
