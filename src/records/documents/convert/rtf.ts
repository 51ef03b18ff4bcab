// What a rich text file (RTF 1.9) says: its words as read; hidden, deleted and commented text apart, pictures as files.
// It must take text for hidden as soon as the file says so.

import { Readable } from 'node:stream';

import iconv from 'iconv-lite';
import { deEncapsulateSync, Tokenize } from 'rtf-stream-parser';

import type { HiddenItem } from '../document.ts';
import { FileError } from '../file-error.ts';
import type { Attachment } from './convert.ts';
import {
  around,
  charsets,
  codePages,
  knownThough,
  pictureEndings,
  places,
  signFonts,
  signs,
  spoken,
} from './rtf-words.ts';
import type { Place } from './rtf-words.ts';
import { signOf } from './sign-fonts.ts';

export type RtfText = {
  readonly text: string;
  readonly hidden: readonly HiddenItem[];
  readonly attachments: readonly Attachment[];
};

const pieceBytes = 64 * 1024;

/** Throws FileError: corrupt. */
export async function readRtf(bytes: Buffer): Promise<RtfText> {
  if (!bytes.subarray(0, 1_024).includes('{\\rtf')) throw new FileError('corrupt', 'it does not begin as rich text');
  const pieces = function* () {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  };
  const reading = openReading();
  for await (const token of Readable.from(pieces()).pipe(new Tokenize())) take(reading, token as Token);
  return end(reading);
}

/**
 * The other form of the words of an Outlook message: the HTML that lies in its RTF, [MS-OXRTFEX], or its own text.
 */
export async function readRtfBody(rtf: Buffer): Promise<{ readonly as: 'HTML' | 'RTF'; readonly text: string }> {
  if (/\\from(?:html|text)/u.test(rtf.subarray(0, 4_096).toString('latin1'))) {
    const { mode, text } = deEncapsulateSync(rtf, { decode, warn: () => undefined });
    return { as: mode === 'html' ? 'HTML' : 'RTF', text: String(text) };
  }
  return { as: 'RTF', text: (await readRtf(rtf)).text };
}

function decode(data: Buffer, encoding: string): string {
  return iconv.decode(data, iconv.encodingExists(encoding) ? encoding : 'windows-1252');
}

type Token = {
  readonly type: number;
  readonly word?: string;
  readonly param?: number;
  readonly data?: Buffer;
};
const tokenType = { open: 0, close: 1, control: 2 } as const;

type Group = {
  place: Place;
  /** The place was named here, and what was read for it ends here. */
  owns: boolean;
  after: string;
  vanished: boolean;
  deleted: boolean;
  revised: boolean;
  font: number;
  /** How many characters follow a `\u` for readers that do not know it. */
  skip: number;
};

type Reading = {
  readonly groups: Group[];
  group: Group;
  /** The group has named nothing yet; `optional`: what it names may be skipped by who does not know it. */
  isFirst: boolean;
  optional: boolean;
  skipLeft: number;
  codePage: string;
  usual: number;
  readonly fonts: Map<number, string>;
  /** Bytes whose letters are known when all of them are there. */
  bytes: Buffer[];
  encoding: string;
  /** Of the paragraph, and of the group that owns a place. */
  readonly parts: { gone: string; secret: string; added: string; apart: string; field: string };
  readonly shown: string[];
  picture: { ending: string; readonly pieces: Buffer[] };
  readonly hidden: HiddenItem[];
  readonly attachments: Attachment[];
};

const deepest = 2_000;
const mostItems = 5_000;
const where = 'the text';

function openReading(): Reading {
  const group: Group = {
    place: 'shown',
    owns: false,
    after: '',
    vanished: false,
    deleted: false,
    revised: false,
    font: -1,
    skip: 1,
  };
  return {
    groups: [],
    group,
    isFirst: false,
    optional: false,
    skipLeft: 0,
    codePage: 'cp1252',
    usual: 0,
    fonts: new Map(),
    bytes: [],
    encoding: '',
    parts: { gone: '', secret: '', added: '', apart: '', field: '' },
    shown: [],
    picture: { ending: 'bin', pieces: [] },
    hidden: [],
    attachments: [],
  };
}

