// Releases for pages: what they may ask, in process for one request's actor, forms in, plain data out.
// It must decide nothing: records/release asks the permissions and guards what goes out.

import type { Actor } from '../base/actor.ts';
import type { FormValues } from '../base/form.ts';
import { actByForm } from '../people/act.ts';
import { releaseActs } from '../records/release/acts.ts';
import type { Installment, ReleaseView } from '../records/release/installment.ts';
import type { Review } from '../records/release/reviews.ts';
import type { LetterPreview } from '../records/desk/letters.ts';
import type { Portal } from '../serve/portal.ts';

export type { Installment, ReleaseView } from '../records/release/installment.ts';
export type { Review } from '../records/release/reviews.ts';

export type ReleasePages = {
  view(number: string): Promise<ReleaseView>;
  preview(number: string, form: FormValues): Promise<readonly LetterPreview[]>;
  release(number: string, form: FormValues): Promise<void>;
  /** What whoever follows the request has been given; nothing for everybody else. */
  own(number: string): Promise<readonly Installment[]>;
  reviews(): Promise<readonly Review[]>;
};

export function toReleasePages({ release }: Pick<Portal, 'release'>, actor: Actor): ReleasePages {
  return {
    view: (number) => release.view(actor, number),
    preview: async (number, form) => (await actByForm(releaseActs.preview, release, actor, number, form)).letters,
    release: async (number, form) => void (await actByForm(releaseActs.release, release, actor, number, form)),
    own: async (number) => (actor.kind === 'requester' ? release.own(actor, number) : []),
    reviews: () => release.reviews(actor),
  };
}
