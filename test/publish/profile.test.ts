// The figures of a column: whole numbers of few values are values, others are bins that end with the data.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGround } from './ground.ts';

test('whole numbers of few values are counted one by one, however far apart; others in bins', async () => {
  const ground = await openGround();
  const rows = Array.from(
    { length: 60 },
    (_, row) => `${[0, 1, 7][row % 3]},${[-5, 1900, 2026][row % 3]},${row * 3},${row}.5`,
  );
  const { profile } = await ground.ingest('few.csv', `district,year,many,measure\n${rows.join('\n')}\n,,,\n`);
  const histogramOf = (name: string) => profile.find((each) => each.name === name)?.histogram;
  assert.deepEqual(histogramOf('district'), { edges: ['0', '1', '7', '7'], counts: [20, 20, 20], values: true });
  assert.deepEqual(histogramOf('year'), { edges: ['-5', '1900', '2026', '2026'], counts: [20, 20, 20], values: true });
  for (const name of ['many', 'measure']) {
    const found = histogramOf(name)!;
    assert.equal(found.values, undefined, name);
    assert.equal(
      found.counts.reduce((sum, count) => sum + count, 0),
      60,
      name,
    );
    assert.ok(found.counts.length <= 20);
  }
});
