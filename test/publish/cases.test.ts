// Files from the field that other portals, and once this one, read wrongly: each with its right columns and values.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { PortalError } from '../../src/base/errors.ts';
import type { Ingested } from '../../src/publish/ingest.ts';
import { openGround, sharedData, skipWithoutShared, toTypes } from './ground.ts';

const ground = await openGround();
const cases = join(sharedData, '../cases/data');

/** One file after the other, each as the next revision of the one before. */
async function publish(...paths: readonly string[]): Promise<Ingested> {
  let last: Ingested | null = null;
  for (const path of paths) {
    const declared = last?.columns ?? null;
    last = await ground.ingest(basename(path), await readFile(join(cases, path)), { declared });
  }
  assert.ok(last !== null);
  return last;
}

type Case = {
  readonly files: readonly string[];
  readonly types: RegExp;
  readonly rows: number;
  /** Values of the first row. */
  readonly first?: Readonly<Record<string, unknown>>;
  readonly told?: RegExp;
};

const right: readonly Case[] = [
  {
    files: ['01-decimal-comma-three-places/d01-decimal-comma-3.csv'],
    types: /level_m:decimal\(3\) depth_m:decimal\(3\)/,
    rows: 3,
    first: { level_m: '0.125', depth_m: '1.250' },
  },
  {
    files: ['01-decimal-comma-three-places/m06-deccomma-noleadzero.csv'],
    types: /peso_kg:text/,
    rows: 3,
    first: { peso_kg: '1,250' },
    told: /1,250 can be read as thousands or as a decimal fraction/,
  },
  { files: ['02-wide-with-null-markers/sy-80-na.csv'], types: /q1:integer .*q80:integer/, rows: 40 },
  { files: ['02-wide-with-null-markers/w1-dates-na.csv'], types: /:date/, rows: 40 },
  { files: ['03-parquet-nan/pn-nan1.parquet'], types: /v:number/, rows: 3 },
  {
    files: ['04-republish-new-numbers/r1a.csv', '04-republish-new-numbers/r1b.csv'],
    types: /permit_no:text/,
    rows: 64,
    first: { permit_no: '2000' },
    told: /was whole number in the revision before and is text/,
  },
  { files: ['05-republish-halves/r2a.csv', '05-republish-halves/r2b.csv'], types: /hours:number/, rows: 62 },
  {
    files: ['06-republish-day-first/r3a.csv', '06-republish-day-first/r3b.csv'],
    types: /inspected:date/,
    rows: 12,
    first: { inspected: '2024-04-01' },
  },
  {
    files: ['07-delimiter-decimal-comma/b02-tsv-decimal-comma.tsv'],
    types: /^x:\S+ y:\S+ z:\S+$/,
    rows: 200,
  },
  { files: ['07-delimiter-decimal-comma/v8-city-commas-tab.tsv'], types: /^site:text description:text$/, rows: 90 },
  {
    files: ['08-header-of-dates/c07-date-header.csv'],
    types: /^county:text state:text _1_22_2020:integer/,
    rows: 3,
    first: { county: 'King', _1_24_2020: 4 },
  },
  {
    files: ['08-header-of-dates/v10-hdr-wide-dates.csv'],
    types: /^region:text state:text _2024_01_31:integer/,
    rows: 2,
  },
  { files: ['09-blank-first-header/c10-index.csv'], types: /^column_1:integer name:text qty:integer$/, rows: 3 },
  { files: ['09-blank-first-header/m07-index2.csv'], types: /^column_1:text count:integer$/, rows: 3 },
  { files: ['10-phone-plus/d04-phone-plus.csv'], types: /phone:text/, rows: 3, first: { phone: '+12065550101' } },
  { files: ['11-codes-with-e/d05b-sci-ids-title.csv'], types: /asset_id:text/, rows: 4, first: { asset_id: '12E4' } },
  { files: ['12-geojson-text-sequence/h05-rs.geojsonl'], types: /^n:integer geometry:geometry\/Point$/, rows: 4 },
  {
    files: ['13-ckan-json-dump/j02-ckan-dump.json'],
    types: /^_?id:integer\S* name:text$/,
    rows: 2,
    first: { name: 'Ash' },
  },
  { files: ['14-int96-nanoseconds/p02-int96.parquet'], types: /timestamp/, rows: 2, told: /INT96/ },
  { files: ['15-words-for-a-clerk/j04-nan.json'], types: /v:/, rows: 1, told: /“NaN” is not JSON/ },
  { files: ['16-minutes-seconds/e01-mmss.csv'], types: /response:text/, rows: 3, first: { response: '00:10' } },
  {
    files: ['17-title-as-wide-as-table/c03-title-same-width.csv'],
    types: /^permit_no:text\S* type:text status:text valuation:integer/,
    rows: 30,
    told: /The header was read from line 2/,
  },
  {
    files: ['18-joined-months/a06-mid-bom.csv'],
    types: /^id:integer\S* name:text$/,
    rows: 4,
    told: /The header stands in the file/,
  },
  { files: ['18-joined-months/c08-repeat-header.csv'], types: /^id:integer\S* name:text qty:integer$/, rows: 4 },
];

test(
  'every file has its right columns, rows and values, and what was doubtful is told',
  { skip: skipWithoutShared },
  async () => {
    for (const { files, types, rows, first, told } of right) {
      const name = files.join(' + ');
      const ingested = await publish(...files);
      assert.match(toTypes(ingested), types, name);
      assert.equal(ingested.report.rowsPublished, rows, name);
      const said = ingested.report.findings.map(({ sentence }) => sentence).join('\n');
      if (told !== undefined) assert.match(said, told, name);
      assert.doesNotMatch(said, /“”|geometrys|Unexpected token|1 row have/, name);
      const [row] = await ground.read(ingested);
      for (const [column, value] of Object.entries(first ?? {})) assert.deepEqual(row?.[column], value, name);
    }
  },
);

test('what cannot be read is refused in whole sentences', { skip: skipWithoutShared }, async () => {
  const feet = publish('15-words-for-a-clerk/h08b-nocrs-feet.geojson');
  const error: unknown = await feet.then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof PortalError);
  assert.match(error.message, /geometries of the file, the first in row/);
});
