// File systems of a test's own: an ext4 image on a loop device, and a small tmpfs. Root on Linux only.
// Whatever is mounted here is unmounted when the test ends, however it ends.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../patience.ts';
import { processesOn } from './ground.ts';

export function run(command: string, ...args: readonly string[]): void {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stderr || done.error?.message}`);
}

/** false, or why this machine cannot mount: the reason a test is skipped for. */
export function whyNoMounts(kind: 'loop' | 'tmpfs'): false | string {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root, to mount a file system';
  const folder = mkdtempSync(join(tmpdir(), 'portal-mount-'));
  const place = join(folder, 'place');
  mkdirSync(place);
  try {
    const image = join(folder, 'image');
    if (kind === 'loop') makeImage(image, 16);
    const options = kind === 'loop' ? ['-o', 'loop', image, place] : ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place];
    run('mount', ...options);
    run('umount', place);
    return false;
  } catch (error) {
    const words = error instanceof Error ? error.message.trim().split('\n')[0] : String(error);
    return `this machine cannot mount a ${kind === 'loop' ? 'loop image' : 'tmpfs'}: ${words}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function makeImage(image: string, megabytes: number): void {
  run('truncate', '-s', `${megabytes}M`, image);
  run('mkfs.ext4', '-q', '-F', image);
}

export function mountImage(image: string, place: string): void {
  mkdirSync(place, { recursive: true });
  run('mount', '-o', 'loop', image, place);
}

export function mountTmpfs(place: string, megabytes: number): void {
  mkdirSync(place, { recursive: true });
  run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'tmpfs', place);
}

/** Ends whatever still runs on the place and unmounts it; does nothing when it is not mounted. */
export async function unmount(place: string): Promise<void> {
  if (!existsSync(place) || spawnSync('mountpoint', ['-q', place]).status !== 0) return;
  // Again and again: a portal that is ending may start its PostgreSQL anew meanwhile.
  await until(`nothing runs on ${place}`, () => {
    const running = processesOn(place);
    for (const { pid } of running) endProcess(pid);
    return running.length === 0;
  });
  await until(`${place} is unmounted`, () => spawnSync('umount', [place]).status === 0);
}

/** SIGKILL; it works on a stopped process too. */
export function endProcess(pid: number): void {
  signal(pid, 'SIGKILL');
}

/** A process that has ended meanwhile needs no signal. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
