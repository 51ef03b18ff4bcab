// Searching the catalogue: the datasets that match, how many there are behind each facet, and why each one matched.
// It must not rank by anything a reader cannot be told: where the words stand, and how they match.

import { type SQL, sql } from '../db/drizzle.ts';
import type { Queryable } from '../db/open.ts';
import type { Dataset, Department } from './dataset.ts';
import { toReasons } from './search-reasons.ts';
import { notSpecified } from './search-index.ts';
import { type Question, readQuestion, type Term, widenQuestion } from './search-terms.ts';
import type { FacetName, FacetValue, SearchQuery, SearchResult } from './search-types.ts';
import { toHit } from './rows.ts';

export type Known = { view(id: string): Dataset | null; department(id: string): Department | null };

const longestPage = 1_000;

/** Never throws for what a person typed: words that are nowhere find nothing. */
export async function searchCatalogue(db: Queryable, query: SearchQuery, known: Known): Promise<SearchResult> {
  const text = query.q?.trim() ?? '';
  const question = await readQuestion(db, text, query.careful !== true);
  const asked = question.terms.filter((term) => !term.excluded);
  const result = (answer: Answer, match: SearchResult['match'], by = question) =>
    toResult({ query, question: by, match, text }, answer, known);
  if (text !== '' && question.terms.length === 0) return result(emptyAnswer, 'all');
  const first = await readAnswer(db, query, question, asked.length);
  const guessed = asked.some(
    ({ words, partial, similar }) => words.length + partial.length === 0 && similar.length > 0,
  );
  if (first.found > 0 || asked.length === 0) return result(first, guessed ? 'similar' : 'all');
  if (query.careful === true) {
    return asked.length < 3 ? result(first, 'all') : result(await readAnswer(db, query, question, 2), 'some');
  }
  const wider = await widenQuestion(db, question);
  const second = await readAnswer(db, query, wider, asked.length);
  if (second.found > 0) return result(second, 'similar', wider);
  return result(await readAnswer(db, query, question, 1), 'some');
}

type Count = { readonly value: string; readonly label: string; readonly count: number };
type Answer = {
  /** Matches of the words alone, before any facet is chosen. */
  readonly found: number;
  readonly total: number;
  readonly codes: readonly string[];
  readonly facets: Readonly<Record<FacetName, readonly Count[]>>;
};

const emptyAnswer: Answer = {
  found: 0,
  total: 0,
  codes: [],
  facets: { department: [], theme: [], format: [], licence: [], cadence: [], map: [] },
};

/** Of what holds at least so many of the words. One statement: every facet is counted over what the others leave. */
async function readAnswer(db: Queryable, query: SearchQuery, question: Question, least: number): Promise<Answer> {
  const { rows } = await db.execute<{ answer: Answer }>(sql`
    with matched as materialized (
      select code, title, rows, data_updated_at, department, theme, formats, licence, licence_name, cadence,
        has_geometry, ${toScore(query, question)} as score,
        ${isOneOf(sql`department`, query.department)} as in_department,
        ${isOneOf(sql`theme`, query.theme)} as in_theme,
        ${query.format.length === 0 ? sql`true` : sql`formats && ${toList(query.format)}`} as in_format,
        ${isOneOf(sql`licence`, query.licence)} as in_licence,
        ${isOneOf(sql`cadence`, query.cadence)} as in_cadence,
        ${query.map === null ? sql`true` : sql`has_geometry = ${query.map}`} as in_map
      from dataset_search where ${toCondition(query, question, least)}
    ), kept as (
      select * from matched where in_department and in_theme and in_format and in_licence and in_cadence and in_map
    ), page as (
      select code, row_number() over () as place from (
        select code from kept order by ${toOrder(query, question)}
        limit ${Math.min(query.limit, longestPage)} offset ${query.offset}) as ordered
    )
    select json_build_object(
      'found', (select count(*) from matched),
      'total', (select count(*) from kept),
      'codes', coalesce((select json_agg(code order by place) from page), '[]'),
      'facets', json_build_object(
        'department', ${toCounts('department', sql`department`, sql`department`)},
        'theme', ${toCounts('theme', sql`theme`, sql`theme`)},
        'format', ${toCounts('format', sql`unnest(formats)`, sql`unnest(formats)`)},
        'licence', ${toCounts('licence', sql`licence`, sql`min(licence_name)`)},
        'cadence', ${toCounts('cadence', sql`cadence`, sql`cadence`)},
        'map', ${toCounts('map', sql`has_geometry::text`, sql`has_geometry::text`)})) as answer`);
  return rows[0]?.answer ?? emptyAnswer;
}

const facetNames: readonly FacetName[] = ['department', 'theme', 'format', 'licence', 'cadence', 'map'];

function toCounts(name: FacetName, value: SQL, label: SQL): SQL {
  const others = facetNames.filter((other) => other !== name).map((other) => sql.raw(`in_${other}`));
  const grouped = name === 'licence' ? sql`${value}` : sql`1, 2`;
  return sql`(select coalesce(json_agg(json_build_object('value', value, 'label', label, 'count', count)
      order by count desc, value), '[]')
    from (select ${value} as value, ${label} as label, count(*) as count from matched
          where ${sql.join(others, sql` and `)} group by ${grouped}) as counted where value is not null)`;
}

function isOneOf(column: SQL, values: readonly string[]): SQL {
  return values.length === 0 ? sql`true` : sql`coalesce(${column} = any(${toList(values)}), false)`;
}

function toList(values: readonly string[]): SQL {
  return sql`array(select jsonb_array_elements_text(${JSON.stringify(values)}::jsonb))`;
}

