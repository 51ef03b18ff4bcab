// `portal restore FOLDER`: fills an empty DATA_DIR from a backup.

import { formatCount } from './catalogue-commands.ts';
import type { OnProgress } from './http-client.ts';
import { openProgress, writeJson, writeLines, type Terminal } from './terminal.ts';

export type RestoreAnswer = { readonly files: number; readonly bytes: number };

export async function restore(
  work: (onProgress: OnProgress) => Promise<RestoreAnswer>,
  terminal: Terminal,
  json: boolean,
): Promise<void> {
  const progress = openProgress(terminal);
  let answer: RestoreAnswer;
  try {
    answer = await work(progress.show);
  } finally {
    progress.end();
  }
  if (json) return writeJson(terminal, answer);
  writeLines(terminal, [
    `Restored ${formatCount(answer.files)} files, ${formatCount(answer.bytes)} bytes; each was checked.`,
  ]);
}
