// Opens public-records requests with what the portal has, each part on those before it.
// It must hold no rule; src/records does.

import { join } from 'node:path';

import type { Close } from '../base/closing.ts';
import type { Config } from '../base/config.ts';
import type { Effects } from '../base/effects.ts';
import { cityDateOf } from '../city/days.ts';
import { openArchive } from '../records/archive/archive.ts';
import type { Archive } from '../records/archive/archive.ts';
import { isPublicPage } from '../records/archive/public-page.ts';
import { openDocuments } from '../records/documents/documents.ts';
import type { Documents } from '../records/documents/documents.ts';
import { exemptionsOn } from '../records/law/exemptions.ts';
import { openRecords } from '../records/open.ts';
import { openReleases } from '../records/release/releases.ts';
import type { Releases } from '../records/release/releases.ts';
import { openRetention } from '../records/retention/retention.ts';
import type { Retention } from '../records/retention/retention.ts';
import type { Portal } from '../serve/portal.ts';
import { cityFolder } from './folders.ts';

type UnderRecords = Pick<
  Portal,
  'config' | 'city' | 'database' | 'seal' | 'store' | 'jobs' | 'mail' | 'publisher' | 'catalogue'
>;
export type RecordsParts = Pick<Portal, 'records' | 'documents' | 'retention' | 'release' | 'archive'>;

/** What public-records requests need, each part on those before it. */
export async function openRecordsParts(parts: UnderRecords, closers: Close[], effects: Effects): Promise<RecordsParts> {
  const { config, city, database, seal, store, jobs, mail, publisher, catalogue } = parts;
  const own = { db: database.db, seal, store, jobs, cityFolder: cityFolder(config) };
  const records = await openRecords({ ...own, ...recordsPlaces(config) }, effects);
  closers.push(() => records.close());
  // In the transaction that keeps the mail: both or neither.
  mail.onReply(async (tx, reply) => void (await records.takeReply(tx, reply)));
  mail.onUndelivered(records.takeUndelivered);
  const documents = await openPortalDocuments({ config, city, database, seal, jobs, store, records }, effects);
  closers.push(() => documents.close());
  const retention = await openPortalRetention({ config, database, seal, store, jobs, records }, effects);
  const release = openPortalReleases({ database, records, documents }, effects);
  const archive = await openPortalArchive({ database, records, store, jobs, publisher, catalogue }, effects);
  return { records, documents, retention, release, archive };
}

function recordsPlaces(config: Config) {
  const { publicUrl, stripe } = config;
  return { publicUrl, stripe, workFolder: join(config.dataDir, 'work', 'records') };
}

type DocumentParts = Pick<Portal, 'config' | 'city' | 'database' | 'seal' | 'jobs' | 'store' | 'records'>;

function openPortalDocuments(parts: DocumentParts, effects: Effects): Promise<Documents> {
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
      city: city.profile,
      workFolder: join(config.dataDir, 'work', 'documents'),
      maxUploadBytes: config.maxUploadBytes,
      scanner: config.clamd,
    },
    effects,
  );
}

type RetentionParts = Pick<Portal, 'config' | 'database' | 'seal' | 'store' | 'jobs' | 'records'>;

/** Throws setting-invalid when the schedule does not hold. */
function openPortalRetention(parts: RetentionParts, effects: Effects): Promise<Retention> {
  const { config, database, seal, store, jobs, records } = parts;
  const { requests, law } = records;
  const workFolder = join(config.dataDir, 'work', 'records');
  const { publicUrl } = config;
  const own = { db: database.db, seal, store, jobs, requests, law };
  return openRetention({ ...own, cityFolder: cityFolder(config), publicUrl, workFolder }, effects);
}

type ReleaseParts = Pick<Portal, 'database' | 'records' | 'documents'>;

function openPortalReleases({ database, records, documents }: ReleaseParts, effects: Effects): Releases {
  const { requests, law, desk } = records;
  return openReleases({ db: database.db, requests, documents, law, effects, letters: desk.preview, isPublicPage });
}

type ArchiveParts = Pick<Portal, 'database' | 'records' | 'store' | 'jobs' | 'publisher' | 'catalogue'>;

function openPortalArchive(parts: ArchiveParts, effects: Effects): Promise<Archive> {
  const { database, records, store, jobs, publisher, catalogue } = parts;
  return openArchive({
    db: database.db,
    requests: records.requests,
    store,
    jobs,
    publisher,
    isTaken: (id) => catalogue.view(id) !== null,
    effects,
  });
}
