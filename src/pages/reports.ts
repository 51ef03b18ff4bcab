// Reports for pages: what they may ask, with every figure as text.
// It must count nothing: records/reports does, and asks the permissions.

import type { Actor } from '../base/actor.ts';
import { PortalError } from '../base/errors.ts';
import { textOf } from '../base/form.ts';
import type { FormValues } from '../base/form.ts';
import { say } from '../base/say.ts';
import { actByForm } from '../people/act.ts';
import { isAllowed } from '../people/permissions.ts';
import { claimActs, registerActs, yearActs } from '../records/reports/acts.ts';
import { lawOn } from '../records/law/law.ts';
import { claimKinds, costKinds } from '../records/reports/claims.ts';
import type { Claim, ClaimKind, CostKind } from '../records/reports/claims.ts';
import { toCsvLine } from '../records/reports/csv.ts';
import type { FigureDefinition } from '../records/reports/definition.ts';
import { conditionOf } from '../records/reports/figures.ts';
import type { Behind, Reason } from '../records/reports/figures.ts';
import {
  figureText,
  firstYear,
  notSpecified,
  toReportCsv,
  toWorksheet,
  toWorksheetCsv,
} from '../records/reports/jlarc.ts';
import type { YearReport } from '../records/reports/jlarc.ts';
import type { LogFilter, LogPage } from '../records/reports/log.ts';
import type { PublicMetrics } from '../records/reports/public-metrics.ts';
import type { Timeliness, Group } from '../records/reports/timeliness.ts';
import { yearSpan } from '../records/reports/year.ts';
import { ratedRoles, reportingStatuses, yearlyAmounts } from '../records/reports/yearly.ts';
import type { KeptEntry, ReportingStatus, YearlyAmount } from '../records/reports/yearly.ts';
import type { Portal } from '../serve/portal.ts';

export type { Group } from '../records/reports/timeliness.ts';

/** A figure as it is shown. `opens`: the requests behind it have a page. */
export type ShownFigure = {
  readonly id: string;
  readonly label: string;
  readonly text: string;
  readonly isKnown: boolean;
  readonly opens: boolean;
};

export type ShownMetric = {
  readonly number: number;
  readonly letter: string;
  readonly title: string;
  readonly wording: string;
  readonly counting: string;
  readonly figures: readonly ShownFigure[];
};

export type ShownReason = {
  readonly exemption: string;
  readonly cite: string;
  readonly title: string;
  readonly requests: number;
  readonly records: number;
};

export type Named = { readonly id: string; readonly name: string };

export type YearView = {
  readonly year: number;
  readonly years: readonly number[];
  readonly isRunning: boolean;
  readonly statute: string;
  readonly period: string;
  readonly worksheetNote: string;
  readonly base: readonly ShownFigure[];
  readonly metrics: readonly ShownMetric[];
  readonly reasons: readonly ShownReason[];
  readonly claims: readonly Claim[];
  readonly entry: KeptEntry | null;
  readonly worksheet: readonly { readonly column: string; readonly value: string }[];
  readonly mayEnter: boolean;
};

export type BehindView = Behind & { readonly year: number; readonly figure: string; readonly label: string };

export type LogView = LogPage & {
  readonly filter: LogFilter;
  readonly departments: readonly Named[];
  readonly identities: boolean;
  readonly maySeeIdentities: boolean;
};

export type EntryView = {
  readonly year: number;
  readonly entry: KeptEntry | null;
  readonly amounts: readonly YearlyAmount[];
  readonly roles: readonly string[];
  readonly statuses: readonly ReportingStatus[];
  readonly thresholdCents: number;
};

export type ClaimsView = {
  readonly claims: readonly Claim[];
  readonly kinds: readonly ClaimKind[];
  readonly costKinds: readonly CostKind[];
  readonly exemptions: readonly { readonly id: string; readonly cite: string; readonly title: string }[];
  readonly year: number;
  readonly mayEnter: boolean;
};

export type TimelinessView = Timeliness & {
  readonly year: number;
  readonly years: readonly number[];
  readonly isRunning: boolean;
  readonly departments: readonly Named[];
  readonly reasons: readonly ShownReason[];
};

export type MetricsView = Omit<PublicMetrics, 'exemptions'> & {
  readonly years: readonly number[];
  readonly isRunning: boolean;
  readonly exemptions: readonly {
    readonly cite: string;
    readonly title: string;
    readonly requests: number | null;
  }[];
};

