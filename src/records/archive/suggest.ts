// Earlier requests that may already answer what is being asked: public pages and published records that share its
// words. It must look at what is public alone, and say which words both have.

import { sql } from '../../db/drizzle.ts';

import type { Queryable } from '../../db/open.ts';
import { tellingWords } from '../asking/suggestions.ts';
import type { ReleasedRequest } from '../asking/suggestions.ts';
import { isPublic } from './public-page.ts';

const mostShown = 5;

/**
 * The most alike first. A text of one telling word needs that word; a longer one, two of its own: one alone says too
 * little.
 */
export async function suggestReleased(db: Queryable, text: string): Promise<readonly ReleasedRequest[]> {
  const words = tellingWords(text);
  if (words.length === 0) return [];
  const { rows } = await db.execute<ReleasedRequest>(sql`
    with asked as (
      select word, to_tsquery('english', quote_literal(word)) as query
      from unnest(${sql.param([...words])}::text[]) as given (word)
      where numnode(to_tsquery('english', quote_literal(word))) > 0
    ), shared as (
      select a.request_id, asked.word from records_archive a join asked on a.words @@ asked.query
      union
      select x.request_id, asked.word from records_archive_pages p
      join records_released x on x.id = p.released_id and x.published_at is not null
      join asked on p.words @@ asked.query
    )
    select r.number, a.title, r.received_on::text as "receivedOn", r.outcome, array_agg(s.word order by s.word) as why
    from shared s join records_archive a on a.request_id = s.request_id join records_requests r on r.id = a.request_id
    where ${isPublic} and r.outcome in ('fulfilled', 'fulfilled_by_link', 'partial')
    group by r.number, a.title, r.received_on, r.outcome
    having count(*) >= least(2, (select count(*) from asked))
    order by count(*) desc, r.received_on desc, r.number desc limit ${mostShown}`);
  return rows;
}
