// `npm test`: builds the pages once, starts one PostgreSQL for the whole run, then runs every test file on it.
// It must leave no process behind, whatever the outcome.

import { spawn, spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { startTestServer } from './database.ts';

const root = resolve(import.meta.dirname, '..');

function main(): Promise<number> {
  const wanted = process.argv.slice(2);
  const files = wanted.length > 0 ? wanted : globSync('test/**/*.test.ts', { cwd: root }).sort();
  const build = spawnSync(process.execPath, ['web/build.ts'], { cwd: root, stdio: 'inherit' });
  if (build.status !== 0) return Promise.resolve(build.status ?? 1);
  return runFiles(files);
}

async function runFiles(files: readonly string[]): Promise<number> {
  const server = await startTestServer();
  try {
    const child = spawn(
      process.execPath,
      ['--test', '--test-concurrency=2', '--test-timeout=300000', '--test-reporter=spec', ...files],
      { cwd: root, stdio: 'inherit', env: { ...process.env, TEST_DATABASE_URL: server.url } },
    );
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal));
    return await new Promise<number>((done) => child.once('exit', (code) => done(code ?? 1)));
  } finally {
    await server.stop();
  }
}

process.exitCode = await main();
