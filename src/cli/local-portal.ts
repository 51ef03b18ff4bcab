// What the command line does on this machine itself: serve, start a private portal, restore a backup.
// It is loaded only when a command needs it: it brings the whole portal with it.

import type { Config } from '../base/config.ts';
import { servePortal, startPortal } from '../main.ts';
import { openLog } from '../serve/log.ts';
import type { OnProgress } from './http-client.ts';
import type { RestoreAnswer } from './restore-command.ts';

export function serve(config: Config): Promise<void> {
  return servePortal(config);
}

/** A portal without pages on a free port of the loopback address. What it logs goes to standard error. */
export async function startPrivate(config: Config): Promise<{ readonly url: string; close(): Promise<void> }> {
  const own = { ...config, host: '127.0.0.1', port: 0, allowedHosts: null, sample: false };
  return startPortal(own, { web: false, background: false, log: openLog('error', process.stderr) });
}
