// Content codings made on the fly (gzip, brotli, zstd), at levels that cost little more than sending.
// It must not choose one; negotiate.ts does.

import type { Transform } from 'node:stream';
import { promisify } from 'node:util';
import {
  brotliCompress,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  gzip,
  zstdCompress,
} from 'node:zlib';

import type { Coding } from './negotiate.ts';

/** Below this a coding saves nothing. */
export const worthCoding = 1_024;

export const codings: readonly Coding[] = ['zstd', 'br', 'gzip'];

/** A coder to pipe through, for answers whose length nobody knows. */
export function openCoder(coding: Coding): Transform {
  switch (coding) {
    case 'zstd':
      return createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } });
    case 'br':
      return createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 3 } });
    case 'gzip':
      return createGzip({ level: 3 });
  }
}

export type PageCoding = Exclude<Coding, 'zstd'>;

/**
 * A coder for pages: they shrink to a fifth, and are short enough for levels that cost more. Built assets come coded.
 */
export function openPageCoder(coding: PageCoding): Transform {
  switch (coding) {
    case 'br':
      return createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
    case 'gzip':
      return createGzip();
  }
}

const codeGzip = promisify(gzip);
const codeBrotli = promisify(brotliCompress);
const codeZstd = promisify(zstdCompress);

/** Coded on a thread of its own. */
export function codeBytes(body: Buffer, coding: Coding): Promise<Buffer> {
  switch (coding) {
    case 'zstd':
      return codeZstd(body, { params: { [constants.ZSTD_c_compressionLevel]: 3 } });
    case 'br':
      return codeBrotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
    case 'gzip':
      return codeGzip(body, { level: 6 });
  }
}
