// Invoices and receipts as PDF, and what the provider of online payments tells.
// It must hold no rule; records/money does, and believes only what is signed.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';

import type { AnyAct } from '../people/act.ts';
import { moneyActs } from '../records/money/acts.ts';
import type { Money } from '../records/money/money.ts';
import { addAct } from '../serve/http/acts.ts';
import { noStore } from '../serve/http/headers.ts';
import type { Portal } from '../serve/portal.ts';
import { exact } from '../base/schemas.ts';
import { bodies, json, problems } from '../serve/http/schemas.ts';
import type { TypedApp } from '../serve/http/typed-app.ts';

const tags = ['Public records'];
const number = Type.String({ pattern: '^\\d{4}-\\d{6}$', description: 'The request’s number.' });
const pdf = bodies('The PDF.', { 'application/pdf': Type.String({ format: 'binary' }) });
const refusals = problems(['unauthorized', 'forbidden', 'not-found']);
const largestEvent = 1_048_576;

export async function moneyRoutes(app: TypedApp, portal: Portal): Promise<void> {
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', noStore));
  app.get(
    '/records/requests/:number/invoices/:invoice',
    {
      config: { access: 'write' },
      schema: {
        summary: 'An invoice of a request, as PDF',
        description: 'For whoever has the request’s link, and for the staff who work on it.',
        operationId: 'readInvoice',
        tags,
        params: exact({ number, invoice: Type.String({ pattern: '^F\\d{4}-\\d{6}$', examples: ['F2026-000001'] }) }),
        response: { 200: pdf, ...refusals },
      },
    },
    async (request, reply) => {
      const { params, actor } = request;
      const bytes = await portal.records.money.invoicePaper(actor, params.number, params.invoice);
      return sendPdf(reply, `invoice-${params.invoice}.pdf`, bytes);
    },
  );
  app.get(
    '/records/requests/:number/receipts/:receipt',
    {
      config: { access: 'write' },
      schema: {
        summary: 'The receipt of a payment, as PDF',
        description: 'For whoever has the request’s link, and for the staff who work on it.',
        operationId: 'readReceipt',
        tags,
        params: exact({ number, receipt: Type.String({ pattern: '^R\\d{4}-\\d{6}$', examples: ['R2026-000001'] }) }),
        response: { 200: pdf, ...refusals },
      },
    },
    async (request, reply) => {
      const { params, actor } = request;
      const bytes = await portal.records.money.receiptPaper(actor, params.number, params.receipt);
      return sendPdf(reply, `receipt-${params.receipt}.pdf`, bytes);
    },
  );
  addActs(app, portal);
  await app.register(async (scope) => addProviderRoute(scope, portal));
}

/** What the staff do with it; the requester pays by the pages and the provider. */
function addActs(app: TypedApp, { records }: Portal): void {
  for (const [name, act] of Object.entries<AnyAct<Money, string>>(moneyActs)) {
    const path = `/records/work/requests/:number/fees/${name}`;
    const operationId = operations[name as keyof typeof moneyActs];
    const place = { path, operationId, tag: 'Records', needs: ['request.work'] as const, params: { number } };
    addAct(app, act, { ...place, at: (params) => String(params['number']) }, records.money);
  }
}

const operations: Readonly<Record<keyof typeof moneyActs, string>> = {
  estimate: 'estimateFees',
  summary: 'sendFeeSummary',
  customized: 'noticeCustomizedCharge',
  agree: 'agreeToCustomizedCharge',
  invoice: 'issueInvoice',
  void: 'voidInvoice',
  pay: 'recordPayment',
  waive: 'waiveInvoice',
  refund: 'refundPayment',
};

function sendPdf(reply: FastifyReply, name: string, bytes: Buffer): FastifyReply {
  return reply
    .header('content-type', 'application/pdf')
    .header('content-disposition', `inline; filename="${name}"`)
    .send(bytes);
}

/** The signature is over the bytes as they came, so nothing may parse them first. */
async function addProviderRoute(app: TypedApp, portal: Portal): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post(
    '/records/payments/stripe',
    {
      bodyLimit: largestEvent,
      config: { access: 'write' },
      schema: {
        summary: 'What Stripe tells of payments, signed',
        description: 'For Stripe alone: an event that is not signed with the webhook’s secret is refused.',
        operationId: 'receiveStripeEvent',
        tags,
        response: {
          200: json('Taken, now or before.', exact({ outcome: Type.String() })),
          ...problems(['bad-request', 'not-found', 'unsupported-media-type']),
        },
      },
    },
    async (request: FastifyRequest) => {
      const signature = request.headers['stripe-signature'];
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const given = typeof signature === 'string' ? signature : '';
      return { outcome: await portal.records.money.receiveProviderEvent(body, given) };
    },
  );
}
