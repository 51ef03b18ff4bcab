// A clone and a release as somebody installs them: by npm alone, without the install scripts of any package,
// then started.
// It must install into folders of its own, and leave nothing running.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { makeRelease } from '../../bin/release.ts';
import { until } from '../patience.ts';

const root = resolve(import.meta.dirname, '../..');
const installMs = 300_000;

export type Installed = { readonly kind: 'passed' | 'failed'; readonly why: string };

function run(command: string, args: readonly string[], cwd: string): string {
  const done = spawnSync(command, [...args], { cwd, encoding: 'utf8', timeout: installMs });
  if (done.status === 0) return done.stdout;
  throw new Error(`${command} ${args.join(' ')}: ${(done.stderr || String(done.error)).slice(-2_000)}`);
}

/**
 * Starts the portal that lies in `home`, asks for its first page when it is ready, and stops it.
 * Throws what went wrong.
 */
async function startOnce(home: string, port: number): Promise<string> {
  const url = `http://127.0.0.1:${port}`;
  const settings = { PORT: String(port), PUBLIC_URL: url, DATA_DIR: `${home}-data`, LOG_LEVEL: 'error', SAMPLE: 'off' };
  const child = spawn(process.execPath, ['bin/portal.js', 'serve'], {
    cwd: home,
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<number | null>((done) => child.once('close', done));
  try {
    await until('it is ready', async () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${errors.slice(-2_000)}`);
      return fetch(`${url}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    });
    const page = await fetch(url);
    if (page.status !== 200 || !(await page.text()).includes('<h1')) throw new Error(`the first page: ${page.status}`);
    return 'it started';
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

/** What git holds, with all packages: the pages are built at the start, and the clone is as clean as it was. */
export async function runClone(folder: string, port: number): Promise<Installed> {
  const home = join(folder, 'clone');
  return judge(async () => {
    run('git', ['clone', '--quiet', root, home], folder);
    run('npm', ['ci', '--ignore-scripts'], home);
    const started = await startOnce(home, port);
    const changed = run('git', ['status', '--porcelain'], home);
    if (changed !== '') throw new Error(`the clone is changed:\n${changed}`);
    return `npm ci --ignore-scripts, ${started}, and the clone is clean`;
  });
}

/** A release, with the packages that run alone: nothing here could build a page. */
export async function runRelease(folder: string, port: number): Promise<Installed> {
  return judge(async () => {
    const { path } = await makeRelease(folder);
    run('tar', ['-xzf', path, '-C', folder], folder);
    const home = path.replace(/\.tar\.gz$/u, '');
    run('npm', ['ci', '--omit=dev', '--ignore-scripts'], home);
    for (const builder of ['vite', 'svelte', 'typescript']) {
      if (existsSync(join(home, 'node_modules', builder))) throw new Error(`${builder} was installed`);
    }
    return `npm ci --omit=dev --ignore-scripts, ${await startOnce(home, port)}`;
  });
}

async function judge(work: () => Promise<string>): Promise<Installed> {
  return work().then(
    (why) => ({ kind: 'passed', why }),
    (error: unknown) => ({ kind: 'failed', why: String(error) }),
  );
}
