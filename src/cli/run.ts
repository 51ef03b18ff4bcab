// Runs one command: from its arguments to its exit code, with what it says on the terminal it is given.
// It must not touch the process it runs in: not its streams, its environment or its end.

import { readFileSync } from 'node:fs';
import { CommanderError, type Command } from 'commander';
import { exitTable, toFailure } from './exit.ts';
import { buildProgram, type Actions } from './program.ts';
import { writeFailure, writeJson, type Terminal } from './terminal.ts';

function readVersion(): string {
  const path = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

export async function runCommand(args: readonly string[], actions: Actions, terminal: Terminal): Promise<number> {
  try {
    const program = buildProgram(readVersion(), actions);
    speakTo(terminal, program);
    await program.parseAsync(args, { from: 'user' });
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

/** Commander hands this down only to commands that are made later. */
function speakTo(terminal: Terminal, command: Command): void {
  command.configureOutput({
    writeOut: (text) => void terminal.out.write(text),
    writeErr: (text) => void terminal.err.write(text),
  });
  for (const each of command.commands) speakTo(terminal, each);
}
