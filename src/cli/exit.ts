// The exit codes of the command line, and which error leads to which. Codes are permanent; docs/cli.md holds the same
// rows.

import { PortalError, type ErrorCode } from '../base/errors.ts';

export const exitTable = {
  ok: [0, 'It worked.'],
  failed: [1, 'The portal refused, or something failed; the sentence on standard error says what.'],
  usage: [2, 'The command or a setting is wrong; nothing was tried.'],
  'not-found': [3, 'There is no such dataset, revision, token or file.'],
  damaged: [4, 'A stored file or a backup is damaged.'],
  unreachable: [5, 'No portal answers at the address.'],
  'not-allowed': [6, 'The token is missing, not valid, or may not do this.'],
  busy: [7, 'The portal is busy, starting or stopping, or another one is using the folder; try again.'],
} as const satisfies Record<string, readonly [code: number, sentence: string]>;

export type Exit = keyof typeof exitTable;

const exits: Partial<Record<ErrorCode, Exit>> = {
  'setting-invalid': 'usage',
  'not-found': 'not-found',
  'dataset-not-found': 'not-found',
  'revision-not-found': 'not-found',
  'row-not-found': 'not-found',
  'department-not-found': 'not-found',
  'stored-file-damaged': 'damaged',
  'checksum-mismatch': 'damaged',
  'backup-damaged': 'damaged',
  unauthorized: 'not-allowed',
  forbidden: 'not-allowed',
  overloaded: 'busy',
  'not-ready': 'busy',
  'too-many-requests': 'busy',
  'data-dir-in-use': 'busy',
};

/** An error of the command line itself: its exit code is part of it. */
export class CommandError extends Error {
  readonly exit: Exit;
  readonly code: string;
  /** What --json says of it beyond the code and the sentence. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(exit: Exit, code: string, message: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'CommandError';
    this.exit = exit;
    this.code = code;
    this.extra = extra;
  }
}

export function usageError(message: string): CommandError {
  return new CommandError('usage', 'usage', message);
}

/** The exit of an error code that a portal answered with; `failed` when the table has no row for it. */
export function exitOfCode(code: string): Exit {
  return (exits as Readonly<Record<string, Exit>>)[code] ?? 'failed';
}

export type Failure = {
  readonly exit: Exit;
  readonly code: string;
  readonly sentence: string;
  readonly extra: Readonly<Record<string, unknown>>;
};

/** What to tell of anything thrown: an exit, a permanent code and one sentence. */
export function toFailure(error: unknown): Failure {
  if (error instanceof CommandError) {
    return { exit: error.exit, code: error.code, sentence: oneLine(error.message), extra: error.extra };
  }
  if (error instanceof PortalError)
    return { exit: exitOfCode(error.code), code: error.code, sentence: oneLine(error.message), extra: {} };
  const sentence = error instanceof Error ? error.message : String(error);
  return { exit: 'failed', code: 'internal-error', sentence: oneLine(sentence), extra: {} };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
