// Blobs in an S3-compatible store, under prefix/ab/abcdef…, with a local cache of those that are worked on.
// It must not hand out a cached file whose bytes it has not compared with their name in this process.

import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { BlobSettings } from '../base/config.ts';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import { hasCode, orDiskFull, readStamp } from './files.ts';
import type { Hasher } from './hashing.ts';
import type { Blob, BlobName, BlobStore } from './store.ts';
import { openVerifier, requireName, type Verifier } from './verification.ts';

export type S3Settings = Extract<BlobSettings, { kind: 's3' }> & {
  /** Files larger than this go up in parts (S3 takes at most 5 GiB in one piece). */
  readonly singlePutBytes?: number;
};

type Bucket = { readonly client: S3Client; readonly settings: S3Settings };
type Cache = { readonly path: string; readonly verifier: Verifier; readonly fetching: Map<BlobName, Promise<string>> };

/** Throws setting-invalid when the bucket cannot be reached with these settings. */
export async function openS3Store(
  settings: S3Settings,
  hasher: Hasher,
  effects: Effects,
): Promise<BlobStore & { close(): Promise<void> }> {
  const bucket = { client: openClient(settings), settings };
  await requireBucket(bucket);
  const cache = { path: settings.cachePath, verifier: openVerifier(hasher, effects), fetching: new Map() };
  await mkdir(cache.path, { recursive: true });
  return {
    adopt: (path) => orDiskFull(adopt(bucket, cache, hasher, path)),
    has: async (name) => (await readSize(bucket, name)) !== null,
    size: (name) => readSize(bucket, name),
    read: (name, range) => read(bucket, name, range),
    localPath: (name) => orDiskFull(fetchOnce(bucket, cache, name)),
    verify: (name) => verify(bucket, cache, name),
    list: () => list(bucket),
    remove: async (name) => {
      await bucket.client.send(new DeleteObjectCommand(toObject(bucket, name)));
      cache.verifier.forget(placeOf(cache, name));
      await rm(placeOf(cache, name), { force: true });
    },
    close: () => Promise.resolve(bucket.client.destroy()),
  };
}

function openClient(settings: S3Settings): S3Client {
  const { accessKeyId, secretAccessKey, endpoint, region } = settings;
  return new S3Client({
    region,
    maxAttempts: 3,
    requestChecksumCalculation: 'WHEN_REQUIRED', // the checksum that matters, SHA-256, is given by name
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    ...(accessKeyId === null || secretAccessKey === null ? {} : { credentials: { accessKeyId, secretAccessKey } }),
  });
}

async function requireBucket({ client, settings }: Bucket): Promise<void> {
  try {
    await client.send(new HeadBucketCommand({ Bucket: settings.bucket }));
  } catch (error) {
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    const reason =
      status === 404
        ? 'there is no such bucket'
        : status === 403
          ? 'the keys may not use it'
          : error instanceof Error && error.message !== ''
            ? error.message
            : String(error);
    throw new PortalError('setting-invalid', {
      detail:
        `BLOB_URL names the bucket “${settings.bucket}”, which cannot be used: ` +
        `${reason}. Check BLOB_URL, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.`,
      extra: { setting: 'BLOB_URL' },
      cause: error,
    });
  }
}

function toObject({ settings }: Bucket, name: BlobName): { Bucket: string; Key: string } {
  return { Bucket: settings.bucket, Key: `${settings.prefix}${requireName(name).slice(0, 2)}/${name}` };
}

function placeOf(cache: Pick<Cache, 'path'>, name: BlobName): string {
  return join(cache.path, requireName(name).slice(0, 2), name);
}

function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404;
}

function missing(name: BlobName, cause: unknown): PortalError {
  return new PortalError('not-found', { detail: say('store.no-file', { name }), cause });
}

/** The store compares the bytes with the SHA-256 it is told, so a damaged upload is refused by it. */
async function adopt(bucket: Bucket, cache: Cache, hasher: Hasher, path: string): Promise<Blob> {
  const { sha256, bytes } = await hasher.hashFile(path);
  if ((await readSize(bucket, sha256)) !== bytes) await putFile(bucket, path, { sha256, bytes });
  const place = placeOf(cache, sha256);
  await mkdir(dirname(place), { recursive: true });
  try {
    await rename(path, place);
    await cache.verifier.trust(place);
  } catch (error) {
    if (!hasCode(error, 'EXDEV')) throw error;
    await rm(path); // another disk: the cache fetches it when it is asked for
  }
  return { sha256, bytes };
}

