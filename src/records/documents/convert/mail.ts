// A message of RFC 5322, read into what its pages show; what was attached, as files of their own.
// It must fetch nothing that the mail points to.

import { simpleParser } from 'mailparser';
import type { AddressObject, ParsedMail } from 'mailparser';

import { htmlToText } from '../../../mail/html-text.ts';
import type { HiddenItem } from '../document.ts';
import { FileError } from '../file-error.ts';
import type { Attachment } from './convert.ts';
import type { Message } from './message-pages.ts';

/** Headers that the pages show; the others are told to the reviewer. */
const shownHeaders = [
  'from',
  'to',
  'cc',
  'date',
  'subject',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
];
const mostHiddenText = 4_000;

/** Throws FileError: corrupt. */
export async function readMail(bytes: Buffer): Promise<Message> {
  const mail = await parse(bytes);
  const dated = headerOf(mail, 'date');
  return {
    from: toAddresses(mail.from),
    to: toAddresses(mail.to),
    cc: toAddresses(mail.cc),
    dated,
    // The parser takes a date that it cannot read for today's.
    sentAt: dated === null || Number.isNaN(Date.parse(dated)) ? null : (mail.date ?? null),
    subject: mail.subject ?? '',
    plain: mail.text ?? '',
    formatted: typeof mail.html === 'string' ? { as: 'HTML', words: htmlToText(mail.html) } : null,
    fields: [],
    hidden: toHidden(mail.headerLines),
    attachments: mail.attachments.map((attachment, index): Attachment => ({
      name: attachment.filename ?? `attachment-${index + 1}`,
      bytes: attachment.content,
    })),
  };
}

async function parse(bytes: Buffer): Promise<ParsedMail> {
  try {
    return await simpleParser(bytes, {
      skipImageLinks: true,
      skipTextLinks: true,
      skipHtmlToText: true,
      maxHtmlLengthToParse: 8 * 1024 * 1024,
    });
  } catch (error) {
    throw new FileError('corrupt', error instanceof Error ? error.message.slice(0, 200) : undefined);
  }
}

function toAddresses(given: AddressObject | AddressObject[] | undefined): string {
  if (given === undefined) return '';
  return [given]
    .flat()
    .map(({ text }) => text)
    .join(', ');
}

type HeaderLine = { readonly key: string; readonly line: string };

function headerOf({ headerLines }: ParsedMail, name: string): string | null {
  const found = headerLines.find(({ key }) => key === name);
  return found === undefined ? null : valueOf(found).replaceAll(/\s+/gu, ' ');
}

function valueOf({ line }: HeaderLine): string {
  return line.slice(line.indexOf(':') + 1).trim();
}

/** What of a message's head the pages do not show. */
export function toHidden(lines: readonly HeaderLine[]): readonly HiddenItem[] {
  return lines
    .filter(({ key }) => !shownHeaders.includes(key))
    .map((line) => ({ kind: 'header', where: line.key, text: valueOf(line).slice(0, mostHiddenText) }));
}
