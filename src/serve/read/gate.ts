// How many uncached queries one client may have running at once, in this process. No queue like base/turns.ts: one too
// many is refused at once, so that no client's line stands before the others'. The engine's own line is everybody's.
// It must not be asked for answers that need no engine; those are free.

import { isIPv6 } from 'node:net';

import { PortalError } from '../../base/errors.ts';
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
      const key = client === null ? null : toClientKey(client);
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

/** One household is one client: an IPv4 address, or the /64 of an IPv6 one. */
export function toClientKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/iu, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail = ''] = plain.split('%')[0]!.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const gap = plain.includes('::') ? Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0') : [];
  const groups = [...left, ...gap, ...right].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${groups.join(':')}::/64`;
}