export type ReportsPages = {
  /** This year, or the one that was asked for as text. Throws bad-request for a year that has not begun. */
  year(year: string | null): Promise<YearView>;
  yearCsv(year: string): Promise<string>;
  worksheetCsv(year: string): Promise<string>;
  behind(year: string, figure: string, parameters: Readonly<Record<string, string>>): Promise<BehindView>;
  timeliness(year: string | null): Promise<TimelinessView>;
  timelinessCsv(year: string): Promise<string>;
  log(parameters: Readonly<Record<string, string>>): Promise<LogView>;
  /** Without anybody's identity. The permission is asked before the first piece. */
  logCsv(parameters: Readonly<Record<string, string>>): AsyncGenerator<string>;
  entry(year: string): Promise<EntryView>;
  saveEntry(year: string, form: FormValues): Promise<void>;
  claims(): Promise<ClaimsView>;
  saveClaim(form: FormValues): Promise<void>;
  addClaimCost(form: FormValues): Promise<void>;
  /** For everybody. */
  metrics(year: string | null): Promise<MetricsView>;
};

type ReportsPortal = Pick<Portal, 'records' | 'catalogue'>;

const behindPageLength = 100;
const logPageLength = 25;

export function toReportsPages(portal: ReportsPortal, actor: Actor): ReportsPages {
  const { reports } = portal.records;
  const yearOf = (given: string | null) => parseYear(portal, given);
  return {
    year: async (year) => toYearView(portal, actor, await reports.year(actor, yearOf(year))),
    yearCsv: async (year) => toReportCsv(await reports.year(actor, yearOf(year))),
    worksheetCsv: async (year) => toWorksheetCsv(await reports.year(actor, yearOf(year))),
    async behind(year, figure, parameters) {
      const page = { after: parameters['after'] ?? null, limit: behindPageLength };
      const found = await reports.behind(actor, yearOf(year), figure, page);
      const { definition } = await reports.year(actor, yearOf(year));
      const named = [...definition.base, ...definition.metrics.flatMap((metric) => metric.figures)];
      const label = named.find(({ id }) => id === figure)?.label ?? titleOf(portal, figure.slice('reason:'.length));
      return { ...found, year: yearOf(year), figure, label };
    },
    async timeliness(given) {
      const year = yearOf(given);
      const { reasons, ...found } = await reports.timeliness(actor, year);
      const departments = readDepartments(portal);
      return { ...found, ...yearsOf(portal, year), departments, reasons: toReasons(portal, reasons) };
    },
    timelinessCsv: async (year) => toTimelinessCsv(await reports.timeliness(actor, yearOf(year))),
    async log(parameters) {
      const filter = toLogFilter(parameters);
      const identities = parameters['identities'] === 'shown';
      const page = { after: parameters['after'] ?? null, limit: logPageLength, identities };
      const maySeeIdentities = isAllowed(actor, 'request.see-requester');
      const found = await reports.log(actor, filter, page);
      return { ...found, filter, identities, maySeeIdentities, departments: readDepartments(portal) };
    },
    logCsv: (parameters) => reports.logCsv(actor, toLogFilter(parameters)),
    ...toForms(portal, actor),
    async metrics(given) {
      const year = yearOf(given);
      const { exemptions, ...found } = await reports.publicMetrics(year);
      const shown = exemptions.map(({ key, requests }) => ({ ...citeOf(portal, key), requests }));
      return { ...found, ...yearsOf(portal, year), exemptions: shown };
    },
  };
}

/** What a records officer enters: the year's figures and the register of claims. */
function toForms(portal: ReportsPortal, actor: Actor) {
  const { reports } = portal.records;
  const yearOf = (given: string | null) => parseYear(portal, given);
  return {
    async entry(given) {
      const year = yearOf(given);
      const { thresholdCents } = (await reports.year(actor, year)).definition;
      const entry = await reports.entry(actor, year);
      const statuses = reportingStatuses;
      return { year, entry, amounts: yearlyAmounts, roles: ratedRoles, statuses, thresholdCents };
    },
    saveEntry: (year, form) => actByForm(yearActs.entry, reports, actor, yearOf(year), form),
    async claims() {
      const claims = await reports.claims(actor);
      const exemptions = exemptionsOf(portal).map(({ id, cite, title }) => ({ id, cite, title }));
      const mayEnter = isAllowed(actor, 'report.enter');
      return { claims, kinds: claimKinds, costKinds, exemptions, year: parseYear(portal, null), mayEnter };
    },
    async saveClaim(form) {
      const id = textOf(form, 'id');
      if (id === '') await actByForm(registerActs.claims, reports, actor, null, form);
      else await actByForm(claimActs.change, reports, actor, id, form);
    },
    addClaimCost: (form) => actByForm(claimActs.costs, reports, actor, textOf(form, 'claim'), form),
  } satisfies Partial<ReportsPages>;
}

