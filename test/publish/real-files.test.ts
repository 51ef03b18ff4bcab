// Every real and every hostile file at hand goes through: none crashes, hangs or loses a row; the others are refused in
// words.

import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { test } from 'node:test';
import iconv from 'iconv-lite';
import { PortalError } from '../../src/base/errors.ts';
import { isFull } from '../depth.ts';
import { openGround, sharedData, skipWithoutShared, toTypes, type Ground } from './ground.ts';

const tableNames = /\.(csv|tsv|psv|ssv|txt|json|geojson|parquet)$/;

/** JSON that is no table: the schemas of a standard. */
const documents = /\/conformance\/schemas\//;

/** Files of table formats that must be refused all the same, and how. */
const refused: Readonly<Record<string, string>> = {
  'nyc_view_7yq2-hq9c_trimmed.json': 'file-unreadable', // says what a table is, and holds no row of it
  'random.parquet': 'file-unreadable', // its GeoParquet metadata leave out what version 1.0 requires
};

test(
  'every file is published with all its rows accounted for, or refused in words',
  { skip: skipWithoutShared },
  async (t) => {
    const ground = await openGround();
    const found = await readdir(sharedData, { recursive: true, withFileTypes: true });
    const all = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    assert.ok(all.length > 150);
    const files = isFull ? all : chooseFew(all);
    t.diagnostic(`${files.length} of ${all.length} files`);
    for (const file of files) await checkFile(ground, file);
  },
);

/** Every text table that was made to be faulty, and of each folder and each ending the smallest. */
function chooseFew(files: readonly string[]): readonly string[] {
  const kinds = Map.groupBy(files, (file) => `${dirname(file)} ${extname(file)}`);
  const bySize = (a: string, b: string): number => statSync(a).size - statSync(b).size || (a < b ? -1 : 1);
  const few = [...kinds.values()].flatMap((same) => same.toSorted(bySize).slice(0, 1));
  const faulty = files.filter((file) => /\/nasty\/.*\.[cpst]sv$/.test(file));
  return [...new Set([...few, ...faulty])].sort();
}

async function checkFile(ground: Ground, file: string): Promise<void> {
  const name = basename(file);
  const isTable = tableNames.test(name) && !documents.test(file);
  try {
    const ingested = await ground.ingest(name, await readFile(file));
    assert.equal(refused[name], undefined, `${name} was published`);
    const { rowsInFile, rowsPublished, rowsQuarantined } = ingested.report;
    assert.equal(rowsInFile, rowsPublished + rowsQuarantined, name);
    const [count] = await ground.read(ingested, 'select count(*) as n from data');
    assert.equal(count?.['n'], rowsPublished, name);
    const [served] = await ground.readServing(ingested, 'select count(*) as n, max(":id") as last from served.data');
    assert.deepEqual(served, { n: rowsPublished, last: rowsPublished === 0 ? null : rowsPublished }, name);
    assert.equal(ingested.profile.length, ingested.columns.length, name);
  } catch (error) {
    if (!(error instanceof PortalError)) throw new Error(`${file} failed`, { cause: error });
    assert.notEqual(error.code, 'internal-error', `${file}: ${error.message}`);
    if (isTable) assert.equal(error.code, refused[name], `${file}: ${error.message}`);
    assert.ok(error.message.length > 20, file);
  }
}

type Expected = {
  readonly rows: number;
  readonly quarantined?: number;
  readonly types: RegExp;
  readonly encoding?: string;
};

