// `npm run test:interop`: a clone and a release installed by npm alone,
// then real clients against a portal with its sample catalogue.
// Says what could not be had here and goes on; ends with 1 when a client that ran met something wrong.

import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { installedPlaces } from '../web/chromium.ts';

import { runClone, runRelease } from './installed.ts';
import { readOutlookFiles, tikaTests } from './outlook-files.ts';

const root = resolve(import.meta.dirname, '../..');
const wholeMs = 1_200_000;

type Ran = { readonly code: number | null; readonly output: string };
type Outcome = { readonly client: string; readonly kind: 'passed' | 'failed' | 'not run'; readonly why: string };
type Portal = { readonly url: string; readonly dataset: Sample; stop(): Promise<void> };
type Sample = { readonly id: string; readonly code: string; readonly rows: number };

const running = new Set<ChildProcess>();
const startedMs = performance.now();

/** Runs a command to its end, or to its time. */
function run(
  command: string,
  args: readonly string[],
  timeoutMs: number,
  env: Record<string, string> = {},
  cwd = root,
): Promise<Ran> {
  const left = Math.max(1_000, Math.min(timeoutMs, wholeMs - (performance.now() - startedMs)));
  return new Promise((done) => {
    const child = spawn(command, [...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let output = '';
    const timer = setTimeout(() => {
      output += `\nended after ${Math.round(left / 1000)} s`;
      child.kill('SIGKILL');
    }, left);
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const end = (code: number | null): void => {
      clearTimeout(timer);
      running.delete(child);
      done({ code, output });
    };
    child.once('error', (error) => {
      output += error.message;
      end(127);
    });
    child.once('close', end);
  });
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? done(address.port) : fail(new Error('no port')),
      );
    });
  });
}

async function startPortal(folder: string): Promise<Portal> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const settings = {
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: url,
    DATA_DIR: join(folder, 'data'),
    LOG_LEVEL: 'error',
  };
  const child = spawn(process.execPath, [join(root, 'src/cli/portal.ts'), 'serve'], {
    cwd: root,
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  running.add(child);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended;
    running.delete(child);
  };
  const until = performance.now() + 180_000;
  while (performance.now() < until && child.exitCode === null) {
    const dataset = await findSample(url);
    if (dataset !== null) return { url, dataset, stop };
    await new Promise((done) => setTimeout(done, 500));
  }
  await stop();
  throw new Error(`the portal did not become ready: ${errors.slice(-2_000)}`);
}

type Listed = { readonly data: readonly { id: string; code: string; rows: number; hasGeometry: boolean }[] };

/** A dataset of places with a few thousand rows at most, once the whole sample is there; null until then. */
async function findSample(url: string): Promise<Sample | null> {
  const read = async (path: string): Promise<Response | null> => fetch(`${url}${path}`).catch(() => null);
  const ready = await read('/health/ready');
  if (ready?.status !== 200) return null;
  const listed = await read('/api/v1/datasets?limit=100&map=true');
  if (listed?.status !== 200) return null;
  const { data } = (await listed.json()) as Listed;
  const known = data.filter(({ rows }) => rows >= 10 && rows <= 20_000).sort((a, b) => b.rows - a.rows);
  return known[0] ?? null;
}

const packages = ['sodapy', 'pandas', 'duckdb', 'schemathesis'] as const;
type Package = (typeof packages)[number];

/** A Python of its own with the packages that can be had; the reason for each that cannot. */
async function makePython(folder: string): Promise<{ python: string; missing: ReadonlyMap<Package, string> }> {
  const python = join(folder, 'venv/bin/python');
  const made = await run('python3', ['-m', 'venv', join(folder, 'venv')], 60_000);
  if (made.code !== 0) {
    return { python, missing: new Map(packages.map((name) => [name, `no Python venv: ${lastLine(made.output)}`])) };
  }
  const missing = new Map<Package, string>();
  for (const name of packages) {
    const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1', name];
    const installed = await run(python, args, 120_000);
    if (installed.code !== 0) missing.set(name, `pip could not install it: ${lastLine(installed.output)}`);
  }
  return { python, missing };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
}

async function runPython(
  client: Package,
  python: string,
  missing: ReadonlyMap<Package, string>,
  portal: Portal,
): Promise<Outcome> {
  const why = missing.get(client);
  if (why !== undefined) return { client, kind: 'not run', why };
  const { id, code, rows } = portal.dataset;
  const env = { PORTAL_URL: portal.url, DATASET_ID: id, DATASET_CODE: code, DATASET_ROWS: String(rows) };
  const { code: status, output } = await run(python, [join(import.meta.dirname, `${client}-client.py`)], 120_000, env);
  return status === 0
    ? { client, kind: 'passed', why: lastLine(output) }
    : { client, kind: 'failed', why: output.slice(-3_000) };
}

/**
 * Schemathesis makes requests from the OpenAPI description; no answer may be a fault of the server or break its schema.
 */
async function runSchemathesis(
  folder: string,
  missing: ReadonlyMap<Package, string>,
  portal: Portal,
): Promise<Outcome> {
  const client = 'schemathesis';
  const why = missing.get(client);
  if (why !== undefined) return { client, kind: 'not run', why };
  const checks = 'not_a_server_error,response_schema_conformance';
  const args = ['run', `${portal.url}/openapi.json`, '--max-examples', '10', '--checks', checks, '--seed', '1'];
  const more = ['--include-method', 'GET', '--phases', 'examples,fuzzing', '--workers', '1', '--no-color'];
  const { code, output } = await run(join(folder, 'venv/bin/st'), [...args, ...more], 240_000, {}, folder);
  return code === 0
    ? { client, kind: 'passed', why: lastLine(output) }
    : { client, kind: 'failed', why: output.slice(-4_000) };
}

