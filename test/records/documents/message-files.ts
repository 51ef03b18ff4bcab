// Messages in the files of Outlook, and rich text, made byte by byte. Each hidden place has a canary of its own.
// It must make files that the portal takes for what they are.

import { burn } from '@kenjiuno/msgreader/lib/Burner.js';
import type { Entry } from '@kenjiuno/msgreader/lib/Burner.js';

export type Made = {
  readonly subject: string;
  readonly body: string;
  readonly html?: string;
  readonly sent: Date;
  readonly attached: { readonly name: string; readonly bytes: Buffer };
  readonly bcc: string;
  /** As a program of 1999 writes it: letters of Windows-1250 instead of Unicode. */
  readonly ansi?: (text: string) => Buffer;
};

const typeOf = { root: 5, folder: 1, file: 2 } as const;
const wide = (text: string) => Buffer.from(text, 'utf16le');

/** Tenths of microseconds since 1601. */
function fileTime(date: Date): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE((BigInt(date.getTime()) + 11_644_473_600_000n) * 10_000n);
  return bytes;
}

function fixed(tag: number, value: Buffer): Buffer {
  const entry = Buffer.alloc(16);
  entry.writeUInt32LE(tag, 0);
  entry.writeUInt32LE(6, 4);
  value.copy(entry, 8);
  return entry;
}

const whole = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value);
  return bytes;
};

type Folder = { readonly [name: string]: Buffer | Folder };

/** [MS-CFB], with the folders that [MS-OXMSG] names. */
export function msgFile(made: Made): Buffer {
  const text = (id: string, value: string): Folder =>
    made.ansi === undefined
      ? { [`__substg1.0_${id}001F`]: wide(value) }
      : { [`__substg1.0_${id}001E`]: made.ansi(value) };
  const recipient = (name: string, address: string, kind: number): Folder => ({
    '__properties_version1.0': Buffer.concat([Buffer.alloc(8), fixed(0x0c15_0003, whole(kind))]),
    ...text('3001', name),
    ...text('39FE', address),
  });
  return toFile({
    '__properties_version1.0': Buffer.concat([
      Buffer.alloc(32),
      fixed(0x0039_0040, fileTime(made.sent)),
      ...(made.ansi === undefined ? [] : [fixed(0x3ffd_0003, whole(1250))]),
    ]),
    '__nameid_version1.0': {
      '__substg1.0_00020102': Buffer.alloc(0),
      '__substg1.0_00030102': Buffer.alloc(0),
      '__substg1.0_00040102': Buffer.alloc(0),
    },
    ...text('001A', 'IPM.Note'),
    ...text('0037', made.subject),
    ...text('0C1A', 'Pat Doe'),
    ...text('5D01', 'pat@kent.example'),
    ...text('1000', made.body),
    ...(made.html === undefined ? {} : { '__substg1.0_10130102': Buffer.from(made.html) }),
    '__recip_version1.0_#00000000': recipient('Lee Fox', 'lee@vendor.example', 1),
    '__recip_version1.0_#00000001': recipient(made.bcc, 'mayor@kent.example', 3),
    '__attach_version1.0_#00000000': {
      '__properties_version1.0': Buffer.concat([Buffer.alloc(8), fixed(0x3705_0003, whole(1))]),
      ...text('3707', made.attached.name),
      '__substg1.0_37010102': made.attached.bytes,
    },
  });
}

function toFile(root: Folder): Buffer {
  const entries: Entry[] = [];
  const add = (name: string, content: Buffer | Folder, type: number): number => {
    const isFile = Buffer.isBuffer(content);
    const entry: Entry = { name, type, length: isFile ? content.length : 0 };
    const at = entries.push(entry) - 1;
    if (isFile) entry.binaryProvider = () => new Uint8Array(content);
    else
      entry.children = Object.entries(content).map(([inner, value]) =>
        add(inner, value, Buffer.isBuffer(value) ? typeOf.file : typeOf.folder),
      );
    return at;
  };
  add('Root Entry', root, typeOf.root);
  return Buffer.from(burn(entries));
}

const u16 = (value: number) => Buffer.from([value & 0xff, value >> 8]);
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

