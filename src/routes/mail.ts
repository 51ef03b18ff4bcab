// Mail that comes in: one raw message a call, from whatever reads the mailbox.
// It must hold no rule; records/mail/desk.ts and mail/receive.ts do.

import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';

import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import { requirePermission } from '../people/permissions.ts';
import { toContentDisposition } from '../serve/http/files.ts';
import { noStore } from '../serve/http/headers.ts';
import { receiveMail } from '../records/mail/desk.ts';
import { readMailFile } from '../records/mail/intake.ts';
import type { MailFile } from '../records/mail/intake.ts';
import { toMailDesk } from '../pages/mail.ts';
import type { Portal } from '../serve/portal.ts';
import { exact, nullable } from '../base/schemas.ts';
import { bodies, json, problems } from '../serve/http/schemas.ts';
import type { TypedApp } from '../serve/http/typed-app.ts';

const largestMessage = 25 * 1024 * 1024;

const received = exact({
  became: Type.String({
    enum: ['threaded', 'unassigned', 'stopped', 'repeated'],
    description:
      '`threaded`: it joined its request. `unassigned`: it waits for staff. `stopped`: a machine sent it. ' +
      '`repeated`: it has been here before.',
  }),
  requestNumber: nullable(Type.String({ examples: ['2026-000123'] })),
});

export async function mailRoutes(app: TypedApp, portal: Portal): Promise<void> {
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', noStore));
  app.addContentTypeParser('message/rfc822', { parseAs: 'buffer', bodyLimit: largestMessage }, (_request, body, done) =>
    done(null, body),
  );
  app.post(
    '/mail/inbound',
    {
      bodyLimit: largestMessage,
      config: { access: 'write', upload: true },
      preParsing: async (request) => requirePermission(request.actor, 'mail.receive'),
      schema: {
        summary: 'Hand in a message as it came, RFC 5322',
        description:
          'Up to 25 MB. The same message handed in again does nothing, so a call that broke off is repeated.',
        operationId: 'receiveMail',
        tags: ['Operations'],
        security: [{ token: [] }],
        consumes: ['message/rfc822'],
        response: {
          200: json('What became of it.', received),
          ...problems(['unauthorized', 'forbidden', 'bad-request', 'upload-too-large', 'unsupported-media-type']),
        },
      },
    },
    async (request) => {
      const raw = requireMessage(request.body);
      const { became, requestNumber } = await receiveMail(toMailDesk(portal), request.actor, raw, portal.effects);
      return { became, requestNumber };
    },
  );
  readingRoutes(app, portal);
}

/** JSON has a reader of its own here, and a call may come without any body. */
function requireMessage(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  throw new PortalError('unsupported-media-type', say('mail.as-it-came'));
}

function readingRoutes(app: TypedApp, portal: Portal): void {
  const id = Type.String({ maxLength: 36 });
  const file = {
    200: bodies('The file, to be saved.', { 'application/octet-stream': Type.String({ format: 'binary' }) }),
    ...problems(['bad-request', 'unauthorized', 'forbidden', 'not-found']),
  };
  app.get(
    '/mail/messages/:id/attachments/:attachment',
    {
      config: { access: 'write' },
      schema: {
        summary: 'An attachment of a message that waits',
        description: 'For the staff who read mail; each reading is recorded.',
        operationId: 'mailAttachment',
        tags: ['Operations'],
        params: exact({ id, attachment: Type.Integer({ minimum: 1, maximum: 100 }) }),
        response: file,
      },
    },
    async (request, reply) =>
      sendMailFile(reply, await readMailFile(toMailDesk(portal), request.actor, request.params, portal.effects)),
  );
  app.get(
    '/mail/messages/:id/message',
    {
      config: { access: 'write' },
      schema: {
        summary: 'A message that waits, as it came',
        description: 'For the staff who read mail; each reading is recorded.',
        operationId: 'mailMessage',
        tags: ['Operations'],
        params: exact({ id }),
        response: file,
      },
    },
    async (request, reply) => {
      const asked = { id: request.params.id, attachment: null };
      return sendMailFile(reply, await readMailFile(toMailDesk(portal), request.actor, asked, portal.effects));
    },
  );
}

/** Never of its own type: what a stranger sent is saved, not shown. */
function sendMailFile(reply: FastifyReply, { name, bytes }: MailFile): FastifyReply {
  return reply
    .header('content-type', 'application/octet-stream')
    .header('content-length', bytes.length)
    .header('content-disposition', toContentDisposition(name))
    .send(bytes);
}
