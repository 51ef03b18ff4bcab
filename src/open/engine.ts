// Opens the query engine with what the configuration allows it, and tells of it what an operator wants to know.
// It must hold no rule of queries; src/engine does.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Config } from '../base/config.ts';
import type { Effects } from '../base/effects.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { PortalEvent } from '../base/events.ts';
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
      observe: (event) => {
        const told = toPortalEvent(event);
        if (told !== null) effects.observe(told);
      },
    },
    effects,
  );
}

/** A limit ended the query, not the client and no fault of the query's own. */
const stopped: readonly string[] = ['deadline-exceeded', 'answer-too-large'] satisfies readonly ErrorCode[];

/** What the log is told of it; null: nothing. */
export function toPortalEvent(event: EngineEvent): PortalEvent | null {
  switch (event.kind) {
    case 'worker-started':
      return { kind: 'worker-started', pid: event.pid };
    case 'worker-ended': {
      const { pid, code, words, killedByWatchdog } = event;
      if (code === 0 || (words === '' && !killedByWatchdog)) return null;
      return { kind: 'worker-ended', pid, reason: words === '' ? 'its query did not stop when it was told to' : words };
    }
    case 'query-ended': {
      const { outcome: code, waitedMs, workedMs } = event;
      return stopped.includes(code) ? { kind: 'query-stopped', code, waitedMs, workedMs } : null;
    }
    case 'file-checked':
      return null;
  }
}
