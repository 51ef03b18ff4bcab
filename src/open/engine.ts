// Opens the query engine with what the configuration allows it, and tells of it what an operator wants to know.
// It must hold no rule of queries; src/engine does.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Config } from '../base/config.ts';
import type { Effects } from '../base/effects.ts';
import type { Engine } from '../engine/engine.ts';
import type { EngineEvent } from '../engine/options.ts';
import { openEngine } from '../engine/pool.ts';

export async function openQueryEngine(config: Config, effects: Effects): Promise<Engine> {
  const tempFolder = join(config.dataDir, 'work', 'engine');
  await mkdir(tempFolder, { recursive: true });
  return openEngine(
    {
      tempFolder,
      workers: config.queryWorkers,
      workerMemoryLimit: `${Math.round(config.queryMemoryBytes / 1024 / 1024)}MB`,
      observe: (event) => observeEngine(event, effects),
    },
    effects,
  );
}

function observeEngine(event: EngineEvent, effects: Effects): void {
  switch (event.kind) {
    case 'worker-started':
      effects.observe({ kind: 'worker-started', pid: event.pid });
      return;
    case 'worker-ended':
      if (event.code === 0 || (event.words === '' && !event.killedByWatchdog)) return;
      effects.observe({ kind: 'worker-ended', pid: event.pid, reason: event.words });
      return;
    case 'file-checked':
    case 'query-ended':
      return;
  }
}
