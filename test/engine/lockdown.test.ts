// What SQL cannot do on a serving file, should the compiler ever let it through: files, network, settings, other
// statements.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openServingFile } from '../../src/engine/lockdown.ts';
import { errorOf, makeFolder, makeServingFile, openBench } from './fixture.ts';
import type { Bench } from './fixture.ts';

let bench: Bench;
const closers: (() => unknown)[] = [];
before(async () => {
  bench = await openBench({ after: (close: () => unknown) => closers.push(close) }, 1000);
});
after(async () => {
  for (const close of closers) await close();
});

const refused: readonly string[] = [
  `select * from read_csv('/etc/passwd')`,
  `select content from read_text('/etc/passwd')`,
  `select content from read_blob('/etc/passwd')`,
  `select file from glob('/etc/*')`,
  `select * from '/etc/passwd'`,
  `select * from 'https://example.org/x.parquet'`,
  `select * from sniff_csv('/etc/passwd')`,
  `select * from parquet_metadata('/tmp/x.parquet')`,
  `copy data to '/tmp/engine-probe.csv'`,
  `copy (select 1) to '/tmp/engine-probe.csv'`,
  `export database '/tmp/engine-probe'`,
  `import database '/tmp/engine-probe'`,
  `attach '/tmp/engine-probe.duckdb'`,
  `detach data`,
  `use temp`,
  `install httpfs`,
  `load httpfs`,
  `set threads = 8`,
  `set search_path = 'temp'`,
  `set variable x = 1`,
  `reset threads`,
  `pragma version`,
  `pragma database_list`,
  `pragma add_parquet_key('k', '0123456789012345')`,
  `call enable_logging()`,
  `create table t (x int)`,
  `create temp table t as select 1`,
  `create macro m() as 1`,
  `create secret s (type s3)`,
  `insert into data select * from data`,
  `delete from data`,
  `update data set ward = 1`,
  `drop table data`,
  `alter table data add column x int`,
  `checkpoint`,
  `force checkpoint`,
  `vacuum`,
  `begin`,
  `explain select 1`,
  `explain analyze select 1`,
  `prepare p as select 1`,
  `show tables`,
  `describe data`,
  `summarize data`,
  `select title from data; select title from data`,
  `select title from data; drop table data`,
  ``,
  `-- nothing`,
  `;`,
  `select title\u0000 from data`,
  `select 1::varchar\u0000; drop table data`,
  `select path from duckdb_databases()`,
  `select value from duckdb_settings()`,
  `select value from duckdb_settings`,
  `select value from "DUCKDB_SETTINGS"`,
  `select * from duckdb_secrets()`,
  `select * from pragma_database_list`,
  `select * from pragma_version()`,
  `select * from information_schema.tables`,
  `select * from pg_catalog.pg_tables`,
  `select * from main.data`,
  `select * from system.main.duckdb_tables`,
  `select * from query('select 1')`,
  `select * from query_table('data')`,
  `select * from json_execute_serialized_sql('{}')`,
  `select current_setting('temp_directory')`,
  `select write_log('x')`,
  `select title from data where exists (select 1 from duckdb_settings() where value like '%/%')`,
  `with d as (select value from duckdb_settings()) select value from d`,
  `with duckdb_settings as (select 1) select * from duckdb_settings`,
  `select title from data order by (select max(value) from duckdb_settings())`,
  `select (select path from duckdb_databases() limit 1)`,
  `pivot data on ward using count(*)`,
];

for (const sql of refused) {
  test(`refused: ${JSON.stringify(sql).slice(0, 90)}`, async () => {
    const error = await errorOf(bench.ask(sql));
    assert.equal(error.code, 'internal-error');
    assert.match(
      String(error.cause),
      /RefusedStatement|Error: (The statement|The table function|The function|There must)/,
    );
    assert.doesNotMatch(error.message, /etc|tmp|duckdb/);
  });
}

