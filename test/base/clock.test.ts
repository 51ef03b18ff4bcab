// Time as the portal writes and counts it. It must not ask what time it is.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayMs, toInstant } from '../../src/base/clock.ts';
import { projectFiles, readProject } from '../source.ts';

test('a day of the clock is 24 hours', () => {
  assert.equal(toInstant(Date.parse('2026-03-07T12:00:00Z') + dayMs), '2026-03-08T12:00:00.000Z');
});

test('how long a day is in milliseconds is said in one file', () => {
  const spelled = /\b(?:86_?400_?000|24 \* (?:60 \* 60_?000|60 \* 60 \* 1_?000|3_?600 \* 1_?000|3_?600_?000))\b/u;
  const spelling = projectFiles().filter((path) => /^src\/.*\.ts$/u.test(path) && spelled.test(readProject(path)));
  assert.deepEqual(spelling, ['src/base/clock.ts']);
});
