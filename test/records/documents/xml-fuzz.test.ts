// Whatever bytes are called XML: tags and texts, or a FileError; letters looked at are counted where they can be.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FileError } from '../../../src/records/documents/file-error.ts';
import { attributeOf, readXml, type XmlToken } from '../../../src/records/documents/convert/xml-tokens.ts';
import { bytesOf, damaged, toSeed } from '../../fuzz.ts';

const pieces = [
  ...['<', '>', '/', '"', "'", '=', ' ', '&', ';', '&amp;', '&#65;', '&#x110000;', '&#xd800;', '&lt', 'a', 'w:t', ':'],
  ...['<!--', '-->', '<![CDATA[', ']]>', '<?xml', '?>', '<!DOCTYPE', '<a b="c">', "<x y:z='>'/>", '</a>'],
];
const page =
  '<?xml version="1.0"?><w:p a="1" b=\'2>\'><w:t xml:space="preserve">Tom &amp; Jerry</w:t><!-- n --><w:br/></w:p>';
const marks = fc.constantFrom('', '\xff\xfe', '\xfe\xff', '\xef\xbb\xbf').map((mark) => Buffer.from(mark, 'latin1'));
const wild = fc.tuple(marks, bytesOf(pieces, 40)).map((parts) => Buffer.concat(parts));
const wide = ['\xfe\xff', '\xff\xfe'].map((mark) => {
  const bytes = Buffer.from(page, 'utf16le');
  return Buffer.concat([Buffer.from(mark, 'latin1'), mark === '\xff\xfe' ? bytes : bytes.swap16()]);
});
const files = fc.oneof(wild, damaged(fc.constantFrom(Buffer.from(page), ...wide)));

function tokensOf(bytes: Buffer): readonly XmlToken[] | null {
  try {
    return [...readXml(bytes)];
  } catch (error) {
    assert.ok(error instanceof FileError, error instanceof Error ? error.stack : String(error));
    return null;
  }
}

test('bytes are tags and texts, fewer than there are letters, or a file error', (t) => {
  fc.assert(
    fc.property(files, (bytes) => {
      const tokens = tokensOf(bytes);
      if (tokens === null) return;
      assert.ok(tokens.length <= bytes.length);
      for (const token of tokens) {
        if (token.kind === 'text') assert.ok(token.text.length <= bytes.length);
        if (token.kind !== 'open') continue;
        assert.doesNotMatch(token.name, /\s/u);
        attributeOf(token.attributes, 'space');
      }
    }),
    { numRuns: 2_000, seed: toSeed(t) },
  );
});

const name = fc.stringMatching(/^[a-z]{1,5}$/u);
const text = fc.string({ unit: 'binary', maxLength: 12 }).map((each) => each.toWellFormed().replaceAll('\0', ''));
const escaped = (given: string): string => given.replace(/[&<>"']/gu, (letter) => `&#${letter.codePointAt(0)};`);

test('what was written is read: names without their prefix, attributes and texts with their letters', (t) => {
  fc.assert(
    fc.property(name, fc.option(name), fc.dictionary(name, text), text, (tag, prefix, attributes, inner) => {
      const whole = prefix === null ? tag : `${prefix}:${tag}`;
      const written = Object.entries(attributes).map(([key, value]) => ` x:${key} = "${escaped(value)}"`);
      const tokens = tokensOf(Buffer.from(`<${whole}${written.join('')}>${escaped(inner)}</${whole}>`));
      const [open, ...rest] = tokens ?? [];
      assert.ok(open?.kind === 'open' && open.name === tag);
      for (const [key, value] of Object.entries(attributes)) assert.equal(attributeOf(open.attributes, key), value);
      const texts = inner === '' ? [] : [{ kind: 'text', text: inner }];
      assert.deepEqual(rest, [...texts, { kind: 'close', name: tag }]);
    }),
    { numRuns: 300, seed: toSeed(t) },
  );
});

test('a tag as long as its file does not hold the reader', () => {
  const long = 4_000_000;
  for (const attributes of [
    'a'.repeat(long),
    ` a${' '.repeat(long)}b`,
    `a=${'"'.repeat(long)}`,
    'a '.repeat(long / 2),
  ]) {
    const [token] = tokensOf(Buffer.from(`<t ${attributes}>`)) ?? [];
    assert.equal(token?.kind, 'open');
    assert.equal(attributeOf(attributes, 'hidden'), null);
  }
});