function take(reading: Reading, token: Token): void {
  if (token.type === tokenType.open) return openGroup(reading);
  if (token.type === tokenType.close) return closeGroup(reading);
  if (token.type === tokenType.control) return control(reading, token.word ?? '', token);
  reading.isFirst = false;
  const data = token.data ?? Buffer.alloc(0);
  const skipped = Math.min(reading.skipLeft, data.length);
  reading.skipLeft -= skipped;
  if (data.length > skipped) sayBytes(reading, data.subarray(skipped));
}

function openGroup(reading: Reading): void {
  settle(reading);
  if (reading.groups.push(reading.group) > deepest) throw new FileError('corrupt', 'groups within groups without end');
  reading.group = { ...reading.group, owns: false, after: '' };
  Object.assign(reading, { isFirst: true, optional: false, skipLeft: 0 });
}

function closeGroup(reading: Reading): void {
  settle(reading);
  const { group } = reading;
  if (group.after !== '') say(reading, group.after);
  const outer = reading.groups.pop();
  if (outer === undefined) return; // one bracket too many: what follows is of no group
  if (group.owns) finishPlace(reading, group.place);
  reading.group = outer;
  Object.assign(reading, { isFirst: false, skipLeft: 0 });
}

function control(reading: Reading, word: string, { param, data }: Token): void {
  if (word === '*' && reading.isFirst) {
    reading.optional = true;
    return;
  }
  const names = reading.isFirst;
  reading.isFirst = false;
  if (reading.skipLeft > 0) {
    reading.skipLeft -= 1;
    return;
  }
  if (word === "'" || word === 'bin') sayBytes(reading, data ?? Buffer.alloc(0));
  else if (word === 'u') {
    settle(reading);
    say(reading, String.fromCharCode((param ?? 0xfffd) & 0xffff));
    reading.skipLeft = reading.group.skip;
  } else if (spoken[word] !== undefined && !(names && reading.optional)) {
    settle(reading);
    say(reading, spoken[word]);
    if (spoken[word] === '\n') endParagraph(reading);
  } else if (!(names && named(reading, word))) set(reading, word, param);
}

/** True when the word says where its group's text goes. */
function named(reading: Reading, word: string): boolean {
  const { group } = reading;
  const place = places[word];
  if (group.place === 'metadata' && word !== 'uc') {
    reading.parts.field = word;
    group.owns = true;
    return word !== 'info';
  }
  if (place !== undefined && group.place !== 'nowhere') {
    Object.assign(group, { place, owns: true });
    if (place === 'picture') reading.picture = { ending: 'bin', pieces: [] };
    return true;
  }
  if (word === 'ud') group.place = reading.groups.findLast((outer) => outer.place !== 'nowhere')?.place ?? 'shown';
  const [before, after] = around[word] ?? ['', ''];
  if (before !== '') say(reading, before);
  group.after = after;
  if (reading.optional && !knownThough.includes(word)) group.place = 'nowhere';
  return reading.optional || around[word] !== undefined;
}

function set(reading: Reading, word: string, param: number | undefined): void {
  const { group } = reading;
  const isOn = param !== 0;
  if (word === 'v') group.vanished = isOn;
  else if (word === 'deleted') group.deleted = isOn;
  else if (word === 'revised') group.revised = isOn;
  else if (word === 'plain') Object.assign(group, { vanished: false, deleted: false, revised: false, font: -1 });
  else if (word === 'uc') group.skip = Math.max(0, param ?? 1);
  else if (word === 'f') group.font = param ?? 0;
  else if (word === 'deff') reading.usual = param ?? 0;
  else if (word === 'ansicpg' && param !== undefined) reading.codePage = param === 65_001 ? 'utf8' : `cp${param}`;
  else if (codePages[word] !== undefined) reading.codePage = codePages[word];
  else if (group.place === 'fonts' && (word === 'fcharset' || word === 'cpg')) nameFont(reading, word, param ?? 0);
  else if (group.place === 'picture' && pictureEndings[word] !== undefined)
    reading.picture.ending = pictureEndings[word];
  else if (group.place === 'metadata' && /^(?:yr|mo|dy|hr|min|sec)$/u.test(word))
    reading.parts.apart += `${word} ${param ?? ''} `;
}

