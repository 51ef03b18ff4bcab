// Opens publishing: the publisher, and the jobs that make, mend, sweep and look at stored files.
// It must hold no rule; src/publish does.

import { join } from 'node:path';

import type { Effects } from '../base/effects.ts';
import { openPublisher } from '../publish/publisher.ts';
import type { Publisher } from '../publish/publisher.ts';
import { openUpkeep } from '../publish/upkeep.ts';
import type { Portal } from '../serve/portal.ts';

type UnderPublishing = Pick<Portal, 'config' | 'engine' | 'store' | 'storeHealth' | 'catalogue' | 'jobs'>;

export async function openPublishing(parts: UnderPublishing, effects: Effects): Promise<Publisher> {
  const { config, engine, store, storeHealth: health, catalogue, jobs } = parts;
  const { dataDir, maxUploadBytes } = config;
  const workFolder = join(dataDir, 'work', 'publish');
  const publisher = openPublisher({ engine, store, catalogue, jobs, workFolder, maxUploadBytes }, effects);
  const scrubs = config.blobs.kind === 'folder';
  await openUpkeep({ publisher, store, health, scrubs, jobs }, effects);
  return publisher;
}
