// A message as Outlook keeps it: what its properties say, whichever file of Microsoft they lie in (.msg, TNEF, .pst).
// It must leave out no property with words: what the pages do not show is told as hidden.

import { decompressRTF } from '@kenjiuno/decompressrtf';
import MsgReaderPackage from '@kenjiuno/msgreader';
import type { FieldsData } from '@kenjiuno/msgreader';
import iconv from 'iconv-lite';

import { htmlToText } from '../../../mail/html-text.ts';
import type { HiddenItem } from '../document.ts';
import { FileError } from '../file-error.ts';
import type { Attachment } from './convert.ts';
import { toHidden } from './mail.ts';
import type { Message } from './message-pages.ts';
import { readRtfBody } from './rtf.ts';

export type OutlookMessage = {
  readonly subject: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly sentAt: Date | null;
  readonly body: string;
  readonly html: string;
  /** RTF as it is, not compressed; empty when there is none. */
  readonly rtf: Buffer;
  /** The head that it had on its way, RFC 5322; empty for one that never left. */
  readonly head: string;
  readonly fields: Message['fields'];
  readonly properties: readonly (readonly [name: string, value: string])[];
  readonly attachments: readonly Attachment[];
};

export async function toMessage(found: OutlookMessage): Promise<Message> {
  const headLines = unfold(found.head);
  const dated = headLines.find(({ key }) => key === 'date')?.line.replace(/^[^:]*:\s*/u, '') ?? null;
  const others: HiddenItem[] = found.properties.map(([where, text]) => ({ kind: 'metadata', where, text }));
  if (found.bcc.length > 0) others.unshift({ kind: 'header', where: 'bcc', text: found.bcc.join(', ') });
  return {
    from: found.from,
    to: found.to.join(', '),
    cc: found.cc.join(', '),
    dated,
    sentAt: found.sentAt,
    subject: found.subject,
    plain: found.body,
    formatted: await toFormatted(found),
    fields: found.fields,
    hidden: [...toHidden(headLines), ...others],
    attachments: found.attachments,
  };
}

async function toFormatted({ html, rtf }: OutlookMessage): Promise<Message['formatted']> {
  if (html.trim() !== '') return { as: 'HTML', words: htmlToText(html) };
  if (rtf.length === 0) return null;
  const { as, text } = await readRtfBody(rtf);
  return { as, words: as === 'HTML' ? htmlToText(text) : text };
}

function unfold(head: string): readonly { readonly key: string; readonly line: string }[] {
  const lines = head.replaceAll(/\r?\n[ \t]+/gu, ' ').split(/\r?\n/u);
  return lines.flatMap((line) => {
    const key = /^([!-9;-~]+):/u.exec(line)?.[1]?.toLowerCase();
    return key === undefined ? [] : [{ key, line }];
  });
}

/** `Lee Fox <lee@example.org>`; the path of a mailbox within Exchange is shown only of who has no name. */
export function toPerson(name: string, address: string): string {
  const [plain, at] = [name.trim(), address.trim()];
  if (at === '' || at === plain || (plain !== '' && /^\/o=/iu.test(at))) return plain;
  return plain === '' ? at : `${plain} <${at}>`;
}

/** Compressed as [MS-OXRTFCP] says; a body that is damaged is told by what else the message says. */
export function unpackRtf(compressed: Uint8Array | undefined): Buffer {
  if (compressed === undefined || compressed.length < 16) return Buffer.alloc(0);
  return Buffer.from(decompressRTF([...compressed]));
}

// The package is older than modules: its class lies one step deeper.
const MsgReader = MsgReaderPackage.default;

/** A .msg file, [MS-OXMSG]. Throws FileError: corrupt. */
export async function readMsg(bytes: Buffer): Promise<Message> {
  const open = (ansiEncoding?: string) => {
    const reader = new MsgReader(new Uint8Array(bytes).buffer);
    if (ansiEncoding !== undefined) reader.parserConfig = { ansiEncoding };
    return { reader, found: reader.getFileData() };
  };
  let { reader, found } = open();
  if (found.dataType !== 'msg') throw new FileError('corrupt', String(found.error ?? 'no message in it').slice(0, 200));
  const codePage = found.messageCodepage ?? found.internetCodepage;
  if (codePage !== undefined) ({ reader, found } = open(toEncoding(codePage)));
  const people = (type: string) =>
    (found.recipients ?? [])
      .filter(({ recipType }) => (recipType ?? 'to') === type)
      .map(({ name = '', smtpAddress, email = '' }) => toPerson(name, smtpAddress ?? email));
  return toMessage({
    subject: found.subject ?? '',
    from: toPerson(
      found.senderName ?? '',
      found.senderSmtpAddress ?? found.creatorSMTPAddress ?? found.senderEmail ?? '',
    ),
    to: people('to'),
    cc: people('cc'),
    bcc: people('bcc'),
    sentAt: toInstant(found.clientSubmitTime ?? found.messageDeliveryTime ?? found.creationTime),
    body: found.body ?? '',
    html: found.bodyHtml ?? (found.html === undefined ? '' : decodeHtml(found.html, codePage)),
    rtf: unpackRtf(found.compressedRtf),
    head: found.headers ?? '',
    ...toFields(found),
    attachments: (found.attachments ?? []).map((each, index): Attachment => {
      const { fileName, content } = reader.getAttachment(each);
      return { name: fileName === '' ? `attachment-${index + 1}` : fileName, bytes: content };
    }),
  });
}

/** Read above, or of use to programs alone. */
const known = new Set<string>([
  ...['dataType', 'subject', 'senderName', 'senderSmtpAddress', 'body', 'bodyHtml', 'headers'],
  ...['clientSubmitTime', 'normalizedSubject', 'conversationTopic', 'messageClass', 'senderAddressType', 'error'],
]);
const forPrograms =
  /(?:id|email|class|type|key|definition|blob|codepage|modifier ?name|acct ?name|(?:creation|modification|delivery) ?time|display\w*zone)$/iu;
const note = /^(?:ipm\.note|report)\b/iu;

/** A meeting, a task, a contact shows more than a message does; of a message the rest is hidden from its reader. */
function toFields(found: FieldsData): Pick<OutlookMessage, 'fields' | 'properties'> {
  const words = Object.entries(found).flatMap(([name, value]): readonly (readonly [string, string])[] => {
    const text = typeof value === 'string' ? value.trim() : '';
    return known.has(name) || text === '' ? [] : [[toWords(name), text.slice(0, mostText)]];
  });
  if (note.test(found.messageClass ?? 'IPM.Note')) return { fields: [], properties: words };
  return {
    fields: [
      ['Kind', found.messageClass ?? ''],
      ...words.filter(([name]) => !forPrograms.test(name.replaceAll(' ', ''))),
    ],
    properties: words.filter(([name]) => forPrograms.test(name.replaceAll(' ', ''))),
  };
}

const mostText = 4_000;

/** `apptLocation` as `appt location`. */
function toWords(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/gu, ' ').toLowerCase();
}

function toInstant(text: string | undefined): Date | null {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? null : new Date(ms);
}

/** Code page 65001 is UTF-8 and 1200 UTF-16; the others go by their number. */
function toEncoding(codePage: number): string {
  const name = { 65001: 'utf8', 1200: 'utf16le', 20127: 'cp1252', 28591: 'cp1252' }[codePage] ?? `cp${codePage}`;
  return iconv.encodingExists(name) ? name : 'cp1252';
}

export function decodeHtml(bytes: Uint8Array, codePage: number | undefined): string {
  return iconv.decode(Buffer.from(bytes), toEncoding(codePage ?? 65_001));
}
