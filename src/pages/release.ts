// Releases for pages: what they may ask, in process for one request's actor, forms in, plain data out.
// It must decide nothing: records/release asks the permissions and guards what goes out.

import type { Actor } from '../base/actor.ts';
import { PortalError } from '../base/errors.ts';
import { refuseStep } from '../base/fields.ts';
import type { Installment, ReleaseView, ReleaseChoice } from '../records/release/installment.ts';
import type { Review } from '../records/release/reviews.ts';
import { deliveries } from '../records/requests/request.ts';
import type { LetterPreview } from '../records/desk/letters.ts';
import type { FormValues } from '../base/form.ts';
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
  const text = (name: string): string => form[name]?.[0]?.trim() ?? '';
  const delivery = deliveries.find((each) => each === text('delivery'));
  if (delivery === undefined) {
    refuseStep('delivery', 'Choose how the records are given out.');
  }
  const isLast = text('isLast') === 'yes';
  return {
    version: versionOf(form),
    documents: form['documents'] ?? [],
    delivery,
    place: text('place') || null,
    fromOn: text('fromOn') || null,
    scannedPages: Number(text('scannedPages') || '0'),
    message: text('message'),
    remains: isLast ? null : { what: text('remains'), nextOn: text('nextOn') },
  };
}

/** The version that the page showed when the form was opened. */
export function versionOf(form: FormValues): number {
  const version = Number(form['version']?.[0]);
  if (Number.isSafeInteger(version) && version > 0) return version;
  throw new PortalError('bad-request', 'The form does not say which version it was made for.');
}
