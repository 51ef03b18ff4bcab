// One multipart/form-data body (RFC 7578) with text fields first and one file last, streamed from disk.
// It must never hold the file in memory.

import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';

export type Multipart = {
  readonly contentType: string;
  readonly bytes: number;
  chunks(): AsyncGenerator<Uint8Array>;
};

export type UploadFile = { readonly path: string; readonly name: string; readonly bytes: number };

/** Quotes, line breaks and backslashes as browsers escape them in a parameter (WHATWG HTML §4.10.21.8). */
function escapeName(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

export function toMultipart(fields: Readonly<Record<string, string>>, file: UploadFile): Multipart {
  const boundary = `portal-${randomUUID()}`;
  const texts = Object.entries(fields).map(
    ([name, value]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(name)}"\r\n\r\n${value}\r\n`,
  );
  const disposition = `form-data; name="file"; filename="${escapeName(file.name)}"`;
  const head = Buffer.from(
    `${texts.join('')}--${boundary}\r\nContent-Disposition: ${disposition}\r\nContent-Type: application/octet-stream\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    bytes: head.length + file.bytes + tail.length,
    async *chunks() {
      yield head;
      // `end` keeps the body as long as it was said to be, should the file grow meanwhile.
      if (file.bytes > 0) {
        yield* createReadStream(file.path, {
          end: file.bytes - 1,
          highWaterMark: 1 << 18,
        }) as AsyncIterable<Uint8Array>;
      }
      yield tail;
    },
  };
}
