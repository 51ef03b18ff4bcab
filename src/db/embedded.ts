// The portal's own PostgreSQL: made in DATA_DIR/postgres on the first start, started as a child, ended with the portal.
// It must never run as root, never listen on a network, and never leave a half-made cluster that looks whole.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, closeSync, existsSync, fsyncSync, mkdirSync, mkdtempSync } from 'node:fs';
import { openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import { type NativePostgres, prepareNative } from './native.ts';
import { endLeftover, isEnded, readPostmaster } from './postmaster.ts';

export type EmbeddedOptions = {
  readonly dataDir: string;
  readonly maxConnections: number;
  /** false only for throw-away test servers: nothing they hold survives a power cut. */
  readonly durable: boolean;
  /** The socket folder of a server that ran before and is started again on what it left; otherwise chosen here. */
  readonly socketDir?: string;
};

export type EmbeddedServer = {
  readonly socketDir: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly pid: number;
  /** Settles when the server has ended, expected or not. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
};

const role = 'portal';
const port = 5432;
const socketPathLimit = 104; // sun_path on macOS; 108 on Linux
const startDeadlineMs = 60_000;
const stopDeadlineMs = 30_000;
const memoryPauseMs = 50;

/**
 * Starts PostgreSQL, having ended one that an earlier portal left behind. The caller holds the lock of the data folder.
 * Throws setting-invalid when it cannot run here, not-ready when it does not come up.
 */
export async function startEmbedded(options: EmbeddedOptions, effects: Effects): Promise<EmbeddedServer> {
  const home = join(options.dataDir, 'postgres');
  const native = prepareNative(home);
  const cluster = join(home, 'cluster');
  const password = readPassword(options.dataDir);
  const made = existsSync(join(cluster, 'PG_VERSION'));
  if (!made && options.socketDir !== undefined)
    throw PortalError.beforeStart('not-ready', `The database in ${cluster} is gone; is its disk still there?`);
  if (!made) await makeCluster(native, home, cluster, password, options.durable);
  await endLeftover(cluster, stopDeadlineMs, effects);
  const socket = makeSocketDir(home, options.socketDir ?? null, native);
  const { child, ended, pid } = await startServer(native, cluster, socket.path, options, effects);
  const stop = async (): Promise<void> => {
    await stopServer(child, pid, ended);
    if (socket.temporary) rmSync(socket.path, { recursive: true, force: true });
  };
  return { socketDir: socket.path, user: role, password, database: role, pid, ended, stop };
}

/** The password of the role `portal`, kept beside the cluster's folder for the portal's user alone. */
function readPassword(dataDir: string): string {
  const path = join(dataDir, 'postgres.password');
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const password = randomBytes(24).toString('base64url');
  writeDurably(path, `${password}\n`);
  return password;
}

function writeDurably(path: string, text: string): void {
  const part = `${path}.part`;
  const file = openSync(part, 'w', 0o600);
  writeFileSync(file, text);
  fsyncSync(file);
  closeSync(file);
  renameSync(part, path);
  fsyncFolder(join(path, '..'));
}

function fsyncFolder(path: string): void {
  const folder = openSync(path, 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/** Makes the cluster beside its place and renames it there when it is whole: a kill at any step leaves only a part. */
async function makeCluster(
  native: NativePostgres,
  home: string,
  cluster: string,
  password: string,
  durable: boolean,
): Promise<void> {
  const part = `${cluster}.part`;
  rmSync(part, { recursive: true, force: true });
  const making = ['-D', part, '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--data-checksums', '-A', 'reject'];
  const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'];
  await runNative(native, 'initdb', [...making, ...locale, ...(durable ? [] : ['--no-sync'])], '');
  // initdb has synced its own files before this one: without the flush a power cut could leave it empty and nobody let
  // in.
  writeFileSync(join(part, 'pg_hba.conf'), `local all ${role} scram-sha-256\n`, { flush: true });
  const statements = [
    `create role ${role} login createdb password '${password}'`,
    `create database ${role} owner ${role}`,
  ];
  await runNative(native, 'postgres', ['--single', '-D', part, 'postgres'], `${statements.join(';\n')};\n`);
  renameSync(part, cluster);
  fsyncFolder(home);
}

function spawnNative(native: NativePostgres, command: readonly string[]): ChildProcess {
  const [program = '', ...args] = [...native.prefix, ...command];
  const owner = native.prefix.length > 0 ? {} : (native.owner ?? {});
  return spawn(program, args, { ...owner, cwd: '/', env: native.env, stdio: ['pipe', 'pipe', 'pipe'] });
}

async function runNative(native: NativePostgres, name: string, args: readonly string[], input: string): Promise<void> {
  const child = spawnNative(native, [join(native.bin, name), ...args]);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdin?.end(input);
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  });
  const failed = code !== 0 || /^(\S+ \S+ \S+ )?\[?\d*\]? ?(ERROR|FATAL|PANIC):/m.test(output);
  if (!failed) return;
  const full = /No space left on device/.test(output);
  const ends = output.trim().split('\n').slice(-3).join(' ');
  const words = `PostgreSQL could not be set up: ${ends}`;
  throw PortalError.beforeStart(full ? 'disk-full' : 'not-ready', words, new Error(output));
}

function makeSocketDir(
  home: string,
  known: string | null,
  native: NativePostgres,
): { path: string; temporary: boolean } {
  const own = join(home, 'socket');
  const temporary = Buffer.byteLength(`${own}/.s.PGSQL.${port}`) >= socketPathLimit;
  const path = known ?? (temporary ? mkdtempSync(join(tmpdir(), 'portal-')) : own);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
  if (native.owner !== null) chownSync(path, native.owner.uid, native.owner.gid);
  // PostgreSQL takes the process that a lock names for its owner, whatever that process is by now: after a power cut,
  // or in a container that counts its processes from one again, it would not start. Whoever left these has ended.
  for (const name of [`.s.PGSQL.${port}.lock`, `.s.PGSQL.${port}`]) rmSync(join(path, name), { force: true });
  return { path, temporary };
}

/**
 * The shell keeps watch: its standard input is a pipe from the portal, which the system closes when the portal ends,
 * even by kill -9; PostgreSQL is then asked to stop (SIGINT: end sessions, write a checkpoint, exit).
 */
const watch = [
  'exec 3<&0',
  '"$@" </dev/null 3<&- & server=$!',
  '( read -r _ <&3; kill -INT "$server" 2>/dev/null ) >/dev/null 2>&1 & watcher=$!',
  'exec 3<&- </dev/null',
  'trap "" INT TERM HUP',
  'wait "$server"; code=$?',
  'kill "$watcher" 2>/dev/null',
  'exit "$code"',
].join('\n');

type Started = { readonly child: ChildProcess; readonly ended: Promise<void>; readonly pid: number };

/**
 * Of a PostgreSQL that was killed, processes hold the memory until they have noticed, and no other may start meanwhile.
 * They are waited for.
 */
async function startServer(
  native: NativePostgres,
  cluster: string,
  socketDir: string,
  options: EmbeddedOptions,
  effects: Effects,
): Promise<Started> {
  for (let waitedMs = 0; ; waitedMs += memoryPauseMs) {
    const child = spawnServer(native, cluster, socketDir, options);
    const said = followMessages(child, effects);
    const ended = new Promise<void>((done) => child.once('close', () => done()));
    try {
      return { child, ended, pid: await untilReady(child, cluster, said) };
    } catch (error) {
      const isHeld = said.some((line) => line.includes('shared memory block'));
      if (!isHeld || waitedMs >= startDeadlineMs) throw error;
      await ended;
      await wait(memoryPauseMs);
    }
  }
}

function spawnServer(
  native: NativePostgres,
  cluster: string,
  socketDir: string,
  options: EmbeddedOptions,
): ChildProcess {
  const values: Readonly<Record<string, string>> = {
    listen_addresses: '',
    port: String(port),
    unix_socket_directories: socketDir,
    unix_socket_permissions: '0700',
    max_connections: String(options.maxConnections),
    shared_buffers: '32MB',
    work_mem: '8MB',
    maintenance_work_mem: '64MB',
    max_wal_size: '128MB',
    min_wal_size: '32MB',
    wal_level: 'minimal',
    max_wal_senders: '0',
    io_method: 'sync',
    max_worker_processes: '2',
    max_parallel_workers: '0',
    max_parallel_workers_per_gather: '0',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '',
    log_min_messages: 'warning',
    log_checkpoints: 'off',
    log_min_error_statement: 'panic', // statements may hold personal data
    ...(options.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const args = Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return spawnNative(native, ['/bin/sh', '-c', watch, 'sh', join(native.bin, 'postgres'), '-D', cluster, ...args]);
}

/** An ERROR also reaches whoever sent the statement, who knows whether it matters. */
const messageLevels: Readonly<Record<string, 'debug' | 'warn' | 'error'>> = {
  LOG: 'debug',
  WARNING: 'warn',
  ERROR: 'warn',
  FATAL: 'error',
  PANIC: 'error',
};

/** Turns what PostgreSQL writes into events, and keeps the last lines for the sentence of a failed start. */
function followMessages(child: ChildProcess, effects: Effects): readonly string[] {
  const last: string[] = [];
  let rest = '';
  child.stdin?.on('error', (error) => effects.observe({ kind: 'failure', where: 'the pipe to PostgreSQL', error }));
  child.stdout?.resume();
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      last.push(line);
      if (last.length > 20) last.shift();
      const word = /^(\w+):/.exec(line)?.[1] ?? '';
      const severity = messageLevels[word];
      if (severity !== undefined) effects.observe({ kind: 'database-message', severity, text: line });
    }
  });
  return last;
}

async function untilReady(child: ChildProcess, cluster: string, said: readonly string[]): Promise<number> {
  let failure: unknown = null;
  child.once('error', (error) => (failure = error));
  for (let waitedMs = 0; waitedMs < startDeadlineMs; waitedMs += 10) {
    const postmaster = readPostmaster(cluster);
    if (postmaster?.status === 'ready') return postmaster.pid;
    if (failure !== null || child.exitCode !== null || child.signalCode !== null) break;
    await wait(10);
  }
  child.stdin?.end();
  const words = said.filter((line) => line.trim() !== '').join(' ');
  const code = /No space left on device/.test(words) ? 'disk-full' : 'not-ready';
  const told = words === '' ? 'it said nothing' : words;
  throw PortalError.beforeStart(code, `The portal's own PostgreSQL did not start: ${told}`, failure);
}

async function stopServer(child: ChildProcess, pid: number, ended: Promise<void>): Promise<void> {
  child.stdin?.end();
  const stopped = await Promise.race([ended.then(() => true), wait(stopDeadlineMs, false, { ref: false })]);
  // At once, without a checkpoint; recovery is at the next start
  if (!stopped && !isEnded(pid)) process.kill(pid, 'SIGQUIT');
  await ended;
}
