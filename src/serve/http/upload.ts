// Reads a multipart form whose fields come before its one file, without ever holding the file; its SHA-256 may follow.
// It must not look into the file; whoever reads `bytes` does.

import type { Multipart, MultipartFile, MultipartValue } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';

export type Upload = {
  /** Whole once `bytes` has been read to its end: `sha256` may come after the file. */
  readonly fields: ReadonlyMap<string, string>;
  readonly fileName: string;
  /** Throws upload-truncated when the form ends before the file does. */
  readonly bytes: AsyncIterable<Uint8Array>;
};

const longestField = 262_144;

export const multipartLimits = { fieldSize: longestField, fields: 20, files: 1, parts: 21, headerPairs: 100 } as const;

/** Throws bad-request for an unknown, repeated or too long field, or when there is no file. */
export async function readUpload(
  request: FastifyRequest,
  known: readonly string[],
  onBytes: (done: number) => void,
): Promise<Upload> {
  if (!request.isMultipart()) {
    throw new PortalError('unsupported-media-type', say('serve.multipart'));
  }
  const fields = new Map<string, string>();
  const parts = request.parts({
    limits: { ...multipartLimits, fileSize: Number.POSITIVE_INFINITY },
  });
  for (let read = await next(parts); read.done !== true; read = await next(parts)) {
    const part = read.value;
    if (part.type === 'file') {
      if (part.fieldname !== 'file') throw new PortalError('bad-request', say('serve.part-name'));
      return { fields, fileName: part.filename, bytes: readBytes(part, { parts, fields, known }, onBytes) };
    }
    addField(fields, part, known);
  }
  throw new PortalError('bad-request', say('serve.no-file'));
}

function addField(fields: Map<string, string>, part: MultipartValue, known: readonly string[]): void {
  const { fieldname } = part;
  if (!known.includes(fieldname)) throw unknownField(fieldname, known);
  if (fields.has(fieldname)) throw new PortalError('bad-request', say('serve.field-twice', { field: fieldname }));
  if (part.valueTruncated) throw new PortalError('bad-request', say('serve.field-too-long', { field: fieldname }));
  fields.set(fieldname, toText(part.value));
}

/** A part sent as application/json arrives parsed. */
function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function unknownField(name: string, known: readonly string[]): PortalError {
  const detail = say('serve.no-field', { field: name.slice(0, 100), known: known.join(', ') });
  return new PortalError('unknown-parameter', { detail, extra: { parameter: name.slice(0, 100) } });
}

type Rest = {
  readonly parts: AsyncIterator<Multipart>;
  readonly fields: Map<string, string>;
  readonly known: readonly string[];
};

async function* readBytes(
  part: MultipartFile,
  { parts, fields, known }: Rest,
  onBytes: (done: number) => void,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  try {
    for await (const chunk of part.file) {
      done += (chunk as Uint8Array).byteLength;
      onBytes(done);
      yield chunk as Uint8Array;
    }
  } catch (cause) {
    throw toFault(cause);
  }
  // Whoever streams a file knows its SHA-256 only at its end.
  for (let after = await next(parts); after.done !== true; after = await next(parts)) {
    if (after.value.type === 'file' || after.value.fieldname !== 'sha256') {
      throw new PortalError('bad-request', say('serve.after-file'));
    }
    addField(fields, after.value, known);
  }
}

async function next(parts: AsyncIterator<Multipart>): Promise<IteratorResult<Multipart>> {
  try {
    return await parts.next();
  } catch (cause) {
    throw toFault(cause);
  }
}

/**
 * The parser's own refusals (a hostile field name, too many parts) are told as what they are; the rest is a cut form.
 */
function toFault(cause: unknown): unknown {
  const refused = cause instanceof Error && 'code' in cause && String(cause.code).startsWith('FST_');
  return refused ? cause : new PortalError('upload-truncated', { cause });
}
