// Downloads of whole datasets: their permanent addresses, and the bytes from a stored file or made as they are sent.
// It must give the same bytes either way, so both come from the same row formats.

import type { FastifyReply, FastifyRequest } from 'fastify';

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Dataset, Download, Revision } from '../../catalogue/dataset.ts';
import { emptyQuery } from '../../query/query.ts';
import { answerRows } from './answer.ts';
import { toAsker } from './asker.ts';
import { sendFile, toContentDisposition } from '../http/files.ts';
import { exportFormats } from './formats.ts';
import type { Portal } from '../portal.ts';
import { sendAnswer } from './send.ts';

/** A link to the whole dataset in one format, ready or made on the fly. */
export type DownloadLink = {
  readonly format: string;
  readonly label: string;
  readonly url: string;
  readonly bytes: number | null;
  readonly sha256: string | null;
};

export type DownloadFormat = Download['format'];

const mediaTypes: Readonly<Record<DownloadFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  geojson: 'application/geo+json; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
};

const labels: Readonly<Record<DownloadFormat, string>> = {
  csv: 'CSV',
  json: 'JSON',
  ndjson: 'NDJSON',
  geojson: 'GeoJSON',
  parquet: 'Parquet',
};

export const downloadFormats = Object.keys(labels) as readonly DownloadFormat[];

/** The formats that a revision can be had in: GeoJSON only where there is geometry. */
export function formatsOf(revision: Revision): readonly DownloadFormat[] {
  const spatial = revision.columns.some((column) => column.type.kind === 'geometry');
  return downloadFormats.filter((format) => format !== 'geojson' || spatial);
}

function storedDownload(revision: Revision, format: DownloadFormat): Download | null {
  const found = revision.downloads.find((download) => download.format === format);
  if (found !== undefined) return found;
  return format === 'parquet' ? { format, ...revision.parquet, encodings: {} } : null;
}

/** Links to the whole dataset; of the current revision at an address that stays, or of one revision for ever. */
export function toDownloadLinks(
  publicUrl: string,
  dataset: Dataset,
  revision: Revision | null,
): readonly DownloadLink[] {
  const shown = revision ?? dataset.current;
  const place = revision === null ? '' : `/revisions/${revision.number}`;
  return formatsOf(shown).map((format) => {
    const stored = storedDownload(shown, format);
    const label = format === 'parquet' && formatsOf(shown).includes('geojson') ? 'GeoParquet' : labels[format];
    return {
      format,
      label,
      url: `${publicUrl}/datasets/${dataset.id}${place}/download.${format}`,
      bytes: stored?.bytes ?? null,
      sha256: stored?.sha256 ?? null,
    };
  });
}

export type DownloadRequest = {
  readonly dataset: Dataset;
  readonly revision: Revision;
  readonly format: DownloadFormat;
  /** True when the address names the revision. */
  readonly immutable: boolean;
};

/** Sends the whole revision. Throws not-acceptable when it has no such format. */
export async function sendDownload(
  portal: Portal,
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: DownloadRequest,
): Promise<FastifyReply> {
  const { dataset, revision, format } = wanted;
  if (!formatsOf(revision).includes(format)) {
    throw new PortalError('not-acceptable', say('serve.no-places', { format: labels[format] }));
  }
  const fileName = `${dataset.id}${wanted.immutable ? `-revision-${revision.number}` : ''}.${format}`;
  const stored = storedDownload(revision, format);
  if (stored === null) return sendLive(portal, request, reply, wanted, fileName);
  return sendFile(portal.store, request, reply, {
    sha256: stored.sha256,
    bytes: stored.bytes,
    encodings: stored.encodings,
    mediaType: mediaTypes[format],
    fileName,
    lastModified: revision.publishedAt,
    immutable: wanted.immutable,
    revisionId: revision.id,
  });
}

async function sendLive(
  portal: Portal,
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: DownloadRequest,
  fileName: string,
): Promise<FastifyReply> {
  const { dataset, revision, format } = wanted;
  const rowFormat = exportFormats[format as Exclude<DownloadFormat, 'parquet'>];
  const answer = await answerRows(portal, {
    datasetId: dataset.id,
    asOf: wanted.immutable ? revision.id : null,
    ...toAsker(request, reply),
    dialect: 'native',
    parse: () => emptyQuery,
    format: rowFormat,
    limits: { defaultLimit: null, maxLimit: null },
    exportAll: true,
  });
  return sendAnswer(portal, request, reply, answer, { disposition: toContentDisposition(fileName) });
}
