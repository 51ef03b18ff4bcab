// Exports in formats that the engine writes as a whole file (Parquet): made in a folder of their own, sent, removed.
// It must leave no file behind, whatever happens to the client.

import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { FastifyReply, FastifyRequest } from 'fastify';

import { compileTable } from '../../query/compile.ts';
import { planKey } from '../../query/plan-key.ts';
import { prepareRead } from './answer.ts';
import type { ReadRequest } from './answer.ts';
import { requireServingFile } from './datasets.ts';
import { toSignal } from '../http/disconnect.ts';
import { isMatched, toEtag } from '../http/etag.ts';
import { sendHead } from '../http/head.ts';
import { immutable as immutableFile, openDataHeaders, revalidate, toHttpDate } from '../http/headers.ts';
import type { Portal } from '../portal.ts';

export type ExportRequest = Pick<ReadRequest, 'datasetId' | 'asOf' | 'parse'> & { readonly disposition: string };

const everything = { defaultLimit: null, maxLimit: null };
const writerVersion = 1;

/** Every row that the query finds, as one Parquet file. Throws what answerRows throws. */
export async function sendExportFile(
  portal: Portal,
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: ExportRequest,
): Promise<FastifyReply> {
  const prepared = await prepareRead(portal, { ...wanted, actor: request.actor, limits: everything });
  const { revision, plan, immutable } = prepared;
  const etag = toEtag([planKey(plan), `parquet ${writerVersion}`]);
  reply.headers({
    ...openDataHeaders,
    etag,
    'last-modified': toHttpDate(revision.publishedAt),
    'cache-control': immutable ? immutableFile : revalidate,
    'content-disposition': wanted.disposition,
    'x-portal-revision': revision.id,
  });
  if (isMatched(request.headers['if-none-match'], etag)) return reply.code(304).send();
  reply.header('content-type', 'application/vnd.apache.parquet');
  if (request.method === 'HEAD') return sendHead(reply);
  const leave = portal.gate.enter(request.ip);
  const exports = join(portal.config.dataDir, 'work', 'exports');
  await mkdir(exports, { recursive: true });
  const folder = await mkdtemp(join(exports, 'export-'));
  const clean = async () => {
    leave();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const path = join(folder, 'rows.parquet');
    const file = await requireServingFile(portal, revision);
    const deadlineMs = portal.config.exportDeadlineMs;
    const made = await portal.engine.exportFile(
      { ...compileTable(plan), file, deadlineMs, format: 'parquet', path },
      toSignal(reply),
    );
    const stream = createReadStream(path);
    stream.once('close', () => void clean());
    return reply.header('content-length', made.bytes).send(stream);
  } catch (error) {
    await clean();
    throw error;
  }
}
