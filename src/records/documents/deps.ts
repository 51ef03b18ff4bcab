// What every part of the documents works with, and the first line of each: may this person, with this request?
// It must not know how any part works.

import type { Actor, StaffActor } from '../../base/actor.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Seal } from '../../base/seal.ts';
import type { CityProfile } from '../../city/profile.ts';
import type { Database } from '../../db/open.ts';
import type { Jobs } from '../../jobs/job.ts';
import type { Action } from '../../people/permissions.ts';
import type { BlobStore } from '../../store/store.ts';
import type { Exemption } from '../law/law.ts';
import type { RequestRecord, RequestsCore } from '../requests/request.ts';
import { departmentsFor, requireSeen } from '../requests/scope.ts';
import type { PdfShelf } from './pdf/pdf.ts';
import type { Vault } from './vault.ts';

export type ScannerAddress = { readonly host: string; readonly port: number };

export type DocumentsDeps = {
  readonly db: Database;
  readonly store: BlobStore;
  readonly seal: Seal;
  readonly jobs: Jobs;
  readonly requests: Pick<RequestsCore, 'find' | 'appendEvent'>;
  /** Those that may be cited today. */
  readonly exemptions: () => readonly Exemption[];
  readonly city: Pick<CityProfile, 'name' | 'language' | 'timeZone'>;
  readonly workFolder: string;
  readonly maxUploadBytes: number;
  /** clamd, when the city has one. */
  readonly scanner: ScannerAddress | null;
  readonly vault: Vault;
  readonly shelf: PdfShelf;
  readonly effects: Effects;
};

export type Admitted = { readonly staff: StaffActor; readonly request: RequestRecord };

/**
 * Throws unauthorized or forbidden before anything is looked up, not-found for a request that is not theirs to see,
 * forbidden for one that they see but may not do this with.
 */
export async function admit(deps: DocumentsDeps, actor: Actor, request: string, action: Action): Promise<Admitted> {
  departmentsFor(actor, action);
  if (actor.kind !== 'staff') throw new PortalError('forbidden', { extra: { action } });
  const found = await deps.requests.find(request);
  await requireSeen(deps.db, actor, found, action);
  return { staff: actor, request: found };
}

/** Throws records-invalid. */
export function citedExemption(deps: Pick<DocumentsDeps, 'exemptions'>, id: string): Exemption {
  const found = deps.exemptions().find((exemption) => exemption.id === id);
  if (found !== undefined) return found;
  throw new PortalError('records-invalid', say('documents.exemption'));
}

const longestExplanation = 2_000;

/**
 * RCW 42.56.210(3): a brief explanation of how the exemption applies to the record withheld. Throws records-invalid.
 */
export function requireExplanation(given: string): string {
  const text = given.trim();
  if (text.length >= 5 && text.length <= longestExplanation) return text;
  throw new PortalError('records-invalid', say('documents.explanation', { longest: longestExplanation }));
}
