// Backup, restore and verification with real files and two real databases.
// It must compare what comes back byte for byte, and try every file of a backup damaged and missing.

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash, randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { PortalError } from '../../src/base/errors.ts';
import { openSeal } from '../../src/base/seal.ts';
import { backupPortal, type Holdings } from '../../src/catalogue/backup.ts';
import { type Catalogue, openCatalogue } from '../../src/catalogue/datasets.ts';
import { restorePortal } from '../../src/catalogue/restore.ts';
import { type CheckedFile, type Progress, verifyAll } from '../../src/catalogue/verification.ts';
import { backupTables } from '../../src/db/tables.ts';
import { queueLetter } from '../../src/mail/outbox.ts';
import { createToken } from '../../src/people/tokens.ts';
import { type OpenedStore, openStore } from '../../src/store/open.ts';
import { openTestDatabase, type TestDatabase } from '../database.ts';
import { machine, makeRelease } from './releases.ts';

type Bench = { folder: string; database: TestDatabase; store: OpenedStore; catalogue: Catalogue };
const hasCode = (code: string) => (error: unknown) => error instanceof PortalError && error.code === code;
const silent = (): void => undefined;
const holdingsOf = ({ database, store }: Bench): Holdings => ({ db: database.db, store });

async function openBench(t: TestContext): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'portal-backup-'));
  const closing: (() => Promise<void>)[] = [];
  t.after(async () => {
    for (const close of closing) await close();
    rmSync(folder, { recursive: true, force: true });
  });
  const database = await openTestDatabase({ after: (done) => void closing.push(done) });
  const store = await openStore({ blobs: { kind: 'folder', path: join(folder, 'blobs') } }, database.effects);
  const catalogue = await openCatalogue(database, database.effects);
  closing.unshift(
    () => catalogue.close(),
    () => store.close(),
  );
  return { folder, database, store, catalogue };
}

async function adopt({ folder, store }: Bench, text: string): Promise<{ sha256: string; bytes: number }> {
  const path = join(folder, 'upload');
  writeFileSync(path, text);
  return store.adopt(path);
}

/** Three revisions with source, serving, quarantine, downloads and their encodings. */
async function fill(bench: Bench): Promise<void> {
  for (const [id, content] of [
    ['parks', 'one'],
    ['parks', 'two'],
    ['trees', 'three “quoted” \\ ünïcode'],
  ] as const) {
    const release = makeRelease(id, content, { description: `with\ttabs, “quotes” and ${content}` });
    const download = {
      format: 'csv',
      ...(await adopt(bench, `csv ${content}`)),
      encodings: { gzip: await adopt(bench, `gz ${content}`) },
    } as const;
    const files = {
      parquet: await adopt(bench, `parquet ${content}`),
      serving: await adopt(bench, `serving ${content}`),
      source: { ...(await adopt(bench, `source ${content}`)), name: 'a.csv' },
      quarantine: { ...(await adopt(bench, `bad ${content}`)), rows: 0 },
      downloads: [download],
    };
    await bench.catalogue.release(machine, { ...release, revision: { ...release.revision, ...files } });
  }
  const { db, effects } = bench.database;
  await createToken(db, machine, { name: 'loader' }, effects);
  const { sha256: blob } = await adopt(bench, attached);
  const attachments = [{ name: 'receipt.pdf', mediaType: 'application/pdf', blob }];
  const letter = { to: 'somebody@example.org', subject: 'A receipt', text: 'It is attached.', kind: 'receipt' };
  await db.transaction((tx) => queueLetter(tx, openSeal(randomBytes(32)), { ...letter, attachments }, effects));
}

const attached = 'a file that a letter carries';

async function dump({ database }: Bench): Promise<unknown> {
  const tables: Record<string, unknown> = {};
  for (const table of backupTables)
    tables[table] = (await database.pool.query(`select row_to_json(t)::text as line from ${table} t order by 1`)).rows;
  return tables;
}

