// Opens responsive records with what the portal has. It must hold no rule; records/documents does.

import { join } from 'node:path';

import type { Effects } from '../base/effects.ts';
import { openDocuments } from '../records/documents/documents.ts';
import type { Documents } from '../records/documents/documents.ts';
import { cityDateOf } from '../city/days.ts';
import { exemptionsOn } from '../records/law/exemptions.ts';
import type { Portal } from './portal.ts';

type Parts = Pick<Portal, 'config' | 'city' | 'database' | 'seal' | 'jobs' | 'store' | 'records'>;

export function openPortalDocuments(parts: Parts, effects: Effects): Promise<Documents> {
  const { config, city, database, seal, jobs, store, records } = parts;
  const today = () => cityDateOf(effects.clock.now(), records.law().city.timeZone);
  return openDocuments(
    {
      db: database.db,
      store,
      seal,
      jobs,
      requests: records.requests,
      exemptions: () => exemptionsOn(records.law(), today()),
      city: { name: city.profile.name, language: city.profile.language },
      workFolder: join(config.dataDir, 'work', 'documents'),
      maxUploadBytes: config.maxUploadBytes,
      scanner: config.clamd,
    },
    effects,
  );
}
