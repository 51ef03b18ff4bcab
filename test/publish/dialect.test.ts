// What is told of a CSV file from its beginning: the delimiter that explains every line, and where the header is.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PortalError } from '../../src/base/errors.ts';
import { requireDialect, type CsvRecipe } from '../../src/publish/read/csv-dialect.ts';
import { openGround, toTypes } from './ground.ts';

/** Delimiter, lines above the table, and the titles (null without a header). */
function told(lines: readonly string[], recipe: CsvRecipe = {}): [string, number, readonly string[] | null] {
  const { grammar, preamble, hasHeader, titles } = requireDialect(Buffer.from(`${lines.join('\n')}\n`), true, recipe);
  return [String.fromCharCode(grammar.delimiter), preamble, hasHeader ? titles : null];
}

const times = (count: number, line: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => line(index));

test('a delimiter explains the header as well: commas in the values of any number of rows do not', () => {
  for (const rows of [3, 200, 1500]) {
    const decimals = times(rows, (index) => `${100 + index},${index % 10}\t0,${10 + (index % 80)}\t${index},25`);
    assert.deepEqual(told(['X\tY\tZ', ...decimals]), ['\t', 0, ['X', 'Y', 'Z']]);
    const prose = times(rows, (index) => `Site ${index}\tnorth, east and south, open`);
    assert.deepEqual(told(['Site\tDescription', ...prose]), ['\t', 0, ['Site', 'Description']]);
    const semicolons = times(rows, (index) => `${index},5;${index},75;word`);
    assert.deepEqual(told(['a;b;c', ...semicolons]), [';', 0, ['a', 'b', 'c']]);
    const pipes = times(rows, (index) => `Lee, Jo|Kent, WA|${index},1`);
    assert.deepEqual(told(['name|city|n', ...pipes]), ['|', 0, ['name', 'city', 'n']]);
    const lists = times(rows, (index) => `${index},a;b,x`);
    assert.deepEqual(told(['id,tags,kind', ...lists]), [',', 0, ['id', 'tags', 'kind']]);
    assert.deepEqual(told(['Title', '', 'id,tags,kind', ...lists]), [',', 2, ['id', 'tags', 'kind']]);
    assert.deepEqual(told(['City', ...times(rows, (index) => `Place ${index}, WA`)]), ['\t', 0, ['City']]);
    assert.deepEqual(told(['Wert', ...times(rows, (index) => `${index},5`)]), ['\t', 0, ['Wert']]);
  }
});

test('records that cannot be read speak against a delimiter, and ragged rows do not change it', () => {
  const quoted = times(50, (index) => `"Doe, J";"Kent, WA";"${index}"`);
  assert.deepEqual(told(['"name";"city";"n"', ...quoted]), [';', 0, ['name', 'city', 'n']]);
  const ragged = times(300, (index) => (index % 10 === 3 ? `${index},x;y` : `${index},x;y,z`));
  assert.deepEqual(told(['id,list,c', ...ragged]), [',', 0, ['id', 'list', 'c']]);
  const noHeader = times(50, (index) => `${index},foo|bar,${index * 2}`);
  assert.deepEqual(told(noHeader), [',', 0, null]);
  const european = times(50, (index) => `${index},5;${index},75;${index}`);
  assert.deepEqual(told(european), [';', 0, null]);
});

test('in random tables of random delimiters the delimiter is found, however many of the others stand in the values', () => {
  const filling = fc.constantFrom('north, east', '1,5', 'a;b', 'x|y', 'word', '12', 'Kent, WA 98032');
  const made = fc.constantFrom('\t', ';', '|').chain((delimiter) => {
    const cell = filling.filter((value) => !value.includes(delimiter));
    return fc.tuple(
      fc.constant(delimiter),
      fc
        .integer({ min: 2, max: 6 })
        .chain((width) =>
          fc.tuple(
            fc.constant(width),
            fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 2, maxLength: 40 }),
          ),
        ),
    );
  });
  fc.assert(
    fc.property(made, ([delimiter, [width, rows]]) => {
      const header = Array.from({ length: width }, (_, index) => `Name ${String.fromCharCode(65 + index)}`);
      const lines = [header, ...rows].map((cells) => cells.join(delimiter));
      assert.deepEqual(told(lines), [delimiter, 0, header]);
    }),
    { numRuns: 300 },
  );
});

test('dates, numbers and years are headers when the values below are of another kind, or they number the columns', () => {
  const heads = (header: string, ...rows: string[]) => assert.deepEqual(told([header, ...rows])[2], header.split(','));
  heads('County,State,1/22/2020,1/23/2020', 'King,WA,1,2', 'Pierce,WA,0,0');
  heads('Region,2024-01-31,2024-02-29', 'King,510000,512000', 'Pierce,410000,409000');
  heads('2024-01-31,2024-02-29', '510000,512000', '410000,409000');
  heads('Station,1,2,3,4', 'A,17,4,9,1', 'B,5,3,8,2');
  heads('Country,2001,2002', 'A,5,6', 'B,7,8');
  heads('Stop,08:00,08:30', 'A,12,4', 'B,3,9');
  heads('Line,1,2', 'A,08:00,08:30', 'B,08:10,08:40');
  heads('id,2024', '1,open', '2,shut');
  assert.equal(told(['1,2020-01-01', '2,2020-01-02'])[2], null);
  assert.equal(told(['A,17,4', 'B,5,3'])[2], null);
  assert.equal(told(['1,2,3', '2,3,4', '3,4,5'])[2], null);
  assert.equal(told(['2019,5', '2020,6', '2021,9'])[2], null);
  assert.equal(told(['1/2/2020,x', '1/3/2020,y'])[2], null);
});