/** Words hold letters and digits only, so they need no escaping beyond their quotes. */
function toAlternatives(term: Term): string {
  const words = [...new Set([term.typed, ...term.words, ...term.partial, ...term.similar])];
  return `(${words.map((word) => `'${word}'`).join(' | ')})`;
}

function toPhrase(words: readonly string[]): string {
  return `(${words.map((word) => `'${word}'`).join(' <-> ')})`;
}

/** The filter: `least` of the terms, no excluded one, every phrase when all are wanted; or the id or code itself. */
function toCondition(query: SearchQuery, question: Question, least: number): SQL {
  const wanted = question.terms.filter((term) => !term.excluded).map(toAlternatives);
  const unwanted = question.terms.filter((term) => term.excluded).map((term) => `!${toAlternatives(term)}`);
  const isAll = least >= wanted.length;
  const some = wanted.length === 0 ? [] : [`(${wanted.join(isAll ? ' & ' : ' | ')})`];
  const phrases = isAll ? question.phrases.map(toPhrase) : [];
  const parts = [...some, ...phrases, ...unwanted];
  if (parts.length === 0) return sql`true`;
  const text = query.q?.trim().toLowerCase() ?? '';
  const each = wanted.map((term) => sql`(words @@ ${term}::tsquery)::int`);
  const enough = isAll || least < 2 ? sql`true` : sql`${sql.join(each, sql` + `)} >= ${least}`;
  return sql`(words @@ ${parts.join(' & ')}::tsquery and ${enough} or code = ${text})`;
}

/** Where the words stand (title 1, names and keywords 0.5, department 0.2, description 0.1) times how they match. */
function toScore(query: SearchQuery, question: Question): SQL {
  const wanted = question.terms.filter((term) => !term.excluded);
  if (wanted.length === 0) return sql`0::real`;
  const weights = sql`array[0.1, 0.2, 0.5, 1.0]::real[]`;
  const rank = (words: readonly string[]): SQL =>
    words.length === 0
      ? sql`0`
      : sql`ts_rank(${weights}, words, ${words.map((word) => `'${word}'`).join(' | ')}::tsquery)`;
  const text = query.q?.trim().toLowerCase() ?? '';
  const exact = wanted.flatMap((term) => [term.typed]);
  const inflected = wanted.flatMap((term) => term.words);
  const loose = wanted.flatMap((term) => [...term.partial, ...term.similar]);
  const together = wanted.length > 1 ? toPhrase(wanted.map((term) => term.typed)) : null;
  return sql`(2 * ${rank(exact)} + 4 * ${rank(inflected)} + ${rank(loose)}
    + ${together === null ? sql`0` : sql`(words @@ ${together}::tsquery)::int`}
    + (lower(title) = ${text})::int * 2 + (code = ${text})::int * 10)`;
}

function toOrder(query: SearchQuery, question: Question): SQL {
  const relevant = query.sort === 'relevance' && question.terms.some((term) => !term.excluded);
  const first = {
    relevance: relevant ? sql`score desc, data_updated_at desc` : sql`data_updated_at desc`,
    updated: sql`data_updated_at desc`,
    title: sql`lower(title)`,
    rows: sql`rows desc`,
  }[query.sort];
  return sql`${first}, lower(title), code`;
}

type Asked = {
  readonly query: SearchQuery;
  readonly question: Question;
  readonly match: SearchResult['match'];
  readonly text: string;
};

function toResult({ query, question, match, text }: Asked, answer: Answer, known: Known): SearchResult {
  const hits = answer.codes.flatMap((code) => {
    const dataset = known.view(code);
    return dataset === null ? [] : [toHit(dataset, toReasons(dataset, question))];
  });
  const chosen: Readonly<Record<FacetName, readonly string[]>> = {
    ...query,
    map: query.map === null ? [] : [String(query.map)],
  };
  const facet = (name: FacetName): readonly FacetValue[] => toFacet(answer.facets[name], chosen[name], name, known);
  return {
    total: answer.total,
    hits,
    facets: {
      department: facet('department'),
      theme: facet('theme'),
      format: facet('format'),
      licence: facet('licence'),
      cadence: facet('cadence'),
      map: facet('map'),
    },
    didYouMean: answer.found > 0 ? toSpelling(question, text) : null,
    match,
  };
}

/** A value that was chosen stays in the list when it counts nothing, so that it can be taken back. */
function toFacet(
  counts: readonly Count[],
  chosen: readonly string[],
  name: FacetName,
  known: Known,
): readonly FacetValue[] {
  const label = (value: string, given: string): string => {
    if (name === 'department') return known.department(value)?.name ?? value;
    if (name === 'format') return value.toUpperCase();
    return value === notSpecified ? 'not specified' : given;
  };
  const missing = [...new Set(chosen)].filter((value) => counts.every((count) => count.value !== value));
  return [
    ...counts.map(({ value, label: given, count }) => {
      return { value, label: label(value, given), count, selected: chosen.includes(value) };
    }),
    ...missing.map((value) => ({ value, label: label(value, value), count: 0, selected: true })),
  ];
}

/** The typed text with each unknown word replaced by the nearest known one; null when every word is known. */
function toSpelling(question: Question, text: string): string | null {
  let spelling = text.toLowerCase();
  for (const { typed, words, partial, similar } of question.terms) {
    const better = similar[0];
    if (better !== undefined && words.length === 0 && partial.length === 0)
      spelling = spelling.replaceAll(typed, better);
  }
  return spelling === text.toLowerCase() ? null : spelling;
}
