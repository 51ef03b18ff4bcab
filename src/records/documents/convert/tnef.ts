// winmail.dat: the message that Outlook wraps into one file for others to puzzle over, [MS-OXTNEF].
// It must read within the bytes that are there, whatever lengths they name.

import type { Attachment } from './convert.ts';
import { FileError } from '../file-error.ts';
import type { Message } from './message-pages.ts';
import { decodeHtml, toMessage, toPerson, unpackRtf } from './outlook.ts';

/** Attributes by their number, without the kind of their value. */
const attribute = {
  subject: 0x8004,
  body: 0x800c,
  attachmentData: 0x800f,
  attachmentTitle: 0x8010,
  attachmentBegins: 0x9002,
  properties: 0x9003,
  recipients: 0x9004,
  attachmentProperties: 0x9005,
  codePage: 0x9007,
} as const;

/** [MS-OXPROPS] */
const property = {
  subject: 0x0037,
  submitted: 0x0039,
  head: 0x007d,
  recipientKind: 0x0c15,
  senderName: 0x0c1a,
  senderAddress: 0x0c1f,
  delivered: 0x0e06,
  body: 0x1000,
  rtf: 0x1009,
  html: 0x1013,
  name: 0x3001,
  address: 0x3003,
  data: 0x3701,
  longName: 0x3707,
  smtpAddress: 0x39fe,
  webCodePage: 0x3fde,
  senderSmtp: 0x5d01,
} as const;

const kind = { text8: 0x1e, text: 0x1f, object: 0x0d, bytes: 0x102, time: 0x40 } as const;
const fixedBytes: Readonly<Record<number, number>> = {
  0x02: 4,
  0x03: 4,
  0x04: 4,
  0x05: 8,
  0x06: 8,
  0x07: 8,
  0x0a: 4,
  0x0b: 4,
  0x14: 8,
  [kind.time]: 8,
  0x48: 16,
};

type Reader = { readonly bytes: Buffer; at: number };
type Value = { readonly kind: number; readonly bytes: Buffer };
type Properties = ReadonlyMap<number, Value>;
type Found = { name: string; data: Buffer | null; properties: Properties };

const tnefMark = 0x223e9f78;

/** Throws FileError: corrupt. */
export async function readTnef(bytes: Buffer): Promise<Message> {
  const reader = { bytes, at: 0 };
  if (number(reader, 4) !== tnefMark) throw new FileError('corrupt', 'it does not begin as TNEF');
  number(reader, 2);
  let [subject, body, codePage] = ['', '', 1252];
  let properties: Properties = new Map();
  let recipients: readonly Properties[] = [];
  const attachments: Found[] = [];
  while (reader.at < bytes.length) {
    number(reader, 1);
    const id = number(reader, 4) & 0xffff;
    const value = take(reader, number(reader, 4));
    number(reader, 2); // a sum of the bytes: the file's own hash says more
    const last = attachments.at(-1);
    if (id === attribute.codePage && value.length >= 4) codePage = value.readUInt32LE(0);
    else if (id === attribute.subject) subject = decodeHtml(value, codePage);
    else if (id === attribute.body) body = decodeHtml(value, codePage);
    else if (id === attribute.properties) properties = readProperties({ bytes: value, at: 0 });
    else if (id === attribute.recipients) recipients = readRows({ bytes: value, at: 0 });
    else if (id === attribute.attachmentBegins) attachments.push({ name: '', data: null, properties: new Map() });
    else if (last !== undefined && id === attribute.attachmentTitle) last.name = decodeHtml(value, codePage);
    else if (last !== undefined && id === attribute.attachmentData) last.data = value;
    else if (last !== undefined && id === attribute.attachmentProperties)
      last.properties = readProperties({ bytes: value, at: 0 });
  }
  const text = (id: number) => toText(properties.get(id), codePage);
  const sender = text(property.senderSmtp) || text(property.senderAddress).replace(/^smtp:/iu, '');
  const html = properties.get(property.html);
  const webCodePage = properties.get(property.webCodePage)?.bytes.readUInt32LE(0);
  return toMessage({
    subject: text(property.subject) || clean(subject),
    from: toPerson(text(property.senderName), sender),
    ...toPeople(recipients, codePage),
    sentAt: toTime(properties.get(property.submitted) ?? properties.get(property.delivered)),
    body: text(property.body) || clean(body),
    html: html?.kind === kind.bytes ? decodeHtml(html.bytes, webCodePage) : toText(html, codePage),
    rtf: unpackRtf(properties.get(property.rtf)?.bytes),
    head: text(property.head),
    fields: [],
    properties: [],
    attachments: attachments.map((found, index) => toAttachment(found, index, codePage)),
  });
}

