#!/usr/bin/env node
// Starts the `portal` command under Node 24, whatever Node is installed: this one when it is new enough, else the one
// that the project's dependencies bring. Written for old Nodes too: it must not use anything newer than Node 18.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

const main = new URL('../src/cli/portal.ts', import.meta.url);
const wanted = 24;
const exitUsage = 2;
/** The young part of the heap: Node's own bound lets an idle portal keep 150 MB more than it needs. */
const heapFlag = '--max-semi-space-size=2';
/** Compiled TypeScript is kept here, so that a second start needs no compiler: half the time, a third less memory. */
const cache = fileURLToPath(new URL('../node_modules/.cache/portal', import.meta.url));

/** The path of the Node in the project's dependencies, or null when it is not installed. */
function findBundledNode() {
  const require = createRequire(import.meta.url);
  try {
    const folder = require
      .resolve(`node-${process.platform}-${process.arch}/package.json`)
      .replace(/package\.json$/, '');
    const path = `${folder}bin/node`;
    return existsSync(path) ? path : null;
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

/** Runs the command in `node`, hands it every signal, and ends as it ends. */
function runIn(node) {
  const child = spawn(node, [heapFlag, fileURLToPath(main), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: cache, ...process.env },
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  // At a terminal Ctrl-C reaches the whole group, so the child has heard it already; twice would mean "do not wait".
  const heardByBoth = process.stdin.isTTY ? 'SIGINT' : null;
  for (const signal of signals) process.on(signal, () => signal !== heardByBoth && child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`${node} could not be started: ${error.message}\n`);
    process.exit(exitUsage);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const each of signals) process.removeAllListeners(each);
    process.kill(process.pid, signal);
  });
}

if (Number(process.versions.node.split('.')[0]) >= wanted) {
  nodeModule.enableCompileCache(cache); // one that cannot be written is no error: the start is slower
  await import(main.href);
} else {
  const node = findBundledNode();
  if (node === null) {
    process.stderr.write(
      `The portal runs on Node ${wanted}; this is Node ${process.versions.node} and the one in the project's dependencies ` +
        `is missing. Run \`npm ci\` again, or install Node ${wanted}.\n`,
    );
    process.exit(exitUsage);
  }
  runIn(node);
}
