// What a file is, by its bytes; its name and what the sender called it are only compared with that.
// It must read no more than the file's beginning and its list of what is inside.

import { open } from 'node:fs/promises';

import { fileTypeFromFile } from 'file-type';

import { isMbox } from './convert/mbox.ts';
import { mailTypes, richText } from './document.ts';
import type { DocumentKind } from './document.ts';

export type FoundKind = { readonly kind: DocumentKind; readonly mediaType: string; readonly lies: boolean };

const headBytes = 65_536;

const images = ['image/jpeg', 'image/png', 'image/tiff', 'image/gif', 'image/webp'];
const wordsXml = 'application/vnd.openxmlformats-officedocument.';
const openDocument = 'application/vnd.oasis.opendocument.';
const office = [
  `${wordsXml}wordprocessingml.document`,
  `${wordsXml}spreadsheetml.sheet`,
  `${wordsXml}presentationml.presentation`,
  `${openDocument}text`,
  `${openDocument}spreadsheet`,
  `${openDocument}presentation`,
];

/** Endings that mean a kind: what the name promises. */
const endings: Readonly<Record<string, readonly string[]>> = {
  pdf: ['application/pdf'],
  jpg: ['image/jpeg'],
  jpeg: ['image/jpeg'],
  png: ['image/png'],
  tif: ['image/tiff'],
  tiff: ['image/tiff'],
  gif: ['image/gif'],
  webp: ['image/webp'],
  docx: [office[0]!],
  xlsx: [office[1]!],
  pptx: [office[2]!],
  odt: [office[3]!],
  ods: [office[4]!],
  odp: [office[5]!],
  eml: [mailTypes.message],
  msg: [mailTypes.outlook],
  mbox: [mailTypes.mailbox],
  pst: [mailTypes.outlookMailbox],
  ost: [mailTypes.outlookMailbox],
  rtf: [richText],
  txt: ['text/plain'],
  csv: ['text/plain'],
  tsv: ['text/plain'],
  log: ['text/plain'],
  json: ['text/plain'],
  xml: ['text/plain', 'application/xml'],
  md: ['text/plain'],
  mp3: ['audio/mpeg'],
  mp4: ['video/mp4', 'audio/mp4', 'audio/x-m4a', 'video/x-m4v'],
  wav: ['audio/wav', 'audio/vnd.wave', 'audio/x-wav'],
  zip: ['application/zip'],
  exe: ['application/x-msdownload'],
};

export async function findKind(path: string, name: string): Promise<FoundKind> {
  const mediaType = await sniff(path, name);
  const ending = /\.([a-z0-9]{1,5})$/iu.exec(name)?.[1]?.toLowerCase() ?? '';
  const promised = endings[ending];
  // An encrypted Word, Excel or PowerPoint file lies in an envelope of the older format.
  if (mediaType === 'application/x-cfb' && ['docx', 'xlsx', 'pptx'].includes(ending))
    return { kind: 'office', mediaType, lies: false };
  return { kind: toKind(mediaType), mediaType, lies: promised !== undefined && !promised.includes(mediaType) };
}

function toKind(mediaType: string): DocumentKind {
  if (mediaType === 'application/pdf') return 'pdf';
  if (images.includes(mediaType)) return 'image';
  if (office.includes(mediaType) || mediaType === richText) return 'office';
  if (Object.values<string>(mailTypes).includes(mediaType)) return 'mail';
  return mediaType === 'text/plain' ? 'text' : 'whole';
}

async function sniff(path: string, name: string): Promise<string> {
  const head = await readPart(path, 0, headBytes);
  // PDF readers look for the mark anywhere in the first kilobyte, so a page of HTML before it does not make it one.
  if (head.subarray(0, 1024).includes('%PDF-')) return 'application/pdf';
  if (head.length > 16 && head.readUInt32LE(0) === wrappedMark) return mailTypes.wrapped;
  if (head.subarray(0, 4).toString('latin1') === outlookMailboxMark) return mailTypes.outlookMailbox;
  if (isMbox(head)) return mailTypes.mailbox;
  const found = await fileTypeFromFile(path);
  if (found?.mime === 'application/x-cfb' && (await isOutlookMessage(path, head))) return mailTypes.outlook;
  if (found !== undefined && found.mime !== 'application/xml') return found.mime;
  if (!isText(head)) return 'application/octet-stream';
  const isMail =
    /\.eml$/iu.test(name) ||
    /^(?:received|return-path|delivered-to|mime-version|message-id|from):/iu.test(head.toString('latin1'));
  return isMail && /^(?:from|to|date|subject|received|message-id)\s*:/imu.test(head.toString('latin1'))
    ? mailTypes.message
    : 'text/plain';
}

const wrappedMark = 0x223e9f78; // [MS-OXTNEF]
const outlookMailboxMark = '!BDN'; // [MS-PST]
const outlookClass = '0b0d020000000000c000000000000046';
const messageStream = Buffer.from('__properties_version1.0', 'utf16le');
const directoryBytes = 64 * 1024;

/** Word, Excel and Outlook share an envelope, [MS-CFB]: its directory names what is inside, and whose it is. */
async function isOutlookMessage(path: string, head: Buffer): Promise<boolean> {
  if (head.length < 512) return false;
  const directory = await readPart(path, (head.readUInt32LE(48) + 1) * 2 ** head.readUInt16LE(30), directoryBytes);
  return directory.toString('hex', 80, 96) === outlookClass || directory.includes(messageStream);
}

async function readPart(path: string, at: number, most: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(most), 0, most, at);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** UTF-16 has its mark; other text has no control characters but those that part lines and pages. */
function isText(head: Buffer): boolean {
  if (head.length >= 2 && ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)))
    return true;
  return head.every(
    (byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0c || byte === 0x0d || byte === 0x1b,
  );
}
