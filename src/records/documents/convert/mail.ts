// A mail as pages: who wrote to whom, when, about what, and its text; what was attached, as files of their own.
// It must fetch nothing that the mail points to.

import { htmlToText, unsaidInText } from '../../../mail/html-text.ts';
import { simpleParser } from 'mailparser';
import type { AddressObject, ParsedMail } from 'mailparser';

import type { Attachment, Converted } from './convert.ts';
import type { DocumentFlag, HiddenItem } from '../document.ts';
import { FileError } from '../file-error.ts';
import { toTextPages } from './text-pages.ts';
import type { Block } from './text-pages.ts';

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

export async function convertMail(bytes: Buffer): Promise<Converted> {
  const mail = await parse(bytes);
  const attachments = mail.attachments.map((attachment, index): Attachment => ({
    name: attachment.filename ?? `attachment-${index + 1}`,
    bytes: attachment.content,
  }));
  const { pdf, flags } = await toTextPages(toBlocks(mail, attachments));
  const more: DocumentFlag[] = attachments.length > 0 ? ['attachments'] : [];
  return { pdf, flags: [...flags, ...more, 'hidden-content'], hidden: toHidden(mail), attachments };
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

function toBlocks(mail: ParsedMail, attachments: readonly Attachment[]): readonly Block[] {
  const head: readonly (readonly [string, string])[] = [
    ['From', toAddresses(mail.from)],
    ['To', toAddresses(mail.to)],
    ['Cc', toAddresses(mail.cc)],
    ['Date', mail.date === undefined ? '' : mail.date.toISOString().replace('T', ' ').replace('.000Z', ' UTC')],
    ['Subject', mail.subject ?? ''],
    ['Attached', attachments.map(({ name }) => name).join(', ')],
  ];
  const lines = head
    .filter(([, value]) => value !== '')
    .map(([name, value]): Block => ({ style: 'text', text: `${name}: ${value}` }));
  return [...lines, { style: 'text', text: '' }, ...toBody(mail)];
}

/** Its plain text; its HTML where there is none, and both where they differ: the record is all of it. */
function toBody(mail: ParsedMail): readonly Block[] {
  const plain = (mail.text ?? '').trimEnd();
  const html = typeof mail.html === 'string' ? htmlToText(mail.html) : '';
  if (plain.trim() === '') return [{ style: 'text', text: html }];
  const more = unsaidInText(plain, html);
  const body: Block[] = [{ style: 'text', text: plain }];
  if (more !== null)
    body.push({ style: 'label', text: 'The HTML part of this message' }, { style: 'text', text: more });
  return body;
}

function toAddresses(given: AddressObject | AddressObject[] | undefined): string {
  if (given === undefined) return '';
  return [given]
    .flat()
    .map(({ text }) => text)
    .join(', ');
}

function toHidden(mail: ParsedMail): readonly HiddenItem[] {
  return mail.headerLines
    .filter(({ key }) => !shownHeaders.includes(key))
    .map(({ key, line }) => ({
      kind: 'header',
      where: key,
      text: line
        .slice(line.indexOf(':') + 1)
        .trim()
        .slice(0, mostHiddenText),
    }));
}
