// Tells how far a long piece of work is, as lines of JSON, to a client that asks for them; else only its result.
// It must end with a result or an error: a stream that merely stops is a broken one.

import { PassThrough } from 'node:stream';

import type { FastifyReply, FastifyRequest } from 'fastify';

import { noStore } from './headers.ts';
import { chooseMediaType } from './negotiate.ts';
import type { Portal } from '../portal.ts';
import { toPortalError, toProblem } from './problem.ts';

export type ProgressEvent = { readonly step: string; readonly done: number | null; readonly total: number | null };

export type Tell = (event: ProgressEvent) => void;

const lines = 'application/x-ndjson';
const tellEveryMs = 100;

/** Runs `work`; `status` is that of the plain answer. */
export async function sendWork(
  portal: Portal,
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  work: (tell: Tell) => Promise<unknown>,
): Promise<FastifyReply> {
  reply.header('cache-control', noStore);
  const wanted = chooseMediaType(request.headers.accept, ['application/json', lines]);
  if (wanted !== lines) return reply.code(status).send(await work(() => undefined));
  const stream = new PassThrough();
  const write = (line: unknown) => void stream.write(`${JSON.stringify(line)}\n`);
  void work(seldom(portal, write)).then(
    (result) => {
      write({ result });
      stream.end();
    },
    (thrown: unknown) => {
      const error = toPortalError(thrown);
      request.failure = error;
      write({ error: toProblem(error, { publicUrl: portal.config.publicUrl, requestId: request.id }) });
      stream.end();
    },
  );
  return reply.code(200).header('content-type', `${lines}; charset=utf-8`).send(stream);
}

/** A new step is told at once, its progress ten times a second. */
function seldom(portal: Portal, write: (event: ProgressEvent) => void): Tell {
  let lastStep = '';
  let lastMs = Number.NEGATIVE_INFINITY;
  return (event) => {
    const nowMs = portal.effects.clock.monotonicMs();
    if (event.step === lastStep && nowMs - lastMs < tellEveryMs) return;
    lastStep = event.step;
    lastMs = nowMs;
    write(event);
  };
}
