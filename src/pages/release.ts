// Releases for pages: what they may ask, in process for one request's actor, forms in, plain data out.
// It must decide nothing: records/release asks the permissions and guards what goes out.

import type { Actor } from '../base/actor.ts';
import { refuseStep } from '../base/fields.ts';
import { choiceOf, textOf, versionOf, writtenOf } from '../base/form.ts';
import type { FormValues } from '../base/form.ts';
import type { Installment, ReleaseView, ReleaseChoice } from '../records/release/installment.ts';
import type { Review } from '../records/release/reviews.ts';
import { deliveries } from '../records/requests/request.ts';
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
    preview: (number, form) => release.preview(actor, number, toChoice(form)),
    async release(number, form) {
      await release.release(actor, number, toChoice(form));
    },
    own: async (number) => (actor.kind === 'requester' ? release.own(actor, number) : []),
    reviews: () => release.reviews(actor),
  };
}

function toChoice(form: FormValues): ReleaseChoice {
  const delivery = choiceOf(form, 'delivery', deliveries);
  if (delivery === null) {
    refuseStep('delivery', 'Choose how the records are given out.');
  }
  const isLast = textOf(form, 'isLast') === 'yes';
  return {
    version: versionOf(form),
    documents: form['documents'] ?? [],
    delivery,
    place: writtenOf(form, 'place'),
    fromOn: writtenOf(form, 'fromOn'),
    scannedPages: Number(textOf(form, 'scannedPages') || '0'),
    message: textOf(form, 'message'),
    remains: isLast ? null : { what: textOf(form, 'remains'), nextOn: textOf(form, 'nextOn') },
  };
}
