// Tells what a file is by its first bytes, whatever its name says, and opens gzip.
// It must not believe a file name over the bytes, and must not read rows.

import { createReadStream, createWriteStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { PortalError } from '../../base/errors.ts';

/** `text` still has to be told apart into CSV and JSON, once its encoding is known. */
export type ContentKind = 'text' | 'parquet' | 'gzip';

type Signature = { readonly at: number; readonly bytes: string; readonly kind: string };

/** Files that are not tables of text, by their first bytes. */
const signatures: readonly Signature[] = [
  { at: 0, bytes: '25504446', kind: 'a PDF document' },
  { at: 0, bytes: '504b0304', kind: 'a ZIP archive' },
  { at: 0, bytes: '504b0506', kind: 'an empty ZIP archive' },
  { at: 0, bytes: 'd0cf11e0a1b11ae1', kind: 'an old Excel or Office document (.xls)' },
  { at: 0, bytes: '89504e470d0a1a0a', kind: 'a PNG picture' },
  { at: 0, bytes: 'ffd8ff', kind: 'a JPEG picture' },
  { at: 0, bytes: '47494638', kind: 'a GIF picture' },
  { at: 0, bytes: '49492a00', kind: 'a TIFF picture' },
  { at: 0, bytes: '4d4d002a', kind: 'a TIFF picture' },
  { at: 8, bytes: '57454250', kind: 'a WebP picture' },
  { at: 0, bytes: '53514c69746520666f726d6174203300', kind: 'an SQLite database or GeoPackage' },
  { at: 8, bytes: '4455434b', kind: 'a DuckDB database' },
  { at: 0, bytes: '377abcaf271c', kind: 'a 7-Zip archive' },
  { at: 0, bytes: '526172211a07', kind: 'a RAR archive' },
  { at: 0, bytes: '425a68', kind: 'a bzip2 archive' },
  { at: 0, bytes: 'fd377a585a00', kind: 'an xz archive' },
  { at: 0, bytes: '28b52ffd', kind: 'a Zstandard archive' },
  { at: 0, bytes: '7f454c46', kind: 'a program' },
  { at: 0, bytes: '0000270a', kind: 'a shapefile part (.shp or .shx)' },
  { at: 0, bytes: '4f626a01', kind: 'an Avro file' },
  { at: 0, bytes: '4152524f5731', kind: 'an Arrow file' },
  { at: 0, bytes: '7b5c727466', kind: 'an RTF document' },
];

const zipParts: readonly (readonly [part: string, kind: string])[] = [
  ['xl/', 'an Excel workbook (.xlsx)'],
  ['word/', 'a Word document (.docx)'],
  ['ppt/', 'a PowerPoint document (.pptx)'],
  ['mimetypeapplication/vnd.oasis.opendocument.spreadsheet', 'an OpenDocument spreadsheet (.ods)'],
  ['.shp', 'a zipped shapefile'],
];

export async function readHead(path: string, bytes = 65_536): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** What the bytes are. Throws file-type-mismatch (the name promised a table) or unsupported-media-type (it did not). */
export async function requireContent(path: string, name: string): Promise<ContentKind> {
  const head = await readHead(path);
  if (head.length === 0) throw new PortalError('empty-file', 'The file is empty: it holds 0 bytes.');
  if (head.subarray(0, 4).toString('latin1') === 'PAR1') {
    await requireParquetEnd(path);
    return 'parquet';
  }
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const kind = foreignKind(head);
  if (kind !== null) throw notATable(name, kind);
  const nuls = head.filter((byte) => byte === 0).length;
  if (nuls > head.length / 10 && !isUtf16(head)) throw notATable(name, 'a binary file');
  return 'text';
}

function foreignKind(head: Buffer): string | null {
  for (const { at, bytes, kind } of signatures) {
    const length = bytes.length / 2;
    if (head.subarray(at, at + length).toString('hex') !== bytes) continue;
    if (!kind.includes('ZIP')) return kind;
    const text = head.toString('latin1');
    return zipParts.find(([part]) => text.includes(part))?.[1] ?? kind;
  }
  const text = head
    .subarray(0, 2_048)
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart()
    .toLowerCase();
  if (/^<!doctype html|^<html[\s>]|^<table[\s>]|^<head[\s>]|^<body[\s>]/.test(text)) return 'a web page (HTML)';
  if (/^<\?xml|^<kml[\s>]|^<rss[\s>]|^<svg[\s>]/.test(text)) return 'an XML document';
  if (/^(projcs|geogcs|projcrs|geogcrs|compd_cs)\[/.test(text)) return 'a coordinate system description (.prj)';
  return dbaseKind(head);
}

/** dBASE has no magic number: a version byte, a plausible date, and a header length that ends in a carriage return. */
function dbaseKind(head: Buffer): string | null {
  if (head.length < 33 || (head[0] !== 0x03 && head[0] !== 0x83 && head[0] !== 0x30)) return null;
  const month = head[2] ?? 0;
  const headerBytes = head.readUInt16LE(8);
  if (month < 1 || month > 12 || headerBytes < 33 || headerBytes > head.length) return null;
  return head[headerBytes - 1] === 0x0d ? 'a dBASE table (.dbf)' : null;
}

/** Of a UTF-8 byte-order mark at the beginning, or 0. */
export function bomLength(head: Buffer): 0 | 3 {
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
}

/** UTF-16 shows as a byte-order mark, or as NULs that sit almost only at even or almost only at odd places. */
export function isUtf16(head: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const counts: [even: number, odd: number] = [0, 0];
  for (let index = 0; index < head.length; index++) if (head[index] === 0) counts[index & 1 ? 1 : 0]++;
  const [even, odd] = counts;
  const pairs = head.length / 2;
  if (odd > pairs * 0.3 && even < odd / 20) return 'utf-16le';
  if (even > pairs * 0.3 && odd < even / 20) return 'utf-16be';
  return null;
}

async function requireParquetEnd(path: string): Promise<void> {
  const { size } = await stat(path);
  const handle = await open(path, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, Math.max(0, size - 4));
    if (size < 12 || buffer.toString('latin1') !== 'PAR1') {
      throw new PortalError('upload-truncated', 'The Parquet file has no end: it was cut off. Nothing was stored.');
    }
  } finally {
    await handle.close();
  }
}

const promised = /\.(csv|tsv|tab|txt|psv|ssv|json|ndjson|jsonl|geojson|topojson|parquet|geoparquet)(\.gz)?$/i;

function notATable(name: string, kind: string): PortalError {
  if (promised.test(name)) {
    return new PortalError('file-type-mismatch', {
      detail: `The name says ${name.slice(name.lastIndexOf('.'))}, but the file is ${kind}. Export the table as CSV, JSON, GeoJSON or Parquet.`,
      extra: { name, found: kind },
    });
  }
  return new PortalError('unsupported-media-type', {
    detail: `The file is ${kind}. The portal reads CSV (also with tabs, semicolons or pipes), JSON, NDJSON, GeoJSON and Parquet.`,
    extra: { name, found: kind },
  });
}

const gzipLimits = { ratio: 200, graceBytes: 16 * 1024 * 1024 } as const;

/**
 * Opens a gzip file beside itself. Throws upload-too-large on a bomb, upload-truncated or file-unreadable on a broken
 * one.
 */
export async function expandGzip(path: string, target: string, maxBytes: number): Promise<void> {
  const { size } = await stat(path);
  const cap = Math.min(maxBytes, gzipLimits.graceBytes + size * gzipLimits.ratio);
  let bytes = 0;
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= cap) return done(null, chunk);
      done(
        new PortalError(
          'upload-too-large',
          `The compressed file opens to more than the ${cap} bytes accepted for its size.`,
        ),
      );
    },
  });
  try {
    await pipeline(
      createReadStream(path),
      createGunzip(),
      limit,
      createWriteStream(target, { flags: 'wx', mode: 0o600 }),
    );
  } catch (error) {
    if (error instanceof PortalError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new PortalError('disk-full', { cause: error });
    if (code === 'Z_BUF_ERROR') {
      throw new PortalError('upload-truncated', {
        detail: 'The gzip file ends too early; nothing was stored.',
        cause: error,
      });
    }
    if (code.startsWith('Z_')) {
      throw new PortalError('file-unreadable', {
        detail: 'The gzip file is damaged and cannot be opened.',
        cause: error,
      });
    }
    throw error;
  }
}