function number(reader: Reader, length: 1 | 2 | 4): number {
  if (reader.at + length > reader.bytes.length) throw new FileError('corrupt', 'it ends in the middle');
  const value = reader.bytes.readUIntLE(reader.at, length);
  reader.at += length;
  return value;
}

function take(reader: Reader, length: number): Buffer {
  if (reader.at + length > reader.bytes.length) throw new FileError('corrupt', 'it ends in the middle');
  const value = reader.bytes.subarray(reader.at, reader.at + length);
  reader.at += length;
  return value;
}

function readRows(reader: Reader): readonly Properties[] {
  const rows: Properties[] = [];
  for (let left = number(reader, 4); left > 0; left--) rows.push(readProperties(reader));
  return rows;
}

const variable: readonly number[] = [kind.text8, kind.text, kind.object, kind.bytes];
const several = 0x1000;

/** A property with several values keeps the first. */
function readProperties(reader: Reader): Properties {
  const found = new Map<number, Value>();
  for (let left = number(reader, 4); left > 0; left--) {
    const type = number(reader, 2);
    const id = number(reader, 2);
    if (id >= 0x8000) skipName(reader);
    const of = type & ~several;
    const isVariable = variable.includes(of);
    const count = isVariable || (type & several) !== 0 ? number(reader, 4) : 1;
    for (let value = 0; value < count; value++) {
      const length = isVariable ? number(reader, 4) : (fixedBytes[of] ?? unknown(of));
      const bytes = take(reader, length);
      take(reader, Math.min((4 - (length % 4)) % 4, reader.bytes.length - reader.at));
      if (value === 0) found.set(id, { kind: of, bytes });
    }
  }
  return found;
}

function unknown(of: number): never {
  throw new FileError('corrupt', `a property of the kind ${of}`);
}

/** Of a property that is named: whose name it is, and its number or its letters. */
function skipName(reader: Reader): void {
  take(reader, 16);
  const isText = number(reader, 4) === 1;
  const length = isText ? number(reader, 4) : 4;
  take(reader, length + ((4 - (length % 4)) % 4));
}

function toText(value: Value | undefined, codePage: number): string {
  if (value === undefined) return '';
  if (value.kind === kind.text) return clean(value.bytes.toString('utf16le'));
  return value.kind === kind.text8 ? clean(decodeHtml(value.bytes, codePage)) : '';
}

function clean(text: string): string {
  return text.replaceAll('\0', '');
}

/** Tenths of microseconds since 1601. */
function toTime(value: Value | undefined): Date | null {
  if (value?.kind !== kind.time) return null;
  return new Date(Number(value.bytes.readBigUInt64LE(0) / 10_000n) - 11_644_473_600_000);
}

function toPeople(rows: readonly Properties[], codePage: number) {
  const people = (wanted: number) =>
    rows
      .filter((row) => (row.get(property.recipientKind)?.bytes.readUInt32LE(0) ?? 1) === wanted)
      .map((row) => {
        const text = (id: number) => toText(row.get(id), codePage);
        return toPerson(text(property.name), text(property.smtpAddress) || text(property.address));
      });
  return { to: people(1), cc: people(2), bcc: people(3) };
}

/** What it wraps is a file, or a message wrapped the same way behind sixteen bytes that name its kind. */
function toAttachment({ name, data, properties }: Found, index: number, codePage: number): Attachment {
  const inner = properties.get(property.data);
  const title = toText(properties.get(property.longName), codePage) || clean(name);
  if (inner?.kind === kind.object && inner.bytes.length > 20 && inner.bytes.readUInt32LE(16) === tnefMark)
    return { name: title === '' ? `message-${index + 1}.dat` : `${title}.dat`, bytes: inner.bytes.subarray(16) };
  const bytes = data ?? inner?.bytes ?? Buffer.alloc(0);
  return { name: title === '' ? `attachment-${index + 1}` : title, bytes };
}
