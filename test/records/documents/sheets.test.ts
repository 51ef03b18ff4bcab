// A spreadsheet's rows as they are read out: each value under its heading, numbers as the sheet shows them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSheets } from '../../../src/records/documents/convert/sheets.ts';

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const codes = ['"$"#,##0.00', '#,##0.00;(#,##0.00)', '00000-0000', '0', 'yyyy-mm-dd'];

/** The lines of one sheet with these rows; its styles are the codes above, from 1, and 6: the built-in per cent. */
function linesOf(rows: string, columns = '', first = codes[0]!): string[] {
  const formats = [first, ...codes.slice(1)].map(
    (code, at) =>
      `<numFmt numFmtId="${164 + at}" formatCode="${code.replaceAll('"', '&quot;').replaceAll('>', '&gt;')}"/>`,
  );
  const cells = [0, ...codes.map((_, at) => 164 + at), 10].map((id) => `<xf numFmtId="${id}"/>`);
  const parts: Readonly<Record<string, string>> = {
    'xl/workbook.xml': `<workbook><sheets><sheet name="Pay" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/styles.xml': `<styleSheet xmlns="${main}"><numFmts>${formats.join('')}</numFmts><cellXfs>${cells.join('')}</cellXfs></styleSheet>`,
    'xl/worksheets/sheet1.xml': `<worksheet><cols>${columns}</cols><sheetData>${rows}</sheetData></worksheet>`,
  };
  const read = (name: string): Buffer | null => (name in parts ? Buffer.from(parts[name]!) : null);
  const { blocks } = readSheets({ names: Object.keys(parts), has: (name) => name in parts, read });
  return blocks.flatMap((block) => (block.style === 'text' ? [block.text] : []));
}

const text = (at: string, value: string) => `<c r="${at}" t="inlineStr"><is><t>${value}</t></is></c>`;
const number = (at: string, value: string, style = 0) => `<c r="${at}" s="${style}"><v>${value}</v></c>`;
const row = (index: number, ...cells: readonly string[]) => `<row r="${index}">${cells.join('')}</row>`;

test('what is empty keeps its place, so that each value stands under its heading', () => {
  const header = row(1, text('A1', 'Date'), text('B1', 'Paid'), text('C1', 'Amount'), text('D1', 'Zip'));
  const lines = linesOf(
    header + row(2, text('A2', 'x'), number('C2', '-12', 2), number('D2', '98032', 3)) + row(3, number('C3', '7')),
  );
  assert.deepEqual(lines, [
    '1.  Date  |  Paid  |  Amount  |  Zip',
    '2.  x  |    |  (12.00)  |  98032',
    '3.    |    |  7',
  ]);
  assert.deepEqual(linesOf(row(1, text('A1', 'a'), text('XFD1', 'far'))), ['1.  a  |  [16382 empty cells]  |  far']);
});

test('numbers are as the sheet shows them, where that is the same number', () => {
  const one = (value: string, style: number) => linesOf(row(1, number('A1', value, style)))[0]?.slice(4);
  assert.equal(one('48000.5', 1), '$48,000.50');
  assert.equal(one('-12', 2), '(12.00)');
  assert.equal(one('0.0825', 6), '8.25%');
  assert.equal(one('98032', 3), '98032', 'a mask that would add digits is not put on');
  assert.equal(one('3.14159', 4), '3.14159', 'a format that rounds hides no digit');
  assert.equal(one('46387', 5), '2026-12-31');
  assert.equal(one('5291122330012345', 0), '5291122330012345');
});

test('a format that nobody can read hides nothing, and a cell without a place follows the one before it', () => {
  for (const code of ['[', '0;;;;;', '[>x]0', '[DBNum9]0', '#/', '\\', '[$-', '0.0.0.0', '?'.repeat(5_000)]) {
    assert.match(linesOf(row(1, number('A1', '12.5', 1)), '', code)[0] ?? '', /12\.5/u, code.slice(0, 20));
  }
  const bare = (value: string) => `<c><v>${value}</v></c>`;
  assert.deepEqual(linesOf(row(1, bare('1'), bare('2'))), ['1.  1  |  2']);
});

test('a formula without a stored value is told', () => {
  assert.deepEqual(linesOf(row(1, '<c r="A1"><f>C2*2</f><v></v></c>')), ['1.  =C2*2 (no value is stored)']);
  assert.deepEqual(linesOf(row(1, '<c r="A1"><f>C2*2</f><v>8</v></c>')), ['1.  8']);
});
