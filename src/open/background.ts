// What a start does beside serving: the city's departments, the sample on a first start, the durable jobs.
// It must leave a start that is stopped in the middle as the next one can go on with.

import { isSampleDue, loadSample } from '../../sample/load.ts';
import type { Actor } from '../base/actor.ts';
import { PortalError } from '../base/errors.ts';
import { saveCityDepartments } from '../city/departments.ts';
import type { CityDepartment } from '../city/departments.ts';
import { askForMissing } from '../publish/upkeep.ts';
import type { Portal } from '../serve/portal.ts';

/**
 * What a start does beside serving: the city's departments, the sample on a first start, then the jobs, the first of
 * which makes the files that a crash left unmade.
 */
export async function runBackground(
  portal: Portal,
  departments: readonly CityDepartment[],
  signal: AbortSignal,
): Promise<void> {
  const { config, lifecycle } = portal;
  const prepared = lifecycle.wait('the catalogue is being prepared');
  await saveCityDepartments(portal.catalogue, { kind: 'machine', name: 'portal' }, departments);
  const empty = portal.catalogue.list({ limit: 1, after: null }).total === 0;
  if (config.sample && (await isSampleDue(config.dataDir, empty))) {
    const loaded = lifecycle.wait('the sample catalogue is being loaded');
    await loadSampleInto(portal, null, signal);
    loaded();
  }
  prepared();
  if (signal.aborted) return;
  await portal.jobs.run();
  portal.mail.run();
  await askForMissing(portal.jobs);
}

/**
 * Two sets at a time through the publisher, all or only those of these ids;
 * a stop lets those finish and the next start goes on.
 */
export async function loadSampleInto(
  portal: Portal,
  only: readonly string[] | null = null,
  signal?: AbortSignal,
): Promise<void> {
  const { config, catalogue, publisher, effects } = portal;
  const actor: Actor = { kind: 'machine', name: 'portal' };
  await loadSample(
    {
      dataDir: config.dataDir,
      has: (id) => catalogue.view(id) !== null || only?.includes(id) === false,
      publish: ({ id, department, metadata, note, fileName, bytes }) => {
        if (signal?.aborted === true) throw new PortalError('not-ready');
        return publisher.publish({ actor, id, department, metadata, note, upload: { bytes: bytes(), name: fileName } });
      },
    },
    effects,
  );
}
