// Errors as RFC 9457 problem details, and Fastify's own errors in the portal's words.
// It must never put a stack, a query's SQL or a path of the machine into a body.

import type { FastifyError } from 'fastify';

import { errorTable, PortalError } from '../../base/errors.ts';
import type { ErrorCode, Position } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';

export const problemMediaType = 'application/problem+json; charset=utf-8';

export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ErrorCode;
  readonly position?: Position;
  /** Two lines: the client's own text, and carets under the part that is wrong. */
  readonly pointer?: string;
  readonly [extra: string]: unknown;
};

const reserved = new Set(['type', 'title', 'status', 'detail', 'instance', 'code', 'position', 'pointer']);

/** The body of an error answer. `instance` is the request's id, so that a report can be found in the log. */
export function toProblem(error: PortalError, place: { publicUrl: string; requestId: string }): Problem {
  const { position, text, extra } = error.details;
  const extras = Object.entries(extra ?? {}).filter(([name]) => !reserved.has(name));
  return {
    type: `${place.publicUrl}/errors#${error.code}`,
    title: errorTable[error.code][1],
    status: error.status,
    detail: error.message,
    instance: `urn:request:${place.requestId}`,
    code: error.code,
    ...(position === undefined ? {} : { position }),
    ...(position === undefined || text === undefined ? {} : { pointer: toPointer(text, position) }),
    ...Object.fromEntries(extras),
  };
}

const windowBefore = 60;
const windowLength = 120;

/** `ward = 3 AND cst > 5` with carets on the next line; a long text is cut around the place. */
export function toPointer(text: string, position: Position): string {
  const start = Math.min(Math.max(position.start, 0), text.length);
  const end = Math.min(Math.max(position.end, start + 1), text.length + 1);
  const from = Math.max(0, start - windowBefore);
  const shown = text.slice(from, from + windowLength).replace(/[\p{Cc}\p{Cs}]/gu, ' ');
  const lead = from > 0 ? '…' : '';
  const tail = from + windowLength < text.length ? '…' : '';
  const carets = '^'.repeat(Math.max(1, Math.min(end - start, windowLength - (start - from))));
  return `${lead}${shown}${tail}\n${' '.repeat(lead.length + start - from)}${carets}`;
}

/**
 * Anything thrown → the PortalError to answer with; what nobody expected becomes internal-error with its cause kept.
 */
export function toPortalError(error: unknown): PortalError {
  if (error instanceof PortalError) return error;
  if (isFastifyError(error)) return fromFastify(error);
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
    return new PortalError('disk-full', { cause: error });
  }
  return new PortalError('internal-error', { cause: error });
}

function isFastifyError(error: unknown): error is FastifyError {
  return (
    error instanceof Error && ('validation' in error || ('code' in error && String(error.code).startsWith('FST_')))
  );
}

const fastifyCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'upload-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'bad-request',
  FST_ERR_CTP_INVALID_JSON_BODY: 'bad-request',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad-request',
  FST_ERR_BAD_URL: 'bad-request',
  FST_ERR_NOT_FOUND: 'not-found',
  FST_REQ_FILE_TOO_LARGE: 'upload-too-large',
  FST_INVALID_MULTIPART_CONTENT_TYPE: 'unsupported-media-type',
  FST_FILES_LIMIT: 'bad-request',
  FST_FIELDS_LIMIT: 'bad-request',
  FST_PARTS_LIMIT: 'bad-request',
  FST_PROTO_VIOLATION: 'bad-request',
  FST_INVALID_JSON_FIELD_ERROR: 'bad-request',
};

function fromFastify(error: FastifyError): PortalError {
  const first = error.validation?.[0];
  if (first !== undefined) return fromValidation(first, error.validationContext ?? 'request');
  const code = fastifyCodes[error.code];
  if (code !== undefined) return new PortalError(code, { detail: sayAsTold(error.message), cause: error });
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new PortalError('bad-request', { detail: sayAsTold(error.message), cause: error });
  }
  return new PortalError('internal-error', { cause: error });
}

type Validation = NonNullable<FastifyError['validation']>[number];

function fromValidation(found: Validation, context: string): PortalError {
  const place = contextWords[context] ?? context;
  const at = found.instancePath === '' ? null : found.instancePath.slice(1).replaceAll('/', '.');
  if (found.keyword === 'additionalProperties') {
    const name = String(found.params['additionalProperty']);
    const detail = say('serve.not-known', { name: name.slice(0, 100), place });
    return new PortalError(context === 'body' ? 'bad-request' : 'unknown-parameter', {
      detail,
      extra: { parameter: name.slice(0, 100) },
    });
  }
  if (found.keyword === 'required') {
    const name = String(found.params['missingProperty']);
    return new PortalError('bad-request', {
      detail: say('serve.missing', { place, name }),
      extra: { parameter: name },
    });
  }
  const wrong = found.message ?? say('serve.not-valid');
  const detail =
    at === null ? say('serve.wrong', { place, wrong }) : say('serve.wrong-named', { place, name: at, wrong });
  return new PortalError('bad-request', { detail, extra: at === null ? {} : { parameter: at } });
}

const contextWords: Readonly<Record<string, Sentence>> = {
  querystring: say('serve.place.parameter'),
  params: say('serve.place.address'),
  headers: say('serve.place.header'),
  body: say('serve.place.body'),
};

/** The words of the HTTP framework, which has no keys. */
function sayAsTold(message: string): Sentence {
  const told = message.slice(0, 300);
  return say('serve.as-told', { told: /[.!?]$/u.test(told) ? told : `${told}.` });
}
