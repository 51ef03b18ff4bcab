// The rows of a dataset for pages, and the code that asks for them: by the functions that answer the API.
// It must show a page nothing that the API would not give the same person.

import { LRUCache } from 'lru-cache';

import type { Actor } from '../base/actor.ts';
import type { Dataset } from '../catalogue/dataset.ts';
import { printCql2Text } from '../dialects/language/cql2-print.ts';
import type { OutputColumn } from '../formats/format.ts';
import type { Column } from '../query/column.ts';
import { rowIdColumn, toBareColumn } from '../query/column.ts';
import type { OrderItem, Query } from '../query/query.ts';
import { answerCount, answerRows } from '../serve/read/answer.ts';
import type { ReadAnswer, ReadRequest } from '../serve/read/answer.ts';
import { requireDataset } from '../serve/read/datasets.ts';
import { cellsFormat } from '../serve/read/formats.ts';
import type { Portal } from '../serve/portal.ts';
import type { Visitor } from '../people/people.ts';
import { toExamples, toParameterExamples } from './examples.ts';
import type { CodeExample, ParameterExample } from './examples.ts';
import type { Highlight } from './highlight.ts';
import { toWhere } from './row-filters.ts';
import type { RowConditions } from './row-filters.ts';

export type RowsView = {
  readonly columns: readonly Column[];
  /** Each cell as the text a person reads; null for no value. */
  readonly rows: readonly { readonly id: number | null; readonly cells: readonly (string | null)[] }[];
  readonly total: number; // rows that match, before paging
  readonly next: string | null; // cursor
  readonly sentence: string; // the query in English
  readonly revision: string;
  /** One for each column that rows can be sorted by. */
  readonly sorts: readonly RowsSort[];
};

/** How the rows stand by a column, of which only the first of an order counts, and the `order` that comes next. */
export type RowsSort = {
  readonly column: string;
  readonly now: 'ascending' | 'descending' | null;
  readonly next: string;
};

export type RowsPages = {
  /**
   * The parameters of the native API's `rows` (where, order, select, q, limit, after, as_of).
   * Throws PortalError as the API answers it.
   */
  rows(id: string, parameters: Readonly<Record<string, string>>): Promise<RowsView>;
  /** The `where` that asks the API for the rows that meet all conditions. Throws PortalError as the API answers it. */
  where(dataset: Dataset, conditions: RowConditions): string;
  examples(id: string): Promise<readonly CodeExample[]>;
  /** `group` names a column that makes groups worth seeing, if there is one. */
  parameterExamples(dataset: Dataset, group: string | null): readonly ParameterExample[];
};

export type RowsReader = {
  readonly actor: Actor;
  readonly signal: AbortSignal;
  readonly visitor: Pick<Visitor, 'client'>;
};

export type RowsParts = {
  /** The parameters of the native API's rows → Query. */
  readonly parseRows: (parameters: Readonly<Record<string, string>>, dataset: Pick<Dataset, 'current'>) => Query;
  readonly highlight: Highlight;
  /** Examples by dataset and revision; made once. */
  readonly examples: LRUCache<string, readonly CodeExample[]>;
};

const examplesKept = 500;

export function openExamplesCache(): RowsParts['examples'] {
  return new LRUCache({ max: examplesKept });
}

export function toRowsPages(portal: Portal, parts: RowsParts, reader: RowsReader): RowsPages {
  return {
    rows: (id, parameters) => readRows(portal, parts, reader, id, parameters),
    where: (dataset, conditions) => toWhere(conditions, dataset.current.columns),
    examples: async (id) => examplesOf(portal, parts, await requireDataset(portal, id, reader.actor)),
    parameterExamples: toParameterExamples,
  };
}

function examplesOf(portal: Portal, parts: RowsParts, dataset: Dataset): readonly CodeExample[] {
  const key = `${dataset.id} ${dataset.current.id} ${dataset.current.profile.length}`;
  const kept = parts.examples.get(key);
  if (kept !== undefined) return kept;
  const made = toExamples(portal.config.publicUrl, dataset, parts.highlight);
  parts.examples.set(key, made);
  return made;
}

const rowLimits = { defaultLimit: 50, maxLimit: 1_000 };

async function readRows(
  portal: Portal,
  parts: RowsParts,
  reader: RowsReader,
  id: string,
  parameters: Readonly<Record<string, string>>,
): Promise<RowsView> {
  const { as_of: asOf, ...query } = parameters;
  let order: Query['order'] = [];
  const parse: ReadRequest['parse'] = (_dataset, revision) => {
    const parsed = parts.parseRows(query, { current: revision });
    order = parsed.order;
    return { ...parsed, withRowId: true };
  };
  const shared = {
    datasetId: id,
    asOf: asOf ?? null,
    actor: reader.actor,
    ifNoneMatch: null,
    client: null,
    turn: reader.visitor.client,
    signal: reader.signal,
  };
  let sentence = '';
  const page = answerRows(portal, {
    ...shared,
    parse,
    dialect: 'pages',
    format(context) {
      sentence = context.sentence();
      return cellsFormat;
    },
    limits: rowLimits,
    exportAll: false,
  });
  const [answer, counted] = await Promise.all([page, answerCount(portal, { ...shared, parse })]);
  if (answer.kind === 'not-modified' || answer.kind === 'head')
    throw new Error('a page asks for all rows, without a tag');
  const text = await readAll(answer);
  const end = answer.kind === 'bytes' ? answer.end : await answer.end;
  const total = JSON.parse(await readAll(counted)) as { count: number };
  const table = toTable(answer.columns, JSON.parse(text) as (string | null)[][]);
  return {
    ...table,
    sorts: toSorts(table.columns, order[0] ?? null),
    total: total.count,
    next: end.next,
    sentence,
    revision: answer.revision.id,
  };
}

async function readAll(answer: ReadAnswer): Promise<string> {
  if (answer.kind === 'bytes') return answer.body.toString('utf8');
  if (answer.kind === 'not-modified' || answer.kind === 'head') return '';
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.chunks) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function toTable(
  outputs: readonly OutputColumn[],
  rows: readonly (readonly (string | null)[])[],
): Pick<RowsView, 'columns' | 'rows'> {
  const idAt = outputs.findIndex((output) => output.name === rowIdColumn);
  const shown = <T>(list: readonly T[]): readonly T[] => list.filter((_, index) => index !== idAt);
  return {
    columns: shown(outputs).map(toColumn),
    rows: rows.map((cells) => ({ id: idAt < 0 ? null : Number(cells[idAt]), cells: shown(cells) })),
  };
}

/** A computed column has no words of its publisher: its name is its title. */
function toColumn(output: OutputColumn): Column {
  if (output.source !== null) return { ...output.source, name: output.name };
  return toBareColumn(output.name, output.name, output.type);
}

function toSorts(columns: readonly Column[], first: OrderItem | null): readonly RowsSort[] {
  const sortable = columns.filter(({ type }) => type.kind !== 'geometry' && type.kind !== 'json');
  return sortable.map(({ name }) => {
    const isFirst = first?.expression.kind === 'column' && first.expression.name === name;
    const now = isFirst ? (first.descending ? 'descending' : 'ascending') : null;
    const written = printCql2Text({ kind: 'column', name });
    return { column: name, now, next: now === 'ascending' ? `${written} desc` : written };
  });
}
