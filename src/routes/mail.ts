// Mail that comes in: one raw message a call, from whatever reads the mailbox.
// It must hold no rule; serve/mail-desk.ts and mail/receive.ts do.

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';

import { requirePermission } from '../people/permissions.ts';
import { noStore } from '../serve/headers.ts';
import { receiveMail } from '../serve/mail-desk.ts';
import { toMailDesk } from '../serve/mail-pages.ts';
import type { Portal } from '../serve/portal.ts';
import { exact, json, nullable, problems } from '../serve/schemas.ts';

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

export async function mailRoutes(app: FastifyInstance, portal: Portal): Promise<void> {
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
      const raw = request.body as Buffer;
      const { became, requestNumber } = await receiveMail(toMailDesk(portal), request.actor, raw, portal.effects);
      return { became, requestNumber };
    },
  );
}
