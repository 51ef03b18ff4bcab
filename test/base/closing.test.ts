// What a portal opened is closed, the last first, whatever goes wrong.
import assert from 'node:assert/strict';
import test from 'node:test';

import { closeAll } from '../../src/base/closing.ts';

test('the last opened is closed first, and one that fails keeps none open', async () => {
  const closed: string[] = [];
  const closers = ['database', 'store', 'engine'].map((name) => async () => {
    closed.push(name);
    if (name === 'store') throw new Error('the disk is gone');
  });
  await assert.rejects(closeAll(closers), (error: AggregateError) => {
    assert.match(error.message, /the disk is gone/);
    return error.errors.length === 1;
  });
  assert.deepEqual(closed, ['engine', 'store', 'database']);
  await closeAll(closers);
  assert.equal(closed.length, 3);
});
