// Earlier requests that may already answer what is being asked, and the count of those that did.
// It must look at the public rendition only: shown text where there is one, never a hidden request.

import { sql } from 'drizzle-orm';

import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import type { Queryable } from '../../db/open.ts';
import { recordsDeflections } from '../../db/tables.ts';
import type { Law } from '../law/law.ts';
import { cityDateOf } from '../law/days.ts';
import type { CityDate, Outcome } from './request.ts';

export type ReleasedRequest = {
  readonly number: string;
  readonly title: string;
  readonly receivedOn: CityDate;
  readonly outcome: Outcome;
  /** The words of both that are the same. */
  readonly why: readonly string[];
};

const mostShown = 5;
const shortestWord = 4;
const mostWords = 12;

/** Published requests that share words with the text, the most alike first; each says which words. */
export async function suggestReleased(db: Queryable, text: string): Promise<readonly ReleasedRequest[]> {
  const words = tellingWords(text);
  if (words.length === 0) return [];
  const { rows } = await db.execute<{
    number: string;
    shown: string;
    subject: string | null;
    received_on: string;
    outcome: Outcome;
    why: string[];
  }>(sql`
    with asked as (select distinct word, to_tsquery('english', quote_literal(word)) as query
      from unnest(string_to_array(${words.join(' ')}, ' ')) as given (word)
      where numnode(to_tsquery('english', quote_literal(word))) > 0),
    shown as (select r.number, r.subject, coalesce(r.shown_text, r.text) as shown, r.received_on::text as received_on, r.outcome,
        setweight(to_tsvector('english', coalesce(r.subject, '')), 'A') ||
          setweight(to_tsvector('english', coalesce(r.shown_text, r.text)), 'B') as words
      from records_requests r
      where r.visibility = 'public' and r.outcome in ('fulfilled', 'fulfilled_by_link', 'partial')
        and (r.words @@ (select string_agg(query::text, ' | ')::tsquery from asked) or r.shown_text is not null))
    select number, subject, shown, received_on, outcome, array_agg(word order by word) as why
    from shown join asked on shown.words @@ asked.query
    group by number, subject, shown, received_on, outcome
    order by count(*) desc, received_on desc limit ${mostShown}`);
  return rows.map((row) => ({
    number: row.number,
    title: row.subject ?? shorten(row.shown),
    receivedOn: row.received_on,
    outcome: row.outcome,
    why: row.why,
  }));
}

/** The words of a text that say something; numbers and short words seldom do. */
export function tellingWords(text: string): readonly string[] {
  const found = text.toLowerCase().match(/\p{L}[\p{L}\p{N}]+/gu) ?? [];
  return [...new Set(found.filter((word) => word.length >= shortestWord))].slice(0, mostWords);
}

function shorten(text: string): string {
  const line = text.replace(/\s+/gu, ' ').trim();
  return line.length <= 120 ? line : `${line.slice(0, 117).trimEnd()}…`;
}

/** "This answered me": no request was needed. Nothing of whoever says so is kept. */
export async function countDeflection(
  db: Queryable,
  law: Law,
  given: { readonly kind: 'dataset' | 'request'; readonly target: string },
  effects: Effects,
): Promise<void> {
  const { kind, target } = given;
  if (!/^[\w-]{1,100}$/u.test(target)) throw new PortalError('form-invalid', 'There is nothing of this name.');
  const now = effects.clock.now();
  const onDate = cityDateOf(now, law.city.timeZone);
  await db.insert(recordsDeflections).values({ id: newId(effects.clock), at: toInstant(now), onDate, kind, target });
}
