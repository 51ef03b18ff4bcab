#!/usr/bin/env node
// The `portal` command as a process: hands its arguments and streams to run.ts, and ends with the exit code that
// docs/cli.md names. It must not do anything else: program.ts holds the grammar, actions.ts what each command does.

import { processEnvironment } from '../base/config.ts';
import { toActions, type Parts } from './actions.ts';
import { exitTable } from './exit.ts';
import { runCommand } from './run.ts';
import type { Terminal } from './terminal.ts';

const terminal: Terminal = { out: process.stdout, err: process.stderr, watched: process.stderr.isTTY };

/** The parts that serve, build and restore, loaded only when a command needs one: `portal help` starts at once. */
const parts: Parts = {
  input: process.stdin,
  serve: async (config) => (await import('./local-portal.ts')).serve(config),
  startPrivate: async (config) => (await import('./local-portal.ts')).startPrivate(config),
  describeFile: async (...given) => (await import('./local-describe.ts')).describeFile(...given),
  restore: async (...given) => (await import('./local-portal.ts')).restore(...given),
};

// `portal sample --rows 1000000 | head` closes the pipe early: that is how a reader says "enough".
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitTable.ok[0]);
  throw error;
});

process.exitCode = await runCommand(process.argv.slice(2), toActions(processEnvironment(), terminal, parts), terminal);
