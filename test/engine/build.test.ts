// Build sessions and exports: what they may touch, what they say, and that none of them outlives its deadline.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { TestContext } from 'node:test';
import type { BuildSession } from '../../src/engine/engine.ts';
import { patienceMs } from '../patience.ts';
import { errorOf, makeFolder, openBench } from './fixture.ts';
import type { Bench } from './fixture.ts';

let bench: Bench;
const closers: (() => unknown)[] = [];
before(async () => {
  bench = await openBench({ after: (close: () => unknown) => closers.push(close) }, 10_000, { workers: 1 });
});
after(async () => {
  for (const close of closers) await close();
});

/** A session of the test's own, in a folder of its own inside another. */
async function open(
  t: TestContext,
  deadlineMs = patienceMs,
): Promise<Bench & { session: BuildSession; work: string; folder: string }> {
  const folder = makeFolder(t);
  const work = join(folder, 'work');
  mkdirSync(work);
  const session = await bench.engine.build({ folders: [work], deadlineMs });
  t.after(async () => await session.close());
  return { ...bench, folder, session, work };
}

test('a build reads uploads and writes Parquet and serving files inside its folder', async (t) => {
  const { session, work, engine } = await open(t);
  writeFileSync(join(work, 'upload.csv'), 'id,name\n1,Kent\n2,"Green, River"\n');
  assert.deepEqual(await session.run(`select * from read_csv($1)`, [join(work, 'upload.csv')]), [
    { id: 1, name: 'Kent' },
    { id: 2, name: 'Green, River' },
  ]);
  await session.run(`create table upload as select * from read_csv('${work}/upload.csv')`);
  await session.run(`copy upload to '${work}/out.parquet' (format parquet)`);
  assert.deepEqual(await session.run(`select count(*) as n from '${work}/out.parquet'`), [{ n: 2 }]);
  await session.run(`attach '${work}/serving.duckdb' as serving`);
  await session.run(`create table serving.data as select * from upload`);
  await session.run(`checkpoint serving`);
  await session.run(`detach serving`);
  assert.ok(existsSync(join(work, 'serving.duckdb')));
  await session.close();
  assert.equal((await errorOf(session.run('select 1'))).code, 'internal-error');
  assert.equal(engine.stats().killed, 0);
});

test('rows come back as plain JSON values', async (t) => {
  const { session } = await open(t);
  const [row] = await session.run(`
    select 1::bigint as small, 9007199254740993::bigint as big, 1.25::decimal(9, 2) as dec, 0.5::double as num,
      date '2024-02-29' as day, timestamp '2024-02-29 10:11:12.5' as ts, timestamptz '2024-02-29 10:11:12+00' as tz,
      true as yes, null as nothing, [1::bigint, null] as list, {'a': 1, 'b': 'x'} as struct, '\\xAB'::blob as bytes`);
  assert.deepEqual(row, {
    small: 1,
    big: '9007199254740993',
    dec: '1.25',
    num: 0.5,
    day: '2024-02-29',
    ts: '2024-02-29T10:11:12.5',
    tz: '2024-02-29T10:11:12Z',
    yes: true,
    nothing: null,
    list: [1, null],
    struct: { a: 1, b: 'x' },
    bytes: 'qw==',
  });
  JSON.stringify(row);
});

test('nothing outside its folders can be read or written', async (t) => {
  const { session, work, folder } = await open(t);
  writeFileSync(join(folder, 'secret.csv'), 'a\n1\n');
  mkdirSync(`${work}-sibling`);
  writeFileSync(`${work}-sibling/secret.csv`, 'a\n1\n');
  for (const sql of [
    `select * from read_csv('${folder}/secret.csv')`,
    `select * from read_csv('${work}/../secret.csv')`,
    `select * from read_csv('${work}-sibling/secret.csv')`,
    `select * from read_text('/etc/passwd')`,
    `select * from glob('${folder}/*')`,
    `copy (select 1) to '${folder}/x.csv'`,
    `attach '${folder}/x.duckdb'`,
    `load httpfs`,
    `install httpfs`,
    `set lock_configuration = false`,
    `set allowed_directories = ['/']`,
    `set memory_limit = '20GB'`,
    `select 1; select 2`,
  ]) {
    const error = await errorOf(session.run(sql));
    assert.equal(error.code, 'file-unreadable', sql);
    assert.doesNotMatch(error.message, new RegExp(`/tmp|${basename(folder)}/`), error.message);
  }
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('x.')),
    [],
  );
});

test('an error keeps DuckDB’s words and loses the machine’s paths', async (t) => {
  const { session, work } = await open(t);
  writeFileSync(join(work, 'bad.csv'), 'a,b\n1,2\n3,x\n');
  const error = await errorOf(
    session.run(`select * from read_csv('${work}/bad.csv', columns = {'a': 'INT', 'b': 'INT'})`),
  );
  assert.equal(error.code, 'file-unreadable');
  assert.match(error.message, /bad\.csv/);
  assert.doesNotMatch(error.message, /\/work\/|\/tmp/);
  assert.match(String(error.cause), /Error/);
});

