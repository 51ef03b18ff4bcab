// Every format on a real table: valid for every value, exact both ways, one row a row, and safe where it says so.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { cellsFormat } from '../../src/formats/cells.ts';
import { toCsvFormat } from '../../src/formats/csv.ts';
import type { AnswerEnd, RowFormat } from '../../src/formats/format.ts';
import { csvFormat, formatsFor, geojsonFormat, jsonFormat, ndjsonFormat } from '../../src/formats/formats.ts';
import type { Schema } from '../../src/query/column.ts';
import { compileRows, compileTable, toOutputColumns } from '../../src/query/compile.ts';
import { planQuery } from '../../src/query/passes.ts';
import type { Query } from '../../src/query/query.ts';
import { ask, call, column, openPermits, openTable, toColumn, value, type TestTable } from '../query/table.ts';

const limits = { defaultLimit: null, maxLimit: null };
const wholeEnd: AnswerEnd = { rows: 0, more: false, next: null, truncated: false };

let permits: TestTable;
before(async () => {
  permits = await openPermits();
});
after(() => permits.close());

/** The whole answer as the engine would stream it. */
async function write(table: TestTable, format: RowFormat, query: Query, end: Partial<AnswerEnd> = {}): Promise<string> {
  const plan = planQuery(query, table.target, limits);
  const { text, params } = compileRows(plan, (outputs) => format.row(outputs));
  const rows = (await table.run(text, params)).map(([row]) => row);
  assert.ok(
    rows.every((row) => typeof row === 'string'),
    'a row without text',
  );
  const info = { columns: toOutputColumns(plan), datasetId: 'permits', revisionId: 'r' };
  return (
    format.begin(info) + rows.join(format.separator) + format.end({ ...wholeEnd, rows: rows.length, ...end }, info)
  );
}

const second = call('eq', column(':id'), value(2));

test('JSON gives every column, exact digits, ISO times, and GeoJSON geometry', async () => {
  const text = await write(permits, jsonFormat, ask({ where: second, withRowId: true }));
  assert.equal(
    text,
    '[\n{":id":2,"name":"Café 1","ward":1,"cost":12.50,"share":0.14285714285714285,"is_open":false,' +
      '"day":"2024-01-28","hour":"00:01:00","seen":"2024-01-01T07:30:00.5","sent":"2024-01-01T07:30:00Z",' +
      '"extra":{"n": 1},"place":{"type":"Point","coordinates":[-122.29,47.4]}}\n]\n',
  );
  const missing = call('eq', column(':id'), value(1));
  const [row] = JSON.parse(await write(permits, jsonFormat, ask({ where: missing }))) as Record<string, unknown>[];
  assert.equal(row?.name, null);
  assert.deepEqual(JSON.parse(await write(permits, jsonFormat, ask({ where: value(false) }))), []);
});

test('NDJSON is one object a line', async () => {
  const lines = (await write(permits, ndjsonFormat, ask({}))).trimEnd().split('\n');
  assert.equal(lines.length, 60);
  assert.equal((JSON.parse(lines[1] ?? '') as { ward: number }).ward, 1);
  assert.equal(await write(permits, ndjsonFormat, ask({ where: value(false) })), '');
});

test('GeoJSON is a FeatureCollection with ids, properties and the way on', async () => {
  const query = ask({
    withRowId: true,
    select: ['name', 'place', 'day'].map((name) => ({ expression: column(name), as: null })),
    where: second,
  });
  const text = await write(permits, geojsonFormat, query, { more: true, next: 'abc' });
  assert.deepEqual(JSON.parse(text), {
    type: 'FeatureCollection',
    features: [
      {
        type: 'Feature',
        id: 2,
        geometry: { type: 'Point', coordinates: [-122.29, 47.4] },
        properties: { name: 'Café 1', day: '2024-01-28' },
      },
    ],
    next: 'abc',
  });
});

