// The `portal` command where no portal is needed: help, usage, generators, exits, and any Node.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { type TestContext } from 'node:test';
import { openProgress, writeFailure } from '../../src/cli/terminal.ts';
import { patienceMs, until } from '../patience.ts';
import { plainEnvironment, runHere, type Ran } from './portal-process.ts';
import { openTerminal } from './terminal.ts';

const root = resolve(import.meta.dirname, '../..');
const cli = join(root, 'src/cli/portal.ts');
const bin = join(root, 'bin/portal.js');

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'portal-cli-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

function portal(
  args: readonly string[],
  settings: Record<string, string> = {},
  node = process.execPath,
  entry = cli,
): Ran {
  const env = { ...plainEnvironment, ...settings };
  const done = spawnSync(node, [entry, ...args], { env, encoding: 'utf8', timeout: patienceMs });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

test('help and version end well, and help has examples and the exit codes', () => {
  const help = portal(['--help']);
  assert.equal(help.code, 0);
  assert.match(help.out, /Examples:\n {2}portal serve/);
  assert.match(help.out, /Exit codes:\n {2}0 {2}It worked\./);
  assert.equal(help.err, '');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  assert.deepEqual(portal(['--version']), { code: 0, out: `${version}\n`, err: '' });
});

test('a wrong command, option or setting is exit 2 with one sentence', async () => {
  const cases: readonly (readonly [readonly string[], RegExp, Record<string, string>?])[] = [
    [['publsh'], /unknown command 'publsh'/],
    [['publish', 'x.csv'], /required option '--id <id>' not specified/],
    [['show'], /missing required argument 'id'/],
    [['list', '--jsn'], /unknown option '--jsn'/],
    [
      ['sample', '--rows', 'many'],
      /^--rows takes a whole number from 0 to 100000000; “many” is not one\. \[usage\]\n$/,
    ],
    [
      ['sample', '--rows', '5', '--set', 'cats'],
      /^--set takes one of building-permits, .*“cats” is not one\. \[usage\]\n$/,
    ],
    [['sample', '--rows', '5', '--json'], /^--json needs --out FILE\. \[usage\]\n$/],
    [['list'], /^The setting PORT is “abc”.*\[setting-invalid\]\n$/, { PORT: 'abc' }],
    [['list'], /^The setting PORTAL_URL is “ftp:\/\/x”.*\[setting-invalid\]\n$/, { PORTAL_URL: 'ftp://x' }],
  ];
  for (const [args, sentence, settings] of cases) {
    const ran = await runHere(args, settings);
    assert.equal(ran.code, 2, args.join(' '));
    assert.match(ran.err, sentence);
    if (!args.includes('--json')) assert.equal(ran.out, '');
  }
  assert.deepEqual(JSON.parse((await runHere(['show', '--json'])).out), {
    error: { code: 'usage', exit: 2, detail: "missing required argument 'id'" },
  });
});

test('a portal that does not answer is exit 5, and --json says so on standard output alone', async () => {
  const settings = { PORTAL_URL: 'http://127.0.0.1:9' };
  const plain = await runHere(['list'], settings);
  assert.deepEqual([plain.code, plain.out], [5, '']);
  const json = portal(['list', '--json'], settings);
  assert.equal(json.code, 5);
  assert.deepEqual(JSON.parse(json.out), {
    error: { code: 'unreachable', exit: 5, detail: 'No portal answers at http://127.0.0.1:9: nothing listens there.' },
  });
});

test('a file that is not there is exit 3 before any portal is asked', async () => {
  const ran = await runHere(['publish', 'none.csv', '--id', 'x'], { PORTAL_URL: 'http://127.0.0.1:9' });
  assert.deepEqual(ran, { code: 3, out: '', err: 'There is no file none.csv. [not-found]\n' });
});

test('what server.json says of a process that has ended is not believed', async (t) => {
  const dataDir = folder(t);
  const gone = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(join(dataDir, 'server.json'), JSON.stringify({ pid: gone.pid, url: 'http://127.0.0.1:9' }));
  const restore = await runHere(['restore', join(dataDir, 'no-backup')], { DATA_DIR: dataDir });
  assert.doesNotMatch(restore.err, /is running on DATA_DIR/);
  writeFileSync(join(dataDir, 'server.json'), JSON.stringify({ pid: process.pid, url: 'http://127.0.0.1:9' }));
  const refused = await runHere(['restore', join(dataDir, 'no-backup')], { DATA_DIR: dataDir });
  assert.equal(refused.code, 7);
  assert.match(refused.err, /^A portal is running on DATA_DIR \(http:\/\/127\.0\.0\.1:9\); stop it.*\[conflict\]\n$/);
});

test('sample --rows writes the same file to a file and to standard output', async (t) => {
  const path = join(folder(t), 'permits.csv');
  const made = await runHere(['sample', '--rows', '500', '--out', path, '--json']);
  assert.equal(made.code, 0);
  const text = readFileSync(path, 'utf8');
  assert.deepEqual(JSON.parse(made.out), {
    file: path,
    set: 'building-permits',
    rows: 500,
    bytes: statSync(path).size,
  });
  assert.equal(portal(['sample', '--rows', '500']).out, text);
  assert.notEqual((await runHere(['sample', '--rows', '500', '--seed', '7'])).out, text);
  assert.ok(!existsSync(`${path}.partial`));
});

test('a file that cannot be written leaves nothing and is exit 1', async (t) => {
  const path = join(folder(t), 'taken');
  mkdirSync(path);
  const ran = await runHere(['sample', '--rows', '5', '--out', path]);
  assert.equal(ran.code, 1);
  assert.match(ran.err, /taken was not written: .*\[file-unwritable\]\n$/);
  assert.ok(!existsSync(`${path}.partial`));
});

test('a reader that has had enough ends the generator quietly', async () => {
  const child = spawn(process.execPath, [cli, 'sample', '--rows', '2000000'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdout.once('data', () => child.stdout.destroy());
  const code = await new Promise((done) => child.once('exit', done));
  assert.deepEqual([code, err], [0, '']);
});

/** An older Node on this machine, as many still have; null when there is none. */
function findOldNode(): string | null {
  const places = ['/usr/bin/node', '/usr/local/bin/node', '/bin/node'];
  return (
    places.find((path) => {
      if (!existsSync(path)) return false;
      const version = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout;
      const major = Number(/^v(\d+)/.exec(version)?.[1] ?? 0);
      return major >= 18 && major < 24;
    }) ?? null
  );
}

const oldNode = findOldNode();

test('bin/portal.js runs the command, and keeps its exit code', () => {
  assert.equal(portal(['--version'], {}, process.execPath, bin).code, 0);
  const ran = portal(['sample', '--rows', 'x'], {}, process.execPath, bin);
  assert.deepEqual([ran.code, ran.out], [2, '']);
});

test('bin/portal.js does the same under an older Node', { skip: oldNode === null && 'no older Node here' }, () => {
  assert.ok(oldNode);
  assert.equal(portal(['sample', '--rows', '2'], {}, oldNode, bin).out, portal(['sample', '--rows', '2']).out);
  const ran = portal(['sample', '--rows', 'x'], {}, oldNode, bin);
  assert.deepEqual([ran.code, ran.out], [2, '']);
});

test(
  'bin/portal.js hands signals on under an older Node',
  { skip: oldNode === null && 'no older Node here' },
  async (t) => {
    assert.ok(oldNode);
    const path = join(folder(t), 'much.csv');
    const child = spawn(oldNode, [bin, 'sample', '--rows', '100000000', '--out', path], { stdio: 'ignore' });
    await until('the command writes', () => existsSync(`${path}.partial`));
    const ended = new Promise<[number | null, string | null]>((done) =>
      child.once('exit', (code, signal) => done([code, signal])),
    );
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [null, 'SIGTERM']);
  },
);

test('progress is written to standard error, and only when somebody watches', () => {
  const quiet = openTerminal(false);
  const unseen = openProgress(quiet);
  unseen.show({ step: 'upload', done: 1, total: 2 });
  unseen.end();
  assert.deepEqual(quiet.text(), { out: '', err: '' });
  const watched = openTerminal(true);
  const progress = openProgress(watched);
  progress.show({ step: 'describe', done: null, total: null });
  progress.end();
  assert.deepEqual(watched.text(), { out: '', err: 'Reading the rows …\n' });
});

test('a failure is one line, whatever the error said', () => {
  const terminal = openTerminal();
  const exit = writeFailure(
    terminal,
    { exit: 'damaged', code: 'stored-file-damaged', sentence: 'Bad.', extra: { n: 1 } },
    true,
  );
  assert.equal(exit, 4);
  assert.deepEqual(terminal.text(), {
    out: '{"error":{"code":"stored-file-damaged","exit":4,"detail":"Bad.","n":1}}\n',
    err: 'Bad. [stored-file-damaged]\n',
  });
});
