// Outlook's own mailbox, .pst and .ost, [MS-PST]: each message of each folder, written as RFC 5322 writes it.
// It must carry along what such a message has no place for: the properties of a meeting or a contact, as lines of text.

import { openPst } from '@hiraokahypertools/pst-extractor';
import type { IPSTAttachment, IPSTFolder, IPSTMessage } from '@hiraokahypertools/pst-extractor';
import MailComposer from 'nodemailer/lib/mail-composer';

import { FileError } from '../file-error.ts';
import type { Kept } from './mbox.ts';
import { toPerson } from './outlook.ts';
import { readRtfBody } from './rtf.ts';

/** Throws FileError: corrupt. */
export async function readPst(bytes: Buffer): Promise<readonly Kept[]> {
  const file = await openPst({
    readFile: async (target, offset, length, position) => {
      const piece = bytes.subarray(position, position + length);
      new Uint8Array(target).set(piece, offset);
      return piece.length;
    },
    close: async () => undefined,
  }).catch((error: unknown) => {
    throw new FileError('corrupt', error instanceof Error ? error.message.slice(0, 200) : undefined);
  });
  return readFolder(await file.getRootFolder(), '', 0);
}

const deepest = 50;

async function readFolder(folder: IPSTFolder, path: string, depth: number): Promise<readonly Kept[]> {
  if (depth > deepest) throw new FileError('corrupt', 'folders within folders without end');
  const kept: Kept[] = [];
  for (const message of await folder.getEmails()) kept.push({ folder: path, bytes: await toMail(message, 0) });
  for (const inner of await folder.getSubFolders()) {
    const name = path === '' ? inner.displayName : `${path}/${inner.displayName}`;
    kept.push(...(await readFolder(inner, name, depth + 1)));
  }
  return kept;
}

const recipientKinds = { to: 1, cc: 2, bcc: 3 } as const;

/**
 * Its head is the one that it had on its way, where the mailbox kept that. Lines about the body are those of the body
 * as it is written here.
 */
async function toMail(message: IPSTMessage, depth: number): Promise<Buffer> {
  const { html, text } = await toBody(message);
  const attachments = await readAttachments(message, depth);
  const composer = new MailComposer({
    text,
    html: html === '' ? undefined : html,
    attachments,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const written = await composer.compile().build();
  const end = written.indexOf('\r\n\r\n');
  const ownHead = unfold(written.toString('latin1', 0, end)).filter((line) => aboutBody.test(line));
  const sent = unfold(message.transportMessageHeaders).filter((line) => !aboutBody.test(line) && isField.test(line));
  const head = await completeHead(sent, message);
  return Buffer.concat([Buffer.from([...head, ...ownHead].join('\r\n')), written.subarray(end)]);
}

const aboutBody = /^(?:content-[a-z-]+|mime-version):/iu;
const isField = /^[!-9;-~]+:/u;

function unfold(head: string): readonly string[] {
  return head.replaceAll(/\r?\n[ \t]+/gu, ' ').split(/\r?\n/u);
}

/** What a message that never left has no head for is written of its properties. */
async function completeHead(sent: readonly string[], message: IPSTMessage): Promise<readonly string[]> {
  const recipients = await message.getRecipients();
  const people = (kind: number) =>
    recipients
      .filter(({ recipientType }) => recipientType === kind)
      .map(({ displayName, smtpAddress, emailAddress }) => toAddress(displayName, smtpAddress || emailAddress))
      .join(', ');
  const date = message.clientSubmitTime ?? message.messageDeliveryTime ?? message.creationTime;
  const fields: readonly (readonly [string, string])[] = [
    ['From', toAddress(message.senderName, message.senderEmailAddress)],
    ['To', people(recipientKinds.to)],
    ['Cc', people(recipientKinds.cc)],
    ['Bcc', people(recipientKinds.bcc)],
    ['Subject', toEncoded(message.subject)],
    ['Date', date === null ? '' : date.toUTCString().replace('GMT', '+0000')],
    ['Message-ID', message.internetMessageId],
    ['X-Message-Class', message.messageClass],
  ];
  const missing = fields.filter(
    ([name, value]) => value !== '' && !sent.some((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`)),
  );
  return [...missing.map(([name, value]) => `${name}: ${value.replaceAll(/[\r\n]+/gu, ' ')}`), ...sent];
}

/** RFC 2047; the path of a mailbox within Exchange is no address, and stands with the name. */
function toAddress(name: string, address: string): string {
  if (/^[^\s@<>/]+@[^\s@<>/]+$/u.test(address)) return name === address ? address : `${toEncoded(name)} <${address}>`;
  return toEncoded(toPerson(name, address));
}

/** In pieces of a length that RFC 2047 allows. */
function toEncoded(text: string): string {
  if (/^[\w .!?'-]*$/u.test(text)) return text;
  const pieces = Array.from({ length: Math.ceil([...text].length / 15) }, (_, index) =>
    [...text].slice(index * 15, (index + 1) * 15).join(''),
  );
  return pieces.map((piece) => `=?UTF-8?B?${Buffer.from(piece).toString('base64')}?=`).join(' ');
}

async function toBody(message: IPSTMessage): Promise<{ readonly html: string; readonly text: string }> {
  const fields = /^(?:ipm\.note|report)\b/iu.test(message.messageClass) ? [] : toFields(message);
  const text = [...fields, message.body].join('\n');
  if (message.bodyHTML !== '' || message.bodyRTF === '') return { html: message.bodyHTML, text };
  const body = await readRtfBody(Buffer.from(message.bodyRTF, 'latin1'));
  if (body.as === 'HTML') return { html: body.text, text };
  return { html: '', text: message.body.trim() === '' ? [...fields, body.text].join('\n') : text };
}

const longestField = 4_000;

/** What a meeting or a contact says besides, as `name: value`. */
function toFields(message: IPSTMessage): readonly string[] {
  const found: unknown = message.toJSON();
  if (typeof found !== 'object' || found === null) return [];
  return Object.entries(found).flatMap(([name, value]) => {
    const said = value instanceof Date ? value.toISOString() : value;
    if (typeof said !== 'string' || said.trim() === '' || said === message.body || name.startsWith('body')) return [];
    return [`${name}: ${said.slice(0, longestField)}`];
  });
}

async function readAttachments(message: IPSTMessage, depth: number) {
  const found: { filename: string; content: Buffer; contentType: string }[] = [];
  for (const [index, attachment] of (await message.getAttachments()).entries()) {
    const inner = depth < deepest ? await attachment.getEmbeddedPSTMessage() : null;
    found.push({
      filename: nameOf(attachment, index, inner),
      content: inner === null ? Buffer.from(attachment.fileData ?? new ArrayBuffer(0)) : await toMail(inner, depth + 1),
      // Not message/rfc822, which readers take apart and do not hand on as it is.
      contentType: 'application/octet-stream',
    });
  }
  return found;
}

function nameOf(attachment: IPSTAttachment, index: number, inner: IPSTMessage | null): string {
  if (inner !== null) return `${inner.subject === '' ? `message-${index + 1}` : inner.subject}.eml`;
  const name = attachment.longFilename === '' ? attachment.filename : attachment.longFilename;
  return name === '' ? `attachment-${index + 1}` : name;
}
