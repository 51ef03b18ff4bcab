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
  /** `brokenAt`: the first event of the audit log that does not fit the chain of hashes. */
  readonly audit: { readonly brokenAt: number | null };
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
  const faults = toFaults(answer);
  if (faults.length === 0) {
    if (json) return writeJson(terminal, answer);
    const counts = `${formatCount(answer.files)} stored files, ${formatCount(answer.bytes)} bytes`;
    return writeLines(terminal, [`${counts}, and the audit log: all as they were.`]);
  }
  if (!json) writeLines(terminal, toTable(answer.damaged.map((each) => [each.sha256, each.sentence])));
  throw new CommandError('damaged', 'stored-file-damaged', faults.join(' '), { ...answer });
}

function toFaults({ files, damaged, audit }: VerifyAnswer): string[] {
  const count = damaged.length === 1 ? 'One stored file is' : `${formatCount(damaged.length)} stored files are`;
  return [
    ...(damaged.length === 0 ? [] : [`${count} damaged or missing, of ${formatCount(files)}.`]),
    ...(audit.brokenAt === null ? [] : [`The audit log has been changed at event ${audit.brokenAt}.`]),
  ];
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
