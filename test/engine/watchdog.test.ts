// The clock over a child's work, by a clock of the test's own: when it is asked to stop, and when it is killed.
// It must wait for nothing.

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { startWatchdog, type Watchdog } from '../../src/engine/watchdog.ts';

type Told = { readonly dog: Watchdog; readonly told: readonly string[]; pass(ms: number): void };

function start(t: TestContext): Told {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let nowMs = 0;
  const told: string[] = [];
  const dog = startWatchdog(
    {
      deadlineMs: 1_500,
      graceMs: 1_000,
      onDeadline: () => 'deadline',
      onLongPause: () => 'pause',
      cancel: () => void told.push(`asked to stop at ${nowMs}`),
      kill: () => void told.push(`killed at ${nowMs}`),
    },
    { now: () => nowMs, monotonicMs: () => nowMs },
  );
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 100) {
      nowMs += 100;
      t.mock.timers.tick(100);
    }
  };
  return { dog, told, pass };
}

test('a child that ignores its deadline is killed one second after it', (t) => {
  const { dog, told, pass } = start(t);
  pass(1_400);
  assert.deepEqual([told, dog.reason()], [[], null]);
  pass(1_000);
  assert.deepEqual([told, dog.reason()], [['asked to stop at 1500'], 'deadline']);
  pass(1_000);
  assert.deepEqual(told, ['asked to stop at 1500', 'killed at 2500']);
});

test('time that a slow reader takes does not count, up to its own bound', (t) => {
  const { dog, told, pass } = start(t);
  pass(1_000);
  dog.pause(4_000);
  pass(3_000);
  dog.resume();
  pass(400);
  assert.deepEqual([told, dog.workedMs()], [[], 1_400]);
  dog.pause(4_000);
  pass(4_000);
  assert.deepEqual([told, dog.reason()], [['asked to stop at 8400'], 'pause']);
});

test('what is on its way may go on longer, never shorter', (t) => {
  const { dog, told, pass } = start(t);
  pass(1_000);
  dog.extend(500);
  dog.extend(3_000);
  pass(1_900);
  assert.deepEqual(told, []);
  dog.pause(4_000);
  dog.extend(3_500);
  pass(2_000);
  dog.resume();
  pass(500);
  assert.deepEqual(told, []);
  pass(100);
  assert.deepEqual([told, dog.reason()], [['asked to stop at 5500'], 'deadline']);
});

test('what has ended is neither asked to stop nor killed', (t) => {
  const { dog, told, pass } = start(t);
  dog.stop('left');
  assert.deepEqual(told, ['asked to stop at 0']);
  dog.end();
  pass(10_000);
  assert.deepEqual([told, dog.reason()], [['asked to stop at 0'], 'left']);
});