const known: Readonly<Record<string, Expected>> = {
  'real/kent_king_county/kc_house_data.csv': {
    rows: 21_612,
    types:
      /^id:text!identifier date:timestamp price:number .* zipcode:text!postal-code lat:number long:number .* geometry:geometry\/Point$/,
  },
  'real/kent_king_county/school_sites_king_county.csv': {
    rows: 642,
    types: /^x:.* objectid:integer!identifier .* geometry:geometry\/Point$/,
  },
  'real/kent_king_county/plat_index_king_county.csv': { rows: 17_751, types: /^plat_number:text!identifier / },
  'real/kent_king_county/metro_gtfs_stops.txt': { rows: 6_347, types: /geometry:geometry\/Point$/ },
  'real/kent_king_county/seatac_weather_daily.csv': {
    rows: 609,
    types: /^station:text station_name:text date:date prcp:integer/,
  },
  'real/kent_king_county/water_quality_sites.csv': {
    rows: 239,
    types: /geocoded_column:text geometry:geometry\/Point$/,
  },
  'real/seattle/fremont_bridge_bike_hourly.csv': { rows: 14_568, types: /^date:timestamp / },
  'real/kent_king_county/king_county_cities.geojson': { rows: 39, types: /geometry:geometry\/MultiPolygon$/ },
  'real/kent_king_county/usgs_earthquakes_week.geojson': { rows: 1_707, types: /^id:text!identifier mag:number / },
  'nasty/messytables-horror/characters.csv': { rows: 382, types: /changetime:timestamp/, encoding: 'big5' },
  'nasty/messytables-horror/utf-16le_encoded.csv': {
    rows: 327,
    types: /^organisation_code:text /,
    encoding: 'utf-16le',
  },
  'nasty/messytables-horror/spanish_chars.csv': { rows: 116, types: /descripcion:text$/, encoding: 'windows-1252' },
  'nasty/messytables-horror/mixedGLB.csv': { rows: 133, types: /^year:integer jan:integer / },
  'nasty/messytables-horror/weird_head_padding.csv': { rows: 60, quarantined: 16, types: /./ },
  'nasty/messytables-horror/long.csv': { rows: 3_999, types: /^foo:/ },
  'nasty/koop-geojson/trees-sr-102645.json': { rows: 6, types: /geometry:geometry\/Point$/ },
};

test(
  'well-known files have the rows, types and encodings that they are known for',
  { skip: skipWithoutShared },
  async () => {
    const ground = await openGround();
    for (const [path, expected] of Object.entries(known)) {
      const ingested = await ground.ingest(basename(path), await readFile(join(sharedData, path)));
      assert.equal(ingested.report.rowsPublished, expected.rows, path);
      assert.equal(ingested.report.rowsQuarantined, expected.quarantined ?? 0, path);
      assert.match(toTypes(ingested), expected.types, path);
      if (expected.encoding !== undefined) assert.equal(ingested.report.encoding, expected.encoding, path);
    }
  },
);

/** A reader of CSV that shares nothing with the portal's: enough for files without odd quotes. */
function readPlainly(text: string): string[][] {
  const rows: string[][] = [];
  for (const match of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    if (rows.length === 0 || rows.at(-1)?.at(-1) === '\n') {
      rows.at(-1)?.pop();
      rows.push([]);
    }
    rows.at(-1)?.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] !== ',') rows.at(-1)?.push('\n');
  }
  rows.at(-1)?.pop();
  return rows.filter((row) => row.some((cell) => cell !== ''));
}

test('published values are those an independent reader finds', { skip: skipWithoutShared }, async () => {
  const ground = await openGround();
  const houses = join(sharedData, 'real/kent_king_county/kc_house_data.csv');
  const ingested = await ground.ingest('kc.csv', readFileSync(houses));
  const [header, ...plain] = readPlainly(readFileSync(houses, 'utf8'));
  const rows = await ground.read(ingested, 'select id, price, date::varchar as date, lat, long, sqft_lot from data');
  assert.equal(rows.length, plain.length);
  const at = (name: string) => header?.indexOf(name) ?? -1;
  for (const [index, row] of rows.entries()) {
    const cells = plain[index] ?? [];
    assert.equal(row['id'], cells[at('id')]);
    assert.equal(row['price'], Number(cells[at('price')]));
    assert.equal(row['lat'], Number(cells[at('lat')]));
    assert.equal(row['long'], Number(cells[at('long')]));
    assert.equal(row['sqft_lot'], Number(cells[at('sqft_lot')]));
    assert.equal(String(row['date']).replaceAll(/[-: ]/g, ''), cells[at('date')]?.replace('T', ''));
  }
  const chinese = join(sharedData, 'nasty/messytables-horror/characters.csv');
  const characters = await ground.ingest('characters.csv', readFileSync(chinese));
  const [titles, ...lines] = readPlainly(iconv.decode(readFileSync(chinese), 'big5'));
  const texts = characters.columns.flatMap(({ name, type }, index) => (type.kind === 'text' ? [{ name, index }] : []));
  const published = await ground.read(characters);
  assert.equal(published.length, lines.length);
  assert.deepEqual(
    characters.columns.slice(0, 18).map(({ title }, index) => (titles?.[index] === '' ? '' : title)),
    titles,
  );
  for (const [row, cells] of lines.entries()) {
    for (const { name, index } of texts) assert.equal(published[row]?.[name] ?? '', cells[index], `${row} ${name}`);
  }
});
