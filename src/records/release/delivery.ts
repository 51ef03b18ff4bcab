// How an installment reaches the requester: what each way needs, and the sentence of the letter that tells it.
// It must not invent a place or an hour: the staff give both.

import { refuseStep } from '../../base/fields.ts';
import { say } from '../../base/say.ts';
import { isCityDate } from '../../city/days.ts';
import type { CityDate } from '../requests/request.ts';
import { deliveries } from '../requests/request.ts';
import type { ReleaseChoice } from './installment.ts';

const longestPlace = 500;
const longestText = 5_000;

/** The choice with its words trimmed. Throws records-invalid with the field that is wrong. */
export function requireChoice(choice: ReleaseChoice, today: CityDate): ReleaseChoice {
  const { delivery, fromOn, scannedPages } = choice;
  const place = choice.place?.trim() || null;
  const message = choice.message.trim();
  if (!deliveries.includes(delivery)) refuseStep('delivery', say('records.release-how'));
  const isVisit = delivery === 'pick_up' || delivery === 'inspection';
  if (isVisit && place === null) refuseStep('place', say('records.release-where'));
  if (isVisit && fromOn === null) refuseStep('fromOn', say('records.release-from'));
  if (isVisit && fromOn !== null && (!isCityDate(fromOn) || fromOn < today))
    refuseStep('fromOn', say('records.release-first-day'));
  if ((place?.length ?? 0) > longestPlace) refuseStep('place', say('records.text-long', { longest: longestPlace }));
  if (message.length > longestText) refuseStep('message', say('records.text-long', { longest: longestText }));
  if (!Number.isSafeInteger(scannedPages) || scannedPages < 0 || scannedPages > 1_000_000)
    refuseStep('scannedPages', say('records.release-scanned'));
  return { ...choice, place: isVisit ? place : null, fromOn: isVisit ? fromOn : null, message };
}

/** What the letter says of the way, before the staff's own words. */
export function deliverySentence(
  { delivery, place, fromOn }: ReleaseChoice,
  longDate: (on: CityDate) => string,
): string {
  const where = place ?? '';
  const from = fromOn === null ? '' : ` from ${longDate(fromOn)}`;
  switch (delivery) {
    case 'electronic':
      return 'You can download them from the page of your request.';
    case 'mail':
      return 'They are being sent to you by mail.';
    case 'pick_up':
      return `You can pick them up${from}: ${where}`;
    case 'inspection':
      return `You can inspect them${from}: ${where}`;
  }
}
