// The sample generators: the same bytes from the same seed, whole rows at every size, nothing that could pass for real.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { buildingPermits, permitHeader } from '../../sample/building-permits.ts';
import { businessLicences } from '../../sample/business-licences.ts';
import { generatedNotice, sampleSets } from '../../sample/catalogue.ts';
import { toField } from '../../sample/csv.ts';
import { days, dayOfRow, districtOf, districtRings, extent, randomPoint, type Point } from '../../sample/place.ts';
import { seededRandom } from '../../sample/random.ts';
import { serviceRequests } from '../../sample/service-requests.ts';

/** A second, independent reading of CSV text: records of fields. */
function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]!;
    if (quoted) {
      if (letter !== '"') field += letter;
      else if (text[i + 1] === '"') field += text[++i]!;
      else quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === ',' || letter === '\n') {
      record.push(field);
      field = '';
      if (letter === '\n') {
        records.push(record);
        record = [];
      }
    } else field += letter;
  }
  assert.equal(field, '', 'the text ends with a line break');
  return records;
}

function whole(pieces: Iterable<string>): string {
  return [...pieces].join('');
}

function sha256(pieces: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

test('the random numbers are those of sfc32 and lie where they should', () => {
  const random = seededRandom(1);
  const drawn = Array.from({ length: 20_000 }, () => random.next());
  assert.ok(drawn.every((each) => each >= 0 && each < 1));
  const mean = drawn.reduce((sum, each) => sum + each, 0) / drawn.length;
  assert.ok(Math.abs(mean - 0.5) < 0.01, `mean ${mean}`);
  assert.equal(new Set(drawn).size > 19_990, true);
  const again = seededRandom(1);
  assert.deepEqual(
    drawn.slice(0, 5),
    Array.from({ length: 5 }, () => again.next()),
  );
  assert.notEqual(seededRandom(2).next(), drawn[0]);
  const normals = Array.from({ length: 20_000 }, () => random.normal());
  const deviation = Math.sqrt(normals.reduce((sum, each) => sum + each * each, 0) / normals.length);
  assert.ok(Math.abs(deviation - 1) < 0.03, `deviation ${deviation}`);
});

test('every generator gives the same bytes again, and other bytes from another seed', () => {
  for (const make of [buildingPermits, serviceRequests, businessLicences]) {
    assert.equal(sha256(make(1_000)), sha256(make(1_000)), make.name);
    assert.notEqual(sha256(make(1_000, 11)), sha256(make(1_000, 12)), make.name);
  }
});

test('every generator gives as many whole records as asked, at small and larger sizes', () => {
  for (const make of [buildingPermits, serviceRequests, businessLicences]) {
    for (const rows of [0, 1, 2, 999, 5_000]) {
      const records = readCsv(whole(make(rows)));
      assert.equal(records.length, rows + 1, `${make.name} ${rows}`);
      const widths = new Set(records.map((record) => record.length));
      assert.equal(widths.size, 1, `${make.name}: every record has the header's fields`);
      if (rows > 1) assert.equal(new Set(records.slice(1).map((record) => record[0])).size, rows, 'numbers are unique');
    }
  }
});

test('a permit file of a million rows is about 160 MB, written in small pieces', () => {
  let bytes = 0;
  let greatest = 0;
  for (const piece of buildingPermits(50_000)) {
    bytes += piece.length;
    greatest = Math.max(greatest, piece.length);
  }
  assert.ok(bytes / 50_000 > 145 && bytes / 50_000 < 175, `${bytes / 50_000} bytes a row`);
  assert.ok(greatest < 70_000, `${greatest} characters in one piece`);
});

test('the dates of a permit run forward and money has two decimals', () => {
  const [header, ...records] = readCsv(whole(buildingPermits(5_000)));
  assert.equal(header?.join(','), permitHeader);
  const at = (name: string): number => header!.indexOf(name);
  let before = '';
  for (const record of records) {
    const applied = record[at('applied_date')]!;
    const issued = record[at('issued_date')]!;
    const finaled = record[at('finaled_date')]!;
    assert.ok(applied >= before, 'in the order of application');
    before = applied;
    if (issued !== '') assert.ok(issued > applied);
    if (finaled !== '') assert.ok(issued !== '' && finaled > issued);
    assert.match(record[at('valuation')]!, /^\d+\.\d\d$/);
    assert.match(record[at('parcel_number')]!, /^\d{10}$/);
    assert.match(record[at('location_block')]!, /^\d+00 block /);
  }
  assert.ok(
    records.some((record) => record[at('parcel_number')]!.startsWith('0')),
    'some identifiers have leading zeros',
  );
});

test('rows spread over the whole span in order, whatever their number', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), (rows) => {
      let before = 0;
      for (let i = 0; i < rows; i++) {
        const day = dayOfRow(i, rows);
        assert.ok(day >= before && day < days.length);
        before = day;
      }
    }),
    { numRuns: 20 },
  );
  assert.equal(days[0], '2018-01-01');
  assert.equal(days.at(-1), '2025-12-31');
});

