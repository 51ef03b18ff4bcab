// A draft between the two halves of publishing: nothing public, nothing swept, and a release that is whole or is not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drizzle } from 'drizzle-orm/node-postgres';
import { quietEffects } from '../../src/base/effects.ts';
import { newId } from '../../src/base/ids.ts';
import { parseMetadata } from '../../src/catalogue/metadata.ts';
import { migrate, migrationsFolder, readMigrations } from '../../src/db/migrate.ts';
import { datasetDrafts } from '../../src/db/tables-drafts.ts';
import { departments } from '../../src/db/tables.ts';
import { findUnnamed } from '../../src/publish/derive.ts';
import { closeDiscarded, keepDraft, readDraft, requireOpen, type KeptDraft } from '../../src/publish/drafts.ts';
import { blobsOf, type PreparedFile } from '../../src/publish/prepare.ts';
import type { Draft } from '../../src/publish/release.ts';
import { openEmptyDatabase, openTestPool } from '../database.ts';
import { hasCode } from './ground.ts';
import { first, openStand, toBytes, toInput, type Stand } from './stand.ts';

const actor = { kind: 'machine', name: 'desk' } as const;
const parks = { id: 'parks', name: 'Parks' };

type Given = Partial<Draft> & { readonly origin?: string | null };

/** The draft as it is read back. */
async function keep({ database }: Stand, file: PreparedFile | null, given: Given = {}): Promise<KeptDraft> {
  const { db, effects } = database;
  const { origin = null, ...words } = given;
  const now = '2026-03-02T20:00:00.000Z';
  await db
    .insert(departments)
    .values({ ...parks, createdAt: now, changedAt: now })
    .onConflictDoNothing();
  const id = newId(effects.clock);
  const metadata = parseMetadata({ title: 'Trees' });
  const draft = { id: 'trees', department: parks, metadata, note: null, file, ...words };
  const expected = draft.expected ?? null;
  await db.transaction((tx) => keepDraft(tx, actor, { id, origin, draft: { ...draft, expected } }, effects));
  return (await readDraft(db, id))!;
}

const prepare = (stand: Stand, text: string, given: Given = {}): Promise<KeptDraft> => {
  const upload = { bytes: toBytes(text), name: 'trees.csv' };
  return stand.publisher.prepare({ upload, declared: null }, (file) => keep(stand, file, given));
};

test('a prepared file waits as a draft: its findings are there, nothing is public, nothing of it is swept', async (t) => {
  const stand = await openStand(t);
  const { publisher, deps } = stand;
  const kept = await prepare(stand, first);
  const { file } = kept.draft;
  assert.ok(file !== null);
  assert.deepEqual([file.rows, file.report.rowsQuarantined, file.report.findings[0]?.code], [2, 1, 'row-too-wide']);
  assert.equal(deps.catalogue.view('trees'), null);
  for (let look = 0; look < 2; look++) await publisher.sweep();
  for (const name of blobsOf(file)) assert.equal(await deps.store.verify(name), true);

  const { outcome, dataset } = await publisher.release(actor, kept);
  assert.deepEqual([outcome.kind, outcome.number, dataset.current.id], ['released', 1, file.parquet.sha256]);
  assert.deepEqual(dataset.current.report, file.report);
  assert.equal((await publisher.publish(toInput(first))).outcome.kind, 'unchanged', 'what a publish at once would be');
  const closed = await readDraft(stand.database.db, kept.id);
  assert.deepEqual([closed?.state, closed?.version, closed?.draft.file], ['published', 2, null]);
  assert.throws(() => requireOpen(closed!, 2), hasCode('conflict'));
  await assert.rejects(publisher.release(actor, kept), hasCode('conflict'));
});

