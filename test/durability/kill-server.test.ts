// `portal serve` killed at random moments while files are being published: what it acknowledged is there afterwards.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { serve } from '../cli/portal-process.ts';
import { killRounds } from '../depth.ts';
import { until } from '../patience.ts';
import { requireAcked, startWriter, type Ack } from './acks.ts';
import { familyOf, listProcesses, processesOn } from './ground.ts';

const seed = 20_261_123;
/** The first two rounds show each side of both; four show every pair; more show rarer moments. */
const kinds = [
  // Half the rounds die in the very first publishes after a start, half when there is something to lose.
  { afterAcks: true, orphan: false },
  { afterAcks: false, orphan: true },
  { afterAcks: true, orphan: true },
  { afterAcks: false, orphan: false },
] as const;
const acksBefore = 2;
const skip = process.platform === 'linux' ? false : 'looks at processes in /proc';

/** Mulberry32: the same moments in every run. */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function postgresOn(dataDir: string): readonly number[] {
  const cluster = join(dataDir, 'postgres', 'cluster');
  return listProcesses().flatMap(({ pid, command }) =>
    /^\S*\/postgres -D /.test(command) && command.includes(cluster) ? [pid] : [],
  );
}

/** The shell that stops PostgreSQL when the portal ends is killed first, so that PostgreSQL outlives both. */
function killAlsoTheWatch(portal: number): void {
  const shells = familyOf(portal).filter(({ command }) => /^\S*sh -c /.test(command) && command.includes('postgres'));
  assert.ok(shells.length > 0, 'the shell that watches PostgreSQL');
  process.kill(portal, 'SIGSTOP');
  for (const { pid } of shells) process.kill(pid, 'SIGKILL');
}

test('kill -9 at random moments loses nothing that was acknowledged', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'portal-crash-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const dataDir = join(folder, 'data');
  const random = randomFrom(seed);
  const acks: Ack[] = [];
  const restartsMs: number[] = [];
  let adopted = 0;
  let orphans = 0;
  for (let round = 0; round <= killRounds; round++) {
    const { afterAcks, orphan } = kinds[round % kinds.length]!;
    const left = postgresOn(dataDir);
    const begunMs = performance.now();
    const portal = await serve(t, dataDir, { SAMPLE: 'off', QUERY_WORKERS: '2' });
    if (round > 0) restartsMs.push(performance.now() - begunMs);
    await until('one PostgreSQL, and not the one left behind', () => {
      const now = postgresOn(dataDir);
      return now.length === 1 && !left.includes(now[0]!);
    });
    await requireAcked(portal.url, acks.slice(-6));
    if (round === killRounds) {
      await requireAcked(portal.url, acks);
      assert.equal(await portal.stop('SIGTERM'), 0);
      break;
    }
    const writers = ['parks', 'trees'].map((dataset) => startWriter(portal.url, dataDir, dataset, round * 1_000));
    const count = () => writers.reduce((sum, writer) => sum + writer.acks.length, 0);
    if (afterAcks) await until('publishes are acknowledged', () => count() >= acksBefore);
    await wait(random() * 1_500);
    if (orphan) killAlsoTheWatch(portal.pid);
    if (orphan) orphans += 1;
    await portal.stop('SIGKILL');
    if (orphan && postgresOn(dataDir).length > 0) adopted += 1;
    for (const writer of writers) await writer.done;
    acks.push(...writers.flatMap((writer) => writer.acks));
  }
  assert.ok(acks.length >= killRounds, `${acks.length} publishes were acknowledged`);
  assert.ok(adopted >= Math.max(1, orphans - 1), `PostgreSQL outlived its portal ${adopted} times of ${orphans}`);
  await until('nothing of the portal runs any more', () => processesOn(dataDir).length === 0);
  const sorted = restartsMs.toSorted((a, b) => a - b).map(Math.round);
  t.diagnostic(`${acks.length} acknowledged, 0 lost; restart to ready, ms: ${sorted.join(' ')}; seed ${seed}`);
});
