// What publishers may say: kept as said, completed with nulls, refused by the field's name.
// It must try every field with what does not fit it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PortalError } from '../../src/base/errors.ts';
import { parseContact, parseDatasetId, parseMetadata } from '../../src/catalogue/metadata.ts';

test('a title is enough; everything else is null, not made up', () => {
  const metadata = parseMetadata({ title: ' Parks ' });
  const { title, keywords, accessLevel, ...rest } = metadata;
  assert.deepEqual([title, keywords, accessLevel], ['Parks', [], 'public']);
  assert.equal(Object.keys(rest).length, 19);
  for (const [name, value] of Object.entries(rest)) assert.equal(value, null, name);
  assert.deepEqual(parseMetadata(metadata), metadata);
});

test('what is given is kept', () => {
  const given = {
    title: 'Parks',
    description: 'All\nof them',
    keywords: ['a', 'b', 'a', ' '],
    theme: 'Recreation',
    licence: { id: 'CC0-1.0', name: 'CC0 1.0', url: 'https://creativecommons.org/publicdomain/zero/1.0/' },
    cadence: 'monthly',
    contact: { name: 'Parks', email: 'parks@example.gov' },
    temporal: { start: '2024', end: '2025-05' },
    bbox: [-122.3, 47.3, -122.1, 47.5],
    language: 'en-US',
    landingPage: 'https://example.gov/parks',
    notice: 'sample',
  };
  const metadata = parseMetadata(given);
  assert.deepEqual(metadata.keywords, ['a', 'b']);
  assert.deepEqual(metadata.contact, { name: 'Parks', email: 'parks@example.gov', phone: null, url: null });
  assert.deepEqual(metadata.temporal, { start: '2024', end: '2025-05' });
  assert.deepEqual(metadata.bbox, given.bbox);
  assert.deepEqual(parseMetadata(metadata), metadata);
});

const wrong: readonly (readonly [field: string, value: unknown, named?: string])[] = [
  ['title', ''],
  ['title', 7],
  ['title', 'x'.repeat(301)],
  ['description', 'a\u0000b'],
  ['description', '\ud800'],
  ['keywords', 'a, b'],
  ['keywords', [1]],
  ['licence', 'CC0', 'licence'],
  ['licence', { url: 'https://x.org' }, 'licence.name'],
  ['licence', { name: 'x', url: 'javascript:alert(1)' }, 'licence.url'],
  ['accessLevel', 'private'],
  ['cadence', 'sometimes'],
  ['contact', { email: 'nobody' }, 'contact.email'],
  ['contact', { mail: 'a@b.org' }, 'mail'],
  ['temporal', { start: '2023-02-30' }, 'temporal.start'],
  ['temporal', { start: 'May' }, 'temporal.start'],
  ['temporal', { start: '2025', end: '2024' }],
  ['bbox', [1, 2, 3]],
  ['bbox', [0, 10, 1, 5]],
  ['bbox', [-181, 0, 0, 0]],
  ['bbox', [Number.NaN, 0, 0, 0]],
  ['language', 'english please'],
  ['landingPage', 'example.gov'],
  ['sourceUrl', 'ftp://x'],
  ['colour', 'red'],
];
for (const [field, value, named = field] of wrong)
  test(`${field}: ${(JSON.stringify(value) ?? String(value)).slice(0, 40)} is refused`, () => {
    assert.throws(
      () => parseMetadata({ title: 'Parks', [field]: value }),
      (error: unknown) => {
        assert.ok(error instanceof PortalError);
        assert.equal(error.code, 'metadata-invalid');
        assert.equal(error.details.extra?.['field'], named);
        return true;
      },
    );
  });

test('metadata that is no object at all', () => {
  for (const value of [null, 'x', [], 3]) assert.throws(() => parseMetadata(value), /must be an object/);
});

test('ids and contacts', () => {
  assert.equal(parseDatasetId('bike-lane'), 'bike-lane');
  assert.throws(() => parseDatasetId('b2cd-34fg'), /shape of a dataset code/);
  assert.equal(parseContact({ name: ' ' }, 'contact'), null);
});
