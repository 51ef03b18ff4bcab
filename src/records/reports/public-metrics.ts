// What the public is told of how requests are handled: totals, months, outcomes, exemptions.
// It must show no count of one to four where requests are told apart: so few could tell of a person.

import { sql } from '../../db/drizzle.ts';

import type { Database } from '../../db/open.ts';
import type { WorkCalendar } from '../../city/calendar.ts';
import { readFigures, readReasons } from './figures.ts';
import { readTimeliness } from './timeliness.ts';
import type { Bucket } from './timeliness.ts';
import { countBusinessDays, yearSpan } from './year.ts';

/** Below this a count that tells requests apart is not shown, and no median is given. */
const leastShown = 5;

/** `requests` is null where there are some, but too few to be told. */
export type PublicCell = { readonly key: string; readonly requests: number | null };

export type PublicMonth = {
  readonly month: string;
  readonly received: number;
  readonly closed: number;
  readonly responseMedianBusinessDays: number | null;
  readonly closingMedianDays: number | null;
};

export type PublicMetrics = {
  readonly year: number;
  readonly received: number;
  readonly closed: number;
  readonly openNow: number;
  readonly responded: number;
  readonly respondedWithinFiveBusinessDays: number;
  readonly responseMedianBusinessDays: number | null;
  readonly closingMedianDays: number | null;
  readonly closingAverageDays: number | null;
  /** Days from receipt to closing; null where too few. */
  readonly closing: readonly { readonly from: number; readonly to: number | null; readonly requests: number | null }[];
  readonly months: readonly PublicMonth[];
  readonly outcomes: readonly PublicCell[];
  readonly exemptions: readonly PublicCell[];
  readonly leastShown: number;
};

export async function readPublicMetrics(
  db: Database,
  calendar: WorkCalendar,
  timeZone: string,
  year: number,
): Promise<PublicMetrics> {
  const span = yearSpan(year);
  const business = await countBusinessDays(db, calendar, span.to);
  const [figures, timeliness, reasons, outcomes] = await Promise.all([
    readFigures(db, span, business),
    readTimeliness(db, calendar, timeZone, span),
    readReasons(db, span),
    readOutcomes(db, year),
  ]);
  const { all } = timeliness;
  const whenEnough = (count: number, value: number | null) => (count < leastShown ? null : value);
  return {
    year,
    received: figures['received'] ?? 0,
    closed: figures['closed'] ?? 0,
    openNow: figures['open-after'] ?? 0,
    responded: all.responded,
    respondedWithinFiveBusinessDays: all.responded - all.respondedLate,
    responseMedianBusinessDays: whenEnough(all.responded, all.responseMedian),
    closingMedianDays: whenEnough(all.closed, all.closingMedian),
    closingAverageDays: whenEnough(all.closed, all.closingAverage),
    closing: hideFewIn(timeliness.closing),
    months: timeliness.byMonth.map((month) => ({
      month: month.key ?? '',
      received: month.received,
      closed: month.closed,
      responseMedianBusinessDays: whenEnough(month.responded, month.responseMedian),
      closingMedianDays: whenEnough(month.closed, month.closingMedian),
    })),
    outcomes: hideFew(outcomes),
    exemptions: reasons.map(({ exemption, requests }) => ({
      key: exemption,
      requests: requests < leastShown ? null : requests,
    })),
    leastShown,
  };
}

/** By the last closing within the year. */
async function readOutcomes(
  db: Database,
  year: number,
): Promise<readonly { readonly key: string; readonly requests: number }[]> {
  const { from, to } = yearSpan(year);
  const { rows } = await db.execute<{ key: string; requests: number }>(sql`
    select outcome as key, count(*)::int as requests from (
      select distinct on (request_id) request_id, data -> 'set' ->> 'outcome' as outcome from records_events
      where kind in ('provided', 'linked', 'closed', 'claimed', 'denied', 'withdrawn', 'denied-as-bot')
        and on_date between ${from}::date and ${to}::date and data ->> 'to' = 'closed' and data ->> 'from' <> 'closed'
      order by request_id, seq desc) last
    where outcome is not null group by 1 order by 2 desc, 1`);
  return rows;
}

/**
 * These cells add up to a total that is shown. A single hidden one could be found by subtracting the others, so the
 * smallest of the others is hidden with it.
 */
function hideFew<T extends { readonly requests: number }>(
  cells: readonly T[],
): readonly (Omit<T, 'requests'> & { readonly requests: number | null })[] {
  const few = new Set(cells.filter(({ requests }) => requests > 0 && requests < leastShown));
  if (few.size === 1) {
    const others = cells.filter((cell) => cell.requests > 0 && !few.has(cell));
    const smallest = others.toSorted((a, b) => a.requests - b.requests)[0];
    if (smallest !== undefined) few.add(smallest);
  }
  return cells.map((cell) => ({ ...cell, requests: few.has(cell) ? null : cell.requests }));
}

function hideFewIn(given: readonly Bucket[]): PublicMetrics['closing'] {
  return hideFew(given);
}
