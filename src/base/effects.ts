// What reaches the world outside a function: the clock and the record of what happened. Passed as the last argument.
// It must hold no state of its own; main.ts builds the real one and tests build theirs.

import { type Clock, systemClock } from './clock.ts';
import type { PortalEvent } from './events.ts';

export type Effects = {
  readonly clock: Clock;
  /** Records an event: a log line, and whatever counts it. Never throws and never waits. */
  readonly observe: (event: PortalEvent) => void;
};

/** Effects that read the real clock and record nothing: for commands that only print. */
export const quietEffects: Effects = { clock: systemClock, observe: () => undefined };
