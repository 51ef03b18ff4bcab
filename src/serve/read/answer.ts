// The read path in one function: view → plan → ETag → 304 → bytes in memory → engine. Every dialect reads through it.
// It must not know HTTP replies or a dialect's words; serve/read/send.ts writes what it answers.

import type { Actor } from '../../base/actor.ts';
import type { Dataset, Revision } from '../../catalogue/dataset.ts';
import type { AnswerEnd, AnswerInfo, OutputColumn, RowFormat } from '../../formats/format.ts';
import { compileCount, compileRows, toOutputColumns } from '../../query/compile.ts';
import type { Compiled } from '../../query/compile.ts';
import { cursorRevision, toCursor } from '../../query/cursor.ts';
import { describePlan } from '../../query/describe.ts';
import { planQuery } from '../../query/passes.ts';
import type { Plan } from '../../query/plan.ts';
import { planKey } from '../../query/plan-key.ts';
import type { Query } from '../../query/query.ts';
import { compileStatistics } from '../../query/statistics.ts';
import type { StatisticsOptions } from '../../query/statistics.ts';
import { requireDataset, requireRevision, requireServingFile } from './datasets.ts';
import { isMatched, toEtag } from '../http/etag.ts';
import type { Portal } from '../portal.ts';
import { runShared } from './run.ts';
import type { Run } from './run.ts';

/** What a format that depends on the question may look at before the first byte (an envelope with links, say). */
export type ReadContext = {
  readonly dataset: Dataset;
  readonly revision: Revision;
  readonly columns: readonly OutputColumn[];
  /** The query as one English sentence. */
  readonly sentence: () => string;
};

export type ReadRequest = {
  /** Readable id or xxxx-xxxx code. */
  readonly datasetId: string;
  /** Revision number, id or instant; null: the current revision. */
  readonly asOf: string | null;
  readonly actor: Actor;
  readonly dialect: string;
  readonly parse: (dataset: Dataset, revision: Revision) => Query;
  readonly format: RowFormat | ((context: ReadContext) => RowFormat);
  /**
   * Text that the bytes depend on beyond revision, plan and format: links in an envelope, for example. Part of the
   * ETag.
   */
  readonly variant?: string;
  readonly limits: { readonly defaultLimit: number | null; readonly maxLimit: number | null };
  /** The request's If-None-Match header. */
  readonly ifNoneMatch: string | null;
  /** Every row, however many, under the export deadline; never kept in memory whole. */
  readonly exportAll: boolean;
  /** Who to count against the cap of running queries: the client's address; null: nobody. */
  readonly client: string | null;
  /** Whose turn it is where the gate counts nobody: of a page, its visitor's address. */
  readonly turn?: string;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
  /** Only the headers are wanted (HEAD, RFC 9110, 9.3.2): the engine is not asked for what nobody will read. */
  readonly headOnly?: boolean;
};

type AnswerHead = {
  /** Strong and quoted. */
  readonly etag: string;
  readonly dataset: Dataset;
  readonly revision: Revision;
  readonly columns: readonly OutputColumn[];
  readonly format: RowFormat;
  /** True when the address names a revision, so the bytes can never change. */
  readonly immutable: boolean;
};

export type ReadAnswer =
  | (AnswerHead & { readonly kind: 'not-modified' })
  /** Known without the engine; how long the body is, and where the next page begins, is not. */
  | (AnswerHead & { readonly kind: 'head' })
  | (AnswerHead & { readonly kind: 'bytes'; readonly body: Buffer; readonly end: AnswerEnd })
  | (AnswerHead & {
      readonly kind: 'stream';
      /** The whole body, beginning and end of the format included. Reading slowly slows the engine. */
      readonly chunks: AsyncIterable<Uint8Array>;
      /** Settles after the last chunk; rejects with the error that ended the answer. */
      readonly end: Promise<AnswerEnd>;
      /** Ends the query; for whoever does not read to the end. */
      readonly cancel: () => void;
    });

/** The dataset, its revision and the plan of a request: everything that is known before the engine is asked. */
export type Prepared = {
  readonly dataset: Dataset;
  readonly revision: Revision;
  readonly plan: Plan;
  readonly immutable: boolean;
};

/**
 * Answers a read. Throws dataset-not-found, revision-not-found, the errors of parse and plan, too-many-requests,
 * deadline-exceeded, overloaded, answer-too-large, stored-file-damaged.
 */
export async function answerRows(portal: Portal, request: ReadRequest): Promise<ReadAnswer> {
  const { dataset, revision, plan, immutable } = await prepareRead(portal, request);
  const columns = toOutputColumns(plan);
  const context = { dataset, revision, columns, sentence: () => describePlan(plan, dataset.metadata.title) };
  const format = typeof request.format === 'function' ? request.format(context) : request.format;
  const formatKey = `${format.id} ${format.version}`;
  const etag = toEtag([planKey(plan), request.dialect, formatKey, request.variant ?? '']);
  const head = { etag, dataset, revision, columns, format, immutable };
  if (isMatched(request.ifNoneMatch, etag)) return { kind: 'not-modified', ...head };
  if (isOnlyHead(portal, request, etag)) return { kind: 'head', ...head };
  const info: AnswerInfo = { columns, datasetId: dataset.id, revisionId: revision.id };
  const compiled = compileRows(plan, (outputs) => format.row(outputs));
  const file = await requireServingFile(portal, revision);
  const run: Run = {
    ...compiled,
    key: etag,
    file,
    separator: format.separator,
    deadlineMs: request.exportAll ? portal.config.exportDeadlineMs : portal.config.queryDeadlineMs,
    streamDeadlineMs: portal.config.exportDeadlineMs,
    begin: format.begin(info),
    finish(trailer) {
      const goesOn = trailer.more || trailer.truncated;
      const next = goesOn && plan.kind !== 'distinct' ? toCursor(plan, trailer.lastKeys) : null;
      const end = { rows: trailer.rows, more: trailer.more, next, truncated: trailer.truncated };
      return { text: format.end(end, info), end };
    },
    streamed: request.exportAll,
    client: request.client,
    turn: request.turn ?? request.client,
  };
  return { ...head, ...(await runShared(portal, run, request.signal)) };
}

