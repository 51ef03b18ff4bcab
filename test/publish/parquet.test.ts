// Parquet as other systems write it: NaN and the infinities, nanoseconds; and the values people see of them.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { csvFormat } from '../../src/formats/csv.ts';
import { ndjsonFormat } from '../../src/formats/ndjson.ts';
import type { RowFormat, SqlOutput } from '../../src/formats/format.ts';
import type { Ingested } from '../../src/publish/ingest.ts';
import { quoteName } from '../../src/query/value-type.ts';
import { openGround, sharedData, skipWithoutShared, toTypes } from './ground.ts';

const ground = await openGround();

/** `select` as a Parquet file. */
async function toParquet(select: string): Promise<Buffer> {
  const build = await ground.engine.build({ folders: [ground.folder], deadlineMs: 60_000 });
  const path = join(ground.folder, 'made.parquet');
  try {
    await build.run(`copy (${select}) to '${path}' (format parquet)`);
    return await readFile(path);
  } finally {
    await build.close();
  }
}

async function rowsAs(format: RowFormat, ingested: Ingested): Promise<string[]> {
  const outputs = ingested.columns.map((column): SqlOutput => {
    const { name, type } = column;
    return { column: { name, type, source: column }, sql: quoteName(name), geojson: null };
  });
  const rows = await ground.readServing(
    ingested,
    `select ${format.row(outputs)} as row from served.data order by ":id"`,
  );
  return rows.map(({ row }) => String(row));
}

test('NaN and the infinities are published, and no figure counts with them', async () => {
  const values = "select unnest(['1.0', 'nan', '2.0', 'inf', '-inf', null]::double[]) as v";
  const list = "['nan', '1.5', 'nan', '-inf', 'inf']::double[] as list";
  const ingested = await ground.ingest('n.parquet', await toParquet(`${values}, ${list}`));
  assert.equal(toTypes(ingested), 'v:number list:json');
  assert.deepEqual(
    (await rowsAs(csvFormat, ingested)).map((row) => row.split(',')[0]),
    ['1.0', 'NaN', '2.0', 'Infinity', '-Infinity', ''],
  );
  const lines = (await rowsAs(ndjsonFormat, ingested)).map((row) => JSON.parse(row) as { v: unknown; list: unknown });
  assert.deepEqual(
    lines.map(({ v }) => v),
    [1, null, 2, null, null, null],
  );
  assert.deepEqual(lines[0]?.list, [null, 1.5, null, null, null]);
  const [figures] = ingested.profile;
  assert.deepEqual([figures?.min, figures?.max, figures?.mean, figures?.median], ['1.0', '2.0', 1.5, 1.5]);
  assert.equal(figures?.nulls, 1);
  assert.equal(
    figures?.histogram?.counts.reduce((sum, count) => sum + count, 0),
    2,
  );
  const only = await ground.ingest('o.parquet', await toParquet(`select 'nan'::double as v, 'nan'::float as f`));
  assert.deepEqual([only.profile[0]?.mean, only.profile[0]?.histogram], [null, null]);
});

test('digits that INT96 has beyond the microsecond are told', { skip: skipWithoutShared }, async () => {
  const path = join(sharedData, '../cases/data/14-int96-nanoseconds/p02-int96.parquet');
  const ingested = await ground.ingest('p.parquet', await readFile(path));
  assert.match(ingested.report.findings.map(({ sentence }) => sentence).join(' '), /INT96/);
});

test('many columns with null markers publish within the memory of a build', async () => {
  for (const [columns, rows] of [
    [80, 40],
    [400, 100],
  ] as const) {
    const header = Array.from({ length: columns }, (_, index) => `q${index}`).join(',');
    const line = (row: number) =>
      Array.from({ length: columns }, (_, at) => ((row + at) % 7 === 0 ? 'NA' : row)).join();
    const text = `${[header, ...Array.from({ length: rows }, (_, row) => line(row))].join('\n')}\n`;
    const ingested = await ground.ingest('w.csv', text);
    assert.deepEqual(new Set(ingested.columns.map(({ type }) => type.kind)), new Set(['integer']));
    assert.equal(ingested.report.rowsPublished, rows);
  }
});
