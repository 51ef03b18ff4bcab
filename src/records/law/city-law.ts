// The law as it stands now: read from the city's files once, with the closure days of the database kept in step.
// It must never count by itself; who counts asks for the law at that moment.

import type { Effects } from '../../base/effects.ts';
import type { Queryable } from '../../db/open.ts';
import { readClosures } from '../../city/closures.ts';
import { readLaw } from './law-files.ts';
import { withClosures } from './law.ts';
import type { Law } from './law.ts';

export type CityLaw = {
  readonly law: () => Law;
  /** After a closure was entered or withdrawn here; what another node did is seen within half a minute. */
  readonly refresh: () => Promise<void>;
  close(): Promise<void>;
};

const refreshEveryMs = 30_000;

/** The law with the closures that stand now: what every new clock is counted by. */
export async function readCurrentLaw(db: Queryable, law: Law): Promise<Law> {
  return withClosures(law, await readClosures(db));
}

/** `folder` is city/<name>. Throws setting-invalid when the city's law does not hold. */
export async function openCityLaw(db: Queryable, folder: string, effects: Effects): Promise<CityLaw> {
  const read = await readLaw(folder);
  let current = await readCurrentLaw(db, read);
  let running: Promise<void> = Promise.resolve();
  const refresh = async (): Promise<void> => {
    current = await readCurrentLaw(db, read);
  };
  const timer = setInterval(() => {
    running = refresh().catch((error: unknown) => {
      effects.observe({ kind: 'failure', where: 'reading the closure days again', error });
    });
  }, refreshEveryMs);
  timer.unref();
  const close = async (): Promise<void> => {
    clearInterval(timer);
    await running;
  };
  return { law: () => current, refresh, close };
}