test('a computed geometry is GeoJSON too', async () => {
  const select = [{ expression: call('make_point', value(1), value(2)), as: 'spot' }];
  const [row] = JSON.parse(await write(permits, jsonFormat, ask({ select, where: second }))) as { spot: unknown }[];
  assert.deepEqual(row?.spot, { type: 'Point', coordinates: [2, 1] });
  const groups = ask({
    select: [
      { expression: column('place'), as: null },
      { expression: call('count'), as: 'n' },
    ],
    group: [column('place')],
  });
  const grouped = JSON.parse(await write(permits, jsonFormat, groups)) as { place: { type: string }; n: number }[];
  assert.equal(grouped.length, 60);
  assert.ok(grouped.every(({ place, n }) => place.type === 'Point' && n === 1));
});

test('CSV has names or titles, WKT, and lines ended as RFC 4180 asks', async () => {
  const select = ['name', 'cost', 'place', 'extra'].map((name) => ({ expression: column(name), as: null }));
  assert.equal(
    await write(permits, csvFormat, ask({ select, where: second })),
    'name,cost,place,extra\r\nCafé 1,12.50,POINT (-122.29 47.4),"{""n"": 1}"\r\n',
  );
  const titles = toCsvFormat({ header: 'titles', spreadsheet: false, byteOrderMark: true });
  assert.match(await write(permits, titles, ask({ select, where: second })), /^\uFEFFName,Cost,Place,Extra\r\n/u);
  assert.equal(await write(permits, csvFormat, ask({ select, where: value(false) })), 'name,cost,place,extra\r\n');
});

test('cells are what a person reads', async () => {
  const rows = JSON.parse(await write(permits, cellsFormat, ask({ where: second, withRowId: true }))) as (
    string | null
  )[][];
  assert.deepEqual(rows, [
    [
      '2',
      'Café 1',
      '1',
      '12.50',
      '0.14285714285714285',
      'false',
      '2024-01-28',
      '00:01:00',
      '2024-01-01 07:30:00.5',
      '2024-01-01 07:30:00 UTC',
      '{"n": 1}',
      'POINT (-122.29 47.4)',
    ],
  ]);
});

test('a table for Parquet keeps names, types and order', async () => {
  const select = [
    { expression: column('ward'), as: 'odd "name"' },
    { expression: column('cost'), as: null },
  ];
  assert.throws(() => planQuery(ask({ select }), permits.target, limits), { code: 'bad-request' });
  const named = [
    { expression: column('ward'), as: 'Ward no.' },
    { expression: column('cost'), as: null },
  ];
  const { text, params } = compileTable(planQuery(ask({ select: named }), permits.target, limits));
  const described = await permits.run(`DESCRIBE ${text}`, params);
  assert.deepEqual(
    described.map((row) => row.slice(0, 2)),
    [
      ['Ward no.', 'BIGINT'],
      ['cost', 'DECIMAL(12,2)'],
    ],
  );
  assert.equal((await permits.run(text, params)).length, 60);
});

test('GeoJSON is offered only where there is geometry', () => {
  const ids = (schema: Schema): string[] => formatsFor(schema).map((entry) => entry.id);
  assert.deepEqual(ids(permits.target.schema), ['csv', 'json', 'ndjson', 'geojson', 'parquet']);
  assert.deepEqual(ids([toColumn('a', { kind: 'text' })]), ['csv', 'json', 'ndjson', 'parquet']);
});

/** A reader of RFC 4180 that tells an empty text (quoted) from no value (nothing). */
function readCsv(text: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  let at = 0;
  while (at < text.length) {
    let field: string | null = null;
    if (text[at] === '"') {
      let close = at + 1;
      for (;;) {
        close = text.indexOf('"', close);
        if (text[close + 1] !== '"') break;
        close += 2;
      }
      field = text.slice(at + 1, close).replaceAll('""', '"');
      at = close + 1;
    } else {
      const next = /,|\r\n/u.exec(text.slice(at))?.index ?? text.length - at;
      const bare = text.slice(at, at + next);
      field = bare === '' ? null : bare;
      at += next;
    }
    row.push(field);
    if (text[at] === ',') {
      at += 1;
      continue;
    }
    assert.equal(text.slice(at, at + 2), '\r\n');
    at += 2;
    rows.push(row);
    row = [];
  }
  return rows;
}

const hostileSchema: Schema = [
  toColumn('word', { kind: 'text' }),
  toColumn('amount', { kind: 'number' }),
  toColumn('big', { kind: 'integer' }),
];

