// Blobs whose names are their content: a folder or an S3-compatible store behind one small interface.
// It must never overwrite: a name is the SHA-256 of its bytes, so the same name is the same bytes.

import type { Readable } from 'node:stream';

export type BlobName = string; // 64 lower-case hex digits: SHA-256 of the bytes

export type Blob = { readonly sha256: BlobName; readonly bytes: number };

export type BlobStore = {
  /** Takes over a finished local file (hashes, fsyncs file and folder, renames). The local file is gone afterwards. */
  adopt(path: string): Promise<Blob>;
  has(name: BlobName): Promise<boolean>;
  size(name: BlobName): Promise<number | null>;
  /** Bytes [start, end] inclusive, or all. Throws not-found. */
  read(name: BlobName, range?: { start: number; end: number }): Promise<Readable>;
  /**
   * A local path with these bytes, fetched into the cache when the store is remote; its SHA-256 has been checked once
   * per process. Throws stored-file-damaged.
   */
  localPath(name: BlobName): Promise<string>;
  /** Reads every byte and compares; false means damaged. */
  verify(name: BlobName): Promise<boolean>;
  list(): AsyncIterable<Blob>;
  remove(name: BlobName): Promise<void>;
};
