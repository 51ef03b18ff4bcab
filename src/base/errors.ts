// Every error the portal answers with: one table of permanent codes, and the class that carries them.
// It must not know HTTP frameworks or dialects; serve/http/problem.ts turns a PortalError into a dialect's own shape.

import type { Sentence } from './say.ts';

/**
 * Code → HTTP status and the plain sentence shown when no better one is given. Codes are permanent: add, never rename.
 */
export const errorTable = {
  // Asking
  'bad-request': [400, 'The request could not be understood.'],
  'syntax-error': [400, 'The query could not be read.'],
  'unknown-parameter': [400, 'This parameter is not known here.'],
  'unknown-column': [400, 'There is no column of this name in the dataset.'],
  'unknown-function': [400, 'There is no function of this name.'],
  'type-mismatch': [400, 'A value of one type stands where another is needed.'],
  'wrong-arity': [400, 'The function was given the wrong number of arguments.'],
  'not-grouped': [400, 'A selected column must be grouped or aggregated.'],
  'aggregate-not-allowed': [400, 'An aggregate cannot stand here.'],
  'duplicate-alias': [400, 'Two selected columns have the same name.'],
  'bad-cursor': [400, 'The cursor is not one that this query gave out.'],
  'query-too-large': [400, 'The query is larger than the portal accepts.'],
  'bad-literal': [400, 'The value cannot be read as the type it stands for.'],
  'division-by-zero': [400, 'The query divides by zero.'],
  'evaluation-failed': [400, 'A value in the data could not be computed as the query asks.'],
  unauthorized: [401, 'Sign in, or send a valid token.'],
  forbidden: [403, 'You are not allowed to do this.'],
  'not-found': [404, 'There is nothing at this address.'],
  'dataset-not-found': [404, 'There is no dataset of this id.'],
  'revision-not-found': [404, 'There is no such revision of this dataset.'],
  'row-not-found': [404, 'There is no such row in this dataset.'],
  'department-not-found': [404, 'There is no department of this id.'],
  'method-not-allowed': [405, 'This address does not take this method.'],
  'not-acceptable': [406, 'The dataset cannot be given in this format.'],
  'request-timeout': [408, 'The request did not arrive in time.'],
  conflict: [409, 'Somebody else changed this first; read it again and try again.'],
  'already-exists': [409, 'There is one of this name already.'],
  'changes-need-decision': [
    409,
    'The file changes more of the dataset than its publisher lets pass; nothing was published.',
  ],
  'precondition-failed': [412, 'The thing has changed since you read it.'],
  'answer-too-large': [
    413,
    'The answer is larger than one request may ask for; download the dataset or narrow the query.',
  ],
  'upload-too-large': [413, 'The file is larger than the portal accepts.'],
  'uri-too-long': [414, 'The address is longer than the portal accepts.'],
  'unsupported-media-type': [415, 'The portal does not read this kind of file.'],
  'range-not-satisfiable': [416, 'The range asked for lies outside the file.'],
  'misdirected-request': [421, 'The portal does not answer to this host name.'],
  'too-many-requests': [429, 'Too many requests at once; try again shortly.'],
  'headers-too-large': [431, 'The address and headers of the request are longer than the portal accepts.'],
  // Publishing
  'empty-file': [422, 'The file has no rows and no header.'],
  'upload-truncated': [422, 'The file ended before all of it arrived; nothing was stored.'],
  'file-type-mismatch': [422, 'The file is not of the type its name says.'],
  'file-unreadable': [422, 'The file could not be read.'],
  'encoding-unknown': [422, 'The text encoding of the file could not be told.'],
  'duplicate-column': [422, 'Two columns of the file have the same name.'],
  'row-too-wide': [422, 'The row has more fields than the header.'],
  'row-too-narrow': [422, 'The row has fewer fields than the header.'],
  'value-invalid': [422, 'The value does not fit the declared type of its column.'],
  'geometry-invalid': [422, 'The geometry could not be read.'],
  'row-unreadable': [422, 'The row could not be read.'],
  'metadata-invalid': [422, 'The metadata of the dataset is not complete or not valid.'],
  // Public records and people
  'records-invalid': [422, 'This cannot be done with the request as it stands.'],
  'form-invalid': [422, 'Something in the form is missing or cannot be read.'],
  'link-expired': [410, 'This link is no longer valid.'],
  'checksum-mismatch': [422, 'The bytes are not those that the checksum names.'],
  // The portal itself
  'internal-error': [500, 'Something went wrong here; it has been recorded.'],
  'stored-file-damaged': [503, 'A stored file is damaged and is not being served; it has been recorded.'],
  'deadline-exceeded': [503, 'The query took longer than the portal allows; narrow it, or download the dataset.'],
  overloaded: [503, 'The portal is busy; try again shortly.'],
  'not-ready': [503, 'The portal is starting or stopping; try again shortly.'],
  'disk-full': [507, 'The disk is full; nothing was stored and reading goes on.'],
  'setting-invalid': [500, 'A setting is not valid.'],
  'data-dir-in-use': [500, 'Another portal is using this data folder.'],
  'database-unusable': [500, 'The database cannot be used by this version of the portal.'],
  'backup-damaged': [500, 'The backup is not whole; nothing was restored.'],
} as const satisfies Record<string, readonly [status: number, sentence: string]>;

export type ErrorCode = keyof typeof errorTable;

/** Where in the client's text an error is: UTF-16 offsets into the value of `parameter`. */
export type Position = { readonly parameter?: string; readonly start: number; readonly end: number };

/** What whoever runs the portal reads in a log, and has to mend: in English, without a key. */
export type OperatorCode =
  'internal-error' | 'setting-invalid' | 'data-dir-in-use' | 'database-unusable' | 'backup-damaged';

export type ErrorDetails<Detail = Sentence> = {
  /** A sentence for a person: what is wrong, where, and how to mend it. */
  readonly detail?: Detail;
  readonly position?: Position;
  /** The client's own text that `position` points into. */
  readonly text?: string;
  /** Machine-readable extras: column, row, suggestion, limit … */
  readonly extra?: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
};

/** The sentence of a code alone. */
export function sayCode(code: ErrorCode): Sentence {
  return { key: `error.${code}`, values: {}, english: errorTable[code][1] };
}

/** The one error that is thrown on purpose. `message` is the detail sentence in English, or the table's. */
export class PortalError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails<Sentence | string>;
  /** What `message` says, for whoever shows it in another language; null for words to whoever runs the portal. */
  readonly sentence: Sentence | null;

  constructor(code: OperatorCode, details?: ErrorDetails<Sentence | string> | Sentence | string);
  constructor(code: ErrorCode, details?: ErrorDetails | Sentence);
  constructor(code: ErrorCode, details: ErrorDetails<Sentence | string> | Sentence | string = {}) {
    const given = typeof details === 'string' || 'english' in details ? { detail: details } : details;
    const said = given.detail ?? sayCode(code);
    super(typeof said === 'string' ? said : said.english, { cause: given.cause });
    this.name = 'PortalError';
    this.code = code;
    this.details = given;
    this.sentence = typeof said === 'string' ? null : said;
  }

  /** Why the portal does not start, whatever the code: in English, without a key. */
  static beforeStart(code: ErrorCode, words: string, cause?: unknown): PortalError {
    return new PortalError(code as OperatorCode, { detail: words, cause });
  }

  get status(): number {
    return errorTable[this.code][0];
  }
}
