// Compresses one file into another, streaming: the same bytes in the portal's process and in one of its own.
// It must not choose between the two; downloads.ts does.

import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { constants, createBrotliCompress, createGzip, createZstdCompress } from 'node:zlib';

export type Encoding = 'zstd' | 'br' | 'gzip';

export async function compressFile(
  source: string,
  target: string,
  encoding: Encoding,
  signal?: AbortSignal,
): Promise<void> {
  const { size } = await stat(source);
  await pipeline(
    createReadStream(source, { highWaterMark: 1 << 18 }),
    toCompressor(encoding, size),
    createWriteStream(target, { flags: 'wx', mode: 0o600 }),
    signal === undefined ? {} : { signal },
  );
}

function toCompressor(encoding: Encoding, bytes: number) {
  switch (encoding) {
    case 'gzip':
      return createGzip({ level: 6 });
    case 'zstd':
      return createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 9 }, pledgedSrcSize: bytes });
    case 'br':
      return createBrotliCompress({
        params: {
          [constants.BROTLI_PARAM_QUALITY]: 5,
          [constants.BROTLI_PARAM_SIZE_HINT]: Math.min(bytes, 2 ** 31 - 1),
        },
      });
  }
}
