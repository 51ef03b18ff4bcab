// Loading the sample: everything once, resumed after a cut, and an error is not swallowed.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { sampleSets } from '../../sample/catalogue.ts';
import { isSampleDue, loadSample, type SampleUpload } from '../../sample/load.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { PortalEvent } from '../../src/base/events.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'portal-sample-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test('every dataset is handed over once, whole, with all its metadata fields', async (t) => {
  const dataDir = folder(t);
  const events: PortalEvent[] = [];
  const uploads: (SampleUpload & { readonly size: number })[] = [];
  const publish = async (upload: SampleUpload): Promise<void> => {
    let size = 0;
    for await (const chunk of upload.bytes()) size += chunk.length;
    uploads.push({ ...upload, size });
  };
  const effects = { clock: systemClock, observe: (event: PortalEvent) => void events.push(event) };
  assert.equal(await isSampleDue(dataDir, true), true);
  const count = await loadSample({ dataDir, has: () => false, publish }, effects);
  assert.equal(count, sampleSets.length);
  assert.deepEqual(new Set(uploads.map((each) => each.id)), new Set(sampleSets.map((each) => each.id)));
  for (const upload of uploads) {
    assert.ok(upload.size > 500);
    assert.equal(Object.keys(upload.metadata).length, 22, upload.id);
    assert.ok(Object.values(upload.metadata).every((value) => value !== undefined));
  }
  assert.deepEqual(
    events.map((event) => event.kind),
    ['sample-loading', 'sample-loaded'],
  );
  assert.equal(await isSampleDue(dataDir, false), false, 'it is loaded once');
});

test('a load that was cut short goes on with what is missing', async (t) => {
  const dataDir = folder(t);
  const effects = { clock: systemClock, observe: () => undefined };
  const there = new Set<string>();
  const publish = (upload: SampleUpload): Promise<void> => {
    if (there.size === 3) return Promise.reject(new Error('the power went'));
    there.add(upload.id);
    return Promise.resolve();
  };
  await assert.rejects(loadSample({ dataDir, has: (id) => there.has(id), publish }, effects), /the power went/);
  assert.ok(existsSync(join(dataDir, 'sample-loading')));
  assert.equal(await isSampleDue(dataDir, false), true);
  const added: string[] = [];
  const again = await loadSample(
    { dataDir, has: (id) => there.has(id), publish: (upload) => Promise.resolve(added.push(upload.id)) },
    effects,
  );
  assert.equal(again, sampleSets.length - 3);
  assert.ok(added.every((id) => !there.has(id)));
  assert.equal(await isSampleDue(dataDir, false), false);
});
