// What an installment is: how it is given out, what is in it, how it was claimed, and what the staff say of it.
// It must hold no logic.

import type { CityDate, Delivery, RequestRecord, Withholding } from '../requests/request.ts';

export type ClaimedHow = 'download' | 'pick-up' | 'inspection' | 'mailed';

/** What the staff choose. The version is that of the request, as they have seen it. */
export type ReleaseChoice = {
  readonly version: number;
  /** Ids of documents. */
  readonly documents: readonly string[];
  readonly delivery: Delivery;
  /** Where, and in which hours, copies are picked up or records inspected; null for what is sent. */
  readonly place: string | null;
  /** The first day of that. */
  readonly fromOn: CityDate | null;
  /** How many pages were scanned from paper for it. */
  readonly scannedPages: number;
  readonly message: string;
  /** null: this is the last installment. */
  readonly remains: { readonly what: string; readonly nextOn: CityDate } | null;
};

/** A file that went out, or with `file` null a document that is withheld in full. */
export type ReleasedDocument = {
  readonly id: string;
  readonly document: number;
  readonly title: string;
  readonly file: ReleasedFile | null;
  readonly firstDownloadAt: string | null;
  readonly publishedAt: string | null;
};

export type ReleasedFile = {
  readonly fileName: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly pages: number | null;
  readonly sha256: string;
};

export type Installment = {
  readonly number: number;
  readonly releasedAt: string;
  readonly releasedOn: CityDate;
  readonly delivery: Delivery;
  readonly place: string | null;
  readonly fromOn: CityDate | null;
  readonly remains: string | null;
  readonly nextOn: CityDate | null;
  readonly pages: number;
  readonly withheld: readonly CitedWithholding[];
  readonly claim: { readonly at: string; readonly how: ClaimedHow } | null;
  readonly documents: readonly ReleasedDocument[];
};

/** A line of the withholding index with its document and the statute, as it stood when it went out. */
export type CitedWithholding = Withholding & { readonly document: number; readonly cite: string };

/** Why a document of the request may not go out now; null: it may. */
export type Readiness = {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly pages: number | null;
  readonly isWithheld: boolean;
  readonly missing: 'review' | 'approval' | 'rendition' | 'rendition-failed' | null;
  /** The installment in which this very rendition went out. */
  readonly releasedIn: number | null;
};

export type ReleaseView = {
  readonly request: RequestRecord;
  readonly mayRelease: boolean;
  readonly nextInstallment: number;
  readonly documents: readonly Readiness[];
  readonly installments: readonly Installment[];
};
