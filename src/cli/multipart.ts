// One multipart/form-data body (RFC 7578): text fields, one file streamed from disk, and last the file's SHA-256.
// It must never hold the file in memory, nor read it twice.

import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';

export type Multipart = {
  readonly contentType: string;
  readonly bytes: number;
  chunks(): AsyncGenerator<Uint8Array>;
};

export type UploadFile = { readonly path: string; readonly name: string; readonly bytes: number };

const chunkBytes = 1 << 19;

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
  const toTail = (sha256: string): Buffer =>
    Buffer.from(
      `\r\n--${boundary}\r\nContent-Disposition: form-data; name="sha256"\r\n\r\n${sha256}\r\n--${boundary}--\r\n`,
    );
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    bytes: head.length + file.bytes + toTail('0'.repeat(64)).length,
    async *chunks() {
      yield head;
      const hash = createHash('sha256');
      // `end` keeps the body as long as it was said to be, should the file grow meanwhile.
      const options = { end: file.bytes - 1, highWaterMark: chunkBytes };
      const content = file.bytes > 0 ? (createReadStream(file.path, options) as AsyncIterable<Uint8Array>) : [];
      for await (const chunk of content) {
        hash.update(chunk);
        yield chunk;
      }
      yield toTail(hash.digest('hex'));
    },
  };
}
