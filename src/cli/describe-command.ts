// `portal describe FILE`: what would be published from a file. Nothing is stored.

import type { IngestReport } from '../catalogue/dataset.ts';
import type { Schema } from '../query/column.ts';
import { toTable } from './catalogue-commands.ts';
import { requireFile, toReportLines } from './publish-command.ts';
import type { OnProgress } from './http-client.ts';
import type { UploadFile } from './multipart.ts';
import { toRecipe, type RecipeOptions } from './recipe-options.ts';
import { openProgress, writeJson, writeLines, type Terminal } from './terminal.ts';

export type DescribeOptions = RecipeOptions & { readonly json?: boolean };

export type DescribeAnswer = { readonly columns: Schema; readonly report: IngestReport };

/** Reads a file by the publish path without storing anything. */
export type DescribeFile = (
  file: UploadFile,
  recipe: string | undefined,
  onProgress: OnProgress,
) => Promise<DescribeAnswer>;

export async function describe(
  path: string,
  options: DescribeOptions,
  read: DescribeFile,
  terminal: Terminal,
): Promise<void> {
  const file = await requireFile(path);
  const progress = openProgress(terminal);
  let answer: DescribeAnswer;
  try {
    answer = await read(file, toRecipe(options, {}), progress.show);
  } finally {
    progress.end();
  }
  if (options.json === true) return writeJson(terminal, answer);
  const columns = answer.columns.map((column) => [
    column.name,
    column.type.kind === 'geometry' ? `geometry (${column.type.shape})` : column.type.kind,
    column.meaning ?? '',
    column.derivedFrom === null ? column.title : `from ${column.derivedFrom.join(', ')}`,
  ]);
  writeLines(terminal, [
    ...toReportLines(answer.report, 'would be published'),
    '',
    ...toTable([['COLUMN', 'TYPE', 'MEANING', 'HEADER'], ...columns]),
    '',
    'Nothing was stored.',
  ]);
}
