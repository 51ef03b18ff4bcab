// How many uncached queries one client may have running at once, in this process. No queue like base/turns.ts: one too
// many is refused at once, so that no client's line stands before the others'. The engine's own line is everybody's.
// It must not be asked for answers that need no engine; those are free.

import { PortalError } from '../../base/errors.ts';
import { toNetwork } from '../../base/network.ts';
import { say } from '../../base/say.ts';

export type ClientGate = {
  /**
   * Counts a running query in; the returned function counts it out and may be called more than once. Throws
   * too-many-requests.
   */
  enter(client: string | null): () => void;
  running(): number;
};

const retryAfterSeconds = 1;

export function openClientGate(perClient: number): ClientGate {
  const counts = new Map<string, number>();
  let total = 0;
  return {
    enter(client) {
      const key = client === null ? null : toNetwork(client);
      if (key !== null) {
        const count = counts.get(key) ?? 0;
        if (count >= perClient) throw refusal(perClient);
        counts.set(key, count + 1);
      }
      total++;
      let left = false;
      return () => {
        if (left) return;
        left = true;
        total--;
        if (key === null) return;
        const rest = (counts.get(key) ?? 1) - 1;
        if (rest === 0) counts.delete(key);
        else counts.set(key, rest);
      };
    },
    running: () => total,
  };
}

function refusal(perClient: number): PortalError {
  return new PortalError('too-many-requests', {
    detail: say('serve.many-queries', { most: perClient }),
    retryAfterSeconds,
    extra: { limit: perClient },
  });
}