/** What a count or a column's statistics ask: a query without a page or a format. */
export type FigureRequest = Omit<ReadRequest, 'dialect' | 'format' | 'variant' | 'limits' | 'exportAll'>;

/** How many rows the query finds over all its pages: `{"count":n,"revision":…,"query":…}`. Throws as answerRows. */
export async function answerCount(portal: Portal, request: FigureRequest): Promise<ReadAnswer> {
  const prepared = await prepareRead(portal, { ...request, limits: unbounded });
  const { dataset, revision, plan } = prepared;
  const rest = { revision: revision.id, query: describePlan(plan, dataset.metadata.title) };
  const parts = { begin: '{"count":', end: `,${JSON.stringify(rest).slice(1)}\n` };
  return answerFigure(portal, request, prepared, { name: 'count', compiled: compileCount(plan), ...parts });
}

/** One column's figures over the rows that the query finds. Throws as answerRows, and unknown-column, bad-request. */
export async function answerStatistics(
  portal: Portal,
  request: FigureRequest & { readonly column: string } & StatisticsOptions,
): Promise<ReadAnswer> {
  const prepared = await prepareRead(portal, { ...request, limits: unbounded });
  const { dataset, revision, plan } = prepared;
  const compiled = compileStatistics(plan, request.column, { bins: request.bins, top: request.top });
  const rest = { revision: revision.id, query: describePlan(plan, dataset.metadata.title) };
  const parts = { begin: '{"statistics":', end: `,${JSON.stringify(rest).slice(1)}\n` };
  const name = `statistics ${request.column.toLowerCase()} ${request.bins} ${request.top}`;
  return answerFigure(portal, request, prepared, { name, compiled, ...parts });
}

const unbounded = { defaultLimit: null, maxLimit: null };

type Figure = { readonly name: string; readonly compiled: Compiled; readonly begin: string; readonly end: string };

async function answerFigure(
  portal: Portal,
  request: FigureRequest,
  { dataset, revision, plan, immutable }: Prepared,
  figure: Figure,
): Promise<ReadAnswer> {
  const etag = toEtag([planKey(plan), figure.name, figure.begin, figure.end]);
  const head = { etag, dataset, revision, columns: [], format: documentFormat, immutable };
  if (isMatched(request.ifNoneMatch, etag)) return { kind: 'not-modified', ...head };
  if (isOnlyHead(portal, request, etag)) return { kind: 'head', ...head };
  const run: Run = {
    ...figure.compiled,
    key: etag,
    file: await requireServingFile(portal, revision),
    separator: ',',
    deadlineMs: portal.config.queryDeadlineMs,
    streamDeadlineMs: portal.config.exportDeadlineMs,
    begin: figure.begin,
    finish: ({ rows, more, truncated }) => ({ text: figure.end, end: { rows, more, truncated, next: null } }),
    streamed: false,
    client: request.client,
    turn: request.turn ?? request.client,
  };
  return { ...head, ...(await runShared(portal, run, request.signal)) };
}

/** An answer that is kept has all its headers at hand. */
function isOnlyHead(portal: Portal, { headOnly }: Pick<ReadRequest, 'headOnly'>, etag: string): boolean {
  return headOnly === true && portal.cache.peek(etag) === null;
}

/** One JSON document instead of rows; only its media type is ever used. */
const documentFormat: RowFormat = {
  id: 'document',
  version: 1,
  mediaType: 'application/json; charset=utf-8',
  extension: 'json',
  separator: '',
  row: () => `''`,
  begin: () => '',
  end: () => '',
};

/** Finds, parses and plans; the engine is not asked. Throws what answerRows throws before it runs. */
export async function prepareRead(
  portal: Portal,
  request: Pick<ReadRequest, 'datasetId' | 'asOf' | 'actor' | 'parse' | 'limits'>,
): Promise<Prepared> {
  const dataset = await requireDataset(portal, request.datasetId, request.actor);
  const named = await requireRevision(portal, dataset, request.asOf);
  const asked = request.parse(dataset, named);
  const revision = request.asOf === null ? await revisionOfWalk(portal, dataset, asked) : named;
  const query = revision === named ? asked : request.parse(dataset, revision);
  const target = { datasetId: dataset.id, revisionId: revision.id, schema: revision.columns, rows: revision.rows };
  const immutable = request.asOf !== null && /^(?:\d{1,9}|[0-9a-f]{16}|[0-9a-f]{64})$/u.test(request.asOf);
  return { dataset, revision, plan: planQuery(query, target, request.limits), immutable };
}

/** A walk begun on an older revision goes on in it, so that no row is skipped or met twice. */
async function revisionOfWalk(portal: Portal, dataset: Dataset, query: Query): Promise<Revision> {
  const walked = query.after === null ? null : cursorRevision(query.after);
  if (walked === null || dataset.current.id.startsWith(walked)) return dataset.current;
  return (await portal.catalogue.asOf(dataset.id, walked)) ?? dataset.current;
}
