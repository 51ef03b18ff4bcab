// A later file of a dataset: what it holds decides, a column becomes wider rather than losing rows, and every change of
// a column is told.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Ingested } from '../../src/publish/ingest.ts';
import { openGround, toTypes } from './ground.ts';

const ground = await openGround();

const table = (header: string, ...rows: string[]): string => `${[header, ...rows].join('\n')}\n`;
const times = (count: number, line: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => line(index));

/** Publishes one file after the other; the last one's outcome. */
async function after(...texts: readonly string[]): Promise<Ingested> {
  let last: Ingested | null = null;
  for (const text of texts) last = await ground.ingest('f.csv', text, { declared: last?.columns ?? null });
  assert.ok(last !== null);
  return last;
}

const sentences = ({ report }: Ingested): string => report.findings.map(({ sentence }) => sentence).join('\n');

test('new values widen a column: no good row is set aside, and the change is told with its first row', async () => {
  const numbers = times(60, (index) => `${2000 + index},x`);
  const before = table('permit_no,kind', ...numbers);
  const now = table('permit_no,kind', ...numbers, ...times(4, (index) => `B25-000${index},x`));
  const permits = await after(before, now);
  assert.equal(toTypes(permits), 'permit_no:text!identifier kind:text');
  assert.deepEqual([permits.report.rowsPublished, permits.report.rowsQuarantined], [64, 0]);
  assert.match(sentences(permits), /was whole number in .* text in this file: 4 of its 64 values, the first in row 61/);
  const types = async (header: string, first: string[], second: string[]): Promise<string> => {
    const ingested = await after(table(header, ...first), table(header, ...second));
    assert.equal(ingested.report.rowsQuarantined, 0);
    assert.match(sentences(ingested), /in the revision before and is/, header);
    return toTypes(ingested);
  };
  assert.equal(await types('hours', ['1', '2'], ['1', '7.5', '2.25']), 'hours:number');
  assert.equal(await types('hours', ['1', '2'], ['1.50', '7.25']), 'hours:decimal(2)');
  assert.equal(await types('size', ['1', '2'], ['1', '12345678901234567890']), 'size:decimal(0)');
  assert.equal(await types('day', ['2024-01-01'], ['2024-01-01T10:00:00']), 'day:timestamp');
  assert.equal(await types('done', ['yes', 'no'], ['yes', 'no', 'partly']), 'done:text');
  assert.equal(await types('day', ['2024-01-01'], ['2024-01-02', 'not a day']), 'day:text');
});

test('what a first publication of the file gives is what publishing it again gives, whatever came before', async () => {
  const files = [
    table('a,b', '1,2024-01-01', '2,2024-01-02'),
    table('a,b', '1.5,2024-01-01T10:00:00', '2.25,2024-01-02T11:00:00'),
    table('a,b', 'x,2024-01-01', 'y,soon'),
  ];
  for (const before of files) {
    const ingested = await after(before, files[2] as string);
    assert.equal(toTypes(ingested), 'a:text b:text');
    assert.equal(ingested.report.rowsPublished, 2);
  }
});

test('text that the file itself has reason for is not overruled by the revision before', async () => {
  for (const [before, now] of [
    [
      ['1.5', '2'],
      ['1.10', '1.9', '2.0'],
    ],
    [
      ['1.5', '2'],
      ['12E4', '3E10'],
    ],
    [
      ['1', '2'],
      ['1E2', '3'],
    ],
    [
      ['1', '2'],
      ['+12065550101', '+12535550102'],
    ],
    [
      ['1.50', '2.25'],
      ['00123', '45'],
    ],
  ] as const) {
    const ingested = await after(
      table('v,k', ...before.map((v) => `${v},a`)),
      table('v,k', ...now.map((v) => `${v},a`)),
    );
    assert.match(toTypes(ingested), /^v:text/u, now.join());
    assert.deepEqual(
      (await ground.read(ingested)).map(({ v }) => v),
      now,
    );
    assert.match(sentences(ingested), /in the revision before and is text/, now.join());
  }
});

