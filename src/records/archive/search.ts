// Search over what is public of requests: their checked title and text, and the words of published renditions.
// It must read nothing else: no original, no text of a request that nobody has checked, nothing of who asked.

import { sql, type SQL } from '../../db/drizzle.ts';

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Queryable } from '../../db/open.ts';
import { outcomes } from '../requests/request.ts';
import type { ArchiveFacet, ArchiveFacets, ArchiveHit, ArchiveOutcome, ArchiveQuery } from './archive-entry.ts';
import type { ArchiveResult } from './archive-entry.ts';
import { isPublic } from './public-page.ts';
import { readReasons } from './reasons.ts';

export const archiveOutcomes: readonly ArchiveOutcome[] = [...outcomes, 'open'];
export const longestArchiveQuery = 400;
export const archivePageLimit = 100;

const shownCharacters = 280;
const facetValues = 50;

/** Throws bad-cursor. A search without words is everything, the newest first. */
export async function searchArchive(db: Queryable, query: ArchiveQuery): Promise<ArchiveResult> {
  const words = query.q?.trim() ?? '';
  const found = toFound(words);
  const after = toAfter(query.after);
  const { rows } = await db.execute<HitRow>(sql`
    with found as materialized (${found})
    select f.number, f.score::text as score, f.title, left(f.text, ${shownCharacters + 1}) as text,
      f.received_on::text as received_on, f.closed_on::text as closed_on, f.outcome, f.department,
      d.name as department_name, f.id,
      (select count(*)::int from records_released x where x.request_id = f.id and x.published_at is not null) as files
    from found f left join departments d on d.id = f.department
    where ${filtersOf(query, null)} and ${after}
    order by f.score desc, f.number desc limit ${query.limit + 1}`);
  const shown = rows.slice(0, query.limit);
  const [reasons, counted] = await Promise.all([readReasons(db, shown, words), count(db, found, query)]);
  const last = rows.length > query.limit ? shown.at(-1) : undefined;
  return {
    ...counted,
    hits: shown.map((row) => toHit(row, reasons.get(row.id) ?? [])),
    next: last === undefined ? null : `${last.score}~${last.number}`,
  };
}

type HitRow = {
  readonly id: string;
  readonly number: string;
  readonly score: string;
  readonly title: string;
  readonly text: string;
  readonly received_on: string;
  readonly closed_on: string | null;
  readonly outcome: ArchiveOutcome;
  readonly department: string | null;
  readonly department_name: string | null;
  readonly files: number;
};

function toHit(row: HitRow, reasons: ArchiveHit['reasons']): ArchiveHit {
  const text = row.text.length > shownCharacters ? `${row.text.slice(0, shownCharacters - 1).trimEnd()}…` : row.text;
  const { number, title, received_on: receivedOn, closed_on: closedOn, outcome, files } = row;
  const department =
    row.department === null ? null : { id: row.department, name: row.department_name ?? row.department };
  return { number, title, text, receivedOn, closedOn, outcome, department, files, reasons };
}

/** Public requests with `words` in any one of their public parts, each with its score. */
function toFound(words: string): SQL {
  const columns = sql`r.id, r.number, a.title, a.text, r.received_on, r.closed_on,
    coalesce(r.outcome, 'open') as outcome, r.department, extract(year from r.received_on)::int as year`;
  const from = sql`from records_archive a join records_requests r on r.id = a.request_id`;
  if (words === '') return sql`select ${columns}, 0::numeric as score ${from} where ${isPublic}`;
  return sql`
    select ${columns}, m.score ${from} join (
      select request_id, round(sum(rank)::numeric, 6) as score from (
        select b.request_id, 2 * ts_rank(b.words, q.q) as rank
        from records_archive b, websearch_to_tsquery('english', ${words}) as q(q) where b.words @@ q.q
        union all
        select x.request_id, max(ts_rank(p.words, q.q)) as rank
        from records_archive_pages p join records_released x on x.id = p.released_id and x.published_at is not null,
          websearch_to_tsquery('english', ${words}) as q(q)
        where p.words @@ q.q group by x.request_id
        union all
        select n.id, 100 from records_requests n where n.number = ${words}
      ) as parts group by request_id
    ) as m on m.request_id = r.id where ${isPublic}`;
}

