// Reports on records requests as one object: the log, the yearly report with what is entered for it, timeliness.
// It must hold no rule; each function lives in the file beside it.

import type { Actor } from '../../base/actor.ts';
import type { Effects } from '../../base/effects.ts';
import type { Seal } from '../../base/seal.ts';
import type { Database } from '../../db/open.ts';
import { requirePermission } from '../../people/permissions.ts';
import type { WorkCalendar } from '../../city/calendar.ts';
import { cityDateOf } from '../../city/days.ts';
import type { CityDate } from '../../city/days.ts';
import { lawOn } from '../law/law.ts';
import { fullCalendar } from '../../city/calendar.ts';
import type { Law } from '../law/law.ts';
import { addClaimCost, readClaims, saveClaim } from './claims.ts';
import type { Claim, ClaimCost, ClaimWords } from './claims.ts';
import { readReportDefinitions } from './definition.ts';
import type { Behind, Reason } from './figures.ts';
import { readReasons } from './figures.ts';
import { readYearBehind, readYearReport, requireYear } from './jlarc.ts';
import type { ReportParts, YearReport } from './jlarc.ts';
import { logCsv, readLog } from './log.ts';
import type { LogFilter, LogPage } from './log.ts';
import { readPublicMetrics } from './public-metrics.ts';
import type { PublicMetrics } from './public-metrics.ts';
import { readTimeliness } from './timeliness.ts';
import type { Timeliness } from './timeliness.ts';
import { readYearly, saveYearly } from './yearly.ts';
import type { KeptEntry, YearlyEntry } from './yearly.ts';
import { yearSpan } from './year.ts';

export type Reports = {
  /** Permission `report.read`; with identities also `request.see-requester`, audited. */
  log(
    actor: Actor,
    filter: LogFilter,
    page: { readonly after: string | null; readonly limit: number; readonly identities: boolean },
  ): Promise<LogPage>;
  logCsv(actor: Actor, filter: LogFilter): AsyncGenerator<string>;
  /** Throws bad-request for a year that has not begun. */
  year(actor: Actor, year: number): Promise<YearReport>;
  behind(
    actor: Actor,
    year: number,
    figure: string,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<Behind>;
  timeliness(actor: Actor, year: number): Promise<Timeliness & { readonly reasons: readonly Reason[] }>;
  entry(actor: Actor, year: number): Promise<KeptEntry | null>;
  saveEntry(actor: Actor, year: number, seen: number, entry: YearlyEntry): Promise<void>;
  claims(actor: Actor): Promise<readonly Claim[]>;
  saveClaim(
    actor: Actor,
    seen: { readonly id: string; readonly version: number } | null,
    words: ClaimWords,
  ): Promise<string>;
  addClaimCost(actor: Actor, claim: string, cost: ClaimCost): Promise<void>;
  /** For everybody. */
  publicMetrics(year: number): Promise<PublicMetrics>;
  today(): CityDate;
};

/** Throws setting-invalid when the definition does not hold. */
export async function openReports(
  parts: { readonly db: Database; readonly seal: Seal; readonly law: () => Law; readonly cityFolder: string },
  effects: Effects,
): Promise<Reports> {
  const { db, law } = parts;
  const definitions = await readReportDefinitions(parts.cityFolder);
  const today = (): CityDate => cityDateOf(effects.clock.now(), law().city.timeZone);
  const calendar = (): WorkCalendar => fullCalendar(law(), today());
  const report: ReportParts = { db, definitions, calendar, today };
  const exemptions = () => lawOn(law(), today()).exemptions.map(({ id }) => id);
  const claims = { db, today, exemptions };
  const read = (actor: Actor) => requirePermission(actor, 'report.read');
  return Object.freeze({
    log: (actor, filter, page) => readLog(parts, actor, filter, page, effects),
    logCsv: (actor, filter) => logCsv(parts, actor, filter),
    async year(actor, year) {
      read(actor);
      return readYearReport(report, requireYear(report, year));
    },
    async behind(actor, year, figure, page) {
      read(actor);
      return readYearBehind(report, requireYear(report, year), figure, page);
    },
    async timeliness(actor, year) {
      read(actor);
      const span = yearSpan(requireYear(report, year));
      const found = await readTimeliness(db, calendar(), law().city.timeZone, span);
      return { ...found, reasons: await readReasons(db, span) };
    },
    async entry(actor, year) {
      read(actor);
      return readYearly(db, requireYear(report, year));
    },
    saveEntry: (actor, year, seen, entry) => saveYearly(db, actor, { year, seen, entry }, effects),
    async claims(actor) {
      read(actor);
      return readClaims(db, null);
    },
    saveClaim: (actor, seen, words) => saveClaim(claims, actor, seen, words, effects),
    addClaimCost: (actor, claim, cost) => addClaimCost(claims, actor, claim, cost, effects),
    publicMetrics: (year) => readPublicMetrics(db, calendar(), law().city.timeZone, requireYear(report, year)),
    today,
  } satisfies Reports);
}
