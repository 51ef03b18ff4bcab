// Refusals under review: what was petitioned, who refused, and by when the answer is due.
// It must decide nothing: the machine refuses a review by whoever refused.

import { sql } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import { actorId } from '../../base/actor.ts';
import type { Database } from '../../db/open.ts';
import type { CityDate } from '../requests/request.ts';
import { concerns, departmentsFor } from '../requests/scope.ts';

export type Review = {
  readonly number: string;
  readonly summary: string;
  readonly petitionedOn: CityDate;
  readonly decideBy: CityDate;
  /** The end of the second business day after the refusal: final for going to court, whatever is decided when. */
  readonly finalOn: CityDate | null;
  /** Whoever reads this refused it: somebody else has to decide. */
  readonly isOwnRefusal: boolean;
};

/** Permission `request.work`; the first due first. */
export async function readReviews(db: Database, actor: Actor): Promise<readonly Review[]> {
  const seen = concerns(departmentsFor(actor, 'request.work'));
  const { rows } = await db.execute<Review>(sql`
    select r.number, coalesce(r.subject, left(r.text, 240)) as summary,
      c9.started_on::text as "petitionedOn", c9.due_on::text as "decideBy",
      (select max(c8.due_on)::text from records_clocks c8 where c8.request_id = r.id and c8.clock = 'C8') as "finalOn",
      coalesce(r.denied_by = ${actorId(actor)}, false) as "isOwnRefusal"
    from records_requests r
    join records_clocks c9 on c9.request_id = r.id and c9.clock = 'C9' and c9.stopped_at is null
    where r.review_state = 'under_review' and ${seen}
    order by c9.due_on, r.number`);
  return rows;
}
