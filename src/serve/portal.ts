// The one object of dependencies that every plugin, route and page is handed.
// It must not do anything: src/open opens the parts, this file only names them.

import type { Config } from '../base/config.ts';
import type { Effects } from '../base/effects.ts';
import type { Seal } from '../base/seal.ts';
import type { Catalogue } from '../catalogue/datasets.ts';
import type { OpenedDatabase } from '../db/open.ts';
import type { Engine } from '../engine/engine.ts';
import type { People } from '../people/people.ts';
import type { Jobs } from '../jobs/job.ts';
import type { Mail } from '../mail/mail.ts';
import type { Publisher } from '../publish/publisher.ts';
import type { Archive } from '../records/archive/archive.ts';
import type { Documents } from '../records/documents/documents.ts';
import type { Records } from '../records/open.ts';
import type { Retention } from '../records/retention/retention.ts';
import type { Releases } from '../records/release/releases.ts';
import type { StoreHealth } from '../store/health.ts';
import type { BlobStore } from '../store/store.ts';
import type { AskingGate } from './asking-gate.ts';
import type { AnswerCache } from './read/cache.ts';
import type { City } from '../city/city.ts';
import type { ClientGate } from './read/gate.ts';
import type { HotAnswers } from './read/hot.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Log } from './http/log.ts';
import type { Metrics } from './metrics.ts';
import type { RequestIds } from './http/request-ids.ts';

export type Portal = {
  readonly config: Config;
  /** Of the package, for /health and metadata. */
  readonly version: string;
  readonly city: City;
  readonly database: OpenedDatabase;
  /** Whoever sends it is this machine. */
  readonly machineKey: string;
  /** Seals what is personal, with keys outside the database. */
  readonly seal: Seal;
  /** Durable jobs; begun when the portal is ready. */
  readonly jobs: Jobs;
  /** Letters out, answers in. */
  readonly mail: Mail;
  /** Accounts of the staff. */
  readonly people: People;
  readonly store: BlobStore;
  readonly storeHealth: StoreHealth;
  readonly engine: Engine;
  readonly catalogue: Catalogue;
  readonly publisher: Publisher;
  /** Public-records requests. */
  readonly records: Records;
  /** Responsive records: uploads, redaction, renditions. */
  readonly documents: Documents;
  /** Installments, their files, their claims. */
  readonly release: Releases;
  /** Public pages of requests, published records, drafts of datasets. */
  readonly archive: Archive;
  /** Schedules, holds, destruction, expiry. */
  readonly retention: Retention;
  readonly askingGate: AskingGate;
  readonly cache: AnswerCache;
  readonly hot: HotAnswers;
  readonly gate: ClientGate;
  readonly lifecycle: Lifecycle;
  readonly metrics: Metrics;
  readonly requestIds: RequestIds;
  readonly log: Log;
  readonly effects: Effects;
};
