// Checks the types of the web pages: svelte-kit's generated types first, then svelte-check over every page.
// With `--sync-only` it makes the generated types and stops. It must not change a source.

import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';

const project = dirname(import.meta.dirname);
const packages = join(project, 'node_modules');

function run(script: string, args: readonly string[]): number {
  const done = spawnSync(process.execPath, [join(packages, script), ...args], { cwd: project, stdio: 'inherit' });
  return done.status ?? 1;
}

function check(syncOnly: boolean): number {
  const synced = run('@sveltejs/kit/svelte-kit.js', ['sync', '--config', 'web/vite.config.ts']);
  if (synced !== 0 || syncOnly) return synced;
  return run('svelte-check/bin/svelte-check', [
    '--workspace',
    'web',
    '--tsconfig',
    'tsconfig.json',
    '--fail-on-warnings',
    '--output',
    'human',
  ]);
}

process.exitCode = check(process.argv.includes('--sync-only'));
