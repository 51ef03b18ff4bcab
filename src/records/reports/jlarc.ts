// The yearly report to the Joint Legislative Audit and Review Committee (RCW 40.14.026(5)): screen, CSV, worksheet.
// It must show every figure that the definition names, and no other.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Database } from '../../db/open.ts';
import type { WorkCalendar } from '../../city/calendar.ts';
import type { CityDate } from '../../city/days.ts';
import { readClaims } from './claims.ts';
import type { Claim } from './claims.ts';
import { readClaimFigures, readRecovered, readRoleTime, toCostFigures } from './costs.ts';
import type { RoleTime } from './costs.ts';
import { toCsvLine } from './csv.ts';
import type { FigureDefinition, FigureUnit, ReportDefinition } from './definition.ts';
import { conditionOf, readBehind, readFigures, readReasons } from './figures.ts';
import type { Behind, Figures, Reason } from './figures.ts';
import { countBusinessDays, yearSpan } from './year.ts';
import { readYearly } from './yearly.ts';
import type { KeptEntry } from './yearly.ts';

export type ReportParts = {
  readonly db: Database;
  readonly definitions: readonly ReportDefinition[];
  readonly calendar: () => WorkCalendar;
  readonly today: () => CityDate;
};

export type YearReport = {
  readonly year: number;
  readonly definition: ReportDefinition;
  readonly figures: Figures;
  readonly reasons: readonly Reason[];
  readonly claims: readonly Claim[];
  readonly time: readonly RoleTime[];
  readonly entry: KeptEntry | null;
  /** The year is not over: the figures are those of today. */
  readonly isRunning: boolean;
};

export const firstYear = 2000;

/** Throws bad-request for what is no year yet. */
export function requireYear(parts: Pick<ReportParts, 'today'>, given: string | number): number {
  const year = Number(given);
  const last = Number(parts.today().slice(0, 4));
  if (Number.isInteger(year) && year >= firstYear && year <= last) return year;
  throw new PortalError('bad-request', say('reports.year-between', { first: firstYear, last }));
}

/** The definition that holds at the end of the year. */
function definitionOf(definitions: readonly ReportDefinition[], year: number): ReportDefinition {
  const { to } = yearSpan(year);
  return definitions.findLast(({ effectiveFrom }) => effectiveFrom === null || effectiveFrom <= to) ?? definitions[0]!;
}

/** Asks no permission: reports.ts has. */
export async function readYearReport(parts: ReportParts, year: number): Promise<YearReport> {
  const { db } = parts;
  const span = yearSpan(year);
  const business = await countBusinessDays(db, parts.calendar(), span.to);
  const entry = await readYearly(db, year);
  const claims = await readClaims(db, span);
  const own = await readFigures(db, span, business);
  const time = await readRoleTime(db, span);
  const figures = {
    ...own,
    ...toCostFigures(time, entry, own['handled'] ?? 0),
    ...(await readClaimFigures(db, year, claims, entry)),
    ...(await readRecovered(db, span)),
  };
  const definition = definitionOf(parts.definitions, year);
  const reasons = await readReasons(db, span);
  return { year, definition, figures, reasons, claims, time, entry, isRunning: parts.today() <= span.to };
}

/** The requests that a figure stands for. Throws not-found for a figure that stands for none. */
export async function readYearBehind(
  parts: ReportParts,
  year: number,
  figure: string,
  page: { readonly after: string | null; readonly limit: number },
): Promise<Behind> {
  const span = yearSpan(year);
  const condition = conditionOf(figure, span);
  if (condition === null) throw new PortalError('not-found', say('reports.no-requests-behind'));
  const business = await countBusinessDays(parts.db, parts.calendar(), span.to);
  return readBehind(parts.db, span, business, condition, page);
}

export const notSpecified = 'not specified';

