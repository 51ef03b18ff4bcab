// Why each request of a page of results was found: the words in their place, cut from public text alone.
// It must mark matches by position, never as markup: a released record may hold any character.

import { sql } from '../../db/drizzle.ts';

import type { Queryable } from '../../db/open.ts';
import type { ArchiveReason, SnippetPart } from './archive-entry.ts';

const recordsShown = 3;
/** Characters that no text of a page holds: PostgreSQL puts them around what matched. */
const [opening, closing] = ['\u0002', '\u0003'];
const headline = `StartSel=${opening}, StopSel=${closing}, MaxWords=24, MinWords=10, MaxFragments=1`;

type Row = {
  readonly id: string;
  readonly field: 'title' | 'text' | 'record';
  readonly title: string | null;
  readonly page: number | null;
  readonly snippet: string;
};

export async function readReasons(
  db: Queryable,
  hits: readonly { readonly id: string; readonly number: string }[],
  words: string,
): Promise<ReadonlyMap<string, readonly ArchiveReason[]>> {
  if (words === '' || hits.length === 0) return new Map();
  const ids = sql`${sql.param(hits.map(({ id }) => id))}::uuid[]`;
  const { rows } = await db.execute<Row>(sql`
    with q as (select websearch_to_tsquery('english', ${words}) as q)
    select a.request_id as id, 'title' as field, null as title, null::int as page,
      ts_headline('english', a.title, q.q, ${headline}) as snippet
    from records_archive a, q where a.request_id = any(${ids}) and to_tsvector('english', a.title) @@ q.q
    union all
    select a.request_id, 'text', null, null, ts_headline('english', a.text, q.q, ${headline})
    from records_archive a, q where a.request_id = any(${ids}) and to_tsvector('english', a.text) @@ q.q
    union all
    select id, 'record', title, page, ts_headline('english', text, q, ${headline}) from (
      select x.request_id as id, x.title, p.page, p.text, q.q,
        row_number() over (partition by x.request_id order by ts_rank(p.words, q.q) desc, x.document, p.page) as place
      from records_archive_pages p join records_released x on x.id = p.released_id, q
      where x.request_id = any(${ids}) and x.published_at is not null and p.words @@ q.q
    ) as pages where place <= ${recordsShown}`);
  return new Map(
    hits.map(({ id, number }) => {
      const own = rows.filter((row) => row.id === id).map(toReason);
      return [id, number === words ? [{ field: 'number' }, ...own] : own];
    }),
  );
}

function toReason(row: Row): ArchiveReason {
  const parts = toParts(row.snippet);
  if (row.field !== 'record') return { field: row.field, parts };
  return { field: 'record', title: row.title ?? '', page: row.page ?? 1, parts };
}

function toParts(snippet: string): readonly SnippetPart[] {
  const parts: SnippetPart[] = [];
  for (const [index, piece] of snippet.split(opening).entries()) {
    if (index === 0) {
      parts.push({ text: piece, isMatch: false });
      continue;
    }
    const end = piece.indexOf(closing);
    const cut = end < 0 ? piece.length : end;
    parts.push({ text: piece.slice(0, cut), isMatch: true }, { text: piece.slice(cut + 1), isMatch: false });
  }
  return parts.filter(({ text }) => text !== '');
}
