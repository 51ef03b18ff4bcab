// Durable jobs in a process that never runs them: what is sent waits for ever, as it would without `run`.
// It must do no job.

import type { Jobs } from '../../src/jobs/job.ts';

export const waitingJobs: Pick<Jobs, 'send' | 'work' | 'every'> = {
  send: async (name) => `waiting-${name}`,
  work: async () => undefined,
  every: async () => undefined,
};
