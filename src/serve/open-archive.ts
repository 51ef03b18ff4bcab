// Opens releases and the public archive with what the portal has. It must hold no rule; src/records does.

import type { Effects } from '../base/effects.ts';
import { isPublicPage } from '../records/archive/public-page.ts';
import { openReleases } from '../records/release/releases.ts';
import type { Releases } from '../records/release/releases.ts';
import type { Portal } from './portal.ts';

type Parts = Pick<Portal, 'database' | 'records' | 'documents'>;

export function openPortalReleases({ database, records, documents }: Parts, effects: Effects): Releases {
  const { requests, law, work } = records;
  return openReleases({ db: database.db, requests, documents, law, effects, letters: work.preview, isPublicPage });
}
