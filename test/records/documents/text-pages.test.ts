// What is laid out as pages of text: letters of every alphabet that a font is here for, tables, and signs.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { readOpenDocument } from '../../../src/records/documents/convert/open-document.ts';
import { toColumns } from '../../../src/records/documents/convert/text-columns.ts';
import { toTextPages } from '../../../src/records/documents/convert/text-pages.ts';
import { readWordText } from '../../../src/records/documents/convert/word-text.ts';
import { extractText } from './remains.ts';

const zip = (parts: Readonly<Record<string, string>>) => ({
  names: Object.keys(parts),
  has: (name: string) => name in parts,
  read: (name: string) => (name in parts ? Buffer.from(parts[name]!) : null),
});

test('letters beyond Western Europe are written in a font that goes along, and found again', async () => {
  const lines = ['Zażółć gęślą jaźń', 'Đặng Thị Hường', 'Журавлёв і Ковальчук', 'Ελληνικά', '☐ no ☑ yes → 5 ≥ 3'];
  const { pdf, flags } = await toTextPages(
    lines.flatMap((text) => [
      { style: 'text', text },
      { style: 'mono', text },
      { style: 'heading', text },
    ]),
  );
  const words = (await extractText(pdf)).normalize('NFC');
  for (const line of lines) assert.equal(words.split(line).length - 1, 3, line);
  assert.deepEqual(flags, ['text-rendition']);
});

test('a letter that no font here has is a sign in its place, and told', async () => {
  for (const text of ['日本', '한국', 'שלום', 'مرحبا', '𓀀', '\uf06c']) {
    const { pdf, flags } = await toTextPages([{ style: 'text', text: `before ${text} after` }]);
    assert.match(await extractText(pdf), /before ¤+ after/u, text);
    assert.ok(flags.includes('unshown-characters'), text);
  }
});

const cell = (...paragraphs: readonly string[]) =>
  `<w:tc>${paragraphs.map((text) => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`).join('')}</w:tc>`;

test('a table of Word is a table: a cell keeps its paragraphs, an empty or joined one its place', () => {
  const inner = `<w:tc><w:p><w:r><w:t>outer</w:t></w:r></w:p><w:tbl><w:tr>${cell('in')}${cell('ner')}</w:tr></w:tbl><w:p/></w:tc>`;
  const wide = '<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr><w:p><w:r><w:t>Total</w:t></w:r></w:p></w:tc>';
  const body =
    `<w:p><w:r><w:t>Before</w:t></w:r></w:p><w:tbl><w:tr>${cell('Name')}${cell('')}${cell('Paid', 'in May')}</w:tr>` +
    `<w:tr>${wide}${cell('48')}</w:tr><w:tr>${inner}</w:tr></w:tbl><w:p><w:r><w:t>After</w:t></w:r></w:p>`;
  const { blocks } = readWordText(zip({ 'word/document.xml': `<w:document><w:body>${body}</w:body></w:document>` }));
  assert.deepEqual(blocks, [
    { style: 'text', text: 'Before' },
    { style: 'table', rows: [['Name', '', 'Paid\nin May'], ['Total', '', '48'], ['outer\nin\nner']] },
    { style: 'text', text: 'After' },
  ]);
});

test('a sign of Word is the sign that its font draws; one that nobody knows stays without a shape', () => {
  const sign = (font: string, code: string) => `<w:r><w:sym w:font="${font}" w:char="${code}"/></w:r>`;
  const signs = [
    sign('Wingdings', 'F0FE'),
    sign('Wingdings', 'F0A8'),
    sign('Wingdings 2', 'F052'),
    sign('Symbol', 'F0B3'),
    sign('Symbol', 'F061'),
    sign('Webdings', 'F0B7'),
    sign('Webdings', 'F041'),
  ];
  const body = `<w:p>${signs.join('')}</w:p>`;
  const { blocks } = readWordText(zip({ 'word/document.xml': `<w:document><w:body>${body}</w:body></w:document>` }));
  assert.deepEqual(blocks, [{ style: 'text', text: '☑☐☑≥α•\uf041' }]);
});

test('a table of an open document keeps its empty, repeated and covered cells, and is named where it is a sheet', () => {
  const content = (body: string) => zip({ 'content.xml': `<d><office:body>${body}</office:body></d>` });
  const of = (text: string, more = '') => `<table:table-cell ${more}><text:p>${text}</text:p></table:table-cell>`;
  const none = (count: number) => `<table:table-cell table:number-columns-repeated="${count}"/>`;
  const table =
    `<table:table table:name="Pay"><table:table-row>${of('Name')}${none(2)}${of('Paid')}${none(1000)}</table:table-row>` +
    `<table:table-row table:number-rows-repeated="2">${of('x', 'table:number-columns-repeated="2"')}` +
    `<table:covered-table-cell/>${of('7')}</table:table-row>` +
    `<table:table-row table:number-rows-repeated="1000">${none(1000)}</table:table-row></table:table>`;
  const rows = [
    ['Name', '', '', 'Paid'],
    ['x', 'x', '', '7'],
    ['x', 'x', '', '7'],
  ];
  const sheet = readOpenDocument(content(`<office:spreadsheet>${table}</office:spreadsheet>`));
  assert.deepEqual(sheet.blocks, [
    { style: 'heading', text: 'Sheet: Pay' },
    { style: 'table', rows },
  ]);
  const text = readOpenDocument(content(`<office:text><text:p>Before</text:p>${table}</office:text>`));
  assert.deepEqual(text.blocks, [
    { style: 'text', text: 'Before' },
    { style: 'table', rows },
  ]);
});

test('columns share the width of a page, and every word of every cell is on it', async () => {
  const rows = fc.array(fc.array(fc.string({ maxLength: 200 }), { maxLength: 30 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(rows, (table) => {
      const columns = toColumns(table, (word) => word.length * 5, 504);
      const last = columns.at(-1)!;
      assert.ok(last.x + last.width <= 504.001 && columns.every(({ width }) => width > 0));
    }),
  );
  const long = 'W'.repeat(300);
  const { pdf } = await toTextPages([
    {
      style: 'table',
      rows: [
        ['first', long, 'last'],
        ['a\nb', '', 'c'],
      ],
    },
  ]);
  const words = await extractText(pdf);
  assert.equal(words.replaceAll(/[^W]/gu, '').length, 300);
  for (const word of ['first', 'last', 'a', 'b', 'c']) assert.match(words, new RegExp(`\\b${word}\\b`, 'u'));
});
