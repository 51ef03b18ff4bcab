// Where a command writes: standard output for answers, standard error for errors and progress.
// With --json standard output carries one JSON object and nothing else.

import type { Writable } from 'node:stream';
import { SingleBar } from 'cli-progress';
import { exitTable, type Failure } from './exit.ts';

export type Terminal = {
  readonly out: Writable;
  readonly err: Writable;
  /** A person is watching standard error. */
  readonly watched: boolean;
};

export type ProgressEvent = { readonly step: string; readonly done: number | null; readonly total: number | null };

export type Progress = {
  /** Says what is going on now, and how much of it is done when that is known. */
  show(event: ProgressEvent): void;
  end(): void;
};

const quiet: Progress = { show: () => undefined, end: () => undefined };

/** The words of each step, for people. */
const stepWords: Readonly<Record<string, string>> = {
  upload: 'Sending the file',
  describe: 'Reading the rows',
  publish: 'Publishing',
  verify: 'Checking stored files',
  backup: 'Copying',
  restore: 'Restoring',
  rows: 'Making rows',
  sample: 'Loading the sample',
};

function stepLabel(step: string): string {
  const words = stepWords[step] ?? `${step.charAt(0).toUpperCase()}${step.slice(1).replaceAll('-', ' ')}`;
  return words.padEnd(30);
}

/** A bar on a terminal, one for each step; nothing at all when nobody watches. */
export function openProgress(terminal: Terminal): Progress {
  if (!terminal.watched) return quiet;
  let step = '';
  let bar: SingleBar | null = null;
  const end = (): void => {
    bar?.stop();
    bar = null;
  };
  return {
    show: (event) => {
      if (event.step !== step) {
        end();
        step = event.step;
        if (event.total === null) {
          terminal.err.write(`${stepLabel(event.step).trimEnd()} …\n`);
          return;
        }
        bar = new SingleBar({
          format: `${stepLabel(event.step)} {bar} {percentage}%`,
          stream: terminal.err as NodeJS.WritableStream,
          hideCursor: null,
          barsize: 30,
          fps: 8,
        });
        bar.start(Math.max(1, event.total), 0);
      }
      if (event.total !== null) bar?.setTotal(Math.max(1, event.total));
      if (event.done !== null) bar?.update(event.done);
    },
    end,
  };
}

export function writeJson(terminal: Terminal, value: unknown): void {
  terminal.out.write(`${JSON.stringify(value)}\n`);
}

export function writeLines(terminal: Terminal, lines: readonly string[]): void {
  if (lines.length > 0) terminal.out.write(`${lines.join('\n')}\n`);
}

/** One sentence and its code on standard error; with --json the same as an object on standard output. */
export function writeFailure(terminal: Terminal, failure: Failure, json: boolean): number {
  const [exit] = exitTable[failure.exit];
  terminal.err.write(`${failure.sentence} [${failure.code}]\n`);
  if (json) writeJson(terminal, { error: { code: failure.code, exit, detail: failure.sentence, ...failure.extra } });
  return exit;
}