test('a first column without a name leaves the header a header', () => {
  assert.deepEqual(told([',name,qty', '0,Ash,3', '1,Birch,4']), [',', 0, ['', 'name', 'qty']]);
  assert.deepEqual(told([',count', 'Oak,12', 'Maple,9']), [',', 0, ['', 'count']]);
  assert.deepEqual(told(['"","a","b"', '"1",5,x', '"2",6,y']), [',', 0, ['', 'a', 'b']]);
  assert.deepEqual(told(['\tcount', 'Oak\t12', 'Ash\t4']), ['\t', 0, ['', 'count']]);
  assert.deepEqual(told(['Report,,', 'name,qty,x', 'Ash,3,1', 'Elm,4,2']), [',', 1, ['name', 'qty', 'x']]);
  assert.deepEqual(told([',Report', 'name,qty', 'Ash,3', 'Elm,4']), [',', 1, ['name', 'qty']]);
});

test('a title as wide as the table does not swallow the header, and a row of words is not taken for one', () => {
  const permits = times(30, (index) => `P-${index},Deck,Issued,${1000 + index}`);
  const header = ['Permit No', 'Type', 'Status', 'Valuation'];
  const title = 'Permits issued,City of Kent,Planning,2024';
  assert.deepEqual(told([title, header.join(','), ...permits]), [',', 1, header]);
  assert.deepEqual(told(['Generated,2024-05-01', 'Name,Amount', 'Jo,5', 'Al,6']), [',', 1, ['Name', 'Amount']]);
  const first = (lines: string[]) => assert.deepEqual(told(lines)[2], lines[0]?.split(','));
  first(['name,age', 'Jo,unknown', 'Al,34', 'Bo,41']);
  first(['name,age,size', 'Jo,low,tiny', 'Al,34,4', 'Bo,41,5']);
  first(['depth,temp', 'm,degC', '1.5,11.2', '2.5,10.9']);
  first(['Country,2001,2002', 'A,n.d.,n/a', 'B,7,8', 'C,9,1']);
  const { doubts } = requireDialect(Buffer.from('depth,temp\nm,degC\n1.5,11.2\n2.5,10.9\n'), true);
  assert.deepEqual(doubts, { titleAsWide: false, rival: 1 });
});

test('what the publisher says is not guessed', () => {
  const lines = ['a;b,c', '1;2,3', '4;5,6'];
  assert.deepEqual(told(lines, { delimiter: ';' })[2], ['a', 'b,c']);
  assert.deepEqual(told(lines, { delimiter: ',', header: 'none' }), [',', 0, null]);
  assert.deepEqual(told(lines, { delimiter: ',', header: 2 }), [',', 1, ['1;2', '3']]);
  assert.deepEqual(told(['x^y', '1^2'], { delimiter: '^' })[2], ['x', 'y']);
  assert.deepEqual(told(['note', 'x,y', '1,2'], { skip: 1 }), [',', 1, ['x', 'y']]);
  assert.deepEqual(told(['1,2', '3,4'], { skip: 1, header: 'none' }), [',', 1, null]);
  assert.throws(() => told(lines, { header: 9 }), PortalError);
});

const ground = await openGround();

test('the header again, as joined files have it, is no row; no value begins with a byte-order mark', async () => {
  const joined = await ground.ingest('j.csv', 'id,name,qty\n1,Ash,3\n2,Birch,4\nid,name,qty\n3,Cedar,5\n');
  assert.equal(toTypes(joined), 'id:integer!identifier name:text qty:integer');
  assert.deepEqual([joined.report.rowsInFile, joined.report.rowsPublished], [3, 3]);
  assert.match(joined.report.findings[0]?.sentence ?? '', /once more, at line 4/);
  const marked = await ground.ingest('m.csv', '\ufeffid,name\n1,Ash\n2,Birch\n\ufeffid,name\n3,Cedar\n\ufeff4,Elm\n');
  assert.equal(toTypes(marked), 'id:integer!identifier name:text');
  assert.deepEqual(await ground.read(marked), [
    { id: 1, name: 'Ash' },
    { id: 2, name: 'Birch' },
    { id: 3, name: 'Cedar' },
    { id: 4, name: 'Elm' },
  ]);
  assert.equal(marked.report.findings.length, 2);
  const large = `id,name\n${'1,Ash\n'.repeat(1_500_000)}id,name\n2,Elm\n`;
  assert.equal((await ground.ingest('l.csv', large)).report.rowsPublished, 1_500_001); // loaded while it is read
  const alone = await ground.ingest('a.csv', 'word\nx\nword\n');
  assert.equal(alone.report.rowsPublished, 2);
});
