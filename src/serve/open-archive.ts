// Opens releases and the public archive with what the portal has. It must hold no rule; src/records does.

import type { Effects } from '../base/effects.ts';
import { openArchive } from '../records/archive/archive.ts';
import type { Archive } from '../records/archive/archive.ts';
import { isPublicPage } from '../records/archive/public-page.ts';
import { openReleases } from '../records/release/releases.ts';
import type { Releases } from '../records/release/releases.ts';
import type { Portal } from './portal.ts';

type ReleaseParts = Pick<Portal, 'database' | 'records' | 'documents'>;

export function openPortalReleases({ database, records, documents }: ReleaseParts, effects: Effects): Releases {
  const { requests, law, work } = records;
  return openReleases({ db: database.db, requests, documents, law, effects, letters: work.preview, isPublicPage });
}

type ArchiveParts = Pick<Portal, 'database' | 'records' | 'store' | 'jobs' | 'publisher' | 'catalogue'>;

export function openPortalArchive(parts: ArchiveParts, effects: Effects): Promise<Archive> {
  const { database, records, store, jobs, publisher, catalogue } = parts;
  return openArchive({
    db: database.db,
    requests: records.requests,
    store,
    jobs,
    publisher,
    existing(id) {
      const dataset = catalogue.view(id);
      return dataset === null ? null : { source: dataset.metadata.source, revision: dataset.current.id };
    },
    effects,
  });
}