/** A figure as text: days and hours with one digit, money in dollars. */
export function figureText(value: number | null, unit: FigureUnit): string {
  if (value === null) return notSpecified;
  switch (unit) {
    case 'requests':
    case 'claims':
      return String(value);
    case 'days':
      return value.toFixed(1);
    case 'percent':
      return `${value.toFixed(1)} %`;
    case 'minutes':
      return `${(value / 60).toFixed(1)} hours`;
    case 'cents':
      return `$${(value / 100).toFixed(2)}`;
  }
}

/** One line a figure: metric, what it is, its value, unit, and the words of the law. */
export function toReportCsv(report: YearReport): string {
  const { definition, figures, reasons } = report;
  const line = (metric: string, of: FigureDefinition, wording: string) =>
    toCsvLine([
      String(report.year),
      metric,
      of.label,
      plainValue(figures[of.id] ?? null, of.unit),
      unitOf(of),
      wording,
    ]);
  const named = definition.metrics.flatMap(({ number, letter, wording, figures: own }) => [
    ...own.map((each) => line(`${number} (${letter})`, each, wording)),
    ...(letter === 'e'
      ? reasons.map(({ exemption, requests }) =>
          toCsvLine([
            String(report.year),
            `${number} (${letter})`,
            `Reason: ${exemption}`,
            String(requests),
            'requests',
            wording,
          ]),
        )
      : []),
  ]);
  const head = toCsvLine(['Year', 'Metric', 'Figure', 'Value', 'Unit', 'RCW 40.14.026(5)']);
  return [head, ...definition.base.map((each) => line('', each, '')), ...named].join('');
}

function unitOf({ unit }: FigureDefinition): string {
  return unit === 'minutes' ? 'hours' : unit === 'cents' ? 'US dollars' : unit;
}

/** For a spreadsheet: a number alone. */
function plainValue(value: number | null, unit: FigureUnit): string {
  if (value === null) return notSpecified;
  if (unit === 'minutes') return (value / 60).toFixed(2);
  if (unit === 'cents') return (value / 100).toFixed(2);
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

/** The columns for filing, by what each holds. */
export function toWorksheet(report: YearReport): readonly { readonly column: string; readonly value: string }[] {
  const { definition, figures } = report;
  const units = new Map(
    [...definition.base, ...definition.metrics.flatMap((metric) => metric.figures)].map(({ id, unit }) => [id, unit]),
  );
  const words = worksheetWords(report);
  return definition.worksheet.map(({ column, figure }) => {
    const unit = units.get(figure);
    const value = unit === undefined ? (words[figure] ?? notSpecified) : plainValue(figures[figure] ?? null, unit);
    return { column, value };
  });
}

/** What the worksheet asks that is no single number. */
export function worksheetWords({
  year,
  entry,
  reasons,
  claims,
  figures,
}: YearReport): Readonly<Record<string, string>> {
  const overhead = entry?.overheadThousandths ?? null;
  const tally = (of: (claim: Claim) => string | null) => {
    if ((figures['claims'] ?? null) === null) return notSpecified;
    const counts = new Map<string, number>();
    for (const claim of claims) {
      const key = of(claim) ?? 'none';
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return [...counts].map(([key, count]) => `${key}: ${count}`).join('; ') || 'none';
  };
  const common = reasons.slice(0, 5).map(({ exemption, requests }) => `${exemption}: ${requests}`);
  return {
    year: String(year),
    'reporting-status': entry?.status ?? notSpecified,
    'denied-reasons': common.join('; ') || 'none',
    'overhead-rate': overhead === null ? notSpecified : `${(overhead / 10).toFixed(1)} %`,
    'claims-by-kind': tally(({ kind }) => kind),
    'claims-by-exemption': tally(({ exemption }) => exemption),
    'customized-description': entry?.customizedDescription ?? notSpecified,
    comments: entry?.comments ?? notSpecified,
  };
}

export function toWorksheetCsv(report: YearReport): string {
  const sheet = toWorksheet(report);
  return toCsvLine(sheet.map(({ column }) => column)) + toCsvLine(sheet.map(({ value }) => value));
}
