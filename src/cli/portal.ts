#!/usr/bin/env node
// The `portal` command: reads the arguments, runs one action, and ends with the exit code that docs/cli.md names.
// It must not do anything else: program.ts holds the grammar, actions.ts what each command does.

import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { processEnvironment } from '../base/config.ts';
import { toActions, type Parts } from './actions.ts';
import { exitTable, toFailure } from './exit.ts';
import { buildProgram } from './program.ts';
import { writeFailure, writeJson, type Terminal } from './terminal.ts';

const terminal: Terminal = { out: process.stdout, err: process.stderr, watched: process.stderr.isTTY };

/** The parts that serve, build and restore, loaded only when a command needs one: `portal help` starts at once. */
const parts: Parts = {
  input: process.stdin,
  serve: async (config) => (await import('./local-portal.ts')).serve(config),
  startPrivate: async (config) => (await import('./local-portal.ts')).startPrivate(config),
  describeFile: async (...given) => (await import('./local-describe.ts')).describeFile(...given),
  restore: async (...given) => (await import('./local-portal.ts')).restore(...given),
};

function readVersion(): string {
  const path = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

async function run(args: readonly string[]): Promise<number> {
  try {
    await buildProgram(readVersion(), toActions(processEnvironment(), terminal, parts)).parseAsync(args, {
      from: 'user',
    });
    return exitTable.ok[0];
  } catch (error) {
    const json = args.includes('--json');
    if (!(error instanceof CommanderError)) return writeFailure(terminal, toFailure(error), json);
    if (error.exitCode === 0) return exitTable.ok[0];
    // Commander has said it on standard error already.
    const [exit] = exitTable.usage;
    if (json) writeJson(terminal, { error: { code: 'usage', exit, detail: error.message.replace(/^error: /, '') } });
    return exit;
  }
}

// `portal sample --rows 1000000 | head` closes the pipe early: that is how a reader says "enough".
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitTable.ok[0]);
  throw error;
});

process.exitCode = await run(process.argv.slice(2));