function nameFont({ fonts, group }: Reading, word: string, param: number): void {
  if (word === 'cpg') fonts.set(group.font, `cp${param}`);
  else if (param === 2) fonts.set(group.font, signs);
  else if (charsets[param] !== undefined) fonts.set(group.font, charsets[param]);
}

function sayBytes(reading: Reading, data: Buffer): void {
  const { place, font } = reading.group;
  if (place === 'picture' || place === 'object') {
    reading.picture.pieces.push(data);
    return;
  }
  const name = data.toString('latin1').trim();
  if (place === 'fonts' && signFonts.test(name)) reading.fonts.set(font, `${signs}${name}`);
  const encoding = reading.fonts.get(font === -1 ? reading.usual : font) ?? reading.codePage;
  if (encoding !== reading.encoding) settle(reading);
  reading.encoding = encoding;
  reading.bytes.push(data);
}

/** The letters of the bytes so far: of some alphabets one takes two bytes, which come apart. */
function settle(reading: Reading): void {
  if (reading.bytes.length === 0) return;
  const bytes = Buffer.concat(reading.bytes);
  reading.bytes = [];
  const { encoding } = reading;
  say(reading, encoding.startsWith(signs) ? toSigns(encoding.slice(signs.length), bytes) : decode(bytes, encoding));
}

function toSigns(font: string, bytes: Buffer): string {
  return [...bytes].map((byte) => signOf(font, byte)).join('');
}

function say({ group, parts, shown }: Reading, text: string): void {
  if (group.place === 'metadata' || group.place === 'comment' || group.place === 'field') parts.apart += text;
  if (group.place !== 'shown') return;
  if (group.deleted) parts.gone += text;
  else if (group.vanished) parts.secret += text;
  else {
    shown.push(text);
    if (group.revised) parts.added += text;
  }
}

function endParagraph({ parts, hidden }: Reading): void {
  const found = [
    ['deleted-text', parts.gone],
    ['hidden-text', parts.secret],
    ['inserted-text', parts.added],
  ] as const;
  for (const [kind, text] of found)
    if (text.trim() !== '' && hidden.length < mostItems) hidden.push({ kind, where, text: text.trim() });
  Object.assign(parts, { gone: '', secret: '', added: '' });
}

function finishPlace(reading: Reading, place: Place): void {
  const { parts, hidden, picture } = reading;
  if (place === 'picture' || place === 'object') {
    const bytes = fromHex(Buffer.concat(picture.pieces));
    const ending = place === 'object' ? 'ole' : picture.ending;
    const name = `${place}-${reading.attachments.length + 1}.${ending}`;
    if (bytes.length > 0) reading.attachments.push({ name, bytes });
    reading.picture = { ending: 'bin', pieces: [] };
  }
  const text = parts.apart.trim();
  parts.apart = '';
  if (text === '' || hidden.length >= mostItems) return;
  if (place === 'metadata') hidden.push({ kind: 'metadata', where: parts.field, text: text.slice(0, 1_000) });
  else if (place === 'comment') hidden.push({ kind: 'comment', where, text });
  else if (place === 'field') hidden.push({ kind: 'hidden-text', where, text });
}

/** Pictures lie in it as hexadecimal digits, or as they are. */
function fromHex(data: Buffer): Buffer {
  const text = data.toString('latin1').replaceAll(/\s/gu, '');
  return /^[0-9a-f]*$/iu.test(text) ? Buffer.from(text, 'hex') : data;
}

function end(reading: Reading): RtfText {
  settle(reading);
  const isCut = reading.groups.length > 0;
  while (reading.groups.length > 0) closeGroup(reading);
  endParagraph(reading);
  if (isCut) reading.hidden.push({ kind: 'metadata', where: 'the file', text: 'It ends in the middle.' });
  const text = reading.shown
    .join('')
    .toWellFormed()
    .replaceAll(/[\p{Cc}--[\n\t]]/gv, '');
  return { text: text.trimEnd(), hidden: reading.hidden, attachments: reading.attachments };
}
