// A publishing portal is killed with -9 at any moment: every acknowledged release is there, whole, numbered without a
// gap. It must kill the process that publishes, with its own PostgreSQL, not a stand-in.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { quietEffects } from '../../src/base/effects.ts';
import { openCatalogue } from '../../src/catalogue/datasets.ts';
import { openDatabase } from '../../src/db/open.ts';
import { verifyAudit } from '../../src/people/audit.ts';
import { until } from '../patience.ts';
import { sha } from './releases.ts';

const project = resolve(import.meta.dirname, '..', '..');

/** Releases `r1`, `r2` … of one dataset without end and prints each number once the release is acknowledged. */
function startPublisher(dataDir: string, from: number): { child: ChildProcess; acked: () => number } {
  const script = `
    const at = (path) => import(${JSON.stringify(project)} + '/' + path);
    const { openDatabase } = await at('src/db/open.ts');
    const { quietEffects } = await at('src/base/effects.ts');
    const { releaseRevision } = await at('src/catalogue/release.ts');
    const { machine, makeRelease } = await at('test/catalogue/releases.ts');
    const opened = await openDatabase({ dataDir: ${JSON.stringify(dataDir)}, databaseUrl: null, databasePoolSize: 2 }, quietEffects);
    for (let n = ${from}; ; n += 1) {
      const { number } = await releaseRevision(opened.db, machine, makeRelease('parks', 'r' + n), quietEffects);
      process.stdout.write(number + '\\n');
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (more: string) => (text += more));
  return { child, acked: () => Number(text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1)) || 0 };
}

test('five kills: nothing acknowledged is lost, nothing is half there', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'portal-kill-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  let kept = 0;
  for (let round = 0; round < 5; round += 1) {
    const publisher = startPublisher(dataDir, kept + 1);
    await until('five releases', () => {
      assert.equal(publisher.child.exitCode, null, 'the publisher publishes');
      return publisher.acked() >= kept + 5;
    });
    await wait(round * 17);
    const gone = new Promise((done) => publisher.child.once('close', done));
    publisher.child.kill('SIGKILL');
    await gone;
    const opened = await openDatabase({ dataDir, databaseUrl: null, databasePoolSize: 2 }, quietEffects);
    const catalogue = await openCatalogue(opened, quietEffects);
    const dataset = catalogue.view('parks');
    assert.ok(dataset !== null && dataset.current.number >= publisher.acked());
    kept = dataset.current.number;
    const revisions = await catalogue.revisions('parks');
    assert.deepEqual(
      revisions.map((revision) => revision.number),
      Array.from({ length: kept }, (_, i) => kept - i),
    );
    for (const revision of revisions) assert.equal(revision.id, sha(`r${revision.number}`));
    const audit = await verifyAudit(opened.db);
    assert.deepEqual([audit.events, audit.brokenAt], [kept, null]);
    const { rows } = await opened.pool.query('select count(*)::int as n from outbox');
    assert.equal(rows[0].n, kept);
    await catalogue.close();
    await opened.close();
  }
  t.diagnostic(`${kept} releases acknowledged over 5 kills, 0 lost`);
});
