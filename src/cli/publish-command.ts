// `portal describe` and `portal publish`: a file, what is said of it, and what became of every row.
// It must not read the rows itself: the portal does, by the one publish path.

import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { emptyMetadata, type Finding, type IngestReport } from '../catalogue/dataset.ts';
import type { PublishStep } from '../publish/steps.ts';
import { datasetPath, formatCount, toTable, type DatasetAnswer } from './catalogue-commands.ts';
import { CommandError, usageError } from './exit.ts';
import type { HttpClient } from './http-client.ts';
import { readMetadataFile, toChanges, type MetadataOptions } from './metadata-options.ts';
import type { UploadFile } from './multipart.ts';
import { toRecipe, type RecipeOptions } from './recipe-options.ts';
import { openProgress, writeJson, writeLines, type ProgressEvent, type Terminal } from './terminal.ts';

export type PublishOptions = MetadataOptions &
  RecipeOptions & {
    readonly id: string;
    readonly department?: string;
    readonly note?: string;
    readonly expectRevision?: string;
    readonly acceptChanges?: boolean;
    readonly json?: boolean;
  };

/** What the portal answers to a publish. */
export type PublishAnswer = {
  readonly status?: 'created' | 'unchanged';
  readonly dataset: DatasetAnswer;
  readonly report: IngestReport;
};

/** Throws not-found and file-unreadable with the path as the person wrote it. */
export async function requireFile(path: string): Promise<UploadFile> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    const [exit, code, why] =
      error.code === 'ENOENT'
        ? (['not-found', 'not-found', 'There is no file'] as const)
        : (['failed', 'file-unreadable', 'The portal cannot read'] as const);
    throw new CommandError(exit, code, `${why} ${path}.`);
  });
  if (!found.isFile()) throw new CommandError('failed', 'file-unreadable', `${path} is not a file.`);
  return { path, name: basename(path), bytes: found.size };
}

/** The form's fields: what is already known of the dataset with the options laid over it. */
async function toFields(client: HttpClient, options: PublishOptions): Promise<Record<string, string>> {
  const fromFile = options.metadata === undefined ? {} : await readMetadataFile(options.metadata);
  const changes = { ...fromFile, ...toChanges(options) };
  const current = (await client.find(datasetPath(options.id))) as DatasetAnswer | null;
  if (current === null && (changes.title === undefined || options.department === undefined)) {
    throw usageError(`There is no dataset “${options.id}” yet: a new one needs --title and --department.`);
  }
  const fields: Record<string, string> = {};
  if (current === null || Object.keys(changes).length > 0 || options.department !== undefined) {
    const before = current === null ? emptyMetadata : current.metadata;
    const department = options.department ?? current?.department.id;
    fields['metadata'] = JSON.stringify({ ...before, ...changes, department });
  }
  const recipe = toRecipe(options, current === null ? {} : await readRecipe(client, current));
  if (recipe !== undefined) fields['recipe'] = recipe;
  if (options.acceptChanges === true) fields['acceptChanges'] = 'true';
  if (options.note !== undefined) fields['note'] = options.note;
  if (options.expectRevision !== undefined) fields['expectRevision'] = options.expectRevision;
  return fields;
}

/** What was said of the file that stands. */
async function readRecipe(
  client: HttpClient,
  { id, revision }: DatasetAnswer,
): Promise<Readonly<Record<string, unknown>>> {
  const { report } = (await client.get(`${datasetPath(id)}/revisions/${revision.number}`)) as {
    report: { recipe?: Record<string, unknown> | null };
  };
  return report.recipe ?? {};
}

export async function publish(
  client: HttpClient,
  path: string,
  options: PublishOptions,
  terminal: Terminal,
): Promise<void> {
  const file = await requireFile(path);
  const fields = await toFields(client, options);
  const progress = openProgress(terminal);
  try {
    const answer = (await client.upload(`${datasetPath(options.id)}/revisions`, fields, file, (event) =>
      progress.show(toPublishProgress(event)),
    )) as PublishAnswer;
    progress.end();
    if (options.json === true) writeJson(terminal, answer);
    else writeLines(terminal, toPublishLines(answer));
  } finally {
    progress.end();
  }
}