test('what comes back is what was there, row for row and byte for byte', async (t) => {
  const [from, to] = [await openBench(t), await openBench(t)];
  await fill(from);
  const seen: Progress[] = [];
  const folder = join(from.folder, 'backup');
  const { effects } = from.database;
  const manifest = await backupPortal(holdingsOf(from), machine, folder, (progress) => seen.push(progress), effects);
  assert.equal(manifest.blobs.length, 19);
  assert.deepEqual(seen.at(-1), {
    done: 19,
    total: 19,
    bytes: manifest.blobs.reduce((sum, blob) => sum + blob.bytes, 0),
  });
  const place = { folder, workDir: join(to.folder, 'work') };
  await restorePortal(holdingsOf(to), machine, place, silent, effects);
  assert.deepEqual(await dump(to), await dump(from));
  assert.deepEqual(readdirSync(place.workDir), []);
  const verified = await verifyAll(to.database.db, to.store, silent);
  assert.deepEqual([verified.files, verified.damaged, verified.missing, verified.audit.brokenAt], [19, [], [], null]);
  const restored = await openCatalogue(to.database, effects);
  assert.equal(restored.view('trees')?.metadata.description, 'with\ttabs, “quotes” and three “quoted” \\ ünïcode');
  assert.equal((await restored.search(everything)).total, 1);
  const { outcome } = await restored.release(machine, makeRelease('parks', 'four'));
  assert.equal(outcome.number, 3);
  await restored.close();
  assert.equal((await verifyAll(to.database.db, to.store, silent)).audit.brokenAt, null);
  await assert.rejects(restorePortal(holdingsOf(to), machine, place, silent, effects), hasCode('already-exists'));
  await assert.rejects(backupPortal(holdingsOf(from), machine, folder, silent, effects), hasCode('already-exists'));
});

const everything = {
  q: 'trees',
  department: [],
  theme: [],
  format: [],
  licence: [],
  cadence: [],
  map: null,
  sort: 'relevance',
  limit: 20,
  offset: 0,
} as const;

test('a backup with any one file changed or missing is refused before anything is written', async (t) => {
  const [from, to] = [await openBench(t), await openBench(t)];
  await fill(from);
  const folder = join(from.folder, 'backup');
  const { effects } = from.database;
  await backupPortal(holdingsOf(from), machine, folder, silent, effects);
  const place = { folder, workDir: join(to.folder, 'work') };
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.equal(files.length, 19 + backupTables.length + 2);
  for (const file of files) {
    const path = join(file.parentPath, file.name);
    const bytes = readFileSync(path);
    const changed = Buffer.from(bytes.length === 0 ? 'x' : bytes);
    if (bytes.length > 0) changed[bytes.length >> 1] = (changed[bytes.length >> 1] ?? 0) ^ 1;
    chmodSync(path, 0o600);
    const restore = (): Promise<unknown> => restorePortal(holdingsOf(to), machine, place, silent, effects);
    if (file.name !== 'manifest.json.sha256' || changed.subarray(0, 64).compare(bytes.subarray(0, 64)) !== 0) {
      writeFileSync(path, changed);
      await assert.rejects(restore(), hasCode('backup-damaged'), `${path} changed`);
    }
    writeFileSync(path, bytes);
    renameSync(path, `${path}.away`);
    await assert.rejects(restore(), hasCode('backup-damaged'), `${path} missing`);
    renameSync(`${path}.away`, path);
  }
  const { rows } = await to.database.pool.query('select count(*)::int as n from datasets');
  assert.equal(rows[0].n, 0);
  assert.equal((await Array.fromAsync(to.store.list())).length, 0);
  await restorePortal(holdingsOf(to), machine, place, silent, effects);
});

test('damaged and missing files are all named, with what they belong to; a backup of them is refused', async (t) => {
  const bench = await openBench(t);
  await fill(bench);
  const current = bench.catalogue.view('trees')?.current;
  assert.ok(current?.serving);
  const path = await bench.store.localPath(current.parquet.sha256);
  chmodSync(path, 0o600);
  writeFileSync(path, 'parquet thref');
  const letterFile = await bench.store.localPath(createHash('sha256').update(attached).digest('hex'));
  chmodSync(letterFile, 0o600);
  writeFileSync(letterFile, attached.toUpperCase());
  await bench.store.remove(current.serving.sha256);
  const found = await verifyAll(bench.database.db, bench.store, silent);
  assert.deepEqual(found.damaged.map(toWords), ['trees 1 parquet', 'of no dataset']);
  assert.deepEqual(found.missing.map(toWords), ['trees 1 serving']);
  const folder = join(bench.folder, 'backup');
  await assert.rejects(
    backupPortal(holdingsOf(bench), machine, folder, silent, bench.database.effects),
    (error: unknown) => error instanceof PortalError && ['stored-file-damaged', 'not-found'].includes(error.code),
  );
  assert.equal(readdirSync(folder).includes('manifest.json'), false);
});

function toWords({ reference }: CheckedFile): string {
  return reference === null ? 'of no dataset' : `${reference.dataset} ${reference.number} ${reference.role}`;
}

test('a backup of another version is refused with a sentence', async (t) => {
  const [from, to] = [await openBench(t), await openBench(t)];
  const folder = join(from.folder, 'backup');
  const { effects } = from.database;
  await backupPortal(holdingsOf(from), machine, folder, silent, effects);
  await to.database.pool.query(`insert into portal_migrations values (9999, '9999-later.sql', 'x', now())`);
  const place = { folder, workDir: join(to.folder, 'work') };
  await assert.rejects(restorePortal(holdingsOf(to), machine, place, silent, effects), /another version/);
});
