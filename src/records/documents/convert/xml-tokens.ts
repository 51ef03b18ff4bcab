// The tags and texts of an XML file, one after the other, in time and memory that its length bounds.
// It must know no entity but XML's own five and letters by number: a file that declares any is refused.

import { FileError } from '../file-error.ts';

export type XmlToken =
  | { readonly kind: 'open'; readonly name: string; readonly attributes: string; readonly isEmpty: boolean }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string };

/** Names without their prefix. Throws FileError. */
export function* readXml(bytes: Buffer): Generator<XmlToken> {
  const xml = decode(bytes);
  if (/<!(?:DOCTYPE|ENTITY)/iu.test(xml)) throw new FileError('corrupt', 'the XML declares a document type');
  let at = 0;
  while (at < xml.length) {
    const next = xml.indexOf('<', at);
    if (next !== at) {
      const text = xml.slice(at, next < 0 ? undefined : next);
      if (text !== '') yield { kind: 'text', text: unescape(text) };
    }
    if (next < 0) return;
    const skipped = skip(xml, next);
    if (skipped !== null) {
      if (skipped.text !== '') yield { kind: 'text', text: skipped.text };
      at = skipped.end;
      continue;
    }
    const end = endOfTag(xml, next);
    yield toTag(xml.slice(next + 1, end));
    at = end + 1;
  }
}

function decode(bytes: Buffer): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return bytes.toString('utf16le').slice(1);
  if (first === 0xfe && second === 0xff) return swapped(bytes).toString('utf16le').slice(1);
  return bytes.toString('utf8').replace(/^\uFEFF/u, '');
}

/** In the other byte order; half a letter at the end, of a file that was cut, is left out. */
function swapped(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2))).swap16();
}

/** Comments, instructions and CDATA. */
function skip(xml: string, at: number): { readonly end: number; readonly text: string } | null {
  for (const [begin, finish, isText] of [
    ['<!--', '-->', false],
    ['<?', '?>', false],
    ['<![CDATA[', ']]>', true],
  ] as const) {
    if (!xml.startsWith(begin, at)) continue;
    const end = xml.indexOf(finish, at + begin.length);
    if (end < 0) throw new FileError('corrupt', 'XML that is cut');
    return { end: end + finish.length, text: isText ? xml.slice(at + begin.length, end) : '' };
  }
  return null;
}

/** A `>` may stand in a quoted value. */
function endOfTag(xml: string, at: number): number {
  let quote = '';
  for (let index = at + 1; index < xml.length; index++) {
    const letter = xml[index]!;
    if (quote !== '') {
      if (letter === quote) quote = '';
    } else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === '>') return index;
  }
  throw new FileError('corrupt', 'XML that is cut');
}

function toTag(tag: string): XmlToken {
  if (tag.startsWith('/')) return { kind: 'close', name: localName(tag.slice(1).trim()) };
  const isEmpty = tag.endsWith('/');
  const inner = isEmpty ? tag.slice(0, -1) : tag;
  const space = inner.search(/\s/u);
  const name = space < 0 ? inner : inner.slice(0, space);
  return { kind: 'open', name: localName(name), attributes: space < 0 ? '' : inner.slice(space), isEmpty };
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** Begins where a name begins and nowhere within it: else a name without end is tried from each of its letters. */
const attribute = /(?<![\w:.-])([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/gu;

/** An attribute by its name without prefix; null when it is not there. */
export function attributeOf(attributes: string, name: string): string | null {
  for (const [, key, double, single] of attributes.matchAll(attribute)) {
    if (localName(key!) === name) return unescape(double ?? single ?? '');
  }
  return null;
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescape(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{1,10}));/giu, (whole, decimal, hex, name) => {
    if (name !== undefined) return named[name as string] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : '';
  });
}