test('a build ends at its deadline, by kill if need be, and the engine goes on', async (t) => {
  const { session, engine, ask } = await open(t, 4000);
  const killed = engine.stats().killed;
  const error = await errorOf(session.run(`select levenshtein(repeat('ab', 200000), repeat('ba', 200000))`));
  assert.equal(error.code, 'deadline-exceeded');
  assert.equal((await errorOf(session.run('select 1'))).code, 'deadline-exceeded');
  await session.close();
  assert.equal(engine.stats().killed, killed + 1);
  assert.equal((await ask('select 1::varchar')).text, '1');
});

test('a build that needs too much memory says so', async (t) => {
  const { session } = await open(t);
  assert.equal((await errorOf(session.run(`select repeat('x', 2000000000)`))).code, 'answer-too-large');
});

test('a build sorts more than its memory by spilling into its first folder, and leaves nothing there', async (t) => {
  const { engine, work } = await open(t);
  const session = await engine.build({ folders: [work], deadlineMs: patienceMs, memoryBytes: 150_000_000 });
  const [row] = await session.run(
    `select max(r) as n from (select row_number() over (order by hash(i || 'padding padding padding')) r from range(3000000) t(i))`,
  );
  assert.equal(row?.['n'], 3_000_000);
  await session.close();
  assert.deepEqual(readdirSync(work), []);
});

test('an aborted build rejects with the reason', async (t) => {
  const { engine, work } = await open(t);
  const controller = new AbortController();
  const session = await engine.build({ folders: [work], deadlineMs: patienceMs, signal: controller.signal });
  const reason = new Error('the publisher left');
  setTimeout(() => controller.abort(reason), 100);
  await assert.rejects(session.run(`select count(*) from range(100000000000) t(i) where hash(i) = 1`), reason);
  await session.close();
});

test('geo functions work in builds', async (t) => {
  const { session } = await open(t);
  const [row] = await session.run(
    `select geo_geojson(geo_from_geojson('{"type":"Point","coordinates":[1,2,3]}')) as g`,
  );
  assert.equal(row?.['g'], '{"type":"Point","coordinates":[1,2,3]}');
});

test('an export writes the rows of the query as Parquet, with its parameters bound', async (t) => {
  const { engine, file, folder, work, session } = await open(t);
  const path = join(work, 'export.parquet');
  const request = { file, deadlineMs: patienceMs, estimatedRows: 10_000, format: 'parquet' as const, path };
  const text = 'select ":id", title, place from data where ward = $1 -- a comment';
  const { bytes } = await engine.exportFile({ ...request, text, params: [3n] });
  assert.equal(bytes, readFileSync(path).length);
  assert.equal(readFileSync(path).subarray(0, 4).toString(), 'PAR1');
  const [row] = await session.run(`select count(*) as n, min(":id") as first from '${path}'`);
  assert.deepEqual(row, { n: 1429, first: 3 });
  for (const bad of [`select 1) to '${folder}/x' --`, 'select 1; select 2', `select * from read_text('/etc/passwd')`]) {
    assert.equal((await errorOf(engine.exportFile({ ...request, text: bad, params: [] }))).code, 'internal-error');
  }
  const slow = await errorOf(
    engine.exportFile({
      ...request,
      text: 'select count(*) from data a, data b, data c',
      params: [],
      deadlineMs: 1000,
    }),
  );
  assert.equal(slow.code, 'deadline-exceeded');
  assert.equal(existsSync(join(folder, 'x')), false);
});

test('a link inside the folder does not lead out of it, and a folder behind a link works', async (t) => {
  const { session, work, folder, engine } = await open(t);
  writeFileSync(join(folder, 'secret.csv'), 'a\n1\n');
  symlinkSync(join(folder, 'secret.csv'), join(work, 'link.csv'));
  assert.equal((await errorOf(session.run(`select * from read_csv('${work}/link.csv')`))).code, 'file-unreadable');
  const alias = join(folder, 'alias');
  symlinkSync(work, alias);
  const other = await engine.build({ folders: [alias], deadlineMs: patienceMs });
  await other.run(`copy (select 1 as x) to '${alias}/x.parquet'`);
  assert.deepEqual(await other.run(`select x from '${alias}/x.parquet'`), [{ x: 1 }]);
  await other.close();
});

test('closing the engine ends its sessions and leaves no folder', async (t) => {
  const folder = makeFolder(t);
  const bench = await openBench(t, 100, { tempFolder: join(folder, 'temp') });
  const work = join(folder, 'work');
  mkdirSync(work);
  const session = await bench.engine.build({ folders: [work], deadlineMs: patienceMs });
  const running = errorOf(session.run(`select count(*) from range(100000000000) t(i) where hash(i) = 1`));
  await bench.engine.close();
  await running;
  assert.deepEqual(readdirSync(join(folder, 'temp')), []);
  assert.equal((await errorOf(bench.ask('select 1::varchar'))).code, 'not-ready');
});
