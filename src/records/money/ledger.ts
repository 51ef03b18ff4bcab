// The ledger: what each act does to the accounts, as entries that come to nothing, and the balances of a request.
// It must never change an entry; a mistake is undone by another.

import { eq, sql } from '../../db/drizzle.ts';

import { actorId, actorName } from '../../base/actor.ts';
import type { Actor } from '../../base/actor.ts';
import { newId } from '../../base/ids.ts';
import type { Effects } from '../../base/effects.ts';
import type { Queryable, Transaction } from '../../db/open.ts';
import { recordsLedgerEntries, recordsLedgerLines } from '../../db/tables-fees.ts';

/**
 * Owed to the city, earned by it, held for the requester (deposits, credit), given up (waived), and the four tills.
 * A debit is positive: `receivable` above zero is still to be paid, `credit` below zero is the requester's own.
 */
export const accounts = [
  'receivable',
  'charges',
  'customized',
  'deposits',
  'credit',
  'waived',
  'cash',
  'check',
  'card',
  'online',
] as const;
export type Account = (typeof accounts)[number];

export const tills = ['cash', 'check', 'card', 'online'] as const;
export type Till = (typeof tills)[number];

export type LedgerLine = readonly [account: Account, cents: number];
export type LedgerKind = 'invoice' | 'payment' | 'waiver' | 'refund' | 'void';

export type InvoiceMoney = {
  readonly purpose: 'deposit' | 'invoice' | 'customized';
  readonly grossCents: number; // before a deposit is taken off
  readonly depositCents: number; // taken off
};

function earned(purpose: InvoiceMoney['purpose']): Account {
  switch (purpose) {
    case 'deposit':
      return 'deposits';
    case 'invoice':
      return 'charges';
    case 'customized':
      return 'customized';
  }
}

export function issueLines({ purpose, grossCents, depositCents }: InvoiceMoney): readonly LedgerLine[] {
  return [
    ['receivable', grossCents - depositCents],
    ['deposits', depositCents],
    [earned(purpose), -grossCents],
  ];
}

export function paymentLines(till: Till, appliedCents: number, creditCents: number): readonly LedgerLine[] {
  return [
    [till, appliedCents + creditCents],
    ['receivable', -appliedCents],
    ['credit', -creditCents],
  ];
}

/** What is still open is given up; of a deposit nothing was earned, so nothing is lost. */
export function waiverLines(purpose: InvoiceMoney['purpose'], openCents: number): readonly LedgerLine[] {
  return [
    [purpose === 'deposit' ? 'deposits' : 'waived', openCents],
    ['receivable', -openCents],
  ];
}

/** The issue undone; what was paid on it is the requester's own again. */
export function voidLines(money: InvoiceMoney, paidCents: number): readonly LedgerLine[] {
  const undone = issueLines(money).map(([account, cents]): LedgerLine => [account, -cents]);
  return [...undone, ['receivable', paidCents], ['credit', -paidCents]];
}

export type RefundSource = 'credit' | 'deposits' | 'charges' | 'customized';

export function refundLines(from: RefundSource, till: Till, cents: number): readonly LedgerLine[] {
  return [
    [from, cents],
    [till, -cents],
  ];
}

/** One entry; lines of one account are added together, and those that come to nothing are left out. */
export async function postEntry(
  tx: Transaction,
  entry: {
    readonly requestId: string;
    readonly invoiceId: string;
    readonly kind: LedgerKind;
    readonly at: string;
    readonly onDate: string;
    readonly actor: Actor;
    readonly lines: readonly LedgerLine[];
  },
  effects: Effects,
): Promise<void> {
  const sums = addUp(entry.lines);
  if (sums.length === 0) return; // nothing moved: a free invoice
  const id = newId(effects.clock);
  const { requestId, invoiceId, kind, at, onDate, actor } = entry;
  const by = { actor: actorName(actor), actorId: actorId(actor) };
  await tx.insert(recordsLedgerEntries).values({ id, requestId, invoiceId, kind, at, onDate, ...by });
  await tx
    .insert(recordsLedgerLines)
    .values(sums.map(([account, cents], index) => ({ entryId: id, seq: index + 1, account, cents })));
}

export function addUp(lines: readonly LedgerLine[]): readonly LedgerLine[] {
  const sums = new Map<Account, number>();
  for (const [account, cents] of lines) sums.set(account, (sums.get(account) ?? 0) + cents);
  return accounts.flatMap((account): readonly LedgerLine[] => {
    const cents = sums.get(account) ?? 0;
    return cents === 0 ? [] : [[account, cents]];
  });
}

export type Balances = Readonly<Record<Account, number>>;

/** Of one request. */
export async function readBalances(db: Queryable, requestId: string): Promise<Balances> {
  const rows = await db
    .select({ account: recordsLedgerLines.account, cents: sql<string>`sum(${recordsLedgerLines.cents})` })
    .from(recordsLedgerLines)
    .innerJoin(recordsLedgerEntries, eq(recordsLedgerEntries.id, recordsLedgerLines.entryId))
    .where(eq(recordsLedgerEntries.requestId, requestId))
    .groupBy(recordsLedgerLines.account);
  const sums = new Map(rows.map(({ account, cents }) => [account, Number(cents)]));
  return Object.fromEntries(accounts.map((account) => [account, sums.get(account) ?? 0])) as Balances;
}