async function putFile(bucket: Bucket, path: string, { sha256, bytes }: Blob): Promise<void> {
  const object = toObject(bucket, sha256);
  const whole = bytes <= (bucket.settings.singlePutBytes ?? 1024 ** 3);
  if (whole) {
    const checksum = Buffer.from(sha256, 'hex').toString('base64');
    const body = { Body: createReadStream(path), ContentLength: bytes, ChecksumSHA256: checksum };
    await bucket.client.send(new PutObjectCommand({ ...object, ...body }));
    return;
  }
  const upload = new Upload({
    client: bucket.client,
    params: { ...object, Body: createReadStream(path), ChecksumAlgorithm: 'SHA256' },
    partSize: Math.max(5 * 1024 ** 2, Math.min(64 * 1024 ** 2, bucket.settings.singlePutBytes ?? 64 * 1024 ** 2)),
    queueSize: 2,
  });
  await upload.done();
}

async function readSize(bucket: Bucket, name: BlobName): Promise<number | null> {
  try {
    return (await bucket.client.send(new HeadObjectCommand(toObject(bucket, name)))).ContentLength ?? null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function read(bucket: Bucket, name: BlobName, range?: { start: number; end: number }): Promise<Readable> {
  const Range = range === undefined ? undefined : `bytes=${range.start}-${range.end}`;
  try {
    const { Body } = await bucket.client.send(new GetObjectCommand({ ...toObject(bucket, name), Range }));
    if (Body instanceof Readable) return Body;
    throw new PortalError('internal-error', `The object store gave no bytes for ${name}.`);
  } catch (error) {
    throw isMissing(error) ? missing(name, error) : error;
  }
}

/** Those who ask for one blob at once share its fetching. */
function fetchOnce(bucket: Bucket, cache: Cache, name: BlobName): Promise<string> {
  const running = cache.fetching.get(name);
  if (running !== undefined) return running;
  const work = fetchWhole(bucket, cache, name).finally(() => cache.fetching.delete(name));
  cache.fetching.set(name, work);
  return work;
}

/** A cached file that has gone bad is fetched once more; if the store's own copy is bad, nothing is handed out. */
async function fetchWhole(bucket: Bucket, cache: Cache, name: BlobName): Promise<string> {
  const place = placeOf(cache, name);
  if ((await readStamp(place)) !== null && (await cache.verifier.isWhole(place, name))) return place;
  const part = join(cache.path, `${randomUUID()}.part`);
  try {
    await pipeline(await read(bucket, name), createWriteStream(part, { mode: 0o444 }));
    await mkdir(dirname(place), { recursive: true });
    await rename(part, place);
  } finally {
    await rm(part, { force: true });
  }
  try {
    await cache.verifier.require(place, name);
  } catch (error) {
    await rm(place, { force: true });
    throw error;
  }
  return place;
}

/** Reads the store's own copy, not the cached one. */
async function verify(bucket: Bucket, cache: Cache, name: BlobName): Promise<boolean> {
  const part = join(cache.path, `${randomUUID()}.part`);
  try {
    await pipeline(await read(bucket, name), createWriteStream(part));
    return await cache.verifier.compare(part, name);
  } catch (error) {
    if (error instanceof PortalError && error.code === 'not-found') return false;
    throw error;
  } finally {
    cache.verifier.forget(part);
    await rm(part, { force: true });
  }
}

async function* list(bucket: Bucket): AsyncGenerator<Blob> {
  const { bucket: Bucket, prefix: Prefix } = bucket.settings;
  for (let ContinuationToken: string | undefined; ;) {
    const page = await bucket.client.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken }));
    for (const { Key = '', Size = 0 } of page.Contents ?? []) {
      const sha256 = Key.slice(Prefix.length + 3);
      if (/^[0-9a-f]{64}$/.test(sha256)) yield { sha256, bytes: Size };
    }
    if (page.IsTruncated !== true) return;
    ContinuationToken = page.NextContinuationToken;
  }
}
