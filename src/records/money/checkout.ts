// Paying online: a page of the provider for an open invoice, and what the provider's events do, once each.
// It must take the provider's word alone, never the browser's, that something was paid.

import { and, desc, eq, isNull } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { isId } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import type { Transaction } from '../../db/open.ts';
import { recordsCheckouts, recordsInvoices, recordsPaymentEvents, recordsPayments } from '../../db/tables-fees.ts';
import { cityDateOf } from '../../city/days.ts';
import { readRow } from '../requests/requests.ts';
import { requireInvoice } from './accounts.ts';
import { readAllowed, todayOf } from './parts.ts';
import type { Locked, MoneyParts } from './parts.ts';
import { takePayment } from './payments.ts';
import type { ProviderEvent } from './provider.ts';

/** A page must be open for at least this long, or another one is made. */
const leastLeftMs = 5 * 60_000;

/**
 * The address at which an open invoice is paid. Permission `fee.read`: a requester of their own request, or staff for
 * one at the counter. Throws conflict when nothing is open, not-ready when the provider does not answer.
 */
export async function startCheckout(
  parts: MoneyParts,
  actor: Actor,
  request: string,
  invoiceNumber: string,
  effects: Effects,
): Promise<{ readonly url: string }> {
  const row = await readAllowed(parts, actor, request);
  const { provider, db } = parts;
  if (provider === null) throw new PortalError('conflict', say('money.nobody-online'));
  const invoice = await requireInvoice(db, row.id, invoiceNumber);
  if (invoice.openCents === 0) throw new PortalError('conflict', say('money.nothing-left'));
  const now = effects.clock.now();
  const made = await db
    .select()
    .from(recordsCheckouts)
    .where(eq(recordsCheckouts.invoiceId, invoice.id))
    .orderBy(desc(recordsCheckouts.createdAt));
  const standing = made.find(
    ({ cents, endedAt, expiresAt }) =>
      cents === invoice.openCents && endedAt === null && Date.parse(expiresAt) > now + leastLeftMs,
  );
  if (standing !== undefined) return { url: standing.url };
  const checkout = await provider.createCheckout({
    invoiceId: invoice.id,
    invoice: invoice.number,
    cents: invoice.openCents,
    description: `Invoice ${invoice.number}`,
    returnUrl: `${parts.publicUrl}/records/requests/${row.number}/fees`,
    key: `${invoice.id} ${invoice.openCents} ${made.length}`,
  });
  const { id, url, expiresAt } = checkout;
  const stored = { id, url, expiresAt, invoiceId: invoice.id, cents: invoice.openCents, createdAt: toInstant(now) };
  await db.insert(recordsCheckouts).values(stored).onConflictDoNothing();
  return { url };
}

export type EventOutcome = 'paid' | 'known' | 'ignored' | 'expired';

const providerActor: Actor = { kind: 'system', name: 'payment provider' };

/** Body and signature as they came. Throws bad-request for what is not signed; everything else is taken, once. */
export async function receiveProviderEvent(
  parts: MoneyParts,
  body: Buffer,
  signature: string,
  effects: Effects,
): Promise<EventOutcome> {
  if (parts.provider === null) throw new PortalError('not-found');
  const event = parts.provider.parseEvent(body, signature);
  return parts.db.transaction(async (tx) => {
    const invoiceId = await invoiceOf(tx, event);
    const requestId = invoiceId === null ? null : await requestOf(tx, invoiceId);
    // The lock comes before the look: an event that arrives twice at once waits here for itself.
    const row = requestId === null ? null : await readRow(tx, requestId, true);
    const [known] = await tx
      .select({ id: recordsPaymentEvents.id })
      .from(recordsPaymentEvents)
      .where(eq(recordsPaymentEvents.id, event.id));
    if (known !== undefined) return 'known';
    const outcome =
      row === null || invoiceId === null
        ? 'ignored'
        : await applyEvent(parts, { tx, row, today: todayOf(parts, effects) }, invoiceId, event, effects);
    const { id, kind, madeAt } = event;
    const receivedAt = toInstant(effects.clock.now());
    await tx
      .insert(recordsPaymentEvents)
      .values({ id, kind, outcome, invoiceId: row === null ? null : invoiceId, madeAt, receivedAt })
      .onConflictDoNothing();
    return outcome;
  });
}

/** The checkout is ours by our own record, or by the invoice it was made for, should the answer have been lost. */
async function invoiceOf(tx: Transaction, { what }: ProviderEvent): Promise<string | null> {
  if (what.kind === 'other') return null;
  const [checkout] = await tx
    .select({ invoiceId: recordsCheckouts.invoiceId })
    .from(recordsCheckouts)
    .where(eq(recordsCheckouts.id, what.checkoutId));
  if (checkout !== undefined) return checkout.invoiceId;
  const named = what.kind === 'paid' ? what.invoiceId : null;
  return named !== null && isId(named) ? named : null;
}

async function requestOf(tx: Transaction, invoiceId: string): Promise<string | null> {
  const [found] = await tx
    .select({ requestId: recordsInvoices.requestId })
    .from(recordsInvoices)
    .where(eq(recordsInvoices.id, invoiceId));
  return found?.requestId ?? null;
}

async function applyEvent(
  parts: MoneyParts,
  locked: Locked,
  invoiceId: string,
  event: ProviderEvent,
  effects: Effects,
): Promise<EventOutcome> {
  const { tx, today } = locked;
  const { what } = event;
  if (what.kind === 'other') return 'ignored';
  const endedAt = toInstant(effects.clock.now());
  await tx
    .update(recordsCheckouts)
    .set({ endedAt })
    .where(and(eq(recordsCheckouts.id, what.checkoutId), isNull(recordsCheckouts.endedAt)));
  if (what.kind === 'expired') return 'expired';
  const [paid] = await tx
    .select({ id: recordsPayments.id })
    .from(recordsPayments)
    .where(eq(recordsPayments.providerId, what.paymentId));
  if (paid !== undefined) return 'known'; // told by another event of the same payment
  const [invoice] = await tx
    .select({ number: recordsInvoices.number })
    .from(recordsInvoices)
    .where(eq(recordsInvoices.id, invoiceId));
  const made = cityDateOf(event.madeAt, parts.law().city.timeZone);
  const payment = {
    invoice: invoice!.number, // referenced by its request
    method: 'online',
    cents: what.cents,
    receivedOn: made < today ? made : today,
    reference: null,
    entryKey: null,
    providerId: what.paymentId,
  } as const;
  await takePayment(parts, locked, providerActor, payment, effects);
  return 'paid';
}
