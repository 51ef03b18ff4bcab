// The read path in one function: view → plan → ETag → 304 → bytes in memory → engine. Every dialect reads through it.
// It must not know HTTP replies or a dialect's words; serve/send.ts writes what it answers.

import type { Actor } from '../base/actor.ts';
import type { Dataset, Revision } from '../catalogue/dataset.ts';
import type { AnswerEnd, OutputColumn, RowFormat } from '../formats/format.ts';
import type { Query } from '../query/query.ts';
import type { Portal } from './portal.ts';

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
  readonly dialect: 'native' | 'soda' | 'pages';
  readonly parse: (dataset: Dataset, revision: Revision) => Query;
  readonly format: RowFormat | ((context: ReadContext) => RowFormat);
  /** Text that the bytes depend on beyond revision, plan and format: links in an envelope, for example. Part of the ETag. */
  readonly variant?: string;
  readonly limits: { readonly defaultLimit: number | null; readonly maxLimit: number | null };
  /** The request's If-None-Match header. */
  readonly ifNoneMatch: string | null;
  /** Every row, however many, under the export deadline; never kept in memory whole. */
  readonly exportAll: boolean;
  /** Who to count against the cap of running queries: the client's address; null: nobody. */
  readonly client: string | null;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
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

/**
 * Answers a read. Throws dataset-not-found, revision-not-found, the errors of parse and plan, too-many-requests,
 * deadline-exceeded, overloaded, answer-too-large, stored-file-damaged.
 */
export async function answerRows(portal: Portal, request: ReadRequest): Promise<ReadAnswer> {
  void portal;
  throw new Error(`the read path of ${request.datasetId} is being written`);
}
