// Waiting for what a test has caused: by looking again and again, however slow or busy the machine is.
// It must not judge speed: its limit is there to name what hangs, and is many times what anything takes.

import { setTimeout as wait } from 'node:timers/promises';

/** Also the limit of commands and requests that a test waits for. */
export const patienceMs = 300_000;

/** Waits until `holds`; throws with what was waited for when it seems that it never will. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, everyMs = 20): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await wait(everyMs);
  }
}
