// DuckDB's words and a child's death to PortalErrors: a plain sentence, no path, no SQL; the engine's own words stay in
// `cause`. It must never let a message of the engine through to a client unread.

import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Sentence } from '../base/say.ts';
import type { FailureCause } from './frame.ts';

export type Failure = { readonly cause: FailureCause; readonly message: string };

/** How a child ended. */
export type WorkerExit = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last of what it wrote to its standard error. */
  readonly words: string;
};

export function deadlineExceeded(cause?: unknown): PortalError {
  return new PortalError('deadline-exceeded', { retryAfterSeconds: 30, cause });
}

export function readerTooSlow(): PortalError {
  return new PortalError('deadline-exceeded', {
    detail: say('engine.not-read'),
    retryAfterSeconds: 30,
  });
}

export function overloaded(): PortalError {
  return new PortalError('overloaded', { retryAfterSeconds: 5 });
}

function needsTooMuchMemory(cause: unknown): PortalError {
  return new PortalError('answer-too-large', {
    detail: say('engine.query-memory'),
    cause,
  });
}

/** True when the child must not be used again after this message. */
export function isFatal(message: string): boolean {
  return isOutOfMemory(message) || /FATAL Error|INTERNAL Error|database has been invalidated/i.test(message);
}

function isOutOfMemory(message: string): boolean {
  return /Out of Memory|bad_alloc|Array buffer allocation failed|failed to allocate|could not allocate/i.test(message);
}

/** A query's failure. `cancelledBy` is the watchdog's or the reader's error when either stopped the query. */
export function toQueryError(failure: Failure): PortalError {
  const { message } = failure;
  const cause = new Error(message);
  if (failure.cause === 'refused') return new PortalError('internal-error', { cause });
  if (failure.cause === 'row-too-large') {
    return new PortalError('answer-too-large', {
      detail: say('engine.row-too-large'),
      cause,
    });
  }
  if (isOutOfMemory(message)) return needsTooMuchMemory(cause);
  if (/INTERRUPT Error/.test(message)) return deadlineExceeded(cause);
  if (/(division|divide) by zero/i.test(message)) return new PortalError('division-by-zero', { cause });
  const detail = evaluationSentence(message);
  if (detail !== null) return new PortalError('evaluation-failed', { detail, cause });
  return new PortalError('internal-error', { cause });
}

/** The sentence for a value that cannot be computed, or null when the fault is not in the values. */
function evaluationSentence(message: string): Sentence | null {
  if (message.startsWith('Conversion Error')) {
    const value = /(?:string|value) ["'](.{0,80}?)["']/i.exec(message)?.[1];
    return value === undefined ? say('engine.not-converted') : say('engine.value-not-converted', { value });
  }
  if (message.startsWith('Out of Range Error')) {
    return say('engine.number-too-large');
  }
  if (/maximum string length|Sequence too (large|long)|larger than (the )?maximum/i.test(message)) {
    return say('engine.value-too-large');
  }
  if (/escape (character|string)/i.test(message)) {
    return say('engine.pattern-escape');
  }
  if (message.startsWith('Invalid Input Error')) {
    return say('engine.not-computed');
  }
  return null;
}

/** A child that ended by itself while a query ran. */
export function toExitError(exit: WorkerExit): PortalError {
  const cause = new Error(`engine child ended: code ${exit.code}, signal ${exit.signal}. ${exit.words}`);
  // V8 and the C++ runtime abort when the data limit is reached where nobody can catch it.
  const outOfMemory = isOutOfMemory(exit.words) || /heap|memory/i.test(exit.words);
  if (outOfMemory && exit.signal !== 'SIGKILL') return needsTooMuchMemory(cause);
  return new PortalError('internal-error', {
    detail: say('engine.process-ended'),
    retryAfterSeconds: 1,
    cause,
  });
}

/** A build's failure. DuckDB's words help the publisher, so they are shown with the machine's paths cut out. */
export function toBuildError(failure: Failure): PortalError {
  const { message } = failure;
  const cause = new Error(message);
  if (/No space left on device|disk (is )?full|ENOSPC|not enough space|max_temp_directory_size/i.test(message)) {
    return new PortalError('disk-full', { cause });
  }
  if (isOutOfMemory(message)) {
    return new PortalError('answer-too-large', {
      detail: say('engine.file-memory'),
      cause,
    });
  }
  if (/INTERRUPT Error/.test(message)) return deadlineExceeded(cause);
  return new PortalError('file-unreadable', { detail: say('engine.as-told', { told: withoutPaths(message) }), cause });
}

/** DuckDB's message as one or more lines without folders of this machine: a path shrinks to its file name. */
function withoutPaths(message: string): string {
  return message.replaceAll(/(?:\/[^\s/'"`,;:()]+)+\/([^\s/'"`,;:()]*)/g, '$1');
}
