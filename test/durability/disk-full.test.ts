// A full disk: publishing is refused with its code, reading goes on, and with space again everything works without a
// restart.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { closeSync, openSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { serve } from '../cli/portal-process.ts';
import { until } from '../patience.ts';
import { getBytes, getJson, machineHeader, publishOver, sha256Of, toCsv } from './ground.ts';
import { mountTmpfs, unmount, whyNoMounts } from './mounts.ts';

const skip = whyNoMounts('tmpfs');
const megabyte = 1024 * 1024;
const diskMb = 288;
/** Room that is left for a publish of ~2 MB: it fails while the file arrives, is read, is written, or is stored. */
const roomsMb = [0, 1, 4, 8, 16];

function freeBytes(place: string): number {
  const { bavail, bsize } = statfsSync(place);
  return bavail * bsize;
}

/** Writes a file until only so much room is left. */
function fill(place: string, roomBytes: number): void {
  const file = openSync(join(place, 'filler'), 'a');
  const block = Buffer.alloc(megabyte, 1);
  try {
    for (let left = freeBytes(place) - roomBytes; left > 0; left = freeBytes(place) - roomBytes) {
      writeSync(file, block, 0, Math.min(left, megabyte));
    }
  } finally {
    closeSync(file);
  }
}

type Reader = { readonly asked: () => number; readonly failed: readonly string[]; stop(): Promise<void> };

/** Asks for a page, rows, a figure and a download, over and over; notes whatever is not a right answer. */
function startReader(url: string, csvSha256: string): Reader {
  const failed: string[] = [];
  let [asked, stopped] = [0, false];
  const ask = async (path: string, isRight: (body: Buffer) => boolean): Promise<void> => {
    asked += 1;
    const answer = await fetch(`${url}${path}`);
    const body = Buffer.from(await answer.arrayBuffer());
    if (answer.status !== 200 || !isRight(body))
      failed.push(`${path}: ${answer.status} ${body.toString().slice(0, 200)}`);
  };
  const work = async (): Promise<void> => {
    for (let round = 1; !stopped; round++) {
      await ask('/datasets/trees', (body) => body.includes('trees'));
      await ask(`/api/v1/datasets/trees/rows?where=id=${round % 500 || 1}`, (body) => body.includes('first number'));
      await ask(
        '/resource/trees.json?$select=ward,count(*)&$group=ward',
        (body) => JSON.parse(body.toString()).length === 9,
      );
      await ask('/datasets/trees/download.csv', (body) => sha256Of(body) === csvSha256);
      await wait(50);
    }
  };
  const done = work();
  const stop = async (): Promise<void> => {
    stopped = true;
    await done;
  };
  return { asked: () => asked, failed, stop };
}

type Revision = { readonly revision: { readonly number: number; readonly rows: number } };

test('a full disk stops publishing and nothing else', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'portal-full-'));
  const place = join(folder, 'disk');
  t.after(async () => {
    await unmount(place);
    rmSync(folder, { recursive: true, force: true });
  });
  mountTmpfs(place, diskMb);
  const dataDir = join(place, 'data');
  const portal = await serve(t, dataDir, { SAMPLE: 'off', QUERY_WORKERS: '2', LOG_LEVEL: 'error' });
  const first = await publishOver(portal.url, dataDir, 'trees', toCsv('first', 500));
  assert.equal(first.status, 201, JSON.stringify(first.body));
  const links = () => getJson<{ data: { sha256: string | null }[] }>(`${portal.url}/api/v1/datasets/trees/downloads`);
  await until('the downloads are made', async () => (await links()).data.every(({ sha256 }) => sha256 !== null));
  const csv = sha256Of(await getBytes(`${portal.url}/datasets/trees/download.csv`));
  const current = () => getJson<Revision>(`${portal.url}/api/v1/datasets/trees`);

  const reader = startReader(portal.url, csv);
  const outcomes: string[] = [];
  for (const room of roomsMb) {
    fill(place, room * megabyte);
    const begunMs = performance.now();
    const sent = await publishOver(portal.url, dataDir, `large-${room}`, toCsv(`room ${room}`, 50_000));
    outcomes.push(`${room} MB: ${sent.status} in ${Math.round(performance.now() - begunMs)} ms`);
    if (sent.status !== 201) {
      assert.deepEqual([sent.status, sent.code], [507, 'disk-full'], JSON.stringify(sent.body));
      assert.equal((await fetch(`${portal.url}/api/v1/datasets/large-${room}`)).status, 404, 'nothing is half there');
    }
    assert.deepEqual([(await current()).revision.number, (await current()).revision.rows], [1, 500]);
    rmSync(join(place, 'filler'));
  }
  t.diagnostic(outcomes.join('; '));
  assert.match(outcomes[0]!, /: 507 /);
  assert.ok(outcomes.filter((outcome) => outcome.includes(': 507 ')).length >= 2, outcomes.join('; '));
  await reader.stop();
  assert.deepEqual(reader.failed, []);
  assert.ok(reader.asked() > 20);

  const again = await publishOver(portal.url, dataDir, 'trees', toCsv('second', 600));
  assert.equal(again.status, 201, JSON.stringify(again.body));
  assert.deepEqual([(await current()).revision.number, (await current()).revision.rows], [2, 600]);
  const verify = await fetch(`${portal.url}/api/v1/operations/verify`, {
    method: 'POST',
    headers: machineHeader(dataDir),
  });
  const found = (await verify.json()) as { damaged: unknown[]; audit: { brokenAt: number | null } };
  assert.deepEqual([found.damaged, found.audit.brokenAt], [[], null]);
  await until('no work is left on the disk', () => readdirSync(join(dataDir, 'work', 'publish')).length === 0);
  assert.equal(await portal.stop('SIGTERM'), 0);
});
