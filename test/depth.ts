// How deep the tests go: `quick` at every change, `full` before a release.
// It must leave out only more of the same: each kind of thing is tried at both depths.

const asked = process.env['TEST_DEPTH'] ?? 'quick';
if (asked !== 'quick' && asked !== 'full') throw new Error(`TEST_DEPTH is quick or full; “${asked}” is neither.`);

export const isFull = asked === 'full';

/** How often `portal serve` is killed at random moments: each kind of round once, or many. */
export const killRounds = readRounds();

/** How many times as long as at quick depth a test may take. */
export const depthFactor = Math.max(isFull ? 3 : 1, Math.ceil(killRounds / 10));

function readRounds(): number {
  const given = process.env['TEST_KILL_ROUNDS'];
  if (given === undefined) return isFull ? 50 : 2;
  const rounds = Number(given);
  if (!Number.isInteger(rounds) || rounds < 2) throw new Error(`TEST_KILL_ROUNDS is a number from 2; not “${given}”.`);
  return rounds;
}
