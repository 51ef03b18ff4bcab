// What is known of jobs in pg-boss's own tables: which are parked and why, how many wait.
// It must only read: pg-boss alone changes its tables.

import type { OpenedDatabase } from '../db/open.ts';
import { toInstant } from '../base/clock.ts';
import type { JobCounts, ParkedJob } from './job.ts';

export const jobsSchema = 'jobs';
/** Where jobs go that failed as often as they may be tried. */
export const parkedQueue = 'parked';

type Pool = OpenedDatabase['pool'];

const mostShown = 200;

export async function readParked(pool: Pool): Promise<readonly ParkedJob[]> {
  const { rows } = await pool.query<{ id: string; name: string; at: Date; reason: string | null; mayRetry: boolean }>(
    `select id, source_name as name, created_on as at, ${reasonOf('source_output')} as reason, true as "mayRetry"
       from ${jobsSchema}.job where name = $1 and state = 'created'
     union all
     select id, name, completed_on, ${reasonOf('output')}, false
       from (select distinct on (j.name) j.id, j.name, j.state, j.completed_on, j.output
               from ${jobsSchema}.job j join ${jobsSchema}.schedule s on s.name = j.name
              where j.state in ('completed', 'failed') order by j.name, j.completed_on desc) as last
      where state = 'failed'
     order by at desc limit ${mostShown}`,
    [parkedQueue],
  );
  return rows.map(({ id, name, at, reason, mayRetry }) => ({
    id,
    name,
    failedAt: toInstant(at.getTime()),
    reason: reason ?? 'no reason was given',
    mayRetry,
  }));
}

/** What was thrown is kept as it is; what pg-boss itself says, one level down. */
function reasonOf(column: 'output' | 'source_output'): string {
  return `coalesce(${column} ->> 'message', ${column} -> 'value' ->> 'message')`;
}

export async function countJobs(pool: Pool): Promise<JobCounts> {
  const { rows } = await pool.query<{ waiting: number; running: number; parked: number }>(
    `select count(*) filter (where state in ('created', 'retry') and name <> $1)::int as waiting,
            count(*) filter (where state = 'active')::int as running,
            count(*) filter (where state = 'created' and name = $1)::int as parked
       from ${jobsSchema}.job where state in ('created', 'retry', 'active') and name not like '\\_\\_pgboss%'`,
    [parkedQueue],
  );
  return rows[0]!;
}

export async function readActive(pool: Pool): Promise<readonly { readonly name: string; readonly id: string }[]> {
  const { rows } = await pool.query<{ name: string; id: string }>(
    `select name, id from ${jobsSchema}.job where state = 'active'`,
  );
  return rows;
}
