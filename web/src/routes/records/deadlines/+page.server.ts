// When a request is due, counted day by day: a form by GET, so that the address of an answer can be kept.

import type { Sentence } from '../../../../../src/base/say.ts';
import { isPortalError, portal } from '#lib/api.ts';
import { saidBy } from '#lib/words.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { law } = portal(event);
  const { searchParams } = event.url;
  const today = law.today();
  const received = searchParams.get('received');
  const clocks = law.clocks();
  const named = searchParams.get('clock') ?? 'first-response';
  const clock = clocks.find(({ id }) => id === named)?.code ?? named;
  const asked = received === null || received === '' ? null : ask(() => law.deadline(received, clock));
  const year = toYear(searchParams.get('year'), asked?.deadline?.dueOn ?? today);
  return {
    today,
    received: received ?? today,
    clock,
    clocks,
    deadline: asked?.deadline ?? null,
    problem: asked?.problem ?? null,
    daysOff: law.daysOff(year),
    hasYear: { before: year > 2000, after: year < 2100 },
  };
};

function ask<T>(count: () => T): { readonly deadline: T | null; readonly problem: Sentence | string | null } {
  try {
    return { deadline: count(), problem: null };
  } catch (thrown) {
    if (!isPortalError(thrown) || thrown.status >= 500) throw thrown;
    return { deadline: null, problem: saidBy(thrown) };
  }
}

function toYear(asked: string | null, on: string): number {
  const year = Number(asked);
  return Number.isInteger(year) && year >= 2000 && year <= 2100 ? year : Number(on.slice(0, 4));
}
