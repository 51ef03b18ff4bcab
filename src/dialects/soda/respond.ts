// SODA's headers around an answer, its choice of format, and its error bodies.
// It must not decide what is answered.

import { PortalError, type ErrorCode, type Position } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { RowFormat } from '../../formats/format.ts';
import type { ReadAnswer } from '../../serve/read/answer.ts';
import { toHttpDate } from '../../serve/http/headers.ts';
import { baseType, chooseMediaType } from '../../serve/http/negotiate.ts';
import { toPointer } from '../../serve/http/problem.ts';
import { sodaFormat, sodaFormatNames, sodaType, type SodaFormatName } from './formats.ts';

/** Both headers of names and types are left out once they are this long together. */
const longestHeaders = 5_000;

export function sodaHeaders(answer: ReadAnswer): Readonly<Record<string, string>> {
  const changed = toHttpDate(answer.revision.publishedAt);
  const fields = toHeaderJson(answer.columns.map((column) => column.name));
  const types = toHeaderJson(answer.columns.map(sodaType));
  const isShort = fields.length + types.length < longestHeaders;
  return {
    ...(isShort ? { 'x-soda2-fields': fields, 'x-soda2-types': types } : {}),
    'x-soda2-truth-last-modified': changed,
    'x-soda2-secondary-last-modified': changed,
    'x-soda2-data-out-of-date': 'false',
  };
}

/** JSON in a header is ASCII: what is not is escaped. */
function toHeaderJson(values: readonly string[]): string {
  return JSON.stringify(values).replace(/[^\x20-\x7e]/gu, (character) =>
    Array.from({ length: character.length }, (_, index) => {
      return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
    }).join(''),
  );
}

/** The extension decides, then Accept; JSON when the client names none of ours. Throws not-found, not-acceptable. */
export function chooseSodaFormat(extension: string | null, accept: string | undefined, withMark: boolean): RowFormat {
  if (extension !== null) {
    const named = sodaFormatNames.find((name) => name === extension);
    if (named !== undefined) return sodaFormat(named, withMark);
    const known = sodaFormatNames.map((name) => `.${name}`).join(', ');
    throw new PortalError('not-acceptable', say('dialects.row-formats-got', { known, got: extension.slice(0, 20) }));
  }
  const chosen = chooseMediaType(accept, [...mediaTypes.keys()]);
  const name = chosen === null ? undefined : mediaTypes.get(chosen);
  if (name !== undefined) return sodaFormat(name, withMark);
  throw new PortalError('not-acceptable', say('dialects.row-formats', { known: [...mediaTypes.keys()].join(', ') }));
}

const mediaTypes: ReadonlyMap<string, SodaFormatName> = new Map([
  ...sodaFormatNames.map((name): [string, SodaFormatName] => [baseType(sodaFormat(name, false).mediaType), name]),
  ['application/geo+json', 'geojson'],
]);

// Errors

export const sodaErrorType = 'application/json;charset=utf-8';

const reasons: Readonly<Record<string, string>> = {
  'bad-parse': 'query.soql.bad-parse',
  'unexpected-end': 'query.soql.unexpected-eof',
  'unexpected-character': 'query.soql.unexpected-character',
  'unterminated-string': 'query.soql.unterminated-string',
  'unexpected-escape': 'query.soql.unexpected-escape',
  'bad-unicode-escape': 'query.soql.bad-unicode-escape-character',
  'unicode-out-of-range': 'query.soql.unicode-character-out-of-range',
};

