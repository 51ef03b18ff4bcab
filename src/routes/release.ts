// Released records as files: for the requester by the link's cookie, for the staff, and for everybody once published.
// It must hold no rule; records/release says who may have a file, serve/http/files.ts sends it.

import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';

import { releaseActs } from '../records/release/acts.ts';
import { addAct } from '../serve/http/acts.ts';
import type { ActParams } from '../serve/http/acts.ts';
import { sendFile } from '../serve/http/files.ts';
import { noStore } from '../serve/http/headers.ts';
import type { Portal } from '../serve/portal.ts';
import { exact } from '../base/schemas.ts';
import { bodies, problems } from '../serve/http/schemas.ts';
import type { Asked, TypedApp } from '../serve/http/typed-app.ts';

const number = Type.String({ pattern: '^\\d{4}-\\d{6}$', description: 'The request’s number.' });
const params = exact({
  number,
  file: Type.String({ maxLength: 36, description: 'The released record’s id.' }),
});
type AtFile = { readonly params: typeof params };

/** Under the prefix of the API. */
export async function releaseRoutes(app: TypedApp, portal: Portal): Promise<void> {
  const shared = { tag: 'Records', needs: ['request.work'] as const };
  const at = ({ number }: ActParams) => String(number);
  const path = '/records/work/requests/:number/release';
  const place = { ...shared, path, operationId: 'releaseRecords', params: { number }, at };
  addAct(app, releaseActs.release, place, portal.release);
  const preview = { ...place, path: `${path}/preview`, operationId: 'previewRelease' };
  addAct(app, releaseActs.preview, preview, portal.release);
  app.get(
    '/records/requests/:number/released/:file',
    {
      config: { access: 'write' },
      schema: {
        tags: ['Public records'],
        summary: 'A released record',
        description:
          'For whoever has the request’s link, for the staff who work on it, and for everybody once the City has ' +
          'published it. The first download by the requester claims the installment.',
        operationId: 'releasedRecord',
        params,
        response: {
          200: bodies('The file, to be saved. `Repr-Digest` is the SHA-256 of its bytes; `ETag` is strong.', {
            '*/*': Type.String({ format: 'binary', description: 'Of the record’s own media type.' }),
          }),
          206: bodies('The part asked for with Range.', { '*/*': Type.String() }),
          ...problems(['not-found', 'precondition-failed', 'range-not-satisfiable', 'stored-file-damaged']),
        },
      },
    },
    (request, reply) => download(portal, request, reply),
  );
}

async function download(portal: Portal, request: Asked<AtFile>, reply: FastifyReply): Promise<FastifyReply> {
  reply.header('cache-control', noStore); // of a refusal, too
  const { actor } = request;
  const wanted = { request: request.params.number, file: request.params.file };
  const file = await portal.release.open(actor, wanted);
  if (request.method === 'GET') {
    await portal.store.localPath(file.sha256); // what is damaged has not been downloaded
    await portal.release.noteDownload(actor, wanted);
  }
  return sendFile(portal.store, request, reply, {
    sha256: file.sha256,
    bytes: file.bytes,
    encodings: {},
    mediaType: file.mediaType,
    fileName: file.fileName,
    lastModified: file.releasedAt,
    immutable: false,
    revisionId: null,
    isPersonal: file.as !== 'public',
  });
}
