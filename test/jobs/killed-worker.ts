// A process that begins a job, says so, and waits to be killed in the middle of it.
// It must never finish the job: what the next process does with it is what the test looks at.

import pg from 'pg';

import { systemClock } from '../../src/base/clock.ts';
import { openJobs } from '../../src/jobs/jobs.ts';

const pool = new pg.Pool({ connectionString: process.argv[2], max: 3 });
const options = { timeZone: 'UTC', alone: false, closeTimeoutMs: 1_000, pollSeconds: 0.5 };
const jobs = await openJobs({ pool }, options, { clock: systemClock, observe: () => undefined });
await jobs.work('halfway', { pauseSeconds: 0 }, async ({ id }) => {
  await pool.query('insert into effects (job) values ($1) on conflict (job) do nothing', [id]);
  process.stdout.write('halfway\n');
  await new Promise((done) => setTimeout(done, 600_000));
});
await jobs.send('halfway', {});
await jobs.run();