const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.toWellFormed()),
  fc.string({
    unit: fc.constantFrom(
      '=',
      '+',
      '-',
      '@',
      '\t',
      '\r',
      '\n',
      '"',
      "'",
      ',',
      '＝',
      '＋',
      '－',
      '＠',
      ' ',
      '0',
      '\u2028',
      '\u0000',
      '\\',
      'é',
      '😀',
    ),
    maxLength: 6,
  }),
  fc.constant(null),
);
const hostileRow = fc.tuple(hostileText, fc.double(), fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })));

async function openHostile(rows: readonly (readonly [string | null, number, bigint | null])[]): Promise<TestTable> {
  const table = await openTable(
    'CREATE TABLE data (":id" BIGINT, word VARCHAR, amount DOUBLE, big BIGINT)',
    hostileSchema,
    rows.length,
  );
  for (const [index, [word, amount, big]] of rows.entries()) {
    const double = (Object.is(amount, -0) ? '-0.0' : String(amount)).replace('Infinity', 'inf');
    const numbers = `CAST('${double}' AS DOUBLE), ${big === null ? 'NULL' : `CAST('${big}' AS BIGINT)`}`;
    if (word === null) await table.run(`INSERT INTO data VALUES (${index + 1}, NULL, ${numbers})`);
    else await table.run(`INSERT INTO data VALUES (${index + 1}, $1, ${numbers})`, [word]);
  }
  return table;
}

const isFormula = (text: string): boolean => /^[=+\-@\t\r\n＝＋－＠]/u.test(text);
const spreadsheetFormat = toCsvFormat({ header: 'names', spreadsheet: true, byteOrderMark: false });

test('hostile values come back exactly from JSON, NDJSON, cells and CSV, and never run in a spreadsheet', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hostileRow, { minLength: 1, maxLength: 12 }), async (rows) => {
      const table = await openHostile(rows);
      try {
        const finite = (amount: number): number | null => (Number.isFinite(amount) ? amount : null);
        const words = rows.map(([word]) => word);
        const objects = JSON.parse(await write(table, jsonFormat, ask({}))) as {
          word: string | null;
          amount: number | null;
        }[];
        assert.deepEqual(
          objects.map((row) => row.word),
          words,
        );
        assert.deepEqual(
          objects.map((row) => row.amount),
          rows.map(([, amount]) => finite(amount)),
        );
        const lines = (await write(table, ndjsonFormat, ask({}))).split('\n').slice(0, -1);
        assert.deepEqual(
          lines.map((line) => (JSON.parse(line) as { word: string }).word),
          words,
        );
        lines.forEach((line, index) => assert.ok(line.includes(`"big":${rows[index]?.[2] ?? 'null'}}`), line));
        const cells = JSON.parse(await write(table, cellsFormat, ask({}))) as (string | null)[][];
        assert.deepEqual(
          cells.map(([word]) => word),
          words,
        );
        const csv = readCsv(await write(table, csvFormat, ask({}))).slice(1);
        assert.deepEqual(
          csv.map(([word]) => word),
          words,
        );
        assert.deepEqual(
          csv.map(([, amount]) => Number(amount)),
          rows.map(([, amount]) => amount),
        );
        const sheet = readCsv(await write(table, spreadsheetFormat, ask({}))).slice(1);
        assert.ok(sheet.every(([word]) => word === null || word === undefined || !isFormula(word)));
        assert.deepEqual(
          sheet.map(([word]) => word?.replace(/^'(?='*[=+\-@\t\r\n＝＋－＠])/u, '') ?? null),
          words,
        );
        assert.deepEqual(
          sheet.map((row) => row.slice(1)),
          csv.map((row) => row.slice(1)),
        );
      } finally {
        table.close();
      }
    }),
    { numRuns: 60 },
  );
});

test('one column of CSV has a line for every row, whatever is missing', async () => {
  const table = await openHostile([
    [null, 1, 1n],
    ['', 2, 2n],
    ['x', 3, 3n],
  ]);
  try {
    const text = await write(table, csvFormat, ask({ select: [{ expression: column('word'), as: null }] }));
    assert.equal(text, 'word\r\n""\r\n""\r\nx\r\n');
  } finally {
    table.close();
  }
});
