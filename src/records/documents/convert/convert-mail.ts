// Messages as pages, by the kind of file that they lie in. It must load the readers of the rare kinds only for those.

import { mailTypes } from '../document.ts';
import { FileError } from '../file-error.ts';
import type { Converted } from './convert.ts';
import { readMail } from './mail.ts';
import { toMailboxPages } from './mailbox.ts';
import { splitMbox } from './mbox.ts';
import { toMessagePages } from './message-pages.ts';

/** Throws FileError: corrupt. */
export async function convertMail(bytes: Buffer, mediaType: string, timeZone: string): Promise<Converted> {
  try {
    return await convert(bytes, mediaType, timeZone);
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw new FileError('corrupt', error instanceof Error ? error.name : undefined); // its words may be the file's
  }
}

async function convert(bytes: Buffer, mediaType: string, timeZone: string): Promise<Converted> {
  switch (mediaType) {
    case mailTypes.outlook: {
      const { readMsg } = await import('./outlook.ts');
      return toMessagePages(await readMsg(bytes), timeZone);
    }
    case mailTypes.wrapped: {
      const { readTnef } = await import('./tnef.ts');
      return toMessagePages(await readTnef(bytes), timeZone);
    }
    case mailTypes.mailbox:
      return toMailboxPages(splitMbox(bytes), timeZone);
    case mailTypes.outlookMailbox: {
      const { readPst } = await import('./pst.ts');
      return toMailboxPages(await readPst(bytes), timeZone);
    }
    default:
      return toMessagePages(await readMail(bytes), timeZone);
  }
}
