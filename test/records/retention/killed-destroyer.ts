// A process that destroys what was approved, says so when the first stored file is to go, and waits there to be killed.
// Run by destruction-killed.test.ts: database address, id of the destruction, folder of the store, work folder.

import { randomBytes } from 'node:crypto';

import { drizzle } from '../../../src/db/drizzle.ts';
import pg from 'pg';

import { quietEffects } from '../../../src/base/effects.ts';
import { openSeal } from '../../../src/base/seal.ts';
import { openRequests } from '../../../src/records/requests/requests.ts';
import { readLaw } from '../../../src/records/law/law-files.ts';
import { runDestruction } from '../../../src/records/retention/destroy.ts';
import { openStore } from '../../../src/store/open.ts';
import { cityFolder } from '../records.ts';

const [url = '', id = '', blobs = '', workFolder = ''] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url });
const db = drizzle(pool);
const seal = openSeal(randomBytes(32)); // correspondence is destroyed without being opened
const law = await readLaw(cityFolder);
const store = await openStore({ blobs: { kind: 'folder', path: blobs } }, quietEffects);
const requests = openRequests({ db, seal, law: () => law, publicUrl: 'http://localhost:8080' }, quietEffects);
const forever = setInterval(() => undefined, 1_000);
const parts = {
  db,
  seal,
  requests,
  workFolder,
  city: { name: 'City', language: 'en' },
  today: () => '2028-03-10',
  store: {
    ...store,
    remove: async (): Promise<void> => {
      process.stdout.write('removing\n');
      await new Promise<never>(() => undefined);
    },
  },
};
await runDestruction(parts, id, new AbortController().signal, quietEffects);
clearInterval(forever);
