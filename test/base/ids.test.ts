// Names given out: shape, order and spread; and that every event reads as a log line.
// It must not test what chance decides: bounds here fail less than once in 10^12 runs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toLogLine } from '../../src/base/events.ts';
import { datasetCodePattern, isId, newDatasetCode, newId, newToken } from '../../src/base/ids.ts';
import { projectFiles, readProject } from '../source.ts';

test('dataset codes have the shape, never an unclear letter, and do not repeat', () => {
  const codes = new Set<string>();
  for (let i = 0; i < 2000; i += 1) codes.add(newDatasetCode());
  for (const code of codes) {
    assert.match(code, datasetCodePattern);
    assert.doesNotMatch(code, /[01aeioul]/);
  }
  assert.ok(codes.size >= 1998);
});

test('ids are UUIDv7 and sort by time', () => {
  const at = (ms: number): string => newId({ now: () => ms, monotonicMs: () => 0 });
  const early = at(1_700_000_000_000);
  const late = at(1_700_000_000_001);
  assert.match(early, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(early < late);
  assert.equal(Number.parseInt(early.replace('-', '').slice(0, 12), 16), 1_700_000_000_000);
});

test('only what the database reads as an id is one', () => {
  const id = newId({ now: () => 1_700_000_000_000, monotonicMs: () => 0 });
  assert.ok(isId(id));
  const others = ['', '-'.repeat(36), 'a'.repeat(36), id.toUpperCase(), `${id}\n`, ` ${id}`, id.replaceAll('-', '')];
  for (const other of others) assert.ok(!isId(other), JSON.stringify(other));
});

test('what an id looks like is said in one file', () => {
  const spelled = /\[0-9a-f-\]\{36\}|\[0-9a-f\]\{8\}\(/u;
  const spelling = projectFiles().filter((path) => /^src\/.*\.ts$/u.test(path) && spelled.test(readProject(path)));
  assert.deepEqual(spelling, ['src/base/ids.ts']);
});

test('tokens carry 256 bits behind their prefix', () => {
  assert.match(newToken('kdp'), /^kdp_[\w-]{43}$/);
  assert.notEqual(newToken('kdp'), newToken('kdp'));
});

test('an event becomes a sentence with its fields flat beside it, errors included', () => {
  const line = toLogLine({ kind: 'failure', where: 'derive', error: new Error('boom') });
  assert.equal(line.level, 'error');
  assert.equal(line.fields['event'], 'failure');
  assert.equal((line.fields['error'] as { message: string }).message, 'boom');
  const request = { id: 'r1', method: 'GET', path: '/x', status: 200, bytes: 3, elapsedMs: 1, actor: 'public' };
  const served = toLogLine({ kind: 'request-finished', request });
  assert.equal(served.message, 'GET /x 200');
  assert.deepEqual(served.fields, { event: 'request-finished', ...request });
  assert.equal(toLogLine({ kind: 'database-message', severity: 'warn', text: 'x' }).level, 'warn');
});
