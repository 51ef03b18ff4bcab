// Opens the parts of records requests over one database, one seal and one law.
// It must hold no rule: each part has its own folder.

import type { Actor } from '../base/actor.ts';
import type { Effects } from '../base/effects.ts';
import type { Seal } from '../base/seal.ts';
import type { Database } from '../db/open.ts';
import type { BlobStore } from '../store/store.ts';
import { openCityLaw } from './law/city-law.ts';
import type { Law } from './law/law.ts';
import type { RequestsCore } from './requests/request.ts';
import { openRequests } from './requests/requests.ts';
import { enterRequest, submitRequest } from './requests/submissions.ts';
import type { EnteredRequest, NewRequest, Submitted } from './requests/submissions.ts';
import { openWork } from './requests/work.ts';
import type { Work } from './requests/work.ts';

export type RecordsParts = {
  readonly db: Database;
  readonly seal: Seal;
  readonly cityFolder: string;
  readonly publicUrl: string;
  readonly store: BlobStore;
  /** Where uploads are written before they are stored. */
  readonly workFolder: string;
};

export type Records = {
  /** As it stands now, with the closure days that were entered. */
  readonly law: () => Law;
  readonly refreshLaw: () => Promise<void>;
  close(): Promise<void>;
  readonly requests: RequestsCore;
  /** The clerk's desk. */
  readonly work: Work;
  /** The form. Throws form-invalid. */
  readonly submit: (actor: Actor, given: NewRequest) => Promise<Submitted>;
  /** What came by mail, e-mail, counter or phone, entered by the staff. Throws form-invalid. */
  readonly enter: (actor: Actor, given: EnteredRequest) => Promise<Submitted>;
};

/** Throws setting-invalid when the city's law does not hold. */
export async function openRecords(parts: RecordsParts, effects: Effects): Promise<Records> {
  const { db, seal, publicUrl, cityFolder } = parts;
  const cityLaw = await openCityLaw(db, cityFolder, effects);
  const { law } = cityLaw;
  const own = { db, seal, law, publicUrl };
  const requests = openRequests(own, effects);
  return Object.freeze({
    law,
    refreshLaw: cityLaw.refresh,
    close: cityLaw.close,
    requests,
    work: openWork(own, requests, effects),
    submit: (actor, given) => submitRequest(own, actor, given, effects),
    enter: (actor, given) => enterRequest(own, actor, given, effects),
  } satisfies Records);
}
