// The law for pages: the public calculator, the calendar, and the closure days that staff enter.
// It must hold no rule; records/law does.

import type { Actor } from '../base/actor.ts';
import { addClosure, readClosures, readWithdrawnClosures, withdrawClosure } from '../city/closures.ts';
import { clocksCountedOtherwise } from '../records/law/affected-clocks.ts';
import type { StandingClosure } from '../city/closures.ts';
import { cityDateOf } from '../city/days.ts';
import { requirePermission } from '../people/permissions.ts';
import { countedClocks, toDaysOff, toDeadline } from './deadlines.ts';
import type { ClosureView, LawPages } from './pages-law.ts';
import type { Portal } from './portal.ts';

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
