// Plain text, CSV and the like as pages, line by line. It must not guess what the text means.

import { PortalError } from '../../../base/errors.ts';
import { decodeText } from '../../../publish/read/encoding.ts';
import { FileError } from '../file-error.ts';
import type { Converted } from './convert.ts';
import { toTextPages } from './text-pages.ts';

export async function convertText(bytes: Buffer): Promise<Converted> {
  const { pdf, flags } = await toTextPages([{ style: 'mono', text: read(bytes) }]);
  return { pdf, flags, hidden: [], attachments: [] };
}

/** As a published file is read: UTF-8 when it is, another encoding on strong evidence, else Windows-1252. */
function read(bytes: Buffer): string {
  try {
    return decodeText(bytes);
  } catch (error) {
    if (error instanceof PortalError) throw new FileError('corrupt', error.message);
    throw error;
  }
}
