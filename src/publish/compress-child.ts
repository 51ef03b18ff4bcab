// A program of its own: compresses one file into another, streaming, at the lowest priority. Arguments: source, target, encoding.
// It must not be imported; downloads.ts starts it.

import { createReadStream, createWriteStream } from 'node:fs';
import { constants as system, setPriority } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { constants, createBrotliCompress, createGzip, createZstdCompress } from 'node:zlib';
import { stat } from 'node:fs/promises';

const [source, target, encoding] = process.argv.slice(2);
if (source === undefined || target === undefined) throw new Error('Needs a source, a target and an encoding.');

setPriority(system.priority.PRIORITY_LOW);
const { size } = await stat(source);
await pipeline(
  createReadStream(source, { highWaterMark: 1 << 18 }),
  toCompressor(encoding, size),
  createWriteStream(target, { flags: 'wx', mode: 0o600 }),
);

function toCompressor(name: string | undefined, bytes: number) {
  switch (name) {
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
    default:
      throw new Error(`No such encoding: ${name}`);
  }
}