/** A download that breaks off is resumed, and its bytes are those that Repr-Digest names. */
async function runCurl(folder: string, portal: Portal): Promise<Outcome> {
  const client = 'curl';
  const found = await run('curl', ['--version'], 10_000);
  if (found.code !== 0) return { client, kind: 'not run', why: 'curl is not installed' };
  const url = `${portal.url}/datasets/${portal.dataset.id}/download.parquet`;
  const whole = join(folder, 'whole.parquet');
  const broken = join(folder, 'broken.parquet');
  const headers = join(folder, 'headers.txt');
  for (const path of [whole, broken]) {
    const got = await run('curl', ['-sSf', '-D', headers, '-o', path, url], 60_000);
    if (got.code !== 0) return { client, kind: 'failed', why: got.output };
  }
  truncateSync(broken, 1_000);
  const resumed = await run('curl', ['-sSf', '-C', '-', '-o', broken, url], 60_000);
  if (resumed.code !== 0) return { client, kind: 'failed', why: `resume: ${resumed.output}` };
  const digest = createHash('sha256').update(readFileSync(broken)).digest('base64');
  if (!readFileSync(broken).equals(readFileSync(whole)))
    return { client, kind: 'failed', why: 'the resumed file differs' };
  const sent = readFileSync(headers, 'utf8');
  if (!sent.includes(digest)) return { client, kind: 'failed', why: `Repr-Digest is not sha-256 ${digest}:\n${sent}` };
  const tag = /^etag: (.*)$/im.exec(sent)?.[1]?.trim() ?? '';
  const again = await run(
    'curl',
    ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', `If-None-Match: ${tag}`, url],
    60_000,
  );
  if (again.output !== '304')
    return { client, kind: 'failed', why: `If-None-Match ${tag} was answered ${again.output}` };
  return { client, kind: 'passed', why: `${readFileSync(whole).length} bytes whole, resumed, digested, 304` };
}

/** The staff's pages in the browser of this machine: another than the pinned one finds other faults. */
async function runInstalledBrowser(): Promise<Outcome> {
  const client = 'installed Chromium';
  const path = installedPlaces.find((place) => existsSync(place));
  if (path === undefined) return { client, kind: 'not run', why: 'none is installed' };
  const version = lastLine((await run(path, ['--version'], 30_000)).output);
  const tests = ['test/web/people.test.ts', 'test/web/site.test.ts'];
  const ran = await run(process.execPath, ['test/run.ts', ...tests], 400_000, { TEST_CHROMIUM: path });
  if (ran.code !== 0) return { client, kind: 'failed', why: `${version}: ${ran.output.slice(-4_000)}` };
  return { client, kind: 'passed', why: version };
}

/** Messages, mailboxes and rich text that other programs wrote, from a package of Maven. */
async function runOutlookFiles(folder: string): Promise<Outcome> {
  const client = 'files of Outlook';
  const found = await run('mvn', ['--version'], 30_000);
  if (found.code !== 0) return { client, kind: 'not run', why: 'Maven is not installed' };
  const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy';
  const args = ['-q', '-B', copy, `-Dartifact=${tikaTests}`, `-DoutputDirectory=${folder}`, '-Dmdep.stripVersion=true'];
  const got = await run('mvn', args, 240_000);
  if (got.code !== 0) return { client, kind: 'not run', why: `Maven could not get it: ${lastLine(got.output)}` };
  const jar = join(folder, 'tika-parser-microsoft-module-tests.jar');
  return readOutlookFiles(jar, folder).then(
    (why) => ({ client, kind: 'passed', why }),
    (error: unknown) => ({ client, kind: 'failed', why: error instanceof Error ? error.message : String(error) }),
  );
}

function report(outcomes: readonly Outcome[]): number {
  for (const { client, kind, why } of outcomes)
    process.stdout.write(`${client}: ${kind}${why === '' ? '' : ` — ${why}`}\n`);
  const failed = outcomes.filter(({ kind }) => kind === 'failed').length;
  const unrun = outcomes.filter(({ kind }) => kind === 'not run').length;
  process.stdout.write(
    `${outcomes.length - failed - unrun} passed, ${failed} failed, ${unrun} could not be run here\n`,
  );
  return failed === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'portal-interop-'));
  chmodSync(folder, 0o755); // under root PostgreSQL runs as another user, who has to reach its programs
  try {
    const installed: Outcome[] = [
      { client: 'a clone', ...(await runClone(folder, await freePort())) },
      { client: 'a release', ...(await runRelease(folder, await freePort())) },
    ];
    const [portal, { python, missing }] = await Promise.all([startPortal(folder), makePython(folder)]);
    try {
      process.stdout.write(
        `the portal answers at ${portal.url}; asked about ${portal.dataset.id}, ${portal.dataset.rows} rows\n`,
      );
      const outcomes: Outcome[] = [...installed, await runCurl(folder, portal)];
      for (const client of ['sodapy', 'pandas', 'duckdb'] as const) {
        outcomes.push(await runPython(client, python, missing, portal));
      }
      outcomes.push(await runSchemathesis(folder, missing, portal), await runOutlookFiles(folder));
      outcomes.push(await runInstalledBrowser());
      return report(outcomes);
    } finally {
      await portal.stop();
    }
  } finally {
    for (const child of running) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
