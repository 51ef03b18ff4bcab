// Tells the text encoding of a whole file and, when it is not UTF-8, writes a UTF-8 copy beside it.
// It must judge every byte of the file, not its beginning, and must not look at rows.

import { isAscii, isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import chardet from 'chardet';
import iconv from 'iconv-lite';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import { bomLength, isUtf16, readHead } from './content.ts';
import type { Findings } from './findings.ts';

export type TextFile = {
  /** A file in UTF-8: the one given, or its transcoded copy. */
  readonly path: string;
  readonly encoding: string;
  /** Where the text begins: after a byte-order mark. */
  readonly start: number;
  /** What marks a row that could not be decoded: bytes that are not UTF-8, U+FFFD from another encoding, or nothing. */
  readonly undecodable: 'bytes' | 'replacement' | null;
};

const chunkBytes = 1 << 20;

/** `said`: what the publisher calls the encoding. Throws encoding-unknown when none reads the file, disk-full … */
export async function requireUtf8(path: string, target: string, findings: Findings, said?: string): Promise<TextFile> {
  const head = await readHead(path);
  if (said !== undefined && said !== 'utf-8') {
    if (!iconv.encodingExists(said)) throw new PortalError('encoding-unknown', say('catalogue.recipe-encoding'));
    const replaced = await transcode(path, target, said);
    return { path: target, encoding: said, start: 0, undecodable: replaced > 0 ? 'replacement' : null };
  }
  const wide = isUtf16(head);
  if (wide !== null) {
    await transcode(path, target, wide);
    return { path: target, encoding: wide, start: 0, undecodable: null };
  }
  const start = bomLength(head);
  const counted = await countUtf8(path);
  if (counted.invalid === 0) return { path, encoding: 'utf-8', start, undecodable: null };
  if (said === 'utf-8' || start === 3 || counted.valid > counted.invalid * 20) {
    findings.add('row-unreadable', 'warning', say('publish.broken-characters', { characters: counted.invalid }));
    return { path, encoding: 'utf-8', start, undecodable: 'bytes' };
  }
  const { encoding, assumed } = requireLegacyEncoding(counted.sample);
  const replaced = await transcode(path, target, encoding);
  if (assumed) findings.add('encoding-unknown', 'warning', toAssumption(encoding));
  else findings.add('encoding-unknown', 'note', say('publish.encoding-read', { encoding }));
  return { path: target, encoding, start: 0, undecodable: replaced > 0 ? 'replacement' : null };
}

/** A text in memory, by the same judgement; what no encoding reads stays as U+FFFD. */
export function decodeText(bytes: Buffer): string {
  const wide = isUtf16(bytes.subarray(0, 65_536));
  if (wide !== null) return iconv.decode(bytes, wide);
  const counted = countSequences(bytes);
  if (bomLength(bytes) === 3 || counted.invalid === 0 || counted.valid > counted.invalid * 20) {
    return iconv.decode(bytes, 'utf-8');
  }
  return iconv.decode(bytes, requireLegacyEncoding(linesBeyondAscii(bytes).subarray(0, 1 << 16)).encoding);
}

function toAssumption(encoding: string): Sentence {
  return say('publish.encoding-assumed', { encoding });
}

type Utf8Count = {
  /** Sequences of more than one byte that are UTF-8, and bytes that are not. */
  readonly valid: number;
  readonly invalid: number;
  /** Lines with bytes beyond ASCII, for telling another encoding. */
  readonly sample: Buffer;
};

async function countUtf8(path: string): Promise<Utf8Count> {
  let valid = 0;
  let invalid = 0;
  let carry: Buffer = Buffer.alloc(0);
  const samples: Buffer[] = [];
  let sampled = 0;
  const count = (bytes: Buffer): void => {
    // Whole files of ASCII or UTF-8 never pay for the counting below; a hundred thousand characters are evidence
    // enough.
    if (isAscii(bytes) || (valid > 100_000 && isUtf8(bytes))) return;
    const counted = countSequences(bytes);
    valid += counted.valid;
    invalid += counted.invalid;
    if (counted.valid + counted.invalid === 0 || sampled > 1 << 18) return;
    const sample = linesBeyondAscii(bytes).subarray(0, 1 << 16);
    sampled += sample.length;
    samples.push(sample);
  };
  // One buffer for the whole file: new ones for every chunk take as long as all the rest.
  const block = Buffer.allocUnsafe(chunkBytes);
  const file = await open(path, 'r');
  try {
    for (;;) {
      carry.copy(block);
      const { bytesRead } = await file.read(block, carry.length, block.length - carry.length, null);
      if (bytesRead === 0) break;
      const bytes = block.subarray(0, carry.length + bytesRead);
      const whole = wholeCharacters(bytes);
      count(bytes.subarray(0, whole));
      carry = Buffer.from(bytes.subarray(whole)); // at most three bytes, and the block is written over
    }
  } finally {
    await file.close();
  }
  count(carry);
  return { valid, invalid, sample: Buffer.concat(samples) };
}

/** The length of `bytes` without a character cut off at its end (at most 3 bytes). */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return back < needed ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function countSequences(bytes: Buffer): { valid: number; invalid: number } {
  let valid = 0;
  let invalid = 0;
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80) {
      at++;
      continue;
    }
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    if (byte >= 0xc2 && byte <= 0xf4 && isUtf8(bytes.subarray(at, at + length)) && at + length <= bytes.length) {
      valid++;
      at += length;
    } else {
      invalid++;
      at++;
    }
  }
  return { valid, invalid };
}

