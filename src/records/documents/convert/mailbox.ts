// A mailbox: a list of what is in it as pages, and each message as a file of its own.
// It must leave out no message: one that cannot be read is told in its place.

import type { DocumentFlag } from '../document.ts';
import { FileError } from '../file-error.ts';
import type { Attachment, Converted } from './convert.ts';
import { readMail } from './mail.ts';
import type { Kept } from './mbox.ts';
import { toHead } from './message-pages.ts';
import { toTextPages } from './text-pages.ts';
import type { Block } from './text-pages.ts';

/** Throws FileError: corrupt. */
export async function toMailboxPages(messages: readonly Kept[], timeZone: string): Promise<Converted> {
  if (messages.length === 0) throw new FileError('corrupt', 'no message in it');
  const title = messages.length === 1 ? 'A mailbox of one message' : `A mailbox of ${messages.length} messages`;
  const blocks: Block[] = [{ style: 'title', text: title }];
  const attachments: Attachment[] = [];
  for (const [index, { folder, bytes }] of messages.entries()) {
    const message = await readMail(bytes);
    const name = `message-${String(index + 1).padStart(String(messages.length).length, '0')}.eml`;
    attachments.push({ name, bytes });
    blocks.push({ style: 'heading', text: name });
    if (folder !== '') blocks.push({ style: 'text', text: `Folder: ${folder}` });
    for (const text of toHead(message, timeZone)) blocks.push({ style: 'text', text });
  }
  const { pdf, flags } = await toTextPages(blocks);
  return { pdf, flags: [...flags, 'attachments' satisfies DocumentFlag], hidden: [], attachments };
}
