// The law for pages: the public calculator, the calendar, and the closure days that staff enter.
// It must hold no rule; records/law and city/ do.

import type { Actor } from '../base/actor.ts';
import { addClosure, readClosures, readWithdrawnClosures, withdrawClosure } from '../city/closures.ts';
import type { StandingClosure } from '../city/closures.ts';
import { cityDateOf } from '../city/days.ts';
import { requirePermission } from '../people/permissions.ts';
import { clocksCountedOtherwise } from '../records/law/affected-clocks.ts';
import { countedClocks, toDaysOff, toDeadline } from '../records/law/deadlines.ts';
import type { ClockChoice, DeadlineView, YearOfDaysOff } from '../records/law/deadlines.ts';
import type { Portal } from '../serve/portal.ts';

export type { ClockChoice, CountedDay, DeadlineView, SourceLink, YearOfDaysOff } from '../records/law/deadlines.ts';

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

export function toLawPages(portal: Pick<Portal, 'records' | 'database' | 'effects'>, actor: Actor): LawPages {
  const { records, effects } = portal;
  const { db } = portal.database;
  const today = () => cityDateOf(effects.clock.now(), records.law().city.timeZone);
  return {
    clocks: () => countedClocks(records.law(), today()),
    today,
    deadline: (received, clock) => toDeadline(records.law(), received, clock),
    daysOff: (year) => toDaysOff(records.law(), year),
    async closures() {
      requirePermission(actor, 'calendar.edit');
      const standing = (await readClosures(db)).map((closure) => ({ ...closure, withdrawn: null }));
      const all = [...standing, ...(await readWithdrawnClosures(db, actor))];
      return Promise.all(all.map((closure) => toClosureView(portal, actor, closure)));
    },
    async addClosure(given) {
      await addClosure(db, records.law(), actor, given, effects);
      await records.refreshLaw();
    },
    async withdrawClosure(id, reason) {
      await withdrawClosure(db, actor, { id, reason }, effects);
      await records.refreshLaw();
    },
  };
}

async function toClosureView(
  { records, database }: Pick<Portal, 'records' | 'database'>,
  actor: Actor,
  closure: StandingClosure & Pick<ClosureView, 'withdrawn'>,
): Promise<ClosureView> {
  const affected = await clocksCountedOtherwise(database.db, records.law(), actor, closure.on);
  return { ...closure, affected };
}