/** Only the lines that tell: a detector drowns in ASCII. */
function linesBeyondAscii(bytes: Buffer): Buffer {
  const lines: Buffer[] = [];
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(10, start);
    const end = newline === -1 ? bytes.length : newline + 1;
    const line = bytes.subarray(start, end);
    if (line.some((byte) => byte >= 0x80)) lines.push(line);
    start = end;
  }
  return Buffer.concat(lines);
}

const multiByte = new Set([
  'Big5',
  'Shift_JIS',
  'GB18030',
  'EUC-JP',
  'EUC-KR',
  'ISO-2022-JP',
  'ISO-2022-KR',
  'ISO-2022-CN',
]);
/** Alphabets of their own, in which every letter is a byte beyond ASCII. */
const foreign = new Set([
  'KOI8-R',
  'windows-1251',
  'windows-1253',
  'windows-1255',
  'windows-1256',
  'ISO-8859-5',
  'ISO-8859-6',
  'ISO-8859-7',
  'ISO-8859-8',
]);

const latin = new Set(['ISO-8859-1', 'windows-1252']);
const commonEncoding = 'windows-1252';

export type LegacyEncoding = {
  readonly encoding: string;
  /** The bytes fit, and nothing in them proves it. */
  readonly assumed: boolean;
};

/**
 * The encoding of text that is not UTF-8. Detectors of one-byte encodings tell them by letter frequencies, which say
 * little of a few names: only strong evidence is believed, and else the common one is assumed. Throws encoding-unknown
 * when it cannot be.
 */
function requireLegacyEncoding(sample: Buffer): LegacyEncoding {
  const matches = chardet.analyse(sample).filter(({ name }) => iconv.encodingExists(name) && !name.startsWith('UTF'));
  const asLatin = Math.max(0, ...matches.filter(({ name }) => latin.has(name)).map(({ confidence }) => confidence));
  const evidence = toEvidence(sample);
  const proven = matches.find(
    ({ name, confidence }) =>
      !latin.has(name) &&
      confidence > asLatin + 15 &&
      isProven(name, confidence, evidence) &&
      replacedShare(sample, name) < 0.001,
  );
  if (proven !== undefined) return { encoding: proven.name.toLowerCase(), assumed: false };
  if (replacedShare(sample, commonEncoding) < 0.001) return { encoding: commonEncoding, assumed: true };
  throw new PortalError('encoding-unknown', say('publish.encoding-unknown'));
}

type Evidence = {
  /** Bytes beyond ASCII. */
  readonly bytes: number;
  /** Words with such bytes, and those of at least two bytes that have no other. */
  readonly words: number;
  readonly whole: number;
};

function toEvidence(sample: Buffer): Evidence {
  let [words, whole] = [0, 0];
  for (const [word] of sample.toString('latin1').matchAll(/[A-Za-z\x80-\xff]+/g)) {
    if (!/[\x80-\xff]/.test(word)) continue;
    words++;
    if (/^[\x80-\xff]{2,}$/.test(word)) whole++;
  }
  return { bytes: sample.filter((byte) => byte >= 0x80).length, words, whole };
}

/** An accent stands among letters of ASCII; a Russian or Greek word has none of them. */
function isProven(name: string, confidence: number, { bytes, words, whole }: Evidence): boolean {
  if (multiByte.has(name)) return confidence >= (bytes >= 40 ? 50 : 80);
  if (foreign.has(name)) return confidence >= 20 && bytes >= 12 && whole >= 3 && whole >= words * 0.7;
  return confidence >= 60 && bytes >= 40 && whole < words * 0.3;
}

function replacedShare(sample: Buffer, encoding: string): number {
  const text = iconv.decode(sample, encoding);
  return text.length === 0 ? 1 : countReplaced(text) / text.length;
}

function countReplaced(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\ufffd'); at !== -1; at = text.indexOf('\ufffd', at + 1)) count++;
  return count;
}

/** Streams the file through a decoder into `target`; returns how many characters could not be decoded. */
async function transcode(path: string, target: string, encoding: string): Promise<number> {
  const decoder = iconv.getDecoder(encoding, { stripBOM: true });
  const handle = await open(target, 'wx', 0o600);
  let replaced = 0;
  try {
    const write = async (text: string | undefined): Promise<void> => {
      if (text === undefined || text === '') return;
      replaced += countReplaced(text);
      await handle.writeFile(text);
    };
    for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes }))
      await write(decoder.write(chunk as Buffer));
    await write(decoder.end());
    return replaced;
  } finally {
    await handle.close();
  }
}