test('nothing of that left a trace', async () => {
  assert.equal((await bench.ask('select count(*)::varchar from data')).text, '1000');
  assert.equal(existsSync('/tmp/engine-probe.csv'), false);
});

test('what the compiler writes is let through', async () => {
  const allowed = [
    `select title from data limit 1`,
    `with m as materialized (select * from data where ward = 3) select title from m order by cost desc limit 1`,
    `select max(x)::varchar from (select unnest([1, 2]) x)`,
    `select count(*)::varchar from range(3)`,
    `select title from data where ward in (select max(ward) from data) limit 1`,
    `select a.title from data a join data b using (":id") limit 1`,
    `(select title from data limit 1) union all (select title from data limit 1)`,
  ];
  for (const sql of allowed) assert.notEqual((await bench.ask(sql)).text, '', sql);
});

test('below that wall, DuckDB itself refuses files and settings', async (t) => {
  const folder = makeFolder(t);
  const file = await makeServingFile(folder, 'select 1 as x');
  const { instance, connection } = await openServingFile(file.path, {
    memoryLimit: '100MB',
    threads: 1,
    spillFolder: join(folder, 'spill'),
    spillLimit: '100MB',
  });
  t.after(() => {
    connection.closeSync();
    instance.closeSync();
  });
  for (const sql of [
    `select * from read_text('/etc/passwd')`,
    `select * from glob('/etc/*')`,
    `copy data to '${folder}/x.csv'`,
    `attach '${folder}/y.duckdb' as y`,
    `load httpfs`,
    `install httpfs`,
    `set enable_external_access = true`,
    `set lock_configuration = false`,
    `set memory_limit = '20GB'`,
    `create table main.t (x int)`,
    `delete from data`,
  ]) {
    await assert.rejects(connection.run(sql), sql);
  }
});

test('the children run under their memory limit, without the portal’s environment', async () => {
  const pids = bench.events.flatMap((event) => (event.kind === 'worker-started' ? [event.pid] : []));
  assert.ok(pids.length > 0);
  for (const pid of pids) {
    const limit = /^Max data size\s+(\d+)\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'));
    assert.ok(limit !== null && Number(limit[1]) < 2 ** 31 && Number(limit[2]) < 2 ** 31);
    const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .map((entry) => entry.split('=')[0]);
    assert.equal(names.includes('PATH') || names.includes('HOME'), false, names.join(' '));
  }
});

test('a serving file with a flipped bit is found before it is served, and a mended one is served again', async (t) => {
  const folder = makeFolder(t);
  const file = await makeServingFile(folder, `select range as ":id", 'row ' || range as title from range(50000)`);
  const good = readFileSync(file.path);
  for (const at of [100, 5000, Math.floor(good.length / 2), good.length - 1]) {
    const bad = Buffer.from(good);
    bad[at] = (bad[at] ?? 0) ^ 0x10;
    writeFileSync(file.path, bad);
    utimesSync(file.path, at, at);
    const error = await errorOf(bench.ask('select count(*)::varchar from data', { file }));
    assert.equal(error.code, 'stored-file-damaged');
    assert.doesNotMatch(error.message, /\/tmp/);
    assert.equal((await errorOf(bench.ask('select 1::varchar', { file }))).code, 'stored-file-damaged');
  }
  writeFileSync(file.path, good);
  assert.equal((await bench.ask('select count(*)::varchar from data', { file })).text, '50000');
  const missing = await errorOf(
    bench.ask('select 1::varchar', { file: { ...file, path: join(folder, 'none.duckdb') } }),
  );
  assert.equal(missing.code, 'stored-file-damaged');
});

test('a file is hashed once, however many queries come at once', async (t) => {
  const folder = makeFolder(t);
  const file = await makeServingFile(folder, 'select 1 as x');
  const before = bench.events.filter((event) => event.kind === 'file-checked').length;
  await Promise.all(Array.from({ length: 10 }, async () => await bench.ask('select x::varchar from data', { file })));
  assert.equal(bench.events.filter((event) => event.kind === 'file-checked').length - before, 1);
});