const codes: Readonly<Partial<Record<ErrorCode, string>>> = {
  'syntax-error': 'query.soql.bad-parse',
  'unknown-column': 'query.soql.no-such-column',
  'unknown-function': 'query.soql.no-such-function',
  'wrong-arity': 'query.soql.no-such-function',
  'type-mismatch': 'query.soql.type-mismatch',
  'bad-literal': 'query.soql.type-mismatch',
  'not-grouped': 'query.soql.column-not-in-group-bys',
  'aggregate-not-allowed': 'query.soql.aggregate-in-ungrouped-context',
  'duplicate-alias': 'query.soql.duplicate-alias',
  'unknown-parameter': 'query.compiler.malformed',
  'bad-request': 'query.compiler.malformed',
  'query-too-large': 'query.compiler.malformed',
  'division-by-zero': 'query.execution.division-by-zero',
  'evaluation-failed': 'query.execution.failed',
  'answer-too-large': 'req.row-limit-exceeded',
  'deadline-exceeded': 'request-timeout',
  'dataset-not-found': 'soda.dataset.not-found',
  'revision-not-found': 'soda.dataset.not-found',
  'row-not-found': 'soda.row.not-found',
  'not-found': 'not_found',
  'method-not-allowed': 'method_not_allowed',
  'not-acceptable': 'not_acceptable',
  'too-many-requests': 'too-many-requests',
  overloaded: 'service-unavailable',
  'not-ready': 'service-unavailable',
  'stored-file-damaged': 'service-unavailable',
  unauthorized: 'authentication_required',
  forbidden: 'permission_denied',
};

/** The code in Socrata's words; what Socrata has no word for keeps the portal's own. */
function sodaErrorCode(error: PortalError): string {
  const reason = error.details.extra?.['reason'];
  if (error.code === 'syntax-error' && typeof reason === 'string') return reasons[reason] ?? 'query.soql.bad-parse';
  return codes[error.code] ?? error.code;
}

/** What of the request an error body repeats: the dataset asked for, and the parameters that a position points into. */
export type SodaAsked = { readonly dataset: string | null; readonly texts: Readonly<Record<string, unknown>> };

/**
 * The envelope of the query path, with the members of the core one beside: `code` and `errorCode` are the same, `error`
 * is true, `message` is what sodapy shows, `data` names column, function, dataset and position; `portal` is the
 * portal's own permanent code.
 */
export function toSodaError(error: PortalError, asked: SodaAsked): Readonly<Record<string, unknown>> {
  const errorCode = sodaErrorCode(error);
  const position = toSodaPosition(error, asked.texts);
  const { column, suggestion, function: name } = error.details.extra ?? {};
  const place = position === null ? '' : `; position: Map(${toMap(position)})`;
  const prefix = errorCode.startsWith('query.') ? `Query coordinator error: ${errorCode}; ` : '';
  return {
    code: errorCode,
    errorCode,
    error: true,
    message: `${prefix}${error.message}${place}`,
    data: {
      ...(column === undefined ? {} : { column }),
      ...(name === undefined ? {} : { function: name }),
      ...(suggestion === undefined || suggestion === null ? {} : { suggestion }),
      ...(asked.dataset === null ? {} : { dataset: asked.dataset }),
      ...(position === null ? {} : { position }),
      portal: error.code,
    },
  };
}

type SodaPosition = { readonly row: number; readonly column: number; readonly line: string };

function toMap({ row, column, line }: SodaPosition): string {
  return `row -> ${row}, column -> ${column}, line -> ${JSON.stringify(line)}`;
}

function toSodaPosition(error: PortalError, texts: Readonly<Record<string, unknown>>): SodaPosition | null {
  const { position } = error.details;
  const text = position === undefined ? null : (error.details.text ?? textOf(position, texts));
  if (position === undefined || text === null) return null;
  const start = Math.min(position.start, text.length);
  const before = text.slice(0, start).split('\n');
  const lineStart = start - (before.at(-1) ?? '').length;
  const line = text.slice(lineStart).split('\n')[0] ?? '';
  const column = start - lineStart;
  const pointer = toPointer(line, { start: column, end: column + 1 });
  return { row: before.length, column: column + 1, line: pointer };
}

function textOf(position: Position, texts: Readonly<Record<string, unknown>>): string | null {
  const text =
    position.parameter !== undefined && Object.hasOwn(texts, position.parameter) ? texts[position.parameter] : null;
  return typeof text === 'string' ? text : null;
}
