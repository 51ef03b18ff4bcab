// The CSV grammar, dialects and encodings: what was written comes back cell for cell, whatever it was written in.

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { requireDialect } from '../../src/publish/read/csv-dialect.ts';
import { openCsv } from '../../src/publish/read/csv-source.ts';
import { requireUtf8 } from '../../src/publish/read/encoding.ts';
import { createFindings } from '../../src/publish/read/findings.ts';
import { loadTable, toRawName } from '../../src/publish/read/load.ts';
import { toColumnNames } from '../../src/publish/read/names.ts';
import { openQuarantine } from '../../src/publish/read/quarantine.ts';
import { toRecordNumber } from '../../src/publish/read/table-source.ts';
import { isFull } from '../depth.ts';
import { hasCode, openGround, toTypes } from './ground.ts';

const ground = await openGround();

type Dialect = {
  readonly delimiter: string;
  readonly newline: string;
  readonly quoteAll: boolean;
  readonly encoding: 'utf-8' | 'utf-8 with mark' | 'utf-16le' | 'utf-16be' | 'windows-1252';
  readonly lastNewline: boolean;
};

function write(
  rows: readonly (readonly string[])[],
  { delimiter, newline, quoteAll, encoding, lastNewline }: Dialect,
): Buffer {
  const cell = (value: string): string =>
    quoteAll || value === '' || /["\r\n]|^ | $/.test(value) || value.includes(delimiter)
      ? `"${value.replaceAll('"', '""')}"`
      : value;
  const text = rows.map((row) => row.map(cell).join(delimiter)).join(newline) + (lastNewline ? newline : '');
  if (encoding === 'utf-8') return Buffer.from(text);
  if (encoding === 'utf-8 with mark') return Buffer.from(`\ufeff${text}`);
  return iconv.encode(text, encoding, { addBOM: encoding.startsWith('utf-16') });
}

const ascii = [...'abcXYZ 0159.,;|\t"\'\n-+$%()[]{}:'];
/** Of windows-1252 only what a detector of letter frequencies can know. */
const western = [...ascii, 'é'];
const anything = [...ascii, ...'éñüßÀ€—漢字Ω😀\u00a0'];

const dialects: fc.Arbitrary<Dialect> = fc.record({
  delimiter: fc.constantFrom(',', '\t', ';', '|'),
  newline: fc.constantFrom('\n', '\r\n'),
  quoteAll: fc.boolean(),
  encoding: fc.constantFrom('utf-8', 'utf-8 with mark', 'utf-16le', 'utf-16be', 'windows-1252'),
  lastNewline: fc.boolean(),
});

const writtenTables = dialects.chain((chosen) => {
  const letters = chosen.encoding === 'windows-1252' ? western : anything;
  // A word keeps every column text, and in windows-1252 tells a detector of letter frequencies; the rest is as wild as
  // it gets.
  const word = chosen.encoding === 'windows-1252' ? 'déjà vu, café crème ' : 'é';
  const text = fc.array(fc.constantFrom(...letters), { maxLength: 12 }).map((chars) => word + chars.join(''));
  return fc.tuple(
    fc.constant(chosen),
    fc.integer({ min: 2, max: 6 }).chain((width) =>
      fc.array(fc.array(fc.oneof(text, text, fc.constant('')), { minLength: width, maxLength: width }), {
        minLength: 1,
        maxLength: 15,
      }),
    ),
  );
});

const toHeader = (cells: readonly (readonly string[])[]): string[] =>
  cells[0]?.map((_, index) => `Column ${index}`) ?? [];
const toGiven = (cells: readonly (readonly string[])[]): (string | null)[][] =>
  cells.map((row) => row.map((value) => (value === '' ? null : value)));

test('random tables in random dialects and encodings are read and loaded cell for cell', async (t) => {
  const seed = randomInt(2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const build = await ground.engine.build({ folders: [ground.folder], deadlineMs: 120_000 });
  try {
    await fc.assert(
      fc.asyncProperty(writtenTables, async ([chosen, cells]) => {
        const work = await mkdtemp(join(ground.folder, 'read-'));
        const findings = createFindings();
        const quarantine = openQuarantine(join(work, 'quarantine.csv'));
        await writeFile(join(work, 'upload'), write([toHeader(cells), ...cells], chosen));
        const text = await requireUtf8(join(work, 'upload'), join(work, 'text'), findings);
        const source = await openCsv(text, join(work, 'table.csv'), {}, { quarantine, findings });
        await quarantine.close();
        await build.run('drop table if exists raw');
        await loadTable(build, source, work);
        const names = source.columns.map((_, index) => toRawName(index));
        const rows = await build.run('select * from raw order by rowid');
        assert.deepEqual(
          rows.map((row) => names.map((name) => row[name])),
          toGiven(cells),
        );
        assert.deepEqual([source.rows, quarantine.count()], [cells.length, 0]);
        assert.deepEqual(
          source.columns.map(({ title }) => title),
          toHeader(cells),
        );
      }),
      { numRuns: 60, seed },
    );
  } finally {
    await build.close();
  }
});

test('random tables come back from the published file cell for cell', async (t) => {
  const seed = randomInt(2 ** 31);
  t.diagnostic(`seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(writtenTables, async ([chosen, cells]) => {
      const ingested = await ground.ingest('t.csv', write([toHeader(cells), ...cells], chosen));
      const rows = await ground.read(ingested);
      const names = ingested.columns.map(({ name }) => name);
      assert.deepEqual(
        rows.map((row) => names.map((name) => row[name])),
        toGiven(cells),
      );
      assert.equal(ingested.report.rowsQuarantined, 0);
      assert.deepEqual(
        ingested.columns.map(({ title }) => title),
        toHeader(cells),
      );
    }),
    { numRuns: 3, seed, endOnFailure: true },
  );
});

test('bad rows go to the quarantine with row, line and reason; the others are published in order', async () => {
  const text = 'a,b\n1,x\n2,y,z\n3\n4,"two\nlines"\n5,ok,\n6,"never closed\n7,fine\n';
  const ingested = await ground.ingest('bad.csv', text);
  const rows = await ground.readServing(ingested, 'select ":id", a, b from served.data order by 1');
  assert.deepEqual(rows, [
    { ':id': 1, a: 1, b: 'x' },
    { ':id': 2, a: 4, b: 'two\nlines' },
    { ':id': 3, a: 5, b: 'ok' },
    { ':id': 4, a: 7, b: 'fine' },
  ]);
  assert.equal(ingested.report.rowsInFile, 7);
  assert.equal(
    await readFile(ingested.quarantine?.path ?? '', 'utf8'),
    'row,line,code,reason,raw\n' +
      '2,3,row-too-wide,"The row has 3 fields; the table has 2 columns.","2,y,z"\n' +
      '3,4,row-too-narrow,"The row has 1 field; the table has 2 columns.","3"\n' +
      '6,8,row-unreadable,"A quote opens in this row and never closes.","6,""never closed"\n',
  );
});

test('bytes that are not of the encoding cost their row only', async () => {
  const good = Array.from({ length: 60 }, (_, index) => `${index},ñandú\n`).join('');
  const ingested = await ground.ingest(
    'b.csv',
    Buffer.concat([Buffer.from(`a,b\n${good}`), Buffer.from([0x37, 0x2c, 0xff, 0x0a])]),
  );
  assert.equal(ingested.report.encoding, 'utf-8');
  assert.equal(ingested.report.rowsPublished, 60);
  assert.equal(ingested.report.rowsQuarantined, 1);
  const nul = await ground.ingest('n.csv', 'a,b\n1,x\n2,y\0\n3,z\n');
  assert.deepEqual([nul.report.rowsPublished, nul.report.rowsQuarantined], [2, 1]);
});

test('one stray quote costs one row: also where lines end in a carriage return, and beside a NUL', async () => {
  const costs = async (text: string): Promise<readonly number[]> => {
    const { report } = await ground.ingest('stray.csv', text);
    return [report.rowsPublished, report.rowsQuarantined];
  };
  assert.deepEqual(await costs('a,b\r1,x\r2,"stray\r3,y\r4,z\r'), [3, 1]);
  assert.deepEqual(await costs('a,b\r1,x\r2,"stray\r3,"y"\r4,z\r'), [3, 1]);
  assert.deepEqual(await costs('a,b\n1,x\n\0,"stray\n3,y\n4,z\n'), [3, 1]);
});

test('a cell that begins as a date and goes on for ever is told for text without delay', () => {
  const cell = `"1-1-2024 10:00${' '.repeat(4_000_000)}\n."`;
  const { titles, hasHeader } = requireDialect(Buffer.from(`a,b\n1,${cell}\n2,x\n`), true);
  assert.deepEqual([titles, hasHeader], [['a', 'b'], true]);
});

test('titles above the table, blank lines, and files without a header', async () => {
  const titled = await ground.ingest(
    't.csv',
    'Water quality 2020,,\n\nsite,day,value\nA,2020-01-01,5\n\nB,2020-01-02,6\n',
  );
  assert.equal(toTypes(titled), 'site:text day:date value:integer');
  assert.equal(titled.report.rowsPublished, 2);
  const bare = await ground.ingest('h.csv', '1,2020-01-01\n2,2020-01-02\n');
  assert.equal(toTypes(bare), 'column_1:integer column_2:date');
  assert.equal(bare.report.rowsPublished, 2);
  const years = await ground.ingest('y.csv', 'Country,2001,2002\nA,5,6\nB,7,8\n');
  assert.equal(toTypes(years), 'country:text _2001:integer _2002:integer');
  const trailing = await ground.ingest('c.csv', 'a,b,\n1,2,\n3,4,\n');
  assert.equal(toTypes(trailing), 'a:integer b:integer');
  const onlyHeader = await ground.ingest('o.csv', 'name,city\n');
  assert.equal(onlyHeader.report.rowsPublished, 0);
});

test('two columns of one name are kept apart and told', async () => {
  const ingested = await ground.ingest('d.csv', 'name,name,Name,\nx,y,z,w\n');
  assert.deepEqual(
    ingested.columns.map(({ name }) => name),
    ['name', 'name_2', 'name_3', 'column_4'],
  );
  assert.deepEqual(
    ingested.report.findings.map(({ code, column }) => [code, column]),
    [['duplicate-column', 'name_2']],
  );
  assert.match(ingested.report.findings[0]?.sentence ?? '', /Columns 1 and 2/);
});

test('names are snake case, unique, short and no words of a query language', () => {
  const findings = createFindings();
  assert.deepEqual(
    toColumnNames(
      [
        'Avg. Flow (cfs)',
        'zipCode',
        'Straße',
        '% done',
        '2001',
        '',
        'select',
        'ID',
        'id',
        'x'.repeat(80),
        'x'.repeat(80),
        '漢字',
      ],
      findings,
    ),
    [
      'avg_flow_cfs',
      'zip_code',
      'strasse',
      'percent_done',
      '_2001',
      'column_6',
      'select_',
      'id',
      'id_2',
      'x'.repeat(63),
      `${'x'.repeat(61)}_2`,
      'column_12',
    ],
  );
  assert.equal(findings.total(), 1);
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (headers) => {
      const names = toColumnNames(headers);
      assert.equal(new Set(names).size, headers.length);
      for (const name of names) assert.match(name, /^[a-z_][a-z0-9_]{0,62}$/);
    }),
  );
});

test('record numbers skip what was left out', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 40 })), (left) => {
      const quarantined = left.toSorted((a, b) => a - b);
      const kept = Array.from({ length: 60 }, (_, index) => index + 1).filter(
        (record) => !quarantined.includes(record),
      );
      for (const [index, record] of kept.entries()) assert.equal(toRecordNumber(index, quarantined), record);
    }),
  );
});

test('files that lie about their type are refused in words', async () => {
  const html = '<!DOCTYPE html><html><body>Not found</body></html>';
  for (const bytes of [
    html,
    Buffer.from('%PDF-1.7 …'),
    Buffer.from('504b030414000000', 'hex'),
    Buffer.from('89504e470d0a1a0a00', 'hex'),
  ]) {
    await assert.rejects(ground.ingest('table.csv', bytes), hasCode('file-type-mismatch'));
    await assert.rejects(ground.ingest('table', bytes), hasCode('unsupported-media-type'));
  }
  await assert.rejects(
    ground.ingest('noise.csv', Buffer.from(Array.from({ length: 999 }, (_, index) => (index * index) % 7))),
    hasCode('file-type-mismatch'),
  );
  await assert.rejects(ground.ingest('blank.csv', '\n \n\n'), hasCode('empty-file'));
  await assert.rejects(ground.ingest('cut.parquet', 'PAR1 and no more of it'), hasCode('upload-truncated'));
  await assert.rejects(ground.ingest('cut.json', '[{"a":1},{"a":'), hasCode('file-unreadable'));
  await assert.rejects(
    ground.ingest('cut.geojson', '{"type":"FeatureCollection","features":[{"type":"Fea'),
    hasCode('file-unreadable'),
  );
  await assert.rejects(
    ground.ingest('t.json', '{"type":"Topology","objects":{},"arcs":[]}'),
    hasCode('unsupported-media-type'),
  );
  // A CSV that calls itself JSON is read as what it is.
  assert.equal((await ground.ingest('table.json', 'a,b\n1,2\n')).report.format, 'csv');
});

test('gzip is opened, a bomb and a torn file are refused', async () => {
  assert.equal((await ground.ingest('t.csv.gz', gzipSync('a,b\n1,2\n'))).report.rowsPublished, 1);
  await assert.rejects(
    ground.ingest('bomb.csv.gz', gzipSync(Buffer.alloc(64 * 1024 * 1024, 'a'))),
    hasCode('upload-too-large'),
  );
  await assert.rejects(
    ground.ingest('torn.csv.gz', gzipSync('a,b\n1,2\n'.repeat(9_999)).subarray(0, 50)),
    hasCode('upload-truncated'),
  );
});

/** The work grows with the square: at quick depth more than a thousand will do. */
const manyColumns = isFull ? 5_000 : 1_200;

test(`a value of 10 MB, ${manyColumns} columns, and a stray quote in a long file`, async () => {
  const long = 'x'.repeat(10 * 1024 * 1024);
  const wide = await ground.ingest('long.csv', `a,b\n1,${long}\n2,y\n`);
  assert.deepEqual(await ground.read(wide, 'select a, strlen(b) as n from data order by a'), [
    { a: 1, n: long.length },
    { a: 2, n: 1 },
  ]);
  const header = Array.from({ length: manyColumns }, (_, index) => `h${index}`);
  const row = header.map((_, index) => String(index));
  const columns = await ground.ingest('wide.csv', [header, row, row].map((cells) => cells.join(',')).join('\n'));
  assert.equal(columns.columns.length, manyColumns);
  const last = manyColumns - 1;
  assert.deepEqual(await ground.read(columns, `select h0, h${last} as last from data`), [
    { h0: 0, last },
    { h0: 0, last },
  ]);
  const lines = Array.from({ length: 20_000 }, (_, index) =>
    index === 9_999 ? `${index},"stray` : `${index},"quoted, ${index}"`,
  );
  const stray = await ground.ingest('stray.csv', `n,t\n${lines.join('\n')}\n`);
  assert.deepEqual([stray.report.rowsPublished, stray.report.rowsQuarantined], [19_999, 1]);
});

test('a large file is loaded while it is checked, and again when it turns out otherwise', async () => {
  const rows = 150_000;
  const lines = Array.from({ length: rows }, (_, index) => `${index},"Alder St, ${index}",${'x'.repeat(50)}`);
  const regular = await ground.ingest('regular.csv', `n,place,rest\n${lines.join('\n')}\n`);
  assert.deepEqual([regular.report.rowsPublished, regular.report.rowsQuarantined], [rows, 0]);
  const check = 'select count(*) as n, sum(n) as total, min(rest) = max(rest) as same, max(place) as place from data';
  const whole = { n: rows, total: (rows * (rows - 1)) / 2, same: true, place: 'Alder St, 99999' };
  assert.deepEqual(await ground.read(regular, check), [whole]);
  // Every guess from the beginning of the file holds; what comes at its end does not.
  for (const [end, quarantined] of [
    ['1,2,3,4\n', 1],
    ['\n\n', 0],
    ['1\n', 1],
    ['7,"open\n', 1],
  ] as const) {
    const ingested = await ground.ingest('odd.csv', `n,place,rest\n${lines.join('\n')}\n${end}`);
    assert.deepEqual([ingested.report.rowsPublished, ingested.report.rowsQuarantined], [rows, quarantined], end);
    assert.deepEqual(await ground.read(ingested, check), [whole]);
  }
});
