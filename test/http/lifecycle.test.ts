// The portal from its start to its end: server.json, readiness, a stop that finishes running answers, one portal a
// folder.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readConfig } from '../../src/base/config.ts';
import { parseMetadata } from '../../src/catalogue/metadata.ts';
import { startPortal } from '../../src/main.ts';
import { openLog } from '../../src/serve/http/log.ts';
import { openEmptyDatabase } from '../database.ts';
import { testActor } from '../portal.ts';

const dataDir = await mkdtemp(join(tmpdir(), 'portal-life-'));
const database = await openEmptyDatabase({ after });
after(() => rm(dataDir, { recursive: true, force: true }));

const config = readConfig({
  DATA_DIR: dataDir,
  DATABASE_URL: database.url,
  DATABASE_POOL_SIZE: '3',
  QUERY_WORKERS: '1',
  PORT: '0',
  SAMPLE: 'off',
  SHUTDOWN_SECONDS: '20',
});
const start = () => startPortal(config, { web: false, log: openLog('silent') });

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

describe('startPortal', () => {
  it('listens on a free port, says where in server.json, and is ready', async (t) => {
    const running = await start();
    t.after(() => running.close());
    await running.ready;
    const told = JSON.parse(await readFile(join(dataDir, 'server.json'), 'utf8')) as { pid: number; url: string };
    assert.deepEqual(told, { pid: process.pid, url: running.url });
    assert.equal((await stat(join(dataDir, 'machine.key'))).mode & 0o777, 0o600);
    const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
    assert.equal(await modeOf(dataDir), process.getuid?.() === 0 ? 0o711 : 0o700, 'others may not list it');
    for (const name of ['blobs', 'work']) assert.equal(await modeOf(join(dataDir, name)), 0o700, name);
    const ready = await fetch(`${running.url}/health/ready`);
    assert.deepEqual([ready.status, ((await ready.json()) as { status: string }).status], [200, 'ready']);
    const waited = running.portal.lifecycle.wait('a test');
    assert.equal((await fetch(`${running.url}/health/ready`)).status, 503);
    waited();
  });

  it('refuses a second portal on the same folder', async (t) => {
    const running = await start();
    t.after(() => running.close());
    await assert.rejects(start(), { name: 'PortalError' });
    assert.equal((await fetch(`${running.url}/health/live`)).status, 200);
  });

  it('finishes a running answer when it stops, takes no new one, and closes everything', async () => {
    const running = await start();
    const rows = Array.from({ length: 60_000 }, (_, i) => `${i},${'y'.repeat(300)}`);
    await running.portal.publisher.publish({
      actor: testActor,
      id: 'stopping',
      department: { id: 'planning', name: 'Planning' },
      metadata: parseMetadata({ title: 'Stopping' }),
      note: null,
      upload: { bytes: bytes(`n,words\n${rows.join('\n')}\n`), name: 'stopping.csv' },
    });
    const answer = await fetch(`${running.url}/api/v1/datasets/stopping/export.csv`);
    const closing = running.close('SIGTERM');
    assert.equal(running.portal.lifecycle.state(), 'stopping');
    const text = await answer.text();
    assert.equal(text.trim().split('\n').length, 60_001);
    await closing;
    await assert.rejects(fetch(`${running.url}/health/live`));
    assert.ok(!existsSync(join(dataDir, 'server.json')));
    const again = await start();
    assert.equal(
      ((await (await fetch(`${again.url}/api/v1/datasets/stopping/count`)).json()) as { count: number }).count,
      60_000,
    );
    await again.close();
  });
});
