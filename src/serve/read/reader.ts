// All that a dialect is handed: to read what is published, and to send what was read.
// It must not lead to the database, to people or to records; a dialect that needs more says so here.

import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Actor } from '../../base/actor.ts';
import type { Clock } from '../../base/clock.ts';
import type { Catalogue } from '../../catalogue/datasets.ts';
import type { Dataset, Revision } from '../../catalogue/dataset.ts';
import type { CityProfile } from '../../city/profile.ts';
import type { StatisticsOptions } from '../../query/statistics.ts';
import { sendFile } from '../http/files.ts';
import type { StoredFile } from '../http/files.ts';
import type { Portal } from '../portal.ts';
import { answerCount, answerRows, answerStatistics } from './answer.ts';
import type { FigureRequest, ReadAnswer, ReadRequest } from './answer.ts';
import { requireDataset, requireRevision } from './datasets.ts';
import { sendExportFile } from './export-file.ts';
import type { ExportRequest } from './export-file.ts';
import { sendAnswer } from './send.ts';
import type { SendOptions } from './send.ts';

/** Datasets and departments as the catalogue has them, without a way to change them. */
export type ReaderCatalogue = Pick<Catalogue, 'view' | 'list' | 'search' | 'revisions' | 'department' | 'departments'>;

export type Reader = {
  readonly publicUrl: string;
  readonly city: CityProfile;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly catalogue: ReaderCatalogue;
  /** By readable id or code. Throws dataset-not-found. */
  dataset(id: string, actor: Actor): Promise<Dataset>;
  /** The current revision, or the one that `asOf` names. Throws revision-not-found. */
  revision(dataset: Dataset, asOf: string | null): Promise<Revision>;
  /** Throws what the plan, the budget and the engine throw. */
  rows(request: ReadRequest): Promise<ReadAnswer>;
  count(request: FigureRequest): Promise<ReadAnswer>;
  statistics(request: FigureRequest & { readonly column: string } & StatisticsOptions): Promise<ReadAnswer>;
  /** The last thing a route does: `return reader.send(…)`. */
  send(request: FastifyRequest, reply: FastifyReply, answer: ReadAnswer, options?: SendOptions): Promise<FastifyReply>;
  /** Every row that the query finds, as one Parquet file. */
  sendExport(request: FastifyRequest, reply: FastifyReply, wanted: ExportRequest): Promise<FastifyReply>;
  /** A stored file of a revision. */
  sendStored(request: FastifyRequest, reply: FastifyReply, file: StoredFile): Promise<FastifyReply>;
};

export function openReader(portal: Portal): Reader {
  const { catalogue, city, effects, store } = portal;
  return Object.freeze({
    publicUrl: portal.config.publicUrl,
    city: city.profile,
    clock: effects.clock,
    catalogue,
    dataset: (id, actor) => requireDataset(portal, id, actor),
    revision: (dataset, asOf) => requireRevision(portal, dataset, asOf),
    rows: (request) => answerRows(portal, request),
    count: (request) => answerCount(portal, request),
    statistics: (request) => answerStatistics(portal, request),
    send: (request, reply, answer, options) => sendAnswer(portal, request, reply, answer, options),
    sendExport: (request, reply, wanted) => sendExportFile(portal, request, reply, wanted),
    sendStored: (request, reply, file) => sendFile(store, request, reply, file),
  } satisfies Reader);
}
