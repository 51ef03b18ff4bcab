// A file that holds a secret of this machine, made once: whole or not at all, for its owner's eyes alone.
// It must never replace one that is there.

import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Written beside, synced and linked: a start that is killed leaves a whole key or none. One that is there stays. */
export async function makeKeyFile(path: string, line: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const part = `${path}.${randomBytes(8).toString('hex')}.part`;
  const file = await open(part, 'w', 0o600);
  try {
    await file.writeFile(`${line}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(part, path); // fails when there is a key already: that one stays
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await rm(part);
  }
  await chmod(path, 0o600);
  const opened = await open(folder, 'r');
  try {
    await opened.sync(); // a key that a power cut forgets would take what it sealed along
  } finally {
    await opened.close();
  }
}
