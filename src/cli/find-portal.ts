// Which portal a command works through: the one PORTAL_URL names, the one that runs on DATA_DIR, or a private one.
// The key of this machine is only ever sent to the portal that runs on this DATA_DIR.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientConfig, Config } from '../base/config.ts';
import { CommandError } from './exit.ts';
import { openHttpClient, type HttpClient } from './http-client.ts';

export type FoundPortal = { readonly client: HttpClient; readonly how: 'named' | 'running' | 'private' };

/** Starts a portal that only this process uses, on a free port of the loopback address. */
export type StartPrivatePortal = (config: Config) => Promise<{ readonly url: string; close(): Promise<void> }>;

type RunningPortal = { readonly pid: number; readonly url: string };

async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new CommandError('failed', 'file-unreadable', `${path} cannot be read: ${(error as Error).message}.`);
  }
}

/** Signal 0 asks whether a process lives; EPERM means that it lives and is somebody else's. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** What DATA_DIR/server.json says, when the process it names is alive. */
export async function readRunningPortal(dataDir: string): Promise<RunningPortal | null> {
  const text = await readIfPresent(join(dataDir, 'server.json'));
  if (text === null) return null;
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null || !('pid' in parsed) || !('url' in parsed)) return null;
  const { pid, url } = parsed;
  if (typeof pid !== 'number' || typeof url !== 'string' || !isAlive(pid)) return null;
  return { pid, url };
}

async function readMachineKey(dataDir: string): Promise<string | null> {
  return (await readIfPresent(join(dataDir, 'machine.key')))?.trim() ?? null;
}

/** True when a portal is named or runs on DATA_DIR, so that none has to be started. */
export async function isPortalNear(config: Config, asker: ClientConfig): Promise<boolean> {
  return asker.portalUrl !== null || (await readRunningPortal(config.dataDir)) !== null;
}

/** Runs `work` with a client of the right portal, and stops a private one afterwards. */
export async function withPortal<T>(
  config: Config,
  asker: ClientConfig,
  startPrivate: StartPrivatePortal,
  work: (portal: FoundPortal) => Promise<T>,
): Promise<T> {
  const running = await readRunningPortal(config.dataDir);
  if (asker.portalUrl !== null && asker.portalUrl !== running?.url) {
    return work({ client: openHttpClient(asker.portalUrl, asker.token), how: 'named' });
  }
  if (running !== null) {
    const token = asker.token ?? (await readMachineKey(config.dataDir));
    return work({ client: openHttpClient(running.url, token), how: 'running' });
  }
  const started = await startPrivate(config);
  try {
    const token = asker.token ?? (await readMachineKey(config.dataDir));
    return await work({ client: openHttpClient(started.url, token), how: 'private' });
  } finally {
    await started.close();
  }
}
