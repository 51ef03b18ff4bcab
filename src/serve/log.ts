// The log: JSON lines on standard output, written behind the request, one line an event.
// It must never hold up an answer, and never throw.

import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

import type { LogLevel, PortalEvent } from '../base/events.ts';
import { toLogLine } from '../base/events.ts';

export type Log = {
  readonly logger: Logger;
  /** Records an event when its level is logged at all. */
  observe(event: PortalEvent): void;
  /** False spares the caller making an event that nobody will read. */
  readonly logsRequests: boolean;
  flush(): void;
};

const flushEveryMs = 500;
const bufferBytes = 8_192;

/** `destination` is for tests; unset, lines go to standard output, gathered and written without waiting. */
export function openLog(level: LogLevel | 'silent', destination?: DestinationStream): Log {
  const buffered = destination === undefined ? pino.destination({ fd: 1, sync: false, minLength: bufferBytes }) : null;
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' },
    destination ?? buffered!,
  );
  const flush = () => buffered?.flush();
  if (buffered !== null) setInterval(flush, flushEveryMs).unref();
  return {
    logger,
    logsRequests: logger.isLevelEnabled('info'),
    observe(event) {
      const line = toLogLine(event);
      logger[line.level](line.fields, line.message);
    },
    flush: () => buffered?.flushSync(),
  };
}
