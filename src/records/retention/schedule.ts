// How long what is kept, as city/<name>/records/retention.json states it, and from when something may go.
// It must never make up a length: without one that has a source, nothing is ever due.

import { join } from 'node:path';

import { Type } from 'typebox';

import { readVersions } from '../law/law-files.ts';
import { addDays, addYears, dateOf, daysOfMonth, parseDate } from '../../city/days.ts';
import type { CityDate } from '../../city/days.ts';

export const seriesIds = ['responsive-records', 'request-files', 'requester-details'] as const;
export type SeriesId = (typeof seriesIds)[number];

/** What two persons destroy; the requester's details expire by themselves. */
export const destroyedSeries = ['responsive-records', 'request-files'] as const;
export type DestroyedSeries = (typeof destroyedSeries)[number];

export type Series = {
  readonly id: SeriesId;
  readonly title: string;
  readonly covers: string;
  readonly startsWith: string;
  readonly length: { readonly count: number; readonly unit: 'years' | 'months' | 'days' } | null;
  /** The State Archives' disposition authority number (DAN). */
  readonly dispositionAuthority: string | null;
  readonly source: string | null;
};

export type Schedule = {
  readonly effectiveFrom: CityDate | null;
  readonly note: string;
  readonly series: readonly Series[];
  readonly citations: readonly string[];
  readonly expiry: {
    readonly basis: 'policy';
    readonly nights: number;
    readonly atMostPerNight: number;
    readonly note: string;
  };
};

const text = Type.String({ minLength: 1 });
const orNull = (schema: ReturnType<typeof Type.Object> | typeof text) => Type.Union([schema, Type.Null()]);
const exactly = (properties: Parameters<typeof Type.Object>[0]) =>
  Type.Object(properties, { additionalProperties: false });

const schema = exactly({
  versions: Type.Array(
    exactly({
      effectiveFrom: Type.Union([Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }), Type.Null()]),
      note: text,
      series: Type.Tuple(
        seriesIds.map((id) =>
          exactly({
            id: Type.Literal(id),
            title: text,
            covers: text,
            startsWith: text,
            length: orNull(
              exactly({
                count: Type.Integer({ minimum: 1, maximum: 1_000 }),
                unit: Type.Union([Type.Literal('years'), Type.Literal('months'), Type.Literal('days')]),
              }),
            ),
            dispositionAuthority: orNull(text),
            source: orNull(text),
          }),
        ),
      ),
      citations: Type.Array(text),
      expiry: exactly({
        basis: Type.Literal('policy'),
        nights: Type.Integer({ minimum: 7, maximum: 365 }),
        atMostPerNight: Type.Integer({ minimum: 1, maximum: 10_000 }),
        note: text,
      }),
    }),
    { minItems: 1 },
  ),
});

/** `cityFolder` is city/<name>. Throws setting-invalid. */
export function readSchedules(cityFolder: string): Promise<readonly Schedule[]> {
  return readVersions<Schedule>(join(cityFolder, 'records', 'retention.json'), schema);
}

/** The one that holds on the date. */
export function scheduleOn(schedules: readonly Schedule[], date: CityDate): Schedule {
  return schedules.findLast(({ effectiveFrom }) => effectiveFrom === null || effectiveFrom <= date) ?? schedules[0]!;
}

export function seriesOf(schedule: Schedule, id: SeriesId): Series {
  return schedule.series.find((series) => series.id === id)!; // the schema has every one
}

/** A series by which something may go: its length, its authority and its source have been entered. */
export type CompleteSeries = Series & {
  readonly length: NonNullable<Series['length']>;
  readonly dispositionAuthority: string;
  readonly source: string;
};

export function isComplete(series: Series): series is CompleteSeries {
  return series.length !== null && series.dispositionAuthority !== null && series.source !== null;
}

/** The last day on which it is kept. */
export function keptUntil({ count, unit }: CompleteSeries['length'], closedOn: CityDate): CityDate {
  switch (unit) {
    case 'years':
      return addYears(closedOn, count);
    case 'days':
      return addDays(closedOn, count);
    case 'months': {
      const { year, month, day } = parseDate(closedOn);
      const months = year * 12 + month - 1 + count;
      const [toYear, toMonth] = [Math.floor(months / 12), (months % 12) + 1];
      return dateOf(toYear, toMonth, Math.min(day, daysOfMonth(toYear, toMonth)));
    }
  }
}

/** The last closing day of which the time is over today: what was closed then or before may go. */
export function closedUntil(length: CompleteSeries['length'], today: CityDate): CityDate {
  const roughly = { years: 366, months: 31, days: 1 }[length.unit] * length.count;
  let day = addDays(today, -roughly - 3); // surely over; the last such day is at most a few days on
  while (keptUntil(length, addDays(day, 1)) < today) day = addDays(day, 1);
  return day;
}
