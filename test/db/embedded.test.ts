// The portal's own PostgreSQL: first start, later starts, crashes, wrong owners, closed folders, full disks, two
// portals. It must end every server it starts; a left-over one is ended by the portal's own means or the test fails.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { PortalError } from '../../src/base/errors.ts';
import type { PortalEvent } from '../../src/base/events.ts';
import { lockDataDir } from '../../src/db/lock.ts';
import { type OpenedDatabase, openDatabase } from '../../src/db/open.ts';
import { isEnded, readPostmaster } from '../../src/db/postmaster.ts';
import { familyOf } from '../durability/ground.ts';
import { patienceMs, until } from '../patience.ts';

const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';
const project = resolve(import.meta.dirname, '..', '..');

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'portal-db-'));
  chmodSync(folder, 0o755);
  folders.push(folder);
  return folder;
}

/** Removed when all is over: a server that is still closing must not find its folder gone. */
const folders: string[] = [];
process.once('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A copy of one cluster made for the whole file: a first start costs a second, a copy a tenth of that. */
async function makeKept(): Promise<string> {
  prepared ??= prepare();
  const dataDir = makeFolder();
  const copied = spawnSync('cp', ['-a', `${await prepared}/.`, dataDir]);
  assert.equal(copied.status, 0, String(copied.stderr));
  return dataDir;
}

let prepared: Promise<string> | null = null;

async function prepare(): Promise<string> {
  const dataDir = makeFolder();
  await (await open(dataDir)).close();
  return dataDir;
}

function open(dataDir: string, events: PortalEvent[] = []): Promise<OpenedDatabase> {
  const effects = { clock: systemClock, observe: (event: PortalEvent) => void events.push(event) };
  return openDatabase({ dataDir, databaseUrl: null, databasePoolSize: 4 }, effects);
}

async function scalar(opened: OpenedDatabase, text: string): Promise<unknown> {
  const { rows } = await opened.pool.query<Record<string, unknown>>(text);
  return Object.values(rows[0] ?? {})[0];
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

test('a first start makes a durable, checksummed, private cluster; a second finds what was kept', async (t) => {
  const dataDir = makeFolder();
  const first = await open(dataDir);
  assert.equal(await scalar(first, 'show data_checksums'), 'on');
  assert.equal(await scalar(first, 'show fsync'), 'on');
  assert.equal(await scalar(first, 'show full_page_writes'), 'on');
  assert.equal(await scalar(first, 'show synchronous_commit'), 'on');
  assert.equal(await scalar(first, 'show listen_addresses'), '');
  assert.equal(await scalar(first, 'show server_encoding'), 'UTF8');
  assert.equal(await scalar(first, 'select rolsuper from pg_roles where rolname = current_user'), false);
  assert.equal(await scalar(first, "select lower('ÉÑ')"), 'éñ');
  await first.pool.query(`insert into departments values ('it', 'IT', null, null, now(), now())`);
  assert.equal(modeOf(join(dataDir, 'postgres.password')), 0o600);
  assert.equal(modeOf(join(dataDir, 'postgres')), 0o700);
  if (isRoot) assert.notEqual(statSync(join(dataDir, 'postgres/cluster')).uid, 0);
  await first.close();
  assert.equal(readPostmaster(join(dataDir, 'postgres/cluster')), null);

  const made = statSync(join(dataDir, 'postgres/cluster/PG_VERSION'));
  const second = await open(dataDir);
  t.after(() => second.close());
  const found = statSync(join(dataDir, 'postgres/cluster/PG_VERSION'));
  assert.equal(await scalar(second, 'select count(*)::int from departments'), 1);
  assert.deepEqual([found.ino, found.mtimeMs], [made.ino, made.mtimeMs], 'the cluster is not made anew');
});

test('nobody gets in without the password, and the superuser not at all', async (t) => {
  const opened = await open(await makeKept());
  t.after(() => opened.close());
  const { Client } = (await import('pg')).default;
  const attempt = async (user: string, password: string): Promise<string> => {
    const client = new Client({ ...opened.connection, user, password });
    try {
      await client.connect();
      return 'in';
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : String(error);
    } finally {
      await client.end();
    }
  };
  assert.equal(await attempt('portal', 'guess'), '28P01');
  assert.equal(await attempt('postgres', ''), '28000');
});

test('a second portal on the same folder is refused with a sentence; after the first has closed it is let in', async () => {
  const dataDir = await makeKept();
  const first = await open(dataDir);
  await assert.rejects(open(dataDir), (error: unknown) => {
    assert.ok(error instanceof PortalError);
    assert.equal(error.code, 'data-dir-in-use');
    assert.match(error.message, new RegExp(`process ${process.pid}`));
    return true;
  });
  const other = spawnSync(
    process.execPath,
    [
      '-e',
      `import(${JSON.stringify(join(project, 'src/db/lock.ts'))}).then((m) => m.lockDataDir(${JSON.stringify(dataDir)}))`,
    ],
    { encoding: 'utf8' },
  );
  assert.notEqual(other.status, 0);
  assert.match(other.stderr, /in use by another portal/);
  await first.close();
  lockDataDir(dataDir).release();
});

/** A portal of its own process that inserts rows as fast as it can and prints the number of each acknowledged one. */
function startWriter(dataDir: string): { child: ChildProcess; acked: () => number } {
  const script = `
    const { openDatabase } = await import(${JSON.stringify(join(project, 'src/db/open.ts'))});
    const { quietEffects } = await import(${JSON.stringify(join(project, 'src/base/effects.ts'))});
    const opened = await openDatabase({ dataDir: ${JSON.stringify(dataDir)}, databaseUrl: null, databasePoolSize: 2 }, quietEffects);
    for (let n = 1; ; n += 1) {
      await opened.pool.query("insert into outbox (kind, payload, created_at) values ('test', to_jsonb($1::int), now())", [n]);
      process.stdout.write(n + '\\n');
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (more: string) => (text += more));
  return { child, acked: () => Number(text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1)) || 0 };
}

test('kill -9 of the portal: PostgreSQL ends by itself, and every acknowledged row is there', async () => {
  const dataDir = await makeKept();
  await (await open(dataDir)).close();
  for (let round = 0; round < 3; round += 1) {
    const writer = startWriter(dataDir);
    await until('rows', () => writer.acked() > 40 + round * 37);
    const pid = readPostmaster(join(dataDir, 'postgres/cluster'))?.pid ?? 0;
    const gone = new Promise((done) => writer.child.once('close', done));
    writer.child.kill('SIGKILL');
    await gone;
    const acked = writer.acked();
    await until('PostgreSQL to end with its portal', () => isEnded(pid));
    const opened = await open(dataDir);
    const kept = Number(await scalar(opened, 'select max((payload)::int) from outbox'));
    assert.ok(kept >= acked, `acknowledged ${acked}, kept ${kept}`);
    assert.equal(await scalar(opened, 'select count(distinct payload)::int from outbox'), kept);
    await opened.pool.query('delete from outbox');
    await opened.close();
  }
});

test('portal, watcher and PostgreSQL all killed at once: the next start recovers every acknowledged row', async (t) => {
  const dataDir = await makeKept();
  const writer = startWriter(dataDir);
  await until('rows', () => writer.acked() > 100);
  const pid = readPostmaster(join(dataDir, 'postgres/cluster'))?.pid ?? 0;
  const gone = new Promise((done) => writer.child.once('close', done));
  process.kill(pid, 'SIGKILL');
  writer.child.kill('SIGKILL');
  await gone;
  const opened = await open(dataDir);
  t.after(() => opened.close());
  assert.ok(Number(await scalar(opened, 'select max((payload)::int) from outbox')) >= writer.acked());
});

test('what still holds the memory of a killed PostgreSQL is waited for', { skip: !isLinux && 'Linux' }, async (t) => {
  const dataDir = await makeKept();
  const writer = startWriter(dataDir);
  await until('rows', () => writer.acked() > 0);
  const pid = readPostmaster(join(dataDir, 'postgres/cluster'))?.pid ?? 0;
  const [, held] = familyOf(pid);
  assert.ok(held);
  process.kill(held.pid, 'SIGSTOP');
  t.after(() => isEnded(held.pid) || process.kill(held.pid, 'SIGKILL'));
  const gone = new Promise((done) => writer.child.once('close', done));
  process.kill(pid, 'SIGKILL');
  writer.child.kill('SIGKILL');
  await gone;
  const events: PortalEvent[] = [];
  const opening = open(dataDir, events);
  await until('a start has failed', () =>
    events.some((event) => event.kind === 'database-message' && /memory block .* still in use/.test(event.text)),
  );
  process.kill(held.pid, 'SIGCONT');
  const opened = await opening;
  assert.equal(await scalar(opened, 'select 1'), 1);
  await opened.close();
});

test('a lock of the socket that names a process of today, as after a power cut, keeps nobody out', async (t) => {
  const dataDir = await makeKept();
  const [folder, cluster] = [join(dataDir, 'postgres/socket'), join(dataDir, 'postgres/cluster')];
  const { uid, gid } = statSync(cluster);
  const stranger = spawn('sleep', ['3600'], { stdio: 'ignore', ...(isRoot ? { uid, gid } : {}) });
  t.after(() => stranger.kill('SIGKILL'));
  await until('the stranger runs', () => stranger.pid !== undefined);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '.s.PGSQL.5432.lock'), `${stranger.pid}\n${cluster}\n1796081948\n5432\n${folder}\n`);
  for (const name of ['', '/.s.PGSQL.5432.lock']) if (isRoot) chownSync(`${folder}${name}`, uid, gid);
  const opened = await open(dataDir);
  assert.equal(await scalar(opened, 'select 1'), 1);
  assert.equal(isEnded(stranger.pid ?? 0), false, 'the stranger was left alone');
  await opened.close();
});

test('a PostgreSQL that was left behind is stopped and started again, and the start says so', async (t) => {
  const dataDir = await makeKept();
  const cluster = join(dataDir, 'postgres/cluster');
  const writer = startWriter(dataDir);
  await until('rows', () => writer.acked() > 20);
  const pid = readPostmaster(cluster)?.pid ?? 0;
  const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  const watchers = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').map(Number);
  for (const watcher of [...watchers.filter((child) => child !== pid), parent]) process.kill(watcher, 'SIGKILL');
  const gone = new Promise((done) => writer.child.once('close', done));
  writer.child.kill('SIGKILL');
  await gone;
  assert.equal(isEnded(pid), false);
  const events: PortalEvent[] = [];
  const opened = await open(dataDir, events);
  t.after(() => opened.close());
  assert.ok(events.some((event) => event.kind === 'database-taken-over' && event.pid === pid));
  assert.equal(isEnded(pid), true);
  assert.ok(Number(await scalar(opened, 'select max((payload)::int) from outbox')) >= writer.acked());
});

for (const [what, text] of [
  ['empty', ''],
  ['garbled', 'not a pid\n\0\0'],
  ['naming a living process that is not PostgreSQL', `${process.pid}\n/elsewhere\n0\n5432\n\n\n\n`],
] as const) {
  test(`a postmaster.pid that is ${what} does not stop the start`, async (t) => {
    const dataDir = await makeKept();
    await (await open(dataDir)).close();
    writeFileSync(join(dataDir, 'postgres/cluster/postmaster.pid'), text);
    const opened = await open(dataDir);
    t.after(() => opened.close());
    assert.equal(await scalar(opened, 'select 1'), 1);
  });
}

test('a first start that was cut off is begun anew', async (t) => {
  const dataDir = makeFolder();
  const part = join(dataDir, 'postgres/cluster.part');
  mkdirSync(part, { recursive: true });
  writeFileSync(join(part, 'PG_VERSION'), '18\n');
  const opened = await open(dataDir);
  t.after(() => opened.close());
  assert.equal(existsSync(part), false);
});

test('a path too long for a socket gets its socket in a private folder elsewhere', async () => {
  const dataDir = join(makeFolder(), 'a-long-name-'.repeat(8));
  const opened = await open(dataDir);
  const socketDir = String(opened.connection.host);
  assert.ok(!socketDir.startsWith(dataDir));
  assert.equal(modeOf(socketDir), 0o700);
  assert.equal(await scalar(opened, 'select 1'), 1);
  await opened.close();
  assert.equal(existsSync(socketDir), false);
});

test(
  'as root, below a folder closed to everybody else: PostgreSQL runs all the same, and not as root',
  { skip: !isRoot && 'not root' },
  async (t) => {
    const parent = makeFolder();
    chmodSync(parent, 0o700);
    const opened = await open(join(parent, 'data'));
    t.after(() => opened.close());
    const pid = readPostmaster(join(parent, 'data/postgres/cluster'))?.pid ?? 0;
    assert.notEqual(statSync(`/proc/${pid}`).uid, 0);
    assert.equal(await scalar(opened, 'select 1'), 1);
  },
);

test(
  'as an ordinary user: the same code, no user to change to',
  { skip: !isRoot && 'already one; every other test shows it' },
  async (t) => {
    const dataDir = makeFolder();
    chownSync(dataDir, 65_534, 65_534);
    const script = `
    const { openDatabase } = await import(${JSON.stringify(join(project, 'src/db/open.ts'))});
    const { quietEffects } = await import(${JSON.stringify(join(project, 'src/base/effects.ts'))});
    const opened = await openDatabase({ dataDir: ${JSON.stringify(dataDir)}, databaseUrl: null, databasePoolSize: 2 }, quietEffects);
    const { rows } = await opened.pool.query('select count(*)::int as n from portal_migrations');
    process.stdout.write(process.getuid() + ' ' + (rows[0].n > 0));
    await opened.close();`;
    const node = join(dataDir, 'node'); // the running Node may lie in a folder closed to others
    cpSync(process.execPath, node);
    const readable = spawnSync('test', ['-r', join(project, 'src/db/open.ts')], { uid: 65_534, gid: 65_534, cwd: '/' });
    if (readable.status !== 0) return t.skip('the checkout is closed to other users');
    const done = spawnSync(node, ['--input-type=module', '-e', script], {
      uid: 65_534,
      gid: 65_534,
      cwd: dataDir,
      encoding: 'utf8',
    });
    assert.equal(done.stdout, '65534 true', done.stderr);
  },
);

test('a folder of somebody else is refused with a sentence', { skip: !isRoot && 'not root' }, async (t) => {
  const dataDir = makeFolder();
  mkdirSync(join(dataDir, 'postgres'), { mode: 0o700 });
  const script = `
    const { prepareNative } = await import(${JSON.stringify(join(project, 'src/db/native.ts'))});
    try { prepareNative(${JSON.stringify(join(dataDir, 'postgres'))}); } catch (error) { process.stdout.write(error.code + ' ' + error.message); }`;
  const readable = spawnSync('test', ['-r', join(project, 'src/db/native.ts')], { uid: 65_534, gid: 65_534, cwd: '/' });
  if (readable.status !== 0) return t.skip('the checkout is closed to other users');
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    uid: 65_534,
    gid: 65_534,
    cwd: '/',
    encoding: 'utf8',
  });
  assert.match(done.stdout, /^setting-invalid .*belongs to another user/, done.stderr);
});

test('missing library links (npm without install scripts) are made in the portal’s own folder', async () => {
  const dataDir = makeFolder();
  const home = join(dataDir, 'postgres');
  const { linkLibraries } = await import('../../src/db/native.ts');
  const native = join(dataDir, 'package/native');
  mkdirSync(join(native, 'lib'), { recursive: true });
  mkdirSync(home, { recursive: true });
  writeFileSync(join(native, 'lib/libx.so.5.1'), 'x');
  writeFileSync(
    join(native, 'pg-symlinks.json'),
    JSON.stringify([{ source: 'native/lib/libx.so.5.1', target: 'native/lib/libx.so.5' }]),
  );
  const env = linkLibraries(native, home, null);
  assert.equal(readFileSync(join(home, 'lib/libx.so.5'), 'utf8'), 'x');
  assert.match(Object.values(env)[0] ?? '', new RegExp(`^${home}/lib:${native}/lib$`));
});

test(
  'a full disk is said as such, and once space is freed the portal goes on by itself with everything it acknowledged',
  { skip: !isRoot && 'not root' },
  async (t) => {
    const parent = mkdtempSync(join(tmpdir(), 'portal-db-'));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=120m,mode=755', 'tmpfs', parent]);
    if (mounted.status !== 0) return t.skip('no tmpfs may be mounted here');
    t.after(() => {
      spawnSync('umount', ['-l', parent]);
      rmSync(parent, { recursive: true, force: true });
    });
    const opened = await open(join(parent, 'data'));
    try {
      let acked = 0;
      let refusal = '';
      for (let n = 1; n < 4000 && refusal === ''; n += 1) {
        const insert = `insert into outbox (kind, payload, created_at) select 'fill', to_jsonb(repeat(md5(i::text), 30)), now() from generate_series(1, 60) i`;
        await opened.pool.query(insert).then(
          () => (acked += 60),
          (error: Error & { code?: string }) => (refusal = error.code ?? error.message),
        );
      }
      assert.match(refusal, /^(53100|57P0[1-3]|08006|ECONN\w+|ENOENT|Connection terminated.*)$/);
      assert.ok(acked > 0);
      spawnSync('mount', ['-o', 'remount,size=400m', parent]);
      const kept = Number(await eventually(opened, 'select count(*)::int from outbox'));
      assert.ok(kept === acked || kept === acked + 60, `acknowledged ${acked}, kept ${kept}`);
      // PostgreSQL may still be coming back: a connection of before may be told so once more.
      await eventually(opened, 'with gone as (delete from outbox returning 1) select count(*)::int from gone');
    } finally {
      await opened.close();
    }
  },
);

/** The first answer, asking again while PostgreSQL is away. */
async function eventually(opened: OpenedDatabase, text: string): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await scalar(opened, text);
    } catch (error) {
      if (attempt * 50 > patienceMs) throw error;
      await wait(50);
    }
  }
}

test('PostgreSQL dying under the portal is said, and it is started again without a restart of the portal', async () => {
  const dataDir = await makeKept();
  const events: PortalEvent[] = [];
  const opened = await open(dataDir, events);
  await opened.pool.query(`insert into departments values ('it', 'IT', null, null, now(), now())`);
  const pid = readPostmaster(join(dataDir, 'postgres/cluster'))?.pid ?? 0;
  process.kill(pid, 'SIGKILL');
  await until('the loss to be told', () => events.some((event) => event.kind === 'database-lost'));
  assert.equal(await eventually(opened, 'select count(*)::int from departments'), 1);
  assert.notEqual(readPostmaster(join(dataDir, 'postgres/cluster'))?.pid, pid);
  await opened.close();
});

test('a database that vanishes under the portal is never replaced by an empty one', async () => {
  const dataDir = await makeKept();
  const events: PortalEvent[] = [];
  const opened = await open(dataDir, events);
  const cluster = join(dataDir, 'postgres/cluster');
  const pid = readPostmaster(cluster)?.pid ?? 0;
  renameSync(cluster, `${cluster}.elsewhere`);
  process.kill(pid, 'SIGKILL');
  await until('the start to be refused', () =>
    events.some((event) => event.kind === 'database-retry' && /is gone/.test(event.reason)),
  );
  assert.equal(existsSync(cluster), false);
  renameSync(`${cluster}.elsewhere`, cluster);
  assert.equal(await eventually(opened, 'select 1'), 1);
  await opened.close();
});
