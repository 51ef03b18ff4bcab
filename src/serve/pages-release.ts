// What the pages of releases may ask of the portal: types alone.
// It must not hold anything that runs.

import type { Installment } from '../records/release/installment.ts';
import type { ReleaseView } from '../records/release/installment.ts';
import type { Review } from '../records/release/reviews.ts';
import type { LetterPreview } from '../records/requests/work-letters.ts';
import type { FormValues } from './pages-work.ts';

export type { Installment, Readiness, ReleasedDocument, ReleaseView } from '../records/release/installment.ts';
export type { Review } from '../records/release/reviews.ts';

export type ReleasePages = {
  view(number: string): Promise<ReleaseView>;
  preview(number: string, form: FormValues): Promise<readonly LetterPreview[]>;
  release(number: string, form: FormValues): Promise<void>;
  /** What whoever follows the request has been given; nothing for everybody else. */
  own(number: string): Promise<readonly Installment[]>;
  reviews(): Promise<readonly Review[]>;
};
