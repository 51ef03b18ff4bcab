// Opens the parts of records requests over one database, one seal and one law.
// It must hold no rule: each part has its own folder.

import type { Effects } from '../base/effects.ts';
import type { Seal } from '../base/seal.ts';
import type { Database, Transaction } from '../db/open.ts';
import type { Jobs } from '../jobs/job.ts';
import type { OnUndelivered, Reply } from '../mail/receive.ts';
import type { BlobStore } from '../store/store.ts';
import { openCityLaw } from './law/city-law.ts';
import type { Law } from './law/law.ts';
import { takeReply, takeUndelivered } from './mail/replies.ts';
import { openMoney } from './money/money.ts';
import type { Money } from './money/money.ts';
import type { StripeSettings } from './money/stripe.ts';
import { openReports } from './reports/reports.ts';
import type { Reports } from './reports/reports.ts';
import { openAsking, registerAskingJobs } from './asking/asking.ts';
import type { Asking } from './asking/asking.ts';
import type { RequestsCore } from './requests/request.ts';
import { openRequests } from './requests/requests.ts';
import { openDesk, registerDeskJobs } from './desk/desk.ts';
import type { Desk } from './desk/desk.ts';

export type RecordsParts = {
  readonly db: Database;
  readonly seal: Seal;
  readonly cityFolder: string;
  readonly publicUrl: string;
  readonly store: BlobStore;
  /** Told what they are to do; they begin when the portal's jobs do. */
  readonly jobs: Pick<Jobs, 'send' | 'work' | 'every'>;
  /** Where uploads are written before they are stored. */
  readonly workFolder: string;
  /** Left out or null: nobody can pay online. */
  readonly stripe?: StripeSettings | null;
};

/** With the requester's side of it: ask, follow, say, see. */
export type Records = Asking & {
  /** As it stands now, with the closure days that were entered. */
  readonly law: () => Law;
  readonly refreshLaw: () => Promise<void>;
  close(): Promise<void>;
  readonly requests: RequestsCore;
  /** Estimates, invoices, payments, the ledger. */
  readonly money: Money;
  /** The clerk's desk. */
  readonly desk: Desk;
  /** The log, the yearly report, timeliness. */
  readonly reports: Reports;
  /**
   * An answer to a letter, by e-mail; false when it had come before. Throws records-invalid for a sender unknown to it.
   */
  readonly takeUndelivered: OnUndelivered;
  readonly takeReply: (tx: Transaction, reply: Reply) => Promise<boolean>;
};

/** Opens every part and says who does its jobs. Throws setting-invalid when the city's law does not hold. */
export async function openRecords(parts: RecordsParts, effects: Effects): Promise<Records> {
  const { cityFolder, ...rest } = parts;
  const cityLaw = await openCityLaw(parts.db, cityFolder, effects);
  const { law } = cityLaw;
  const own = { ...rest, law };
  const requests = openRequests(own, effects);
  const reports = await openReports({ ...own, cityFolder }, effects);
  const stripe = parts.stripe ?? null;
  const provider =
    stripe === null ? null : (await import('./money/stripe.ts')).openStripe(stripe, () => effects.clock.now());
  await registerDeskJobs(parts.jobs, own, requests, effects);
  await registerAskingJobs(own, effects);
  return Object.freeze({
    law,
    refreshLaw: cityLaw.refresh,
    close: cityLaw.close,
    requests,
    money: openMoney({ ...own, requests, provider }, effects),
    desk: openDesk(own, requests, effects),
    reports,
    takeUndelivered: (tx, letter) => takeUndelivered(tx, requests, letter),
    takeReply: (tx, reply) => takeReply(tx, own, requests, reply, effects),
    ...openAsking(own, requests, effects),
  } satisfies Records);
}