test('a release and the end of its draft are one: what fails in between undoes both', async (t) => {
  const stand = await openStand(t);
  const { publisher, deps, database } = stand;
  const kept = await prepare(stand, first);
  const fails = publisher.release(actor, kept, () => Promise.reject(new Error('the archive could not say so')));
  await assert.rejects(fails, /could not say so/u);
  assert.equal(deps.catalogue.view('trees'), null);
  assert.equal((await readDraft(database.db, kept.id))?.state, 'draft');
  const both = await Promise.allSettled([publisher.release(actor, kept), publisher.release(actor, kept)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  assert.equal((await deps.catalogue.revisions('trees')).length, 1);
  const late = await prepare(stand, `${first}4,Fir,-122.2,47.3\n`);
  await assert.rejects(publisher.release(actor, late), hasCode('conflict'), 'it was made when there was no dataset');
});

test('a draft of words alone changes them and keeps the rows; of a dataset that is not there it has nothing to release', async (t) => {
  const stand = await openStand(t);
  const { publisher, deps } = stand;
  await assert.rejects(publisher.release(actor, await keep(stand, null)), hasCode('conflict'));
  await publisher.publish(toInput(first));
  const metadata = parseMetadata({ title: 'Street trees' });
  const stale = await keep(stand, null, { metadata, expected: 1 });
  const { outcome, dataset } = await publisher.release(actor, await keep(stand, null, { metadata, expected: 1 }));
  assert.deepEqual(
    [outcome.kind, outcome.metadataChanged, dataset.metadata.title],
    ['unchanged', true, 'Street trees'],
  );
  await publisher.publish(toInput(`${first}4,Fir,-122.2,47.3\n`));
  await assert.rejects(publisher.release(actor, stale), hasCode('conflict'));
  assert.equal(deps.catalogue.view('trees')?.current.rows, 3);
});

test('what suggested a draft has one at a time, and a discarded one keeps no file', async (t) => {
  const stand = await openStand(t);
  const { publisher, deps, database } = stand;
  const origin = 'a source that is read every night';
  const kept = await prepare(stand, first, { origin });
  await assert.rejects(keep(stand, null, { origin }), hasCode('already-exists'));
  await database.db.transaction((tx) => closeDiscarded(tx, kept, database.effects));
  await assert.rejects(
    database.db.transaction((tx) => closeDiscarded(tx, kept, database.effects)),
    hasCode('conflict'),
  );
  await keep(stand, null, { origin });
  for (let look = 0; look < 2; look++) await publisher.sweep();
  assert.deepEqual([...(await findUnnamed(deps))], []);
  for (const name of blobsOf(kept.draft.file!)) assert.equal(await deps.store.has(name), false);
});

test('drafts of a database from before have their words, their state and their request', async (t) => {
  const { url } = await openEmptyDatabase({ after: (done) => t.after(done) });
  const pool = openTestPool(url, 2);
  const client = await pool.connect();
  try {
    const all = readMigrations(migrationsFolder);
    const before = all.findIndex(({ name }) => name === '0010-dataset-drafts.sql');
    await migrate(client, all.slice(0, before), quietEffects);
    const [request, released] = [newId(quietEffects.clock), newId(quietEffects.clock)];
    const [open, done] = [newId(quietEffects.clock), newId(quietEffects.clock)];
    // The released record itself need not be there.
    await client.query(`alter table records_dataset_drafts drop constraint records_dataset_drafts_released_id_fkey`);
    await client.query(`insert into departments values ('parks', 'Parks', null, null, now(), now())`);
    await client.query(
      `insert into records_requests (id, number, version, state, text, received_at, received_on, channel,
         respond_due_on, facts, created_at, changed_at)
       values ($1, '2026-000001', 1, 'received', 'Old', now(), '2026-03-02', 'web', '2026-03-09', '{}', now(), now())`,
      [request],
    );
    await client.query(
      `insert into records_dataset_drafts (id, released_id, request_id, state, department, dataset, metadata,
         description, created_by, created_name, created_at, changed_at, published_by, published_at, revision)
       values ($1, $3, $4, 'draft', 'parks', 'trees', $5, '{"rows": 3}', 'x', 'Ana', now(), now(), null, null, null),
         ($2, $3, $4, 'published', 'parks', 'trees', $5, '{}', 'x', 'Ana', now(), now(), 'y', now(), 'abc')`,
      [open, done, released, request, parseMetadata({ title: 'Trees' })],
    );
    await migrate(client, all, quietEffects);
    const db = drizzle(pool);
    const draft = await readDraft(db, open);
    assert.deepEqual([draft?.state, draft?.draft.metadata?.title, draft?.draft.file], ['draft', 'Trees', null]);
    assert.deepEqual([draft?.draft.note, draft?.draft.expected], ['From public records request 2026-000001', null]);
    assert.equal((await readDraft(db, done))?.state, 'published');
    const { rows } = await client.query('select * from records_dataset_drafts where id = $1', [open]);
    assert.deepEqual(rows[0], { id: open, released_id: released, request_id: request, description: { rows: 3 } });
    const origins = await db.select({ origin: datasetDrafts.origin }).from(datasetDrafts);
    assert.ok(origins.every(({ origin }) => origin === `released ${released}`));
  } finally {
    client.release();
    await pool.end();
  }
});
