// What pages are given of the law: how a date is counted, the days on which the city does not work, closure days.
// It must hold types alone.

/** A day of a count, as a calendar shows it. */
export type CountedDay = {
  readonly on: string; // YYYY-MM-DD
  readonly weekday: string; // monday
  readonly number: number | null;
  readonly reason: 'first-day' | 'counted' | 'weekend' | 'holiday' | 'closure' | 'rolled-to';
  readonly name: string | null;
  readonly source: SourceLink | null;
};

export type SourceLink = { readonly cite: string; readonly url: string | null };

export type DeadlineView = {
  readonly clock: string; // C1
  readonly name: string;
  /** What was asked: the date, or the moment whose date it is in the city. */
  readonly received: string;
  readonly receivedOn: string;
  readonly timeZone: string;
  readonly dueOn: string;
  /** The first day on which the city may act, where it has to let the time pass. */
  readonly actOn: string | null;
  readonly rule: string;
  readonly basis: 'law' | 'practice' | 'policy';
  readonly sources: readonly SourceLink[];
  readonly receiptRule: 'A' | 'B' | null;
  readonly days: readonly CountedDay[];
  readonly sentences: readonly string[];
};

export type ClockChoice = {
  readonly id: string;
  readonly name: string;
  readonly rule: string;
  readonly basis: DeadlineView['basis'];
};

export type DayOffView = {
  readonly on: string;
  readonly weekday: string;
  readonly name: string;
  readonly isObserved: boolean; // a weekend moved it here
  readonly kind: 'holiday' | 'closure';
  readonly source: SourceLink;
};

export type YearOfDaysOff = { readonly year: number; readonly days: readonly DayOffView[] };

export type ClosureView = {
  readonly id: string;
  readonly on: string;
  readonly name: string;
  readonly source: string;
  readonly effectiveFrom: string;
  readonly addedAt: string;
  readonly addedBy: string;
  readonly withdrawn: { readonly at: string; readonly by: string; readonly reason: string } | null;
  /** Running clocks whose date would be another, were they counted again; none was changed. */
  readonly affected: readonly {
    readonly request: string;
    readonly clock: string;
    readonly name: string;
    readonly startedOn: string;
    readonly dueOn: string;
    readonly wouldBeDueOn: string;
  }[];
};

export type LawPages = {
  /** Clocks that count a length; those whose date the city sets are not here. */
  clocks(): readonly ClockChoice[];
  /** Today in the city. */
  today(): string;
  /** Throws bad-request with what is wrong with the date. */
  deadline(received: string, clock: string): DeadlineView;
  daysOff(year: number): YearOfDaysOff;
  /** Throws forbidden to who may not edit the calendar. */
  closures(): Promise<readonly ClosureView[]>;
  addClosure(given: {
    readonly on: string;
    readonly name: string;
    readonly source: string;
    readonly effectiveFrom: string;
  }): Promise<void>;
  withdrawClosure(id: string, reason: string): Promise<void>;
};
