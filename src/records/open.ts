// Opens the parts of records requests over one database, one seal and one law.
// It must hold no rule: each part has its own folder.

import type { Effects } from '../base/effects.ts';
import type { Seal } from '../base/seal.ts';
import type { Database } from '../db/open.ts';
import type { Jobs } from '../jobs/job.ts';
import type { BlobStore } from '../store/store.ts';
import { openCityLaw } from './law/city-law.ts';
import type { Law } from './law/law.ts';
import { openMoney } from './money/money.ts';
import type { Money } from './money/money.ts';
import type { StripeSettings } from './money/stripe.ts';
import { openReports } from './reports/reports.ts';
import type { Reports } from './reports/reports.ts';
import { openAsking, registerAskingJobs } from './requests/asking.ts';
import type { Asking } from './requests/asking.ts';
import type { RequestsCore } from './requests/request.ts';
import { openRequests } from './requests/requests.ts';
import { openWork, registerWorkJobs } from './requests/work.ts';
import type { Work } from './requests/work.ts';

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
  readonly work: Work;
  /** The log, the yearly report, timeliness. */
  readonly reports: Reports;
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
  await registerWorkJobs(parts.jobs, own, requests, effects);
  await registerAskingJobs(own, effects);
  return Object.freeze({
    law,
    refreshLaw: cityLaw.refresh,
    close: cityLaw.close,
    requests,
    money: openMoney({ ...own, requests, provider }, effects),
    work: openWork(own, requests, effects),
    reports,
    ...openAsking(own, requests, effects),
  } satisfies Records);
}
