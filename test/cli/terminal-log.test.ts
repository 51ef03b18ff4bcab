// What a person reads at a terminal while the portal starts and runs, and how a start that cannot be says what to do.

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import test from 'node:test';
import type { PortalEvent } from '../../src/base/events.ts';
import { requireFreePort, toListenError } from '../../src/serve/http/ports.ts';
import { openTerminalLog } from '../../src/cli/terminal-log.ts';

function openWatched(level: 'info' | 'warn' = 'info', isTTY = false) {
  let text = '';
  const stream = { isTTY, write: (part: string) => void (text += part) };
  const log = openTerminalLog(level, stream, { now: () => Date.UTC(2026, 10, 30, 12), monotonicMs: () => 0 });
  return { log, read: () => text, lines: () => text.split('\n').filter((line) => line !== '') };
}

const start: readonly PortalEvent[] = [
  { kind: 'portal-starting', version: '0.1.0', dataDir: '/data' },
  { kind: 'migration-applied', name: '0001-catalogue.sql', elapsedMs: 1 },
  { kind: 'database-ready', embedded: true, version: '18', startMs: 1 },
  { kind: 'pages-ready', elapsedMs: 1 },
  { kind: 'sample-loading', datasets: 2 },
  { kind: 'revision-released', dataset: 'parks', number: 1, rows: 64, actor: 'portal' },
  { kind: 'revision-released', dataset: 'trees', number: 1, rows: 64, actor: 'portal' },
];
const ready: PortalEvent = {
  kind: 'portal-ready',
  url: 'http://127.0.0.1:8080',
  publicUrl: 'http://localhost:8080',
  startMs: 2,
};

test('a start is told in plain words and ends with the address; then each event is one line', () => {
  const { log, lines } = openWatched();
  for (const event of [...start, ready]) log.observe(event);
  log.request({ id: '1', method: 'GET', path: '/search', status: 200, bytes: 9, elapsedMs: 12.4, actor: 'public' });
  log.observe({ kind: 'metadata-changed', dataset: 'parks', actor: 'ann' });
  const told = lines();
  assert.deepEqual(told.slice(0, 7), [
    'Portal 0.1.0, with its data in /data',
    'Starting the database …',
    'Building the pages, which takes longer the first time …',
    'Opening the portal …',
    'Loading the sample catalogue …',
    'Open this address in a browser:',
    '  http://localhost:8080',
  ]);
  assert.match(told.at(-2)!, /^\d\d:\d\d:\d\d {2}GET \/search 200, 12 ms$/);
  assert.match(told.at(-1)!, /^\d\d:\d\d:\d\d {2}The metadata of parks was changed by ann\.$/);
  assert.ok(told.every((line) => !line.startsWith('{')));
});

test('a warning and an error are never lost: during a start, in any level, with what went wrong', () => {
  for (const isTTY of [false, true]) {
    const { log, read } = openWatched('warn', isTTY);
    log.observe(start[0]!);
    log.observe({ kind: 'database-retry', attempt: 2, reason: 'connection refused' });
    log.observe({ kind: 'failure', where: 'the start of the portal', error: new Error('the disk is on fire') });
    log.request({ id: '1', method: 'GET', path: '/quiet', status: 200, bytes: 9, elapsedMs: 1, actor: 'public' });
    log.flush();
    assert.match(read(), /Warning: PostgreSQL is not answering yet \(try 2\): connection refused\n/);
    assert.match(read(), /Error: Something failed in the start of the portal\.\n +Error: the disk is on fire\n +at /);
    assert.doesNotMatch(read(), /quiet/);
    assert.equal(read().includes('\u001B'), isTTY, 'control characters only where a terminal reads them');
  }
});

test('a port that is taken, forbidden or nowhere is said before anything is opened, with what to do', async (t) => {
  const taken = createServer();
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
  t.after(() => taken.close());
  const address = taken.address();
  const port = typeof address === 'object' ? address!.port : 0;
  const config = { host: '127.0.0.1', port } as Parameters<typeof requireFreePort>[0];
  await assert.rejects(requireFreePort(config), {
    code: 'setting-invalid',
    message: `Port ${port} of 127.0.0.1 is taken by another program. Stop it, or start the portal on another port: PORT=${port + 1} npm start`,
  });
  await assert.rejects(requireFreePort({ ...config, host: '192.0.2.1' }), /HOST is 192\.0\.2\.1, which is no address/);
  const forbidden = Object.assign(new Error('listen EACCES'), { code: 'EACCES' });
  assert.match(String(toListenError({ host: '::', port: 80 }, forbidden)), /may not listen on port 80 of ::/);
  const other = new Error('something else');
  assert.equal(toListenError(config, other), other);
});
