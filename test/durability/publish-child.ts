// A process that publishes one file on DATA_DIR and ends itself with SIGKILL at the k-th step, as a crash would.
// Arguments: the folder, the database's address, the file, k. It writes each step's name before it may die there.

import { createReadStream, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openPortal } from '../../src/open/portal.ts';
import { readConfig } from '../../src/base/config.ts';
import { deriveMissing } from '../../src/publish/derive.ts';
import { publishFile, type PublishDeps } from '../../src/publish/publisher.ts';
import { openLog } from '../../src/serve/http/log.ts';
import { crashSettings } from './crash-settings.ts';

const [dataDir = '', databaseUrl = '', file = '', killAt = ''] = process.argv.slice(2);
let steps = 0;

function step(name: string): void {
  steps += 1;
  writeSync(1, `${name}\n`);
  if (steps === Number(killAt)) process.kill(process.pid, 'SIGKILL');
}

const { portal, close } = await openPortal(readConfig(crashSettings(dataDir, databaseUrl)), openLog('silent'));
const { engine, store, catalogue, jobs, config, effects } = portal;
const deps: PublishDeps = {
  engine,
  store,
  catalogue,
  jobs,
  workFolder: join(dataDir, 'work', 'publish'),
  maxUploadBytes: config.maxUploadBytes,
};
await publishFile(
  deps,
  {
    actor: { kind: 'machine', name: 'child' },
    id: 'trees',
    department: { id: 'planning', name: 'Planning' },
    metadata: null,
    note: null,
    upload: { bytes: createReadStream(file), name: 'trees.csv' },
  },
  { ...effects, step },
);
let adopted = 0;
await deriveMissing(
  {
    ...deps,
    store: {
      ...store,
      async adopt(path) {
        const blob = await store.adopt(path);
        adopted += 1;
        if (adopted === 1) step('first-download-stored');
        return blob;
      },
    },
    catalogue: {
      ...catalogue,
      async setDerived(...given) {
        step('downloads-stored');
        await catalogue.setDerived(...given);
        step('downloads-recorded');
      },
    },
  },
  undefined,
  effects,
);
await close();
