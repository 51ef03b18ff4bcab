// Opens the parts of records requests over one database, one seal and one law.
// It must hold no rule: each part has its own folder.

import type { Effects } from '../base/effects.ts';
import type { Seal } from '../base/seal.ts';
import type { Database } from '../db/open.ts';
import type { BlobStore } from '../store/store.ts';
import { readLaw } from './law/law-files.ts';
import type { Law } from './law/law.ts';
import { openAsking } from './requests/asking.ts';
import type { Asking } from './requests/asking.ts';
import type { RequestsCore } from './requests/request.ts';
import { openRequests } from './requests/requests.ts';

export type RecordsParts = {
  readonly db: Database;
  readonly seal: Seal;
  readonly cityFolder: string;
  readonly publicUrl: string;
  readonly store: BlobStore;
  /** Where uploads are written before they are stored. */
  readonly workFolder: string;
};

export type Records = Asking & {
  readonly law: () => Law;
  readonly requests: RequestsCore;
};

/** Throws setting-invalid when the city's law does not hold. */
export async function openRecords(parts: RecordsParts, effects: Effects): Promise<Records> {
  const { cityFolder, ...rest } = parts;
  const read = await readLaw(cityFolder);
  const law = () => read;
  const requests = openRequests({ ...rest, law }, effects);
  return Object.freeze({ law, requests, ...openAsking({ ...rest, law }, requests, effects) } satisfies Records);
}
