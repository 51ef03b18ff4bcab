// Forms of reports and retention: what the portal refused, as the fields of a form show it.
// It must not decide what is right; the portal's functions do.

import type { Refused as DeskRefused } from './desk.ts';
import type { Refused } from './forms.ts';

export function toWrong(refused: DeskRefused | null): Refused | null {
  return refused === null ? null : { message: refused.problem, field: refused.field, code: refused.code };
}
