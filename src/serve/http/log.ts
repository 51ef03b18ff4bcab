// The log: JSON lines on standard output, written behind the request, one line an event.
// It must never hold up an answer, and never throw.

import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

import { systemClock, toInstant } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import type { LogLevel, PortalEvent, RequestFacts } from '../../base/events.ts';
import { toLogLine } from '../../base/events.ts';

export type Log = {
  readonly logger: Logger;
  /** Records an event when its level is logged at all. */
  observe(event: PortalEvent): void;
  /** False spares the caller gathering facts that nobody will read. */
  readonly logsRequests: boolean;
  /** The line of a finished request: the same as observing request-finished, at a twentieth of its cost. */
  request(facts: RequestFacts): void;
  flush(): void;
};

const flushEveryMs = 250;
const gatherCharacters = 32_768;
const infoLevel = 30;

/** `destination` is for tests; unset, lines go to standard output without waiting. */
export function openLog(level: LogLevel | 'silent', destination?: DestinationStream, clock: Clock = systemClock): Log {
  const output = destination ?? pino.destination({ fd: 1, sync: false });
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' }, output);
  // Gathered here: the stream's own gathering measures all it holds at every write.
  let gathered: string[] = [];
  let characters = 0;
  const pass = () => {
    if (characters === 0) return;
    const text = gathered.join('');
    gathered = [];
    characters = 0;
    output.write(text);
  };
  if (destination === undefined) setInterval(pass, flushEveryMs).unref();
  return {
    logger,
    logsRequests: logger.isLevelEnabled('info'),
    observe(event) {
      pass();
      const line = toLogLine(event);
      logger[line.level](line.fields, line.message);
    },
    request(facts) {
      const line = toRequestLine(facts, toInstant(clock.now()));
      gathered.push(line);
      characters += line.length;
      if (characters >= gatherCharacters || destination !== undefined) pass();
    },
    flush() {
      pass();
      if ('flushSync' in output) (output as { flushSync(): void }).flushSync();
    },
  };
}

/** Written by hand: this is the one line that every request pays for. */
function toRequestLine(facts: RequestFacts, time: string): string {
  const { id, method, status, bytes, actor } = facts;
  const path = JSON.stringify(facts.path);
  const words = `${method} ${path.slice(1, -1)} ${status}`;
  const elapsedMs = Math.round(facts.elapsedMs * 1_000) / 1_000;
  return (
    `{"level":${infoLevel},"time":"${time}","event":"request-finished","id":${JSON.stringify(id)},` +
    `"method":"${method}","path":${path},"status":${status},"bytes":${bytes},"elapsedMs":${elapsedMs},` +
    `"actor":${JSON.stringify(actor)},"message":"${words}"}\n`
  );
}
