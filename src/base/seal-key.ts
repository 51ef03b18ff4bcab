// The file of keys that seal personal details: made on the first start, or wherever RECORDS_KEY_FILE says.
// It must never change or replace a key that is there: what was sealed with it would be lost.

import { createHash, randomBytes, randomInt } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { PortalError } from './errors.ts';
import { makeKeyFile } from './key-file.ts';
import { keyBytes } from './seal.ts';
import type { SealKey } from './seal.ts';

const lineShape = /^(\d{1,3}) ([A-Za-z0-9_-]{43})$/u;

/** Reads the keys, oldest first. Without a `keyFile` of the city's own, the first start makes `records.key`. */
export async function requireSealKeys(dataDir: string, keyFile: string | null): Promise<readonly SealKey[]> {
  if (keyFile !== null) return readSealKeys(keyFile);
  const path = sealKeyPath(dataDir);
  // A number by chance: two key files that meet in one after a restore hardly ever have the same.
  await makeKeyFile(path, `${randomInt(1, 256)} ${randomBytes(keyBytes).toString('base64url')}`);
  return readSealKeys(path);
}

export function sealKeyPath(dataDir: string): string {
  return join(dataDir, 'records.key');
}

/** Tells one key from another without telling the key. */
export function fingerprintOf(key: SealKey): string {
  return createHash('sha256').update('portal seal fingerprint\0').update(key.key).digest('hex').slice(0, 32);
}

/** Lines of `number key`, the key as 43 characters of base64url; the last line seals. Throws setting-invalid. */
export async function readSealKeys(path: string): Promise<readonly SealKey[]> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) throw unusable(path, 'others than its owner may read it: set its mode to 0600');
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof PortalError) throw error;
    throw unusable(path, error instanceof Error ? error.message : String(error), error);
  }
  const keys = text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const found = lineShape.exec(line.trim());
    const id = Number(found?.[1]);
    if (found === null || id < 1 || id > 255) throw unusable(path, `line ${index + 1} is not a number and a key`);
    return [{ id, key: Buffer.from(found[2]!, 'base64url') }];
  });
  if (keys.length === 0) throw unusable(path, 'it holds no key');
  if (new Set(keys.map(({ id }) => id)).size !== keys.length) throw unusable(path, 'two lines have the same number');
  return keys;
}

function unusable(path: string, why: string, cause?: unknown): PortalError {
  return new PortalError('setting-invalid', {
    detail: `The file of sealing keys ${path} cannot be used: ${why}. See docs/mail.md.`,
    extra: { setting: 'RECORDS_KEY_FILE' },
    cause,
  });
}
