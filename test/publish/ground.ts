// What the publishing tests stand on: a real engine's build sessions, work folders, and files made on the spot.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/pool.ts';

export async function workFolder(t: Pick<TestContext, 'after'>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'portal-publish-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function openTestEngine(folder: string): Promise<Engine> {
  return await openEngine({ tempFolder: join(folder, 'engine'), workers: 1, extraWorkers: 0 }, { clock: systemClock });
}

export async function writeInput(folder: string, name: string, bytes: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}
