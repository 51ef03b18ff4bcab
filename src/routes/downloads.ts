// The permanent addresses of whole datasets: the current revision, and each revision for ever.
// It must not read files; serve/read/downloads.ts does.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Static } from 'typebox';

import { requireDataset, requireRevision } from '../serve/read/datasets.ts';
import { downloadFormats, sendDownload } from '../serve/read/downloads.ts';
import type { Portal } from '../serve/portal.ts';
import { exact, oneOf } from '../base/schemas.ts';
import { bodies, datasetId, problems } from '../serve/http/schemas.ts';
import type { TypedApp } from '../serve/http/typed-app.ts';

const format = oneOf(downloadFormats, { description: 'GeoJSON only where there is geometry.', examples: ['csv'] });

const currentParams = exact({ id: datasetId, format });
const revisionParams = exact({
  id: datasetId,
  rev: Type.String({ description: 'A revision’s number or id.', examples: ['1'] }),
  format,
});

const response = {
  200: bodies('The file. `Repr-Digest` is the SHA-256 of the bytes sent; `ETag` is strong.', {
    'text/csv': Type.String(),
    'application/json': Type.Array(Type.Unknown()),
    'application/x-ndjson': Type.String(),
    'application/geo+json': Type.Object({}, { additionalProperties: true }),
    'application/vnd.apache.parquet': Type.String(),
  }),
  206: bodies('The part asked for with Range.', { '*/*': Type.String() }),
  ...problems([
    'bad-request',
    'dataset-not-found',
    'revision-not-found',
    'not-acceptable',
    'precondition-failed',
    'range-not-satisfiable',
    'stored-file-damaged',
  ]),
};

export async function downloadRoutes(app: TypedApp, portal: Portal): Promise<void> {
  app.get(
    '/datasets/:id/download.:format',
    {
      schema: {
        summary: 'The whole dataset as it is now, as one file',
        operationId: 'download',
        tags: ['Downloads'],
        params: currentParams,
        response,
      },
    },
    (request, reply) => download(portal, request, reply, { ...request.params, rev: null }),
  );
  app.get(
    '/datasets/:id/revisions/:rev/download.:format',
    {
      schema: {
        summary: 'The whole dataset as it was at a revision; these bytes never change',
        operationId: 'downloadRevision',
        tags: ['Downloads'],
        params: revisionParams,
        response,
      },
    },
    (request, reply) => download(portal, request, reply, request.params),
  );
}

type Wanted = Static<typeof currentParams> & { readonly rev: string | null };

async function download(
  portal: Portal,
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: Wanted,
): Promise<FastifyReply> {
  const { id, rev, format: named } = wanted;
  const dataset = await requireDataset(portal, id, request.actor);
  const revision = await requireRevision(portal, dataset, rev);
  return sendDownload(portal, request, reply, { dataset, revision, format: named, immutable: rev !== null });
}
