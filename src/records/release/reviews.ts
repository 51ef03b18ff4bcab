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
      p.started_on::text as "petitionedOn", p.due_on::text as "decideBy",
      (select max(f.due_on)::text from records_clocks f
        where f.request_id = r.id and f.clock = 'final-action') as "finalOn",
      coalesce(r.denied_by = ${actorId(actor)}, false) as "isOwnRefusal"
    from records_requests r
    join records_clocks p on p.request_id = r.id and p.clock = 'petition' and p.stopped_at is null
    where r.review_state = 'under_review' and ${seen}
    order by p.due_on, r.number`);
  return rows;
}
