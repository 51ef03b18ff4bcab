// What postmaster.pid says, and ending a PostgreSQL that an earlier portal left behind.
// It must never signal a process without having seen that it is PostgreSQL on this very folder.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';

export type Postmaster = { readonly pid: number; readonly status: string };

/** null when there is no file, or an empty or half-written one (as a power cut can leave it). */
export function readPostmaster(cluster: string): Postmaster | null {
  const path = join(cluster, 'postmaster.pid');
  if (!existsSync(path)) return null;
  const lines = readIfThere(path).split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1) return null;
  return { pid, status: (lines[7] ?? '').trim() };
}

/** Ends a server that outlived its portal, and removes a pid file that would stop the next start for nothing. */
export async function endLeftover(cluster: string, deadlineMs: number, effects: Effects): Promise<void> {
  const path = join(cluster, 'postmaster.pid');
  const found = readPostmaster(cluster);
  if (found === null || isEnded(found.pid) || !isServerOf(found.pid, cluster)) {
    rmSync(path, { force: true });
    return;
  }
  effects.observe({
    kind: 'database-taken-over',
    pid: found.pid,
    sentence:
      `PostgreSQL (process ${found.pid}) was left behind by an earlier portal; ` +
      'it is being stopped and started again.',
  });
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (isEnded(found.pid)) return;
    process.kill(found.pid, signal);
    for (let waitedMs = 0; waitedMs < deadlineMs && !isEnded(found.pid); waitedMs += 20) await wait(20);
  }
  if (!isEnded(found.pid))
    throw PortalError.beforeStart(
      'not-ready',
      `PostgreSQL (process ${found.pid}) on ${cluster} was left behind by an ` +
        'earlier portal and does not stop; end it by hand and start again.',
    );
}

export function isEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return isZombie(pid);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return true;
    if (error instanceof Error && 'code' in error && error.code === 'EPERM') return false;
    throw error;
  }
}

function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  const stat = readIfThere(`/proc/${pid}/stat`);
  return /^ [ZX]/.test(stat.slice(stat.lastIndexOf(')') + 1));
}

function isServerOf(pid: number, cluster: string): boolean {
  const command =
    process.platform === 'linux'
      ? readIfThere(`/proc/${pid}/cmdline`).split('\0').join(' ')
      : spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
  return command.includes(`-D ${cluster}`);
}

/** '' when the file went away between looking and reading. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return '';
    throw error;
  }
}
