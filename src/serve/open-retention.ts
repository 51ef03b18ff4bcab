// Opens retention with what the portal has. It must hold no rule; src/records/retention does.

import { join } from 'node:path';

import type { Effects } from '../base/effects.ts';
import { openRetention } from '../records/retention/retention.ts';
import type { Retention } from '../records/retention/retention.ts';
import type { Portal } from './portal.ts';

type Parts = Pick<Portal, 'config' | 'database' | 'seal' | 'store' | 'jobs' | 'records'>;

/** `cityFolder` is city/<name>. Throws setting-invalid when the schedule does not hold. */
export function openPortalRetention(parts: Parts, cityFolder: string, effects: Effects): Promise<Retention> {
  const { config, database, seal, store, jobs, records } = parts;
  const { requests, law } = records;
  const workFolder = join(config.dataDir, 'work', 'records');
  const { publicUrl } = config;
  const own = { db: database.db, seal, store, jobs, requests, law };
  return openRetention({ ...own, cityFolder, publicUrl, workFolder }, effects);
}
