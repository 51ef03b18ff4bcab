// What pages of reports may ask of the portal: types alone, for pages and for reports-pages.ts that answers them.
// It must not hold anything that runs.

import type { Claim, ClaimKind, CostKind } from '../records/reports/claims.ts';
import type { Behind } from '../records/reports/figures.ts';
import type { LogFilter, LogPage } from '../records/reports/log.ts';
import type { PublicMetrics } from '../records/reports/public-metrics.ts';
import type { Timeliness } from '../records/reports/timeliness.ts';
import type { KeptEntry, ReportingStatus, YearlyAmount } from '../records/reports/yearly.ts';
import type { FormValues } from './pages-work.ts';

export type { Bucket, Group } from '../records/reports/timeliness.ts';

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
