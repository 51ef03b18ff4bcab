// A destruction whose process is killed in the middle is finished by the next run: once, wholly, with one certificate.
// It must kill a real process, not pretend to.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';

import { addFile } from '../../../src/records/requests/files.ts';
import { first, openRetentionGround, second, toCitySchedule } from './fixture.ts';

test('correspondence whose destruction was killed between database and store is gone after the next run', async (t) => {
  const ground = await openRetentionGround({ after: (close) => t.after(close) }, await toCitySchedule());
  const { request, store, database, seal, effects, retention, workFolder } = ground;
  const parts = { db: database.db, seal, store, workFolder };
  for (const name of ['a.txt', 'b.txt']) {
    const bytes = (async function* () {
      yield Buffer.from(`The file ${name} with words of the requester`);
    })();
    await addFile(parts, { requestId: request.id }, { name, bytes }, effects);
  }
  await ground.close(request, '2026-03-09');
  ground.at('2028-03-10');
  const id = await retention.propose(first, { series: 'request-files', requests: [request.number] });
  await retention.approve(second, id);
  const { rows: files } = await database.pool.query<{ blob: string }>('select blob from records_files');
  assert.equal(files.length, 2);
  await ground.work(); // letters are still to be sent: the correspondence is kept, and the certificate says so
  assert.equal((await retention.destruction(first, id)).items[0]?.reason, 'a letter is still to be sent');
  await database.pool.query(`update letters set state = 'sent', ended_at = now(), claimed_at = null`);
  const again = await retention.propose(first, { series: 'request-files', requests: [request.number] });
  await retention.approve(second, again);

  const script = join(import.meta.dirname, 'killed-destroyer.ts');
  const blobs = join(workFolder, '..', 'blobs');
  const child = spawn(process.execPath, [script, database.url, again, blobs, workFolder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => void child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  assert.equal(said.toString(), 'removing\n');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const count = async (table: string) =>
    (await database.pool.query(`select count(*)::int as n from ${table} where request_id = $1`, [request.id])).rows[0]
      .n;
  assert.deepEqual([await count('records_messages'), await count('records_files'), await count('letters')], [0, 0, 0]);
  for (const { blob } of files) assert.equal(await store.has(blob), true, 'the files wait for the next run');
  const half = await retention.destruction(first, again);
  assert.deepEqual([half.state, half.items[0]?.state], ['approved', 'destroyed']);

  await ground.work();
  for (const { blob } of files) assert.equal(await store.has(blob), false);
  const done = await retention.destruction(first, again);
  assert.equal(done.state, 'done');
  const things = done.items[0]!.contents;
  assert.equal(things.filter(({ what }) => what.startsWith('File')).length, 2);
  assert.ok(things.some(({ what }) => what.startsWith('Message')));
  const { rows } = await database.pool.query(
    `select count(*)::int as n from records_events where request_id = $1 and kind = 'destroyed'`,
    [request.id],
  );
  assert.equal(rows[0].n, 1);
  assert.equal((await ground.records.requests.find(request.id)).text, request.text, 'the log stays');
});