test('a narrower file keeps the wider column, and its text', async () => {
  const decimals = await after(table('cost', '1.50', '2.25'), table('cost', '3', '4'));
  assert.equal(toTypes(decimals), 'cost:decimal(2)!money');
  assert.equal(decimals.columns[0]?.sourceFormat, '1.5, 2');
  const numbers = await after(table('n', '1.5', '2'), table('n', '3', '4'));
  assert.deepEqual([toTypes(numbers), numbers.columns[0]?.sourceFormat], ['n:number', '1.5, 2']);
  const empty = await after(table('n,k', '1,a', '2,b'), table('n,k', ',a', ',b'));
  assert.equal(toTypes(empty), 'n:integer k:text');
});

test('the order of day and month, and the decimal mark, stay as they were while they fit', async () => {
  const march = table('inspected', ...times(28, (index) => `${String(index + 1).padStart(2, '0')}/03/2024`));
  const april = table('inspected', ...times(12, (index) => `${String(index + 1).padStart(2, '0')}/04/2024`));
  const kept = await after(march, april);
  assert.deepEqual((await ground.read(kept))[0], { inspected: '2024-04-01' });
  assert.equal(kept.report.findings.length, 0);
  const turned = await after(march, table('inspected', '04/13/2024', '04/14/2024'));
  assert.deepEqual((await ground.read(turned))[0], { inspected: '2024-04-13' });
  assert.match(sentences(turned), /was written d\/m\/Y in the revision before and is written m\/d\/Y/);
  const commas = await after(table('w;k', '1,5;a', '2,25;b'), table('w;k', '1,250;a', '2,375;b'));
  assert.deepEqual((await ground.read(commas))[0], { w: '1.250', k: 'a' });
  const grouped = await after(table('w;k', '1,250,000;a', '2;b'), table('w;k', '1,250;a', '2,375;b'));
  assert.deepEqual((await ground.read(grouped))[0], { w: 1250, k: 'a' });
});

test('only what is torn is set aside: the results a spreadsheet could not compute, broken characters', async () => {
  const before = table('n,k', ...times(20, (index) => `${index},a`));
  const torn = await after(before, table('n,k', '1,a', '#REF!,b', '3,c', '\ufffd4,d'));
  assert.equal(toTypes(torn), 'n:integer k:text');
  assert.deepEqual([torn.report.rowsPublished, torn.report.rowsQuarantined], [2, 2]);
  const mixed = await after(before, table('n,k', '1,a', '#REF!,b', 'about 3,c'));
  assert.deepEqual([toTypes(mixed), mixed.report.rowsQuarantined], ['n:text k:text', 0]);
});

test('new columns, gone columns and their words', async () => {
  const before = await ground.ingest('a.csv', table('id,cost', '1,2'));
  const described = before.columns.map((column) => ({ ...column, description: `About ${column.name}` }));
  const now = await ground.ingest('b.csv', table('id,extra', '1,x'), { declared: described });
  assert.equal(now.columns[0]?.description, 'About id');
  assert.match(sentences(now), /“extra” is new/);
  assert.match(sentences(now), /“cost” is gone/);
});

test('Parquet over a column of another kind publishes its values', async () => {
  const before = await ground.ingest('a.csv', table('v,d', '1,2024-01-01', '2,2024-01-02'));
  const build = await ground.engine.build({ folders: [ground.folder], deadlineMs: 60_000 });
  const path = `${ground.folder}/typed.parquet`;
  try {
    await build.run(`copy (select 1.5::double as v, 7 as d union all select 2.5, 8) to '${path}' (format parquet)`);
  } finally {
    await build.close();
  }
  const now = await ground.ingest('b.parquet', await readFile(path), { declared: before.columns });
  assert.equal(toTypes(now), 'v:number d:integer');
  assert.deepEqual(await ground.read(now), [
    { v: 1.5, d: 7 },
    { v: 2.5, d: 8 },
  ]);
});
