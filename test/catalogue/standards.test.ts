// The machine-readable descriptions of a dataset say what the publisher said, and leave out what was left out.

import assert from 'node:assert/strict';
import test from 'node:test';
import { emptyMetadata, type Dataset } from '../../src/catalogue/dataset.ts';
import { harvestGaps } from '../../src/catalogue/distributions.ts';
import { toDataJson, toDcatUs3 } from '../../src/catalogue/dcat-us.ts';
import { toCsvw, toDataPackage, toSchemaOrg } from '../../src/catalogue/standards.ts';

const site = {
  publicUrl: 'https://data.example.gov',
  cityName: 'City of Example',
  language: 'en-US',
  openData: { email: null, spatial: null },
};

const bare: Dataset = {
  id: 'trees',
  code: 'abcd-2345',
  department: { id: 'parks', name: 'Parks', description: null, contact: null, datasets: 1 },
  hasGeometry: false,
  createdAt: '2026-01-02T03:04:05.000Z',
  metadataChangedAt: '2026-01-02T03:04:05.000Z',
  metadata: { ...emptyMetadata, title: 'Trees' },
  current: {
    id: 'a'.repeat(64),
    number: 3,
    publishedAt: '2026-02-03T04:05:06.000Z',
    publishedBy: 'machine',
    note: null,
    rows: 2,
    columns: [
      {
        name: 'height',
        title: 'Height (ft)',
        description: 'Of the trunk.',
        type: { kind: 'decimal', precision: 5, scale: 1 },
        unit: 'ft',
        meaning: null,
        sourceFormat: null,
        derivedFrom: null,
      },
    ],
    parquet: { sha256: 'a'.repeat(64), bytes: 10 },
    serving: null,
    source: null,
    quarantine: null,
    downloads: [{ format: 'csv', sha256: 'b'.repeat(64), bytes: 99, encodings: {} }],
    profile: [],
    report: {
      fileName: 'trees.csv',
      fileBytes: 1,
      fileSha256: 'c'.repeat(64),
      format: 'csv',
      encoding: 'utf-8',
      delimiter: ',',
      rowsInFile: 2,
      rowsPublished: 2,
      rowsQuarantined: 0,
      findings: [],
      findingsTotal: 0,
    },
  },
};

const full: Dataset = {
  ...bare,
  hasGeometry: true,
  metadata: {
    ...bare.metadata,
    description: 'Every street tree.',
    keywords: ['tree', 'street'],
    theme: 'Environment',
    licence: { id: 'CC0-1.0', name: 'CC0 1.0', url: 'https://creativecommons.org/publicdomain/zero/1.0/' },
    cadence: 'monthly',
    temporal: { start: '2020-01-01', end: null },
    bbox: [-122.3, 47.3, -122.1, 47.5],
    notice: 'sample, generated — not city records',
  },
};

/** `missingValues: ['']` of a data package is meant: an empty cell is a missing value. */
function leaves(value: unknown): unknown[] {
  if (Array.isArray(value) && value.length === 1 && value[0] === '') return [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [value];
}

const descriptions = { toDcatUs3, toSchemaOrg, toCsvw, toDataPackage };

for (const [name, describe] of Object.entries(descriptions)) {
  test(`${name} has no null and no empty text, whatever was left out`, () => {
    for (const dataset of [bare, full]) {
      const values = leaves(describe(dataset, site));
      assert.ok(values.length > 5);
      assert.deepEqual(
        values.filter((each) => each === null || each === undefined || each === ''),
        [],
      );
    }
  });
}

test('DCAT-US 3.0 has every required field and says no licence that was not given', () => {
  const described = toDcatUs3(bare, site);
  for (const field of ['title', 'description', 'publisher', 'contactPoint', 'identifier']) assert.ok(described[field]);
  assert.ok(!('license' in described) && !('accrualPeriodicity' in described) && !('spatial' in described));
  const said = toDcatUs3(full, site);
  assert.equal(said.license, 'https://creativecommons.org/publicdomain/zero/1.0/');
  assert.equal(said.accrualPeriodicity, 'R/P1M');
  assert.match(String(said.description), /^\[sample, generated — not city records\] Every street tree/u);
});

test('GeoJSON is offered only where there is geometry', () => {
  const formats = (dataset: Dataset): unknown[] =>
    (toDcatUs3(dataset, site).distribution as { format: string }[]).map((each) => each.format);
  assert.ok(!formats(bare).includes('GeoJSON'));
  assert.ok(formats(full).includes('GeoJSON'));
});

test('data.json of 1.1 carries the constants and a keyword for every dataset', () => {
  const catalogue = toDataJson([bare, full], site) as { conformsTo: string; dataset: Record<string, unknown>[] };
  assert.equal(catalogue.conformsTo, 'https://project-open-data.cio.gov/v1.1/schema');
  assert.deepEqual(catalogue.dataset[0]!.keyword, ['Parks']);
  assert.equal(catalogue.dataset[1]!.spatial, '-122.3,47.3,-122.1,47.5');
  assert.equal(catalogue.dataset[1]!.temporal, '2020-01-01/..');
});

test('schema.org boxes are south west north east', () => {
  const place = toSchemaOrg(full, site).spatialCoverage as { geo: { box: string } };
  assert.equal(place.geo.box, '47.3 -122.3 47.5 -122.1');
});

test('CSVW and the data package describe the CSV by its own address, types and checksum', () => {
  const table = toCsvw(bare, site) as { url: string; tableSchema: { columns: { datatype: string }[] } };
  assert.equal(table.url, 'https://data.example.gov/datasets/trees/download.csv');
  assert.equal(table.tableSchema.columns[0]!.datatype, 'decimal');
  const [resource] = toDataPackage(bare, site).resources as { hash: string; bytes: number }[];
  assert.equal(resource!.hash, `sha256:${'b'.repeat(64)}`);
  assert.equal(resource!.bytes, 99);
});

test('what a harvester requires is told where nobody said it, and comes from the city where the dataset does not say it', () => {
  assert.deepEqual(harvestGaps(bare, site), ['description', 'contact', 'spatial']);
  const city = { ...site, openData: { email: 'data@example.gov', spatial: 'Example' } };
  assert.deepEqual(harvestGaps(bare, city), ['description']);
  const [entry] = toDataJson([bare], city)['dataset'] as [{ contactPoint: object; spatial: string }];
  assert.deepEqual(entry.contactPoint, { '@type': 'vcard:Contact', fn: 'Parks', hasEmail: 'mailto:data@example.gov' });
  assert.equal(entry.spatial, 'Example');
  assert.deepEqual(toSchemaOrg(bare, city)['spatialCoverage'], { '@type': 'Place', name: 'Example' });
  const own = { name: 'Ann', email: 'ann@example.gov', phone: null, url: null };
  const said = {
    ...bare,
    metadata: {
      ...bare.metadata,
      contact: own,
      spatial: 'A park',
      description: 'Every tree of the parks of the city, measured each spring.',
    },
  };
  assert.deepEqual(harvestGaps(said, site), []);
  assert.deepEqual(toSchemaOrg(said, city)['spatialCoverage'], { '@type': 'Place', name: 'A park' });
  assert.equal(toSchemaOrg(said, city)['description'], said.metadata.description);
});

test('a description too short for search engines goes on with what the data says of itself', () => {
  const description = String(toSchemaOrg(bare, site)['description']);
  assert.match(description, /^Trees\. 2 rows with Height \(ft\).*\. Published by Parks\.$/);
  assert.ok(description.length >= 50, description);
});
