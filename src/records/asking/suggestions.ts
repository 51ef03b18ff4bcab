// What an earlier request that may answer looks like, and the count of those that did answer.
// It must keep nothing of who said so.

import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import type { Queryable } from '../../db/open.ts';
import { recordsDeflections } from '../../db/tables-records.ts';
import type { Law } from '../law/law.ts';
import { cityDateOf } from '../../city/days.ts';
import type { CityDate, Outcome } from '../requests/request.ts';

export type ReleasedRequest = {
  readonly number: string;
  readonly title: string;
  readonly receivedOn: CityDate;
  readonly outcome: Outcome;
  /** The words of both that are the same. */
  readonly why: readonly string[];
};

const shortestWord = 4;
const mostWords = 12;

/** The words of a text that say something; numbers and short words seldom do. */
export function tellingWords(text: string): readonly string[] {
  const found = text.toLowerCase().match(/\p{L}[\p{L}\p{N}]+/gu) ?? [];
  return [...new Set(found.filter((word) => word.length >= shortestWord))].slice(0, mostWords);
}

/** "This answered me": no request was needed. Nothing of whoever says so is kept. */
export async function countDeflection(
  db: Queryable,
  law: Law,
  given: { readonly kind: 'dataset' | 'request'; readonly target: string },
  effects: Effects,
): Promise<void> {
  const { kind, target } = given;
  if (!/^[\w-]{1,100}$/u.test(target)) throw new PortalError('form-invalid', say('records.nothing-named'));
  const now = effects.clock.now();
  const onDate = cityDateOf(now, law.city.timeZone);
  await db.insert(recordsDeflections).values({ id: newId(effects.clock), at: toInstant(now), onDate, kind, target });
}
