// A small stand-in for Stripe's API host: checkouts and refunds, each once per idempotency key, and signed events.
// It must accept only what Stripe's library really sends.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';

import type { Cleaner } from '../../database.ts';
import type { StripeSettings } from '../../../src/records/money/stripe.ts';

export type StripeServer = {
  readonly settings: StripeSettings;
  /** Every call: its path, its key and its form. */
  readonly calls: { readonly path: string; readonly key: string; readonly form: URLSearchParams }[];
  /** From now on the API answers with this status; null: as it should. */
  fail(status: number | null): void;
  sign(event: object, atMs: number): { readonly body: Buffer; readonly signature: string };
};

const secretKey = 'sk_test_notarealkey';
const webhookSecret = 'whsec_notarealsecret';

export async function openStripeServer(cleaner: Cleaner): Promise<StripeServer> {
  const calls: StripeServer['calls'] = [];
  const answers = new Map<string, string>();
  let failing: number | null = null;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
      const key = String(request.headers['idempotency-key']);
      const path = request.url ?? '';
      calls.push({ path, key, form });
      response.setHeader('content-type', 'application/json');
      if (request.headers.authorization !== `Bearer ${secretKey}`) response.statusCode = 401;
      else if (failing !== null) response.statusCode = failing;
      if (response.statusCode !== 200) {
        response.end(JSON.stringify({ error: { type: 'api_error', message: 'card of Canary Whitlock' } }));
        return;
      }
      const answer = answers.get(key) ?? answerOf(path, form, answers.size + 1);
      answers.set(key, answer);
      response.end(answer);
    });
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  cleaner.after(async () => {
    server.closeAllConnections();
    await new Promise((closed) => void server.close(closed));
  });
  const { port } = server.address() as AddressInfo;
  const stripe = new Stripe(secretKey);
  return {
    settings: { secretKey, webhookSecret, api: { host: '127.0.0.1', port, protocol: 'http' } },
    calls,
    fail(status) {
      failing = status;
    },
    sign(event, atMs) {
      const payload = JSON.stringify(event);
      const timestamp = Math.floor(atMs / 1_000);
      const signature = stripe.webhooks.generateTestHeaderString({ payload, secret: webhookSecret, timestamp });
      return { body: Buffer.from(payload), signature };
    },
  };
}

function answerOf(path: string, form: URLSearchParams, number: number): string {
  if (path === '/v1/refunds') return JSON.stringify({ id: `re_${number}`, object: 'refund', status: 'succeeded' });
  const id = `cs_test_${number}`;
  const expires = Number(form.get('expires_at'));
  return JSON.stringify({ id, object: 'checkout.session', url: `https://checkout.example/${id}`, expires_at: expires });
}

/** What Stripe tells when a page was paid: with the payer's details, which the portal must not keep. */
export function paidEvent(given: {
  readonly id: string;
  readonly checkout: string;
  readonly payment: string;
  readonly cents: number;
  readonly invoiceId?: string;
  readonly type?: string;
  readonly status?: string;
  readonly currency?: string;
}) {
  return {
    id: given.id,
    object: 'event',
    type: given.type ?? 'checkout.session.completed',
    created: Math.floor(Date.parse('2026-03-02T20:00:00Z') / 1_000),
    data: {
      object: {
        id: given.checkout,
        object: 'checkout.session',
        payment_status: given.status ?? 'paid',
        payment_intent: given.payment,
        amount_total: given.cents,
        currency: given.currency ?? 'usd',
        metadata: given.invoiceId === undefined ? {} : { invoice_id: given.invoiceId },
        customer_details: { email: 'canary.whitlock@example.org', name: 'Canary Whitlock' },
      },
    },
  };
}