type FacetName = keyof ArchiveFacets;

/** Every filter but that of one facet: its own values are counted without it. */
function filtersOf(query: ArchiveQuery, but: FacetName | null): SQL {
  const parts: SQL[] = [sql`true`];
  if (query.department.length > 0 && but !== 'department')
    parts.push(sql`f.department = any(${sql.param([...query.department])}::text[])`);
  if (query.year.length > 0 && but !== 'year') parts.push(sql`f.year = any(${sql.param([...query.year])}::int[])`);
  if (query.outcome.length > 0 && but !== 'outcome')
    parts.push(sql`f.outcome = any(${sql.param([...query.outcome])}::text[])`);
  return sql.join(parts, sql` and `);
}

const cursorPattern = /^(\d{1,9}(?:\.\d{1,9})?)~(\d{4}-\d{6})$/u;

function toAfter(cursor: string | null): SQL {
  if (cursor === null) return sql`true`;
  const parts = cursorPattern.exec(cursor);
  if (parts === null) throw new PortalError('bad-cursor');
  return sql`(f.score, f.number) < (${parts[1]}::numeric, ${parts[2]})`;
}

async function count(
  db: Queryable,
  found: SQL,
  query: ArchiveQuery,
): Promise<{ readonly total: number; readonly facets: ArchiveFacets }> {
  const { rows } = await db.execute<{ facet: FacetName | 'total'; value: string; label: string | null; n: number }>(sql`
    with found as materialized (${found})
    select 'total' as facet, '' as value, null as label, count(*)::int as n from found f where ${filtersOf(query, null)}
    union all
    (select 'department', f.department, max(d.name), count(*)::int
      from found f join departments d on d.id = f.department
      where ${filtersOf(query, 'department')} group by f.department order by 4 desc, 2 limit ${facetValues})
    union all
    (select 'year', f.year::text, null, count(*)::int from found f
      where ${filtersOf(query, 'year')} group by f.year order by f.year desc limit ${facetValues})
    union all
    (select 'outcome', f.outcome, null, count(*)::int from found f
      where ${filtersOf(query, 'outcome')} group by f.outcome order by 4 desc, 2)`);
  const chosen: Readonly<Record<FacetName, readonly string[]>> = {
    department: query.department,
    year: query.year.map(String),
    outcome: query.outcome,
  };
  const facet = (name: FacetName): readonly ArchiveFacet[] =>
    rows
      .filter((row) => row.facet === name)
      .map(({ value, label, n }) => ({
        value,
        label: label ?? value,
        count: n,
        selected: chosen[name].includes(value),
      }));
  return {
    total: rows.find((row) => row.facet === 'total')!.n, // an aggregate without groups has always one row
    facets: { department: facet('department'), year: facet('year'), outcome: facet('outcome') },
  };
}

/** Facets as an address gives them. Throws bad-request for one that is none of its kind. */
export function parseArchiveFacets(given: {
  readonly department: readonly string[];
  readonly year: readonly string[];
  readonly outcome: readonly string[];
}): Pick<ArchiveQuery, 'department' | 'year' | 'outcome'> {
  const year = given.year.map((each) => {
    if (!/^\d{4}$/u.test(each)) throw new PortalError('bad-request', say('records.year-shape'));
    return Number(each);
  });
  const outcome = given.outcome.map((each) => {
    const known = archiveOutcomes.find((name) => name === each);
    if (known === undefined) throw new PortalError('bad-request', say('records.no-outcome'));
    return known;
  });
  return { department: given.department.map((each) => each.slice(0, 100)), year, outcome };
}
