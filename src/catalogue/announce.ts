// The word that goes to every node when the catalogue has changed.
// It must be sent inside the transaction that changes it: PostgreSQL then delivers it exactly when that is committed.

import { sql } from '../db/drizzle.ts';
import type { Transaction } from '../db/open.ts';

export const catalogueChannel = 'portal_catalogue';

/** `*` means: more than one dataset, read everything again. */
export const everything = '*';

export async function announce(tx: Transaction, code: string): Promise<void> {
  await tx.execute(sql`select pg_notify(${catalogueChannel}, ${code})`);
}
