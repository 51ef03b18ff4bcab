// Takes the bytes of an upload to a local file: counted, hashed, limited and synced to the disk.
// It must never leave a partial file behind, and never look at what the bytes mean.

import { createHash } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { toFileName } from '../base/file-name.ts';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';

export type ReceiveInput = {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** The name that the publisher gave the file. */
  readonly name: string;
  /** Length and SHA-256 as the client declared them, when it did. */
  readonly declaredBytes?: number | null;
  /** A function is asked after the last byte: the checksum of a form may follow its file. */
  readonly declaredSha256?: string | (() => string | null) | null;
};

export type ReceivedFile = {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
};

/**
 * Writes the stream to `path` and syncs it. Throws upload-too-large, upload-truncated, checksum-mismatch, empty-file or
 * disk-full; whatever it throws, `path` is gone.
 */
export async function receiveFile(path: string, input: ReceiveInput, maxBytes: number): Promise<ReceivedFile> {
  if ((input.declaredBytes ?? 0) > maxBytes) throw tooLarge(maxBytes);
  let handle: FileHandle | null = null;
  try {
    handle = await open(path, 'wx', 0o600);
    const received = await writeAll(handle, input.bytes, maxBytes);
    requireDeclared(received, input);
    await handle.sync();
    await handle.close();
    return { path, name: toFileName(input.name, 'upload'), ...received };
  } catch (error) {
    await handle?.close().catch(() => undefined); // the first error is the one that matters
    await rm(path, { force: true });
    throw toReceiveError(error);
  }
}

async function writeAll(handle: FileHandle, chunks: AsyncIterable<Uint8Array>, maxBytes: number) {
  const hash = createHash('sha256');
  let bytes = 0;
  let batch: Uint8Array[] = [];
  let batched = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    hash.update(chunk);
    batch.push(chunk);
    batched += chunk.byteLength;
    if (batched < batchBytes) continue;
    await writeWhole(handle, batch, batched);
    batch = [];
    batched = 0;
  }
  await writeWhole(handle, batch, batched);
  return { bytes, sha256: hash.digest('hex') };
}

/** Chunks of a form are small: one write for many of them. */
const batchBytes = 1 << 20;

async function writeWhole(handle: FileHandle, batch: readonly Uint8Array[], bytes: number): Promise<void> {
  if (bytes === 0) return;
  const { bytesWritten } = await handle.writev(batch);
  if (bytesWritten === bytes) return;
  // A write may take less than it was given; the rest goes on from there, or fails with the reason.
  const rest = Buffer.concat(batch).subarray(bytesWritten);
  for (let at = 0; at < rest.length;) at += (await handle.write(rest, at)).bytesWritten;
}

function requireDeclared(received: { bytes: number; sha256: string }, input: ReceiveInput): void {
  const { declaredBytes = null, declaredSha256: given = null } = input;
  const declaredSha256 = typeof given === 'function' ? given() : given;
  if (declaredBytes !== null && received.bytes !== declaredBytes) {
    throw new PortalError('upload-truncated', {
      detail: say('publish.bytes-missing', { announced: declaredBytes, arrived: received.bytes }),
      extra: { declaredBytes, receivedBytes: received.bytes },
    });
  }
  if (declaredSha256 !== null && received.sha256 !== declaredSha256.toLowerCase()) {
    throw new PortalError('checksum-mismatch', {
      detail: say('publish.checksum-wrong'),
      extra: { declaredSha256, receivedSha256: received.sha256 },
    });
  }
  if (received.bytes === 0) throw new PortalError('empty-file', say('publish.file-empty'));
}

function tooLarge(maxBytes: number): PortalError {
  return new PortalError('upload-too-large', {
    detail: say('publish.file-too-large', { bytes: maxBytes }),
    extra: { maxBytes },
  });
}

function toReceiveError(error: unknown): unknown {
  if (error instanceof PortalError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new PortalError('disk-full', { cause: error });
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR') {
    return new PortalError('upload-truncated', { cause: error });
  }
  return error;
}
