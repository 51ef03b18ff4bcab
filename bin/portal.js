#!/usr/bin/env node
// Starts the `portal` command under the Node 24 that the project brings with it, whatever Node is installed.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/cli/portal.ts', import.meta.url));

/** The path of a Node that runs TypeScript as is: this one, or the one in the project's dependencies. */
function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const require = createRequire(import.meta.url);
  try {
    const folder = require.resolve(`node-linux-${process.arch}/package.json`).replace(/package\.json$/, '');
    const path = `${folder}bin/node`;
    if (existsSync(path)) return path;
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
  }
  process.stderr.write(
    `The portal runs on Node 24; this is Node ${process.versions.node} and the one in the project's dependencies ` +
      'is missing. Run `npm ci` again, or install Node 24.\n',
  );
  process.exit(2);
}

const child = spawn(findNode(), [main, ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else process.exit(code ?? 1);
});