/** winmail.dat, [MS-OXTNEF]. */
export function tnefFile(made: Made): Buffer {
  const attribute = (level: number, id: number, value: Buffer) => {
    const sum = value.reduce((total, byte) => (total + byte) & 0xffff, 0);
    return Buffer.concat([Buffer.from([level]), u32(id), u32(value.length), value, u16(sum)]);
  };
  const padded = (bytes: Buffer) =>
    Buffer.concat([u32(bytes.length), bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  const properties = (...values: readonly Buffer[]) => Buffer.concat([u32(values.length), ...values]);
  const text = (id: number, value: string) => Buffer.concat([u16(0x1f), u16(id), u32(1), padded(wide(`${value}\0`))]);
  const bytes = (id: number, value: Buffer) => Buffer.concat([u16(0x102), u16(id), u32(1), padded(value)]);
  const named = Buffer.concat([u16(0x1f), u16(0x8001), Buffer.alloc(16), u32(1), padded(wide('Keywords\0'))]);
  const person = (name: string, address: string, kind: number) =>
    properties(text(0x3001, name), text(0x39fe, address), Buffer.concat([u16(3), u16(0x0c15), u32(kind)]));
  return Buffer.concat([
    u32(0x223e_9f78),
    u16(1),
    attribute(1, 0x0006_9007, u32(1250)),
    attribute(1, 0x0001_8004, Buffer.from('the old subject\0')),
    attribute(
      1,
      0x0006_9003,
      properties(
        Buffer.concat([named, u32(1), padded(wide('blue\0'))]),
        text(0x0037, made.subject),
        text(0x0c1a, 'Pat Doe'),
        text(0x5d01, 'pat@kent.example'),
        Buffer.concat([u16(0x40), u16(0x0039), fileTime(made.sent)]),
        text(0x1000, made.body),
        ...(made.html === undefined ? [] : [bytes(0x1013, Buffer.from(made.html))]),
      ),
    ),
    attribute(
      1,
      0x0006_9004,
      Buffer.concat([u32(2), person('Lee Fox', 'lee@vendor.example', 1), person(made.bcc, 'mayor@kent.example', 3)]),
    ),
    attribute(2, 0x0006_9002, Buffer.alloc(14)),
    attribute(2, 0x0001_8010, Buffer.from('SHORT~1.TXT\0')),
    attribute(2, 0x0006_800f, made.attached.bytes),
    attribute(2, 0x0006_9005, properties(text(0x3707, made.attached.name))),
  ]);
}

export const richTextCanaries = {
  author: 'CANARYAUTHOR',
  comment: 'CANARYCOMMENT',
  hidden: 'CANARYHIDDEN',
  deleted: 'CANARYDELETED',
  field: 'CANARYFIELD',
} as const;

/** `shown` in the letters of ASCII; the words beside it are Polish, Russian and Japanese, as Word writes them. */
export function richTextFile(shown: string, picture: Buffer): Buffer {
  return Buffer.from(
    [
      `{\\rtf1\\ansi\\ansicpg1250\\deff0{\\fonttbl{\\f0\\fcharset238 Arial;}{\\f1\\fcharset204 Arial Cyr;}`,
      `{\\f2\\fcharset128 MS Mincho;}{\\f3\\fcharset2 Wingdings;}}{\\colortbl;\\red0\\green0\\blue0;}`,
      `{\\info{\\author ${richTextCanaries.author}}}{\\*\\generator Word;}`,
      `\\pard ${shown} za\\'bf\\'f3\\'b3\\'e6 {\\f1 \\'d3\\'e2\\'e0\\'e6} {\\f2 \\'93\\'fa\\'96\\'7b} \\u8220?quoted\\u8221?\\par `,
      `{\\v ${richTextCanaries.hidden}}{\\deleted ${richTextCanaries.deleted}}{\\revised inserted words}\\par `,
      `{\\*\\annotation ${richTextCanaries.comment}}`,
      `{\\field{\\*\\fldinst HYPERLINK "${richTextCanaries.field}"}{\\fldrslt a link}}\\par `,
      `\\trowd north\\cell south\\cell\\row 1\\cell\\cell\\row `,
      `{\\*\\shppict{\\pict\\pngblip ${picture.toString('hex')}}}{\\nonshppict{\\pict\\wmetafile8 00}}}`,
    ].join('\r\n'),
    'latin1',
  );
}
