// What the options of `portal publish` say: contacts, licences, dates, and nothing that was not given.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { CommandError } from '../../src/cli/exit.ts';
import { parseContact, parseLicence, readMetadataFile, toChanges } from '../../src/cli/metadata-options.ts';

const nobody = { name: null, email: null, phone: null, url: null };

test('a contact is told from how it is written', () => {
  assert.deepEqual(parseContact('Permit desk <permits@example.gov>'), {
    ...nobody,
    name: 'Permit desk',
    email: 'permits@example.gov',
  });
  assert.deepEqual(parseContact('<permits@example.gov>'), { ...nobody, email: 'permits@example.gov' });
  assert.deepEqual(parseContact('permits@example.gov'), { ...nobody, email: 'permits@example.gov' });
  assert.deepEqual(parseContact('https://example.gov/ask'), { ...nobody, url: 'https://example.gov/ask' });
  assert.deepEqual(parseContact('+1 (206) 555-0100'), { ...nobody, phone: '+1 (206) 555-0100' });
  assert.deepEqual(parseContact('Permit desk'), { ...nobody, name: 'Permit desk' });
});

test('a licence is known by its id, or taken as an address or a name', () => {
  assert.equal(parseLicence('cc-by-4.0', null).url, 'https://creativecommons.org/licenses/by/4.0/');
  assert.deepEqual(parseLicence('https://example.gov/terms', null), {
    id: null,
    name: 'https://example.gov/terms',
    url: 'https://example.gov/terms',
  });
  assert.deepEqual(parseLicence('City terms', 'https://example.gov/terms'), {
    id: null,
    name: 'City terms',
    url: 'https://example.gov/terms',
  });
});

test('only what was given is changed', () => {
  assert.deepEqual(toChanges({}), {});
  assert.deepEqual(toChanges({ title: 'T', keyword: ['a', 'b'], cadence: 'monthly', from: '2020-01-01' }), {
    title: 'T',
    keywords: ['a', 'b'],
    cadence: 'monthly',
    temporal: { start: '2020-01-01', end: null },
  });
});

test('a wrong option is a usage error that names it', () => {
  const usage = (pattern: RegExp) => (error: unknown) =>
    error instanceof CommandError && error.exit === 'usage' && pattern.test(error.message);
  assert.throws(() => toChanges({ cadence: 'sometimes' }), usage(/--cadence takes one of .*daily.*“sometimes”/));
  assert.throws(() => toChanges({ licenseUrl: 'https://example.gov' }), usage(/--license-url needs --license/));
});

test('a metadata file is one JSON object', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'portal-cli-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'metadata.json');
  writeFileSync(path, '{"title":"From a file","keywords":["x"]}');
  assert.deepEqual(await readMetadataFile(path), { title: 'From a file', keywords: ['x'] });
  writeFileSync(path, '[1]');
  await assert.rejects(readMetadataFile(path), { exit: 'usage' });
  writeFileSync(path, '{');
  await assert.rejects(readMetadataFile(path), { exit: 'usage' });
  await assert.rejects(readMetadataFile(join(folder, 'none.json')), { exit: 'not-found' });
});
