// Plain text, CSV and the like as pages, line by line. It must not guess what the text means.

import chardet from 'chardet';
import iconv from 'iconv-lite';

import type { Converted } from './convert.ts';
import { toTextPages } from './text-pages.ts';

export async function convertText(bytes: Buffer): Promise<Converted> {
  const { pdf, flags } = await toTextPages([{ style: 'mono', text: decodeText(bytes) }]);
  return { pdf, flags, hidden: [], attachments: [] };
}

/** UTF-8 when it is, else what the bytes look like most; nothing is lost but what no encoding knows. */
function decodeText(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const found = chardet.detect(bytes.subarray(0, 262_144)) ?? 'windows-1252';
    return iconv.decode(bytes, iconv.encodingExists(found) ? found : 'windows-1252');
  }
}
