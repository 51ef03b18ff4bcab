// Where a request stands, as the stages of its way and the date that comes next.
// It must tell only what the request's own events and clocks tell.

import type { OwnClock, OwnRequest } from '../../../src/pages/requests.ts';

export const stageNames = ['received', 'answered', 'working', 'released', 'closed'] as const;
export type StageName = (typeof stageNames)[number];

export type Stage = {
  readonly name: StageName;
  readonly state: 'done' | 'now' | 'ahead';
  /** When it was reached; null for what is ahead, or has no day of its own. */
  readonly on: string | null;
};

export function toStages({ request, events }: Pick<OwnRequest, 'request' | 'events'>): readonly Stage[] {
  const isClosed = request.state === 'closed';
  const answered = request.respondedAt;
  const worked = events.find(({ kind }) => kind === 'acknowledged' || kind === 'reopened')?.onDate ?? null;
  const released = events.findLast(({ kind }) => kind === 'released' || kind === 'provided' || kind === 'linked');
  const reached: Readonly<Record<StageName, string | null>> = {
    received: request.receivedOn,
    answered,
    working: worked,
    released: released?.onDate ?? null,
    closed: request.closedOn,
  };
  const now: StageName = isClosed
    ? 'closed'
    : request.state === 'installment_ready'
      ? 'released'
      : answered === null
        ? 'received'
        : 'working';
  return stageNames.map((name) => {
    const on = reached[name];
    if (name === now) return { name, state: isClosed ? 'done' : 'now', on };
    return { name, state: on === null || (name === 'closed' && !isClosed) ? 'ahead' : 'done', on };
  });
}

/** The clock whose date comes next: the requester's own while they are waited for, else the City's. */
export function nextClock({ request, clocks }: Pick<OwnRequest, 'request' | 'clocks'>): OwnClock | null {
  const running = clocks.filter(({ isRunning }) => isRunning);
  if (request.waitingOn === 'requester') {
    return running.find(({ clock }) => ['clarification', 'claim', 'payment'].includes(clock)) ?? null;
  }
  return running.find(({ clock }) => clock === request.nextDuty) ?? null;
}