/** How far each step of the publish path is: its place among them. A type import, so that no command loads the path. */
const publishPlaces: Readonly<Record<PublishStep, number>> = {
  received: 1,
  read: 2,
  loaded: 3,
  typed: 4,
  'serving-written': 5,
  'parquet-written': 6,
  profiled: 7,
  'source-stored': 8,
  'quarantine-stored': 9,
  'serving-stored': 10,
  'parquet-stored': 11,
  released: 12,
};

/** The steps of the publish path as one bar; sending the file stays a bar of its own. */
function toPublishProgress(event: ProgressEvent): ProgressEvent {
  const place = (publishPlaces as Readonly<Record<string, number | undefined>>)[event.step];
  return place === undefined ? event : { step: 'publish', done: place, total: Object.keys(publishPlaces).length };
}

function toPublishLines({ status, dataset, report }: PublishAnswer): string[] {
  const { revision, links } = dataset;
  const done =
    status === 'unchanged'
      ? `Nothing changed: revision ${revision.number} of ${dataset.id} already holds this data.`
      : `Published revision ${revision.number} of ${dataset.id}: ${dataset.title}`;
  const quarantine = `${links['self'] ?? ''}/revisions/${revision.number}/quarantine.csv`;
  return [
    done,
    '',
    ...toReportLines(report),
    '',
    ...toTable([
      ['page', links['page'] ?? ''],
      ['API', links['rows'] ?? ''],
      ['downloads', links['downloads'] ?? ''],
      ...(report.rowsQuarantined > 0 ? [['quarantine', quarantine]] : []),
    ]),
  ];
}

/** Rows in the file = published + quarantined, and what was found on the way. */
export function toReportLines(report: IngestReport, published = 'published'): string[] {
  const counts = toTable(
    [
      ['rows in the file', formatCount(report.rowsInFile)],
      [`= ${published}`, formatCount(report.rowsPublished)],
      ['+ quarantined', formatCount(report.rowsQuarantined)],
    ],
    [1],
  );
  const read = [
    report.format,
    report.encoding,
    report.delimiter === null ? null : `separated by “${report.delimiter}”`,
  ];
  const said = Object.entries(report.recipe ?? {}).map(([name, value]) => `${name} ${toSaid(value)}`);
  return [
    `${report.fileName}: ${formatCount(report.fileBytes)} bytes, read as ${read.filter((each) => each !== null).join(', ')}`,
    ...(said.length === 0 ? [] : [`as it was said: ${said.join(', ')}`]),
    ...counts,
    ...toFindingLines(report),
  ];
}

function toSaid(value: unknown): string {
  if (typeof value === 'object') return JSON.stringify(value);
  return value === '\t' ? 'tab' : `“${String(value)}”`;
}

const shownFindings = 20;

function toFindingLines(report: IngestReport): string[] {
  if (report.findingsTotal === 0) return [];
  const shown = report.findings.slice(0, shownFindings).map((finding) => `  ${toFindingLine(finding)}`);
  const more = report.findingsTotal - shown.length;
  return [
    '',
    `Findings: ${formatCount(report.findingsTotal)}`,
    ...shown,
    ...(more > 0 ? [`  … and ${formatCount(more)} more; --json gives the first thousand.`] : []),
  ];
}

function toFindingLine(finding: Finding): string {
  const where = [
    finding.row === null ? null : `row ${formatCount(finding.row)}`,
    finding.column === null ? null : `column ${finding.column}`,
  ].filter((each) => each !== null);
  return `${finding.severity.padEnd(7)} ${where.length > 0 ? `${where.join(', ')}: ` : ''}${finding.sentence} [${finding.code}]`;
}
