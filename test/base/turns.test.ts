// Turns hold whatever comes, ends, fails or gives up: never too many, never out of order, none lost.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';

import { PortalError } from '../../src/base/errors.ts';
import { openTurns } from '../../src/base/turns.ts';
import type { Turns } from '../../src/base/turns.ts';

const hasCode = (code: string) => (error: unknown) => error instanceof PortalError && error.code === code;

/** Everything that has settled by now has been told. */
const breath = () => new Promise((go) => setImmediate(go));

type Piece = {
  readonly alone: boolean;
  state: 'waiting' | 'running' | 'ended' | 'gone';
  readonly work: PromiseWithResolvers<void>;
  readonly giveUp: AbortController;
  readonly outcome: Promise<string>;
};

/** Pieces of work that a test ends by hand, and the order in which they began. */
function ask(turns: Turns, alone: boolean, begun: Piece[]): Piece {
  const work = Promise.withResolvers<void>();
  const giveUp = new AbortController();
  const run = async (): Promise<string> => {
    piece.state = 'running';
    begun.push(piece);
    await work.promise;
    return 'done';
  };
  const given = { signal: giveUp.signal };
  const asked = alone ? turns.alone(run, given) : turns.take(run, given);
  const outcome = asked.catch((error: unknown) => String(error));
  const piece: Piece = { alone, state: 'waiting', work, giveUp, outcome };
  return piece;
}

type Step = { readonly what: 'take' | 'alone' | 'end' | 'fail' | 'give-up'; readonly which: number };

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('take', 'take', 'take', 'alone', 'end', 'end', 'fail', 'give-up'),
  which: fc.nat(20),
});

test('whatever comes, ends, fails or gives up: never more than allowed, in the order of asking, and none is lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 40 }), async (atOnce, steps) => {
      const turns = openTurns({ atOnce });
      const pieces: Piece[] = [];
      const begun: Piece[] = [];
      const those = (state: Piece['state']) => pieces.filter((piece) => piece.state === state);
      for (const { what, which } of steps) {
        const running = those('running');
        const waiting = those('waiting');
        if (what === 'take' || what === 'alone') pieces.push(ask(turns, what === 'alone', begun));
        const one = what === 'give-up' ? waiting[which % waiting.length] : running[which % running.length];
        if (one !== undefined && what === 'give-up') {
          one.state = 'gone';
          one.giveUp.abort('gave up');
        } else if (one !== undefined && (what === 'end' || what === 'fail')) {
          one.state = 'ended';
          if (what === 'end') one.work.resolve();
          else one.work.reject('failed');
        }
        await breath();
        const now = those('running');
        assert.ok(now.length <= atOnce, `${now.length} at once`);
        assert.ok(!now.some(({ alone }) => alone) || now.length === 1, 'what is alone has company');
        const first = those('waiting')[0];
        const mayBegin =
          first?.alone === true ? now.length === 0 : now.length < atOnce && !now.some(({ alone }) => alone);
        assert.ok(first === undefined || !mayBegin, 'the first waits although there is room');
      }
      const order = begun.map((piece) => pieces.indexOf(piece));
      assert.deepEqual(
        order,
        [...order].sort((a, b) => a - b),
        'in the order of asking',
      );
      while (those('running').length > 0) {
        for (const piece of those('running')) {
          piece.state = 'ended';
          piece.work.resolve();
        }
        await breath();
      }
      await turns.settled();
      assert.equal(those('waiting').length, 0, 'nobody waits for ever');
      const outcomes = await Promise.all(pieces.map(({ outcome }) => outcome));
      for (const [index, piece] of pieces.entries()) {
        assert.ok(piece.state === 'gone' ? outcomes[index] === 'gave up' : outcomes[index] !== 'gave up');
      }
    }),
    { numRuns: 200 },
  );
});

test('too many may not wait, and whoever waits too long is told', async () => {
  const turns = openTurns({ atOnce: 1, mayWait: 1 });
  const held = Promise.withResolvers<string>();
  const first = turns.take(() => held.promise);
  const late = turns.take(() => Promise.resolve('never'), { waitMs: 1 });
  await assert.rejects(
    turns.take(() => Promise.resolve('never')),
    hasCode('overloaded'),
  );
  await assert.rejects(late, hasCode('overloaded'));
  const next = turns.take(() => Promise.resolve('next'), { waitMs: 600_000 });
  held.resolve('first');
  assert.deepEqual(await Promise.all([first, next]), ['first', 'next']);
  const own = openTurns({ atOnce: 1, mayWait: 0, full: () => new PortalError('not-ready') });
  const only = own.take(() => Promise.resolve('only'));
  await assert.rejects(
    own.take(() => Promise.resolve('never')),
    hasCode('not-ready'),
  );
  assert.equal(await only, 'only', 'a free place needs no waiting');
});

test('once closed nobody comes in, whoever waits still has a turn, and an aborted one never begins', async () => {
  const turns = openTurns({ atOnce: 1 });
  const held = Promise.withResolvers<void>();
  const done: string[] = [];
  const first = turns.take(async () => {
    await held.promise;
    done.push('first');
  });
  const second = turns.alone(async () => void done.push('second'));
  turns.close();
  await assert.rejects(
    turns.take(() => Promise.resolve()),
    hasCode('not-ready'),
  );
  const settled = turns.settled().then(() => done.push('settled'));
  held.resolve();
  await Promise.all([first, second, settled]);
  assert.deepEqual(done, ['first', 'second', 'settled']);
  const gone = AbortSignal.abort(new Error('gone before'));
  await assert.rejects(
    openTurns({ atOnce: 1 }).take(() => Promise.resolve(), { signal: gone }),
    /gone before/u,
  );
});
