// A publisher killed at every step of its way: afterwards there is the old revision or the new one, whole, and nothing
// else.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../../src/app.ts';
import { readConfig } from '../../src/base/config.ts';
import { parseMetadata } from '../../src/catalogue/metadata.ts';
import { verifyAll } from '../../src/catalogue/verification.ts';
import { openPortal } from '../../src/open/portal.ts';
import { findUnnamed } from '../../src/publish/derive.ts';
import { publishSteps } from '../../src/publish/steps.ts';
import { openLog } from '../../src/serve/http/log.ts';
import type { Portal } from '../../src/serve/portal.ts';
import { openEmptyDatabase } from '../database.ts';
import { until } from '../patience.ts';
import { crashSettings } from './crash-settings.ts';
import { processesOn, sha256Of, toCsv } from './ground.ts';

const rowsOf = (round: number): number => 40 + round;
const csvOf = (round: number): string => toCsv(`round ${round}`, rowsOf(round), true);

type Place = { readonly dataDir: string; readonly databaseUrl: string };
type Died = { readonly signal: string | null; readonly code: number | null; readonly steps: readonly string[] };

async function runChild({ dataDir, databaseUrl }: Place, file: string, killAt: number): Promise<Died> {
  const program = join(import.meta.dirname, 'publish-child.ts');
  const child = spawn(process.execPath, [program, dataDir, databaseUrl, file, String(killAt)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const [code, signal] = await new Promise<[number | null, string | null]>((done) =>
    child.once('close', (...ended) => done(ended)),
  );
  assert.ok(code === 0 || signal === 'SIGKILL', `the child failed by itself (${code}): ${err}`);
  return { code, signal, steps: out.split('\n').filter((name) => name !== '') };
}

/** Opens the folder anew, as the next start does, hands it over, and closes it. */
async function reopen(
  { dataDir, databaseUrl }: Place,
  look: (portal: Portal, app: FastifyInstance) => Promise<void>,
): Promise<void> {
  const opened = await openPortal(readConfig(crashSettings(dataDir, databaseUrl)), openLog('silent'));
  const app = await buildApp(opened.portal, { web: null });
  try {
    await look(opened.portal, app);
  } finally {
    await app.close();
    await opened.close();
  }
}

async function get(app: FastifyInstance, url: string): Promise<Buffer> {
  const answer = await app.inject({ url, headers: { host: 'localhost', 'accept-encoding': 'identity' } });
  assert.equal(answer.statusCode, 200, `${url}: ${answer.body.slice(0, 300)}`);
  return answer.rawPayload;
}

/** Every address gives the revision of this round and no other, each file with the bytes that its name says. */
async function requireWhole(portal: Portal, app: FastifyInstance, round: number): Promise<void> {
  const dataset = portal.catalogue.view('trees');
  assert.ok(dataset);
  const { current } = dataset;
  assert.equal(current.rows, rowsOf(round));
  assert.equal(current.report.rowsQuarantined, 1);
  assert.equal(current.source?.sha256, sha256Of(csvOf(round)));
  assert.equal(sha256Of(await get(app, '/datasets/trees/download.parquet')), current.id);
  const count = JSON.parse((await get(app, '/api/v1/datasets/trees/count')).toString()) as { count: number };
  assert.equal(count.count, rowsOf(round));
  const lines = (await get(app, '/datasets/trees/download.csv')).toString().trimEnd().split(/\r?\n/);
  assert.equal(lines.length, rowsOf(round) + 1);
  assert.ok(lines.slice(1).every((line) => line.includes(`round ${round} number`)));
  const rows = JSON.parse((await get(app, '/resource/trees.json?$order=id desc&$limit=1')).toString()) as unknown[];
  assert.deepEqual(rows, [
    { ...(rows[0] as object), id: String(rowsOf(round)), mark: `round ${round} number ${rowsOf(round)}` },
  ]);
  const verified = await verifyAll(portal.database.db, portal.store, () => undefined);
  assert.deepEqual([verified.damaged, verified.missing, verified.audit.brokenAt], [[], [], null]);
}

async function publishRound(portal: Portal, round: number): Promise<'released' | 'unchanged'> {
  const { outcome } = await portal.publisher.publish({
    actor: { kind: 'machine', name: 'test' },
    id: 'trees',
    department: { id: 'planning', name: 'Planning' },
    metadata: parseMetadata({ title: 'Trees' }),
    note: null,
    upload: { bytes: pieces(csvOf(round)), name: 'trees.csv' },
  });
  return outcome.kind;
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** Nothing that a crash left behind stays: no work folder, no stored file without a revision, no part. */
async function requireTidy(portal: Portal, dataDir: string): Promise<void> {
  const { publisher, engine, store, catalogue } = portal;
  await publisher.sweep();
  await publisher.sweep();
  const deps = { engine, store, catalogue, workFolder: '', maxUploadBytes: 0 };
  assert.deepEqual([...(await findUnnamed(deps))], []);
  assert.deepEqual(readdirSync(join(dataDir, 'work', 'publish')), []);
  assert.deepEqual(readdirSync(join(dataDir, 'blobs', 'parts')), []);
  const engines = readdirSync(join(dataDir, 'work', 'engine'));
  assert.ok(
    engines.every((name) => name.startsWith(`engine-${process.pid}-`)),
    engines.join(' '),
  );
}

test('killed at each step, publishing leaves the old revision or the new one, whole', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'portal-kill-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { url: databaseUrl } = await openEmptyDatabase(t);
  const place = { dataDir: join(folder, 'data'), databaseUrl };
  await reopen(place, async (portal) => void (await publishRound(portal, 0)));
  const reached: string[] = [];
  for (let round = 1; ; round++) {
    const file = join(folder, 'trees.csv');
    writeFileSync(file, csvOf(round));
    const died = await runChild(place, file, round);
    if (died.code === 0) break;
    const at = died.steps.at(-1) ?? '';
    reached.push(at);
    const isReleased = died.steps.includes('released');
    await until(`the children of the one killed at ${at} end`, () => processesOn(place.dataDir).length === 0);
    await reopen(place, async (portal, app) => {
      await requireWhole(portal, app, isReleased ? round : round - 1);
      if (isReleased) {
        const made = await portal.publisher.deriveMissing();
        assert.equal(made, at === 'downloads-recorded' ? 0 : 1, `files made after ${at}`);
        assert.ok((portal.catalogue.view('trees')?.current.downloads.length ?? 0) > 3);
      }
      await requireTidy(portal, place.dataDir);
      assert.equal(await publishRound(portal, round), isReleased ? 'unchanged' : 'released');
      assert.equal(portal.catalogue.view('trees')?.current.number, round + 1, 'revisions have no gap and no twin');
      await requireWhole(portal, app, round);
    });
  }
  assert.deepEqual(reached, [...publishSteps, 'first-download-stored', 'downloads-stored', 'downloads-recorded']);
});
