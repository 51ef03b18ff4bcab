// The settings under which a publish is killed: the same for the process that dies and for the one that looks
// afterwards.

import type { Environment } from '../../src/base/config.ts';

export function crashSettings(dataDir: string, databaseUrl: string): Environment {
  return {
    DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl,
    DATABASE_POOL_SIZE: '3',
    QUERY_WORKERS: '1',
    QUERY_MEMORY_MB: '128',
    SAMPLE: 'off',
  };
}
