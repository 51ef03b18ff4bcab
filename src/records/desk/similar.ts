// Requests that ask for much the same: found by the rare words they share, ordered by how alike their texts are.
// It must tell nothing of who asked, and nothing of a request that is not the reader's to see.

import { sql } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import type { Database } from '../../db/open.ts';
import { isAllowed } from '../../people/permissions.ts';
import type { RequestRecord } from '../requests/request.ts';
import { concerns, departmentsFor } from '../requests/scope.ts';

export type SimilarRequest = Pick<RequestRecord, 'number' | 'state' | 'outcome' | 'receivedOn' | 'closedOn'> & {
  readonly summary: string;
  /** Of 1: how alike the texts are, by the trigrams that they share. */
  readonly likeness: number;
  readonly installments: number;
  /** Always false for who may not see who asked. */
  readonly isSameRequester: boolean;
};

/** So many candidates, those that share the most words, are compared letter by letter. */
const candidates = 100;
const comparedCharacters = 2_000;
const leastLikeness = 0.15;
const wordsAsked = 24;
const commonWordsAsked = 5;
/**
 * So many requests the words may find together, by PostgreSQL's own statistics; a third of them by rare words alone.
 */
const mostFound = 1_500;

type Likened = { readonly id: string | null; readonly text: string; readonly subject: string | null };

/** The most alike requests but `id`, the most alike first. Permission `request.work`. */
export async function readSimilar(
  db: Database,
  actor: Actor,
  request: Likened,
  limit = 6,
): Promise<readonly SimilarRequest[]> {
  const seen = concerns(departmentsFor(actor, 'request.work'));
  const compared = `${request.subject ?? ''} ${request.text}`.slice(0, comparedCharacters);
  const query = toQuery(await readWords(db, compared));
  if (query === null) return [];
  const { rows } = await db.execute<{ [name in keyof SimilarRequest]: SimilarRequest[name] }>(sql`
    with near as materialized (
      select r.id, ts_rank(r.words, q.q) as shared from records_requests r, (select ${query}::tsquery as q) q
      where r.words @@ q.q and r.id is distinct from ${request.id}::uuid and ${seen}
      order by shared desc, r.received_on desc limit ${candidates}
    )
    select n.number, n.state, n.outcome, coalesce(n.subject, left(n.text, 240)) as summary,
      n.received_on::text as "receivedOn", n.closed_on::text as "closedOn", n.installments,
      coalesce(n.requester_email_index = o.requester_email_index, false) as "isSameRequester",
      similarity(left(coalesce(n.subject, '') || ' ' || n.text, ${comparedCharacters}), ${compared}) as likeness
    from near join records_requests n on n.id = near.id
    left join records_requests o on o.id = ${request.id}::uuid
    order by likeness desc, n.received_on desc limit ${limit}`);
  const maySee = isAllowed(actor, 'request.see-requester');
  return rows
    .filter((row) => row.likeness >= leastLikeness)
    .map((row) => ({ ...row, isSameRequester: maySee && row.isSameRequester }));
}

/** How many requests have the word, as statistics guess; 0: rarer than they know. */
type Word = { readonly word: string; readonly share: number; readonly total: number };

/** The words of a text, the rarest first. */
async function readWords(db: Database, text: string): Promise<readonly Word[]> {
  const { rows } = await db.execute<{ [name in keyof Word]: Word[name] }>(sql`
    select l.word, coalesce(f.share, 0)::float8 as share,
      (select greatest(reltuples, 1)::float8 from pg_class where oid = 'records_requests'::regclass) as total
    from unnest(tsvector_to_array(to_tsvector('english', ${text}))) as l(word)
    left join (
      select e.word, e.share from pg_stats s
      cross join lateral unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) as e(word, share)
      where s.schemaname = current_schema() and s.tablename = 'records_requests' and s.attname = 'words'
    ) f on f.word = l.word
    order by share, l.word`);
  return rows;
}

/** Any of the rare words, or any two of the commoner ones: as many as may be asked without finding everything. */
function toQuery(words: readonly Word[]): string | null {
  const terms: string[] = [];
  const common: Word[] = [];
  const most = mostFound / (words[0]?.total ?? 1);
  let share = 0;
  for (const each of words.slice(0, wordsAsked)) {
    if (share + each.share <= most / 3) {
      share += each.share;
      terms.push(quote(each.word));
    } else if (common.length < commonWordsAsked) common.push(each);
  }
  for (const [at, first] of common.entries()) {
    for (const second of common.slice(at + 1)) {
      if (share + first.share * second.share > most) continue;
      share += first.share * second.share;
      terms.push(`(${quote(first.word)} & ${quote(second.word)})`);
    }
  }
  return terms.length === 0 ? null : terms.join(' | ');
}

/** A lexeme as the text of a tsquery takes it. */
function quote(lexeme: string): string {
  return `'${lexeme.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
