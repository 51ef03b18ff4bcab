// Which running clocks were counted without a closure day that the city has entered since.
// It must move no clock: a date that was told to somebody is changed by a person.

import { and, asc, eq, gte, isNull, lte } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import { alwaysInForce } from '../../city/closures.ts';
import type { CityDate } from '../../city/days.ts';
import type { Queryable } from '../../db/open.ts';
import { recordsClocks, recordsRequests } from '../../db/tables-records.ts';
import { requirePermission } from '../../people/permissions.ts';
import type { ClockReckoning } from './basis.ts';
import { readCurrentLaw } from './city-law.ts';
import { startClock } from './clocks.ts';
import { withClosures } from './law.ts';
import type { ClockId, Law } from './law.ts';

/** A running clock whose date would be another, were it counted again. */
export type AffectedClock = {
  readonly request: string; // its number
  readonly clock: ClockId;
  readonly name: string;
  readonly startedOn: CityDate;
  readonly dueOn: CityDate;
  readonly wouldBeDueOn: CityDate;
};

const greatestAffected = 500;

/**
 * Running clocks over this day that come to another date when counted with the closures that stand now, whatever day
 * they count from. Nothing is changed: who promised the date decides. Permission `calendar.edit`.
 */
export async function clocksCountedOtherwise(
  db: Queryable,
  law: Law,
  actor: Actor,
  on: CityDate,
): Promise<readonly AffectedClock[]> {
  requirePermission(actor, 'calendar.edit');
  const current = await readCurrentLaw(db, law);
  const counting = withClosures(
    current,
    current.closures.map((each) => (each.on === on ? alwaysInForce(each) : each)),
  );
  const rows = await db
    .select({
      request: recordsRequests.number,
      clock: recordsClocks.clock,
      startedOn: recordsClocks.startedOn,
      dueOn: recordsClocks.dueOn,
      basis: recordsClocks.basis,
      receivedAt: recordsRequests.receivedAt,
    })
    .from(recordsClocks)
    .innerJoin(recordsRequests, eq(recordsRequests.id, recordsClocks.requestId))
    .where(and(isNull(recordsClocks.stoppedAt), lte(recordsClocks.startedOn, on), gte(recordsClocks.dueOn, on)))
    .orderBy(asc(recordsClocks.dueOn), asc(recordsRequests.number))
    .limit(greatestAffected);
  return rows.flatMap((row) => {
    const basis = row.basis as ClockReckoning;
    if (basis.setBy !== null || basis.count === 'hours') return []; // nobody counted it
    const options = basis.receipt === null ? {} : { receiptRule: basis.receipt.rule, receivedAt: row.receivedAt };
    const again = startClock(counting, row.clock as ClockId, row.startedOn, options);
    if (again.dueOn === row.dueOn) return [];
    const { request, startedOn, dueOn } = row;
    return [{ request, clock: again.clock, name: again.basis.name, startedOn, dueOn, wouldBeDueOn: again.dueOn }];
  });
}
