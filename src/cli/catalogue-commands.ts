// `portal list` and `portal show`: what is in the catalogue, for people and for scripts.
// What the catalogue does not say reads "not specified".

import type { HttpClient } from './http-client.ts';
import { writeJson, writeLines, type Terminal } from './terminal.ts';

const notSpecified = 'not specified';

type Summary = {
  readonly id: string;
  readonly title: string;
  readonly department: { readonly name: string };
  readonly rows: number;
  readonly dataUpdatedAt: string;
};
type ListAnswer = { readonly data: readonly Summary[]; readonly total: number; readonly next: string | null };

export type DatasetAnswer = {
  readonly id: string;
  readonly code: string;
  readonly title: string;
  readonly department: { readonly id: string; readonly name: string };
  readonly metadata: Readonly<Record<string, unknown>> & {
    readonly description: string | null;
    readonly licence: { readonly name: string; readonly url: string | null } | null;
    readonly cadence: string | null;
    readonly notice: string | null;
    readonly rowMeaning: string | null;
  };
  readonly revision: {
    readonly id: string;
    readonly number: number;
    readonly publishedAt: string;
    readonly rows: number;
    readonly rowsQuarantined: number;
  };
  readonly columns: readonly {
    readonly name: string;
    readonly title: string;
    readonly type: { readonly kind: string };
  }[];
  readonly links: Readonly<Record<string, string>>;
};

export function datasetPath(id: string): string {
  return `/api/v1/datasets/${encodeURIComponent(id)}`;
}

export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** Rows of cells as aligned text; columns named in `right` are numbers. */
export function toTable(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  }
  return rows.map((row) =>
    row
      .map((cell, i) => (right.includes(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** Every dataset, page after page. */
async function readAllDatasets(client: HttpClient): Promise<readonly Summary[]> {
  const found: Summary[] = [];
  let after: string | null = null;
  do {
    const query: string = after === null ? '' : `&after=${encodeURIComponent(after)}`;
    const page = (await client.get(`/api/v1/datasets?limit=100${query}`)) as ListAnswer;
    found.push(...page.data);
    after = page.next;
  } while (after !== null);
  return found;
}

export async function listDatasets(client: HttpClient, terminal: Terminal, json: boolean): Promise<void> {
  const datasets = await readAllDatasets(client);
  if (json) return writeJson(terminal, { datasets, total: datasets.length });
  if (datasets.length === 0) return writeLines(terminal, ['The catalogue is empty.']);
  const rows = datasets.map((each) => [
    each.id,
    each.title,
    each.department.name,
    formatCount(each.rows),
    each.dataUpdatedAt.slice(0, 10),
  ]);
  writeLines(terminal, toTable([['ID', 'TITLE', 'DEPARTMENT', 'ROWS', 'UPDATED'], ...rows], [3]));
}

export async function showDataset(client: HttpClient, id: string, terminal: Terminal, json: boolean): Promise<void> {
  const dataset = (await client.get(datasetPath(id))) as DatasetAnswer;
  if (json) return writeJson(terminal, dataset);
  const { metadata, revision } = dataset;
  const lines = [dataset.title, ...(metadata.notice === null ? [] : [`[${metadata.notice}]`]), ''];
  if (metadata.description !== null) lines.push(metadata.description, '');
  lines.push(
    ...toTable([
      ['id', `${dataset.id} (${dataset.code})`],
      ['department', dataset.department.name],
      ['license', metadata.licence?.name ?? `${notSpecified}: ask ${dataset.department.name}`],
      ['update frequency', metadata.cadence ?? `${notSpecified}: ask ${dataset.department.name}`],
      ['one row is', metadata.rowMeaning ?? notSpecified],
      ['rows', formatCount(revision.rows)],
      ['revision', `${revision.number} of ${revision.publishedAt.slice(0, 10)} (${revision.id})`],
      ['page', dataset.links['page'] ?? notSpecified],
      ['API', dataset.links['rows'] ?? notSpecified],
    ]),
    '',
    ...toTable(dataset.columns.map((column) => [column.name, column.type.kind, column.title])),
  );
  writeLines(terminal, lines);
}