function toTimelinessCsv({ all, byMonth, byDepartment }: Timeliness): string {
  const text = (value: number | null) => (value === null ? notSpecified : String(value));
  const line = (by: string, group: Group) =>
    toCsvLine([
      by,
      group.key ?? '',
      ...[group.received, group.responded, group.respondedLate, group.responseMedian].map(text),
      ...[group.closed, group.closingMedian, group.closingAverage].map(text),
    ]);
  const counts = ['Received', 'Responded', 'Responded after the five business days', 'Median business days to respond'];
  return [
    toCsvLine(['By', 'Key', ...counts, 'Closed', 'Median days to close', 'Average days to close']),
    line('all', all),
    ...byMonth.map((group) => line('month', group)),
    ...byDepartment.map((group) => line('department', group)),
  ].join('');
}

/** This year when none is asked for. */
function parseYear(portal: ReportsPortal, given: string | null): number {
  const text = given ?? portal.records.reports.today().slice(0, 4);
  if (/^\d{4}$/u.test(text)) return Number(text);
  throw new PortalError('bad-request', say('reports.year-shape'));
}

/** From the year of this portal's first request, so that nobody leafs through empty ones. */
function yearsOf(portal: ReportsPortal, year: number) {
  const present = Number(portal.records.reports.today().slice(0, 4));
  const first = Math.max(firstYear, Math.min(year, present - 5));
  const years = Array.from({ length: present - first + 1 }, (_, at) => present - at);
  return { year, years, isRunning: year === present };
}

function exemptionsOf({ records }: ReportsPortal) {
  return lawOn(records.law(), records.reports.today()).exemptions;
}

/** An exemption that the law no longer has keeps its id. */
function citeOf(portal: ReportsPortal, id: string): { readonly cite: string; readonly title: string } {
  const known = exemptionsOf(portal).find((each) => each.id === id);
  return known === undefined ? { cite: id, title: '' } : { cite: known.cite, title: known.title };
}

function titleOf(portal: ReportsPortal, exemption: string): string {
  const { cite, title } = citeOf(portal, exemption);
  return title === '' ? cite : `${cite}: ${title}`;
}

function toReasons(portal: ReportsPortal, reasons: readonly Reason[]): readonly ShownReason[] {
  return reasons.map((reason) => ({ ...reason, ...citeOf(portal, reason.exemption) }));
}

function readDepartments({ catalogue }: ReportsPortal): readonly Named[] {
  return catalogue.departments().map(({ id, name }) => ({ id, name }));
}

function toYearView(portal: ReportsPortal, actor: Actor, report: YearReport): YearView {
  const { definition, figures, year } = report;
  const show = ({ id, label, unit }: FigureDefinition): ShownFigure => {
    const value = figures[id] ?? null;
    const opens = value !== null && conditionOf(id, yearSpan(year)) !== null;
    return { id, label, text: figureText(value, unit), isKnown: value !== null, opens };
  };
  const { statute, period, worksheetNote } = definition;
  return {
    ...yearsOf(portal, year),
    isRunning: report.isRunning,
    ...{ statute, period, worksheetNote },
    base: definition.base.map(show),
    metrics: definition.metrics.map((metric) => ({ ...metric, figures: metric.figures.map(show) })),
    reasons: toReasons(portal, report.reasons),
    claims: report.claims,
    entry: report.entry,
    worksheet: toWorksheet(report),
    mayEnter: isAllowed(actor, 'report.enter'),
  };
}

function toLogFilter(parameters: Readonly<Record<string, string>>): LogFilter {
  const given = (name: string) => (parameters[name] ?? '') || null;
  const state = given('state');
  return {
    from: given('from'),
    to: given('to'),
    department: given('department'),
    state: state === 'open' || state === 'closed' ? state : null,
    withheld: parameters['withheld'] === 'yes',
  };
}
