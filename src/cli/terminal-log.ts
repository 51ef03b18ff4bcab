// The log for a person at a terminal: a bar while the portal starts, then its address, then one short line an event.
// It must lose nothing that is grave: warnings and errors are written in full, whenever they come.

import { SingleBar } from 'cli-progress';
import { pino } from 'pino';

import { systemClock } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import { toLogLine } from '../base/events.ts';
import type { LogLevel, LogLine, PortalEvent } from '../base/events.ts';
import type { Log } from '../serve/http/log.ts';

/** Where it writes; `isTTY` where a bar can be drawn. */
export type TerminalStream = { write(text: string): unknown; readonly isTTY?: boolean };

const levels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error'];
const marks: Partial<Readonly<Record<LogLevel, string>>> = { warn: 'Warning: ', error: 'Error: ' };

/**
 * What a start waits for, with its share of the bar; some of it goes on side by side, and the first that has not ended
 * is named. The sample's datasets come on top, one each.
 */
const waits = [
  { until: 'database-ready', steps: 1, what: 'Starting the database' },
  { until: 'pages-ready', steps: 3, what: 'Building the pages, which takes longer the first time' },
] as const;
const startSteps = 5;

export function openTerminalLog(level: LogLevel, stream: TerminalStream, clock: Clock = systemClock): Log {
  const isShown = (of: LogLevel): boolean => levels.indexOf(of) >= levels.indexOf(level);
  const start = openStartBar(stream);
  const write = ({ level: grave, message, fields }: LogLine): void => {
    if (!isShown(grave)) return;
    start.makeRoom();
    const time = new Date(clock.now()).toTimeString().slice(0, 8);
    stream.write(`${time}  ${marks[grave] ?? ''}${message}${grave === 'error' ? toTrace(fields) : ''}\n`);
  };
  const fastifyLines = {
    write: (text: string): void => {
      const { message = '', err } = JSON.parse(text) as { message?: string; err?: unknown };
      write({ level: 'warn', message, fields: { error: err } });
    },
  };
  return {
    // What Fastify itself has to say: nothing but warnings belong here.
    logger: pino({ level: 'warn', base: null, messageKey: 'message' }, fastifyLines),
    logsRequests: isShown('info'),
    observe(event) {
      const line = toLogLine(event);
      const wasStarting = start.isRunning();
      start.see(event);
      // A start is told by its bar and its end, in words of their own.
      if (line.level !== 'info' || !(wasStarting || start.isRunning())) write(line);
    },
    request: ({ method, path, status, elapsedMs }) =>
      write({ level: 'info', message: `${method} ${path} ${status}, ${Math.round(elapsedMs)} ms`, fields: {} }),
    flush: () => start.end(),
  };
}

/** The trace of what went wrong, for whoever reports it; of an error without one, its words. */
function toTrace({ error }: LogLine['fields']): string {
  if (typeof error !== 'object' || error === null) return '';
  const { stack, message } = error as { stack?: string; message?: string };
  return `\n    ${(stack ?? message ?? '').replaceAll('\n', '\n    ')}`;
}

type StartBar = {
  isRunning(): boolean;
  see(event: PortalEvent): void;
  /** Clears the line that the bar stands in; it is drawn again below what is written. */
  makeRoom(): void;
  end(): void;
};

function openStartBar(stream: TerminalStream): StartBar {
  const canDraw = stream.isTTY === true;
  const bar = new SingleBar({
    format: '{bar} {what}',
    stream: stream as unknown as NodeJS.WritableStream,
    hideCursor: null,
    barsize: 24,
    fps: 8,
    clearOnComplete: true,
  });
  let running = false;
  let [done, total] = [0, startSteps];
  const ended = new Set<string>();
  const end = (): void => {
    if (running && canDraw) {
      bar.update(total);
      bar.stop();
    }
    running = false;
  };
  const show = (what: string): void => {
    if (canDraw) bar.update(done, { what });
    else stream.write(`${what} …\n`);
  };
  return {
    isRunning: () => running,
    see(event) {
      if (event.kind === 'portal-starting') {
        running = true;
        stream.write(`Portal ${event.version}, with its data in ${event.dataDir}\n\n`);
        if (canDraw) bar.start(total, 0, { what: '' });
      }
      if (!running) return;
      const wait = waits.find(({ until }) => until === event.kind);
      if (wait !== undefined) {
        done += wait.steps;
        ended.add(event.kind);
      }
      if (event.kind === 'sample-loading') {
        total += event.datasets;
        if (canDraw) bar.setTotal(total);
      }
      if (event.kind === 'revision-released') {
        done += 1;
        if (canDraw) bar.update(done);
      }
      if (event.kind === 'sample-loading') show('Loading the sample catalogue');
      else if (wait !== undefined || event.kind === 'portal-starting')
        show(waits.find(({ until }) => !ended.has(until))?.what ?? 'Opening the portal');
      if (event.kind === 'portal-ready') {
        end();
        stream.write(
          `Open this address in a browser:\n\n  ${event.publicUrl}\n\n` +
            'Ctrl-C stops the portal. What happens is told here, a line an event; LOG_FORMAT=json tells more.\n\n',
        );
      }
      if (event.kind === 'portal-stopping') end();
    },
    makeRoom: () => void (running && canDraw && stream.write('\r\u001B[K')),
    end,
  };
}
