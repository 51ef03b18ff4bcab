// What the command line does on this machine itself: serve, start a private portal, restore a backup.
// It is loaded only when a command needs it: it brings the whole portal with it.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../base/config.ts';
import { restorePortal } from '../catalogue/restore.ts';
import { servePortal, startPortal } from '../main.ts';
import { openTerminalLog } from './terminal-log.ts';
import { openPortal } from '../open/portal.ts';
import { openLog } from '../serve/http/log.ts';
import { CommandError } from './exit.ts';
import type { OnProgress } from './http-client.ts';
import type { RestoreAnswer } from './restore-command.ts';

export function serve(config: Config): Promise<void> {
  // Where a person is at the terminal, sentences; JSON for whatever else reads it.
  const isPlain = config.logFormat === 'plain' || (config.logFormat === 'auto' && process.stdout.isTTY);
  const log = isPlain ? openTerminalLog(config.logLevel, process.stdout) : openLog(config.logLevel);
  return servePortal(config, { log, isPlain });
}

/** A portal without pages on a free port of the loopback address. What it logs goes to standard error. */
export async function startPrivate(config: Config): Promise<{ readonly url: string; close(): Promise<void> }> {
  const own = { ...config, host: '127.0.0.1', port: 0, allowedHosts: null, sample: false };
  return startPortal(own, { web: false, background: false, log: openLog('error', process.stderr) });
}

/**
 * Opens an empty DATA_DIR, fills it, and closes it. Throws not-found when there is no such folder, and what
 * restorePortal throws.
 */
export async function restore(config: Config, folder: string, onProgress: OnProgress): Promise<RestoreAnswer> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new CommandError('not-found', 'not-found', `There is no folder ${folder}.`);
    throw error;
  });
  if (!found.isDirectory()) throw new CommandError('failed', 'file-unreadable', `${folder} is not a folder.`);
  const { portal, close } = await openPortal({ ...config, sample: false }, openLog('error', process.stderr));
  try {
    const actor = { kind: 'machine', name: 'portal restore' } as const;
    const from = { folder, workDir: join(config.dataDir, 'work', 'restore') };
    const tell = ({ done, total }: { readonly done: number; readonly total: number }): void =>
      onProgress({ step: 'restore', done, total });
    const holdings = { db: portal.database.db, store: portal.store };
    const manifest = await restorePortal(holdings, actor, from, tell, portal.effects);
    const files = [...manifest.tables, ...manifest.blobs];
    return { files: files.length, bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
  } finally {
    await close();
  }
}
