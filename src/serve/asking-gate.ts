// How often one network may ask, follow and look up within an hour: against floods, never against a person. It counts
// what came within a time, not what is under way, so it is no queue like base/turns.ts.
// It must never close for good; whoever is told to wait is told how long, and which other ways are open.

import { PortalError } from '../base/errors.ts';
import type { Effects } from '../base/effects.ts';
import { toNetwork } from '../base/network.ts';
import { say } from '../base/say.ts';
import type { Sentence } from '../base/say.ts';

/** What is counted apart. */
export type AskedKind = 'request' | 'file' | 'message' | 'link' | 'suggestion' | 'follow';

export type AskingGate = {
  /** Counts one in. Throws too-many-requests with the seconds until there is room again. */
  enter(client: string, kind: AskedKind): void;
};

const hourMs = 3_600_000;

/** Of one network within an hour. An office or a library sends from one. */
const hourly: Readonly<Record<AskedKind, number>> = {
  request: 30,
  file: 200,
  message: 60,
  link: 10,
  suggestion: 1_200,
  follow: 300,
};

const words: Readonly<Record<AskedKind, Sentence>> = {
  request: say('serve.many.request'),
  file: say('serve.many.file'),
  message: say('serve.many.message'),
  link: say('serve.many.link'),
  suggestion: say('serve.many.suggestion'),
  follow: say('serve.many.follow'),
};

/** Networks remembered at a time; the ones that asked longest ago are forgotten first. */
const mostKept = 50_000;

export function openAskingGate(effects: Effects): AskingGate {
  const times = new Map<string, number[]>();
  return {
    enter(client, kind) {
      const key = `${kind} ${toNetwork(client)}`;
      const now = effects.clock.now();
      const recent = (times.get(key) ?? []).filter((at) => at > now - hourMs);
      if (recent.length >= hourly[kind]) throw refusal(kind, Math.ceil((recent[0]! + hourMs - now) / 1_000));
      recent.push(now);
      times.delete(key); // the latest last
      times.set(key, recent);
      const [oldest] = times.keys();
      if (times.size > mostKept && oldest !== undefined) times.delete(oldest);
    },
  };
}

function refusal(kind: AskedKind, retryAfterSeconds: number): PortalError {
  const minutes = Math.ceil(retryAfterSeconds / 60);
  const key = kind === 'request' ? 'serve.wait-or-otherwise' : 'serve.wait';
  return new PortalError('too-many-requests', { detail: say(key, { many: words[kind], minutes }), retryAfterSeconds });
}
