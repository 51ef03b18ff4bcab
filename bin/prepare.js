// Runs after `npm ci`: makes the generated types of the web pages. Does nothing where they cannot be made yet.
import { existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

if (existsSync('web/vite.config.ts')) {
  const done = spawnSync('node', ['web/check.ts', '--sync-only'], { stdio: 'inherit' });
  if (done.status !== 0)
    process.stderr.write('The types of the web pages were not made; `npm run check` makes them.\n');
}
