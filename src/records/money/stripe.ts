// Stripe as the provider of online payments: a Checkout page for each invoice, refunds, and the webhook's events.
// It must believe nothing that is not signed with the webhook's secret, and keep nothing of who paid.

import Stripe from 'stripe';

import { toInstant } from '../../base/clock.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { PaymentProvider, ProviderEvent } from './provider.ts';

export type StripeSettings = {
  readonly secretKey: string;
  readonly webhookSecret: string;
  /** Left out: Stripe itself. */
  readonly api?: { readonly host: string; readonly port: number; readonly protocol: 'http' | 'https' };
};

const timeoutMs = 20_000;
const checkoutSeconds = 60 * 60;
/** How old a signed event may be: Stripe's own recommendation. */
const toleranceSeconds = 300;

/** `nowMs` is asked for the age of a signature. */
export function openStripe(settings: StripeSettings, nowMs: () => number): PaymentProvider {
  const { secretKey, webhookSecret, api } = settings;
  const stripe = new Stripe(secretKey, { timeout: timeoutMs, maxNetworkRetries: 2, telemetry: false, ...api });
  return {
    name: 'stripe',
    async createCheckout({ invoiceId, invoice, cents, description, returnUrl, key }) {
      const session = await asked(() =>
        stripe.checkout.sessions.create(
          {
            mode: 'payment',
            client_reference_id: invoice,
            metadata: { invoice_id: invoiceId },
            line_items: [
              {
                quantity: 1,
                price_data: { currency: 'usd', unit_amount: cents, product_data: { name: description } },
              },
            ],
            success_url: `${returnUrl}?paid=1`,
            cancel_url: returnUrl,
            expires_at: Math.floor(nowMs() / 1_000) + checkoutSeconds,
          },
          { idempotencyKey: key },
        ),
      );
      if (session.url === null) throw new PortalError('conflict', say('money.no-payment-page'));
      return { id: session.id, url: session.url, expiresAt: toInstant(session.expires_at * 1_000) };
    },
    parseEvent(body, signature) {
      return toProviderEvent(readSigned(stripe, body, signature, webhookSecret, nowMs));
    },
    async refund({ paymentId, cents, key }) {
      const order = { payment_intent: paymentId, amount: cents };
      const refund = await asked(() => stripe.refunds.create(order, { idempotencyKey: key }));
      if (refund.status === 'failed' || refund.status === 'canceled') {
        throw new PortalError('conflict', say('money.not-paid-back'));
      }
      return refund.id;
    },
  };
}

/** What the provider's own words may hold about a person is not passed on. */
async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (!(cause instanceof Stripe.errors.StripeError)) throw cause;
    const detail = say('money.provider-silent');
    throw new PortalError('not-ready', { detail, cause });
  }
}

function readSigned(
  stripe: Stripe,
  body: Buffer,
  signature: string,
  secret: string,
  nowMs: () => number,
): Stripe.Event {
  try {
    return stripe.webhooks.constructEvent(body, signature, secret, toleranceSeconds, undefined, nowMs());
  } catch (cause) {
    throw new PortalError('bad-request', { detail: say('money.event-unsigned'), cause });
  }
}

function toProviderEvent(event: Stripe.Event): ProviderEvent {
  const told = { id: event.id, kind: event.type, madeAt: toInstant(event.created * 1_000) };
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
      return { ...told, what: paidBy(event.data.object) };
    case 'checkout.session.expired':
      return { ...told, what: { kind: 'expired', checkoutId: event.data.object.id } };
    default:
      return { ...told, what: { kind: 'other' } };
  }
}

/** A bank transfer completes the page before it is paid; then the later event counts. */
function paidBy(session: Stripe.Checkout.Session): ProviderEvent['what'] {
  const { payment_status: status, payment_intent: intent, amount_total: cents, currency } = session;
  if (status !== 'paid' || intent === null || cents === null || cents <= 0 || currency !== 'usd')
    return { kind: 'other' };
  return {
    kind: 'paid',
    checkoutId: session.id,
    paymentId: typeof intent === 'string' ? intent : intent.id,
    cents,
    invoiceId: session.metadata?.['invoice_id'] ?? null,
  };
}
