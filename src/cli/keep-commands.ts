// `portal verify` and `portal backup`: what keeps the data whole, done by the portal and told by the command.

import { resolve } from 'node:path';
import { formatCount, toTable } from './catalogue-commands.ts';
import { CommandError } from './exit.ts';
import type { FoundPortal } from './find-portal.ts';
import { openProgress, writeJson, writeLines, type Terminal } from './terminal.ts';

type DamagedFile = {
  readonly sha256: string;
  readonly sentence: string;
};

export type VerifyAnswer = {
  readonly files: number;
  readonly bytes: number;
  readonly damaged: readonly DamagedFile[];
};

/** Re-hashes every stored file. Ends with the exit `damaged` when one is not what its name says. */
export async function verifyStored({ client }: FoundPortal, terminal: Terminal, json: boolean): Promise<void> {
  const progress = openProgress(terminal);
  let answer: VerifyAnswer;
  try {
    answer = (await client.send('POST', '/api/v1/operations/verify', {}, progress.show)) as VerifyAnswer;
  } finally {
    progress.end();
  }
  if (json && answer.damaged.length === 0) writeJson(terminal, answer);
  if (answer.damaged.length > 0) {
    if (!json) writeLines(terminal, toTable(answer.damaged.map((each) => [each.sha256, each.sentence])));
    const count = answer.damaged.length === 1 ? 'One stored file is' : `${answer.damaged.length} stored files are`;
    const sentence = `${count} damaged or missing, of ${formatCount(answer.files)}.`;
    throw new CommandError('damaged', 'stored-file-damaged', sentence, { damaged: answer.damaged });
  }
  if (!json) {
    writeLines(terminal, [
      `${formatCount(answer.files)} stored files, ${formatCount(answer.bytes)} bytes: all as they were.`,
    ]);
  }
}

export type BackupAnswer = { readonly directory: string; readonly files: number; readonly bytes: number };

/** Copies everything into a folder of the portal's machine. */
export async function backUp(portal: FoundPortal, folder: string, terminal: Terminal, json: boolean): Promise<void> {
  const directory = portal.how === 'named' ? folder : resolve(folder);
  const progress = openProgress(terminal);
  let answer: BackupAnswer;
  try {
    const asked = { directory };
    answer = (await portal.client.send('POST', '/api/v1/operations/backup', asked, progress.show)) as BackupAnswer;
  } finally {
    progress.end();
  }
  if (json) return writeJson(terminal, answer);
  writeLines(terminal, [
    `${answer.directory}: ${formatCount(answer.files)} files, ${formatCount(answer.bytes)} bytes, each with its SHA-256 in the manifest.`,
  ]);
}
