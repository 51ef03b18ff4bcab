// Waiting for what a test has caused: by looking again and again, however slow or busy the machine is.
// It must not judge speed: its limit is there to name what hangs, and is many times what anything takes.

import { setTimeout as wait } from 'node:timers/promises';

/** Also the limit of commands and requests that a test waits for. */
export const patienceMs = 300_000;

/**
 * Waits until `holds`; throws with what was waited for when it seems that it never will. Looks are counted and no
 * clock is asked: where everything takes longer, the limit is later.
 */
export async function until(what: string, holds: () => boolean | Promise<boolean>, everyMs = 20): Promise<void> {
  for (let left = patienceMs / everyMs; !(await holds()); left -= 1) {
    if (left <= 0) throw new Error(`waited in vain: ${what}`);
    await wait(everyMs);
  }
}