function isInside(ring: readonly Point[], [x, y]: Point): boolean {
  let inside = false;
  for (let i = 1; i < ring.length; i++) {
    const [x1, y1] = ring[i - 1]!;
    const [x2, y2] = ring[i]!;
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}

function ringArea(ring: readonly Point[]): number {
  let doubled = 0;
  for (let i = 1; i < ring.length; i++) doubled += ring[i - 1]![0] * ring[i]![1] - ring[i]![0] * ring[i - 1]![1];
  return doubled / 2;
}

test('the districts tile the made-up city, and every point lies in the district it names', () => {
  const rings = districtRings();
  assert.equal(rings.length, 7);
  const area = rings.reduce((sum, ring) => sum + ringArea(ring), 0);
  assert.ok(
    rings.every((ring) => ringArea(ring) > 0),
    'counter-clockwise',
  );
  const whole = (extent.east - extent.west) * (extent.north - extent.south);
  assert.ok(Math.abs(area - whole) < 1e-9, `${area} of ${whole}`);
  const random = seededRandom(9);
  for (let i = 0; i < 2_000; i++) {
    const point = randomPoint(random);
    const holding = rings.flatMap((ring, index) => (isInside(ring, point) ? [index + 1] : []));
    assert.deepEqual(holding, [districtOf(point)], point.join(' '));
  }
});

test('any text survives being written as a CSV field', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', 'é') }), { minLength: 2 }),
      (row) => {
        assert.deepEqual(readCsv(`${row.map(toField).join(',')}\n`), [row]);
      },
    ),
  );
});

test('every dataset of the catalogue is marked, small, and can be read', () => {
  assert.ok(sampleSets.length >= 10);
  assert.equal(new Set(sampleSets.map((set) => set.id)).size, sampleSets.length);
  for (const set of sampleSets) {
    assert.match(set.metadata.notice ?? '', /^sample, .+ — not city records$/, set.id);
    const text = whole(set.read());
    assert.ok(text.length > 500 && text.length < 3_000_000, `${set.id}: ${text.length} characters`);
    if (set.fileName.endsWith('.geojson')) {
      const parsed = JSON.parse(text) as { type: string; features: unknown[] };
      assert.equal(parsed.type, 'FeatureCollection');
      assert.ok(parsed.features.length >= 7 && parsed.features.length <= 10_000, set.id);
    } else {
      const records = readCsv(text);
      assert.ok(records.length > 50 && records.length <= 10_001, `${set.id}: ${records.length} records`);
      assert.equal(new Set(records.map((record) => record.length)).size, 1, set.id);
    }
  }
  const generated = sampleSets.filter((set) => set.metadata.notice === generatedNotice);
  assert.deepEqual(generated.map((set) => set.id).sort(), [
    'building-permits',
    'business-licenses',
    'council-districts',
    'parks',
    'service-requests',
  ]);
});

test('something is left out of some of them, so that "not specified" shows', () => {
  assert.ok(sampleSets.some((set) => set.metadata.licence === undefined));
  assert.ok(sampleSets.some((set) => set.metadata.cadence === undefined));
});

type PublicSource = {
  readonly id: string;
  readonly file: string;
  readonly sha256: string;
  readonly package: string;
  readonly licenceUrl: string;
  readonly sourceUrl: string;
};

test('the public sets are the files of sample/data, byte for byte, with what is stated of each', () => {
  const folder = join(import.meta.dirname, '../../sample/data');
  const sources = JSON.parse(readFileSync(join(folder, 'sources.json'), 'utf8')) as readonly PublicSource[];
  const files = readdirSync(folder).filter((name) => !['README.md', 'sources.json'].includes(name));
  assert.deepEqual(sources.map(({ file }) => file).sort(), files.sort());
  const publicSets = sampleSets.filter((set) => set.metadata.notice !== generatedNotice);
  assert.deepEqual(
    publicSets.map(({ id }) => id),
    sources.map(({ id }) => id),
  );
  for (const { id, file, sha256, licenceUrl, sourceUrl, ...source } of sources) {
    const set = publicSets.find((each) => each.id === id);
    const read = Buffer.from([...(set?.read() ?? [])].join(''));
    assert.equal(set?.fileName, file, id);
    assert.equal(createHash('sha256').update(read).digest('hex'), sha256, id);
    assert.deepEqual([set?.metadata.licence?.url, set?.metadata.sourceUrl], [licenceUrl, sourceUrl], id);
    const [carrier = ''] = source.package.split(' ');
    assert.ok(set?.metadata.source?.includes(carrier), `${id} names ${carrier}`);
  }
});
