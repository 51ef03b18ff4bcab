// Which keys have sealed something in this database, by their fingerprints.
// It must notice a key that is missing or mistaken before anything is sealed; it never holds a key itself.

import { fingerprintOf } from '../base/seal-key.ts';
import type { SealKey } from '../base/seal.ts';
import { toInstant } from '../base/clock.ts';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import type { Database } from './open.ts';
import { sealKeys } from './tables-mail.ts';

/**
 * Notes the keys of the key file. A key that sealed here before and is not in the file is told as an error, and the
 * portal goes on with what is public. Throws setting-invalid when the file has another key under the same number.
 */
export async function noteSealKeys(db: Database, keys: readonly SealKey[], effects: Effects): Promise<void> {
  const known = new Map((await db.select().from(sealKeys)).map(({ id, fingerprint }) => [id, fingerprint]));
  for (const key of keys) {
    const before = known.get(key.id);
    if (before !== undefined && before !== fingerprintOf(key)) {
      throw new PortalError('setting-invalid', {
        detail:
          `Key ${key.id} of the key file is not the one that sealed personal details in this database. ` +
          'Put the file back that belongs to it; see docs/mail.md.',
        extra: { setting: 'RECORDS_KEY_FILE' },
      });
    }
  }
  const given = new Set(keys.map(({ id }) => id));
  for (const id of known.keys()) if (!given.has(id)) effects.observe({ kind: 'seal-key-missing', id });
  const firstUsedAt = toInstant(effects.clock.now());
  const rows = keys.map((key) => ({ id: key.id, fingerprint: fingerprintOf(key), firstUsedAt }));
  await db.insert(sealKeys).values(rows).onConflictDoNothing({ target: sealKeys.id });
}
