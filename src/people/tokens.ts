// API tokens, and the key file of the portal's own machine: who is behind a secret.
// It must never store, log or return a token again after the answer that made it: only its SHA-256 is kept.

import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { and, asc, eq, isNull } from '../db/drizzle.ts';
import { type Actor, actorName } from '../base/actor.ts';
import { toInstant } from '../base/clock.ts';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import { isId, newId, newToken } from '../base/ids.ts';
import { makeKeyFile } from '../base/key-file.ts';
import { say } from '../base/say.ts';
import type { Database, Queryable } from '../db/open.ts';
import { apiTokens } from '../db/tables.ts';
import { appendAudit } from './audit.ts';
import { requirePermission } from './permissions.ts';

export type TokenSummary = {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly revokedAt: string | null;
  /** Exact to a minute; null: never. */
  readonly lastUsedAt: string | null;
};

const tokenPrefix = 'portal';
const longestName = 100;
/** The use of a token is written down at most so often. */
const usedEveryMs = 60_000;

/** Makes a token; its text is in this answer and nowhere else, ever. Throws metadata-invalid for an unusable name. */
export async function createToken(
  db: Database,
  actor: Actor,
  request: { readonly name: string },
  effects: Effects,
): Promise<{ readonly summary: TokenSummary; readonly token: string }> {
  requirePermission(actor, 'token.create');
  const name = request.name.trim();
  if (name === '' || name.length > longestName)
    throw new PortalError('metadata-invalid', {
      detail: say('people.token-name', { longest: longestName }),
      extra: { field: 'name' },
    });
  const token = newToken(tokenPrefix);
  const id = newId(effects.clock);
  const createdAt = toInstant(effects.clock.now());
  await db.transaction(async (tx) => {
    await tx.insert(apiTokens).values({ id, name, hash: hashOf(token), createdAt, createdBy: actorName(actor) });
    await appendAudit(tx, actor, { action: 'token.create', subject: `token:${id}`, details: { name } }, effects);
  });
  effects.observe({ kind: 'token-created', id, name, actor: actorName(actor) });
  const summary = { id, name, createdAt, createdBy: actorName(actor), revokedAt: null, lastUsedAt: null };
  return { summary, token };
}

export async function listTokens(db: Queryable, actor: Actor): Promise<readonly TokenSummary[]> {
  requirePermission(actor, 'token.list');
  const rows = await db.select().from(apiTokens).orderBy(asc(apiTokens.id));
  return rows.map(({ id, name, createdAt, createdBy, revokedAt, lastUsedAt }) => ({
    id,
    name,
    createdAt,
    createdBy,
    revokedAt,
    lastUsedAt,
  }));
}

/** From the next request on the token is nobody's. Throws not-found when there is no such live token. */
export async function revokeToken(db: Database, actor: Actor, id: string, effects: Effects): Promise<void> {
  requirePermission(actor, 'token.revoke');
  const revokedAt = toInstant(effects.clock.now());
  await db.transaction(async (tx) => {
    const revoked = isId(id)
      ? await tx
          .update(apiTokens)
          .set({ revokedAt })
          .where(and(eq(apiTokens.id, id), isNull(apiTokens.revokedAt)))
          .returning({ id: apiTokens.id })
      : [];
    if (revoked.length === 0) throw new PortalError('not-found', say('people.no-token'));
    await appendAudit(tx, actor, { action: 'token.revoke', subject: `token:${id}`, details: {} }, effects);
  });
  effects.observe({ kind: 'token-revoked', id, actor: actorName(actor) });
}

/** Who is behind a secret: the machine's own key, a live token, or null. Equal work for right and wrong ones. */
export async function actorFromToken(
  db: Queryable,
  machineKey: string,
  token: string,
  { clock }: Pick<Effects, 'clock'>,
): Promise<Actor | null> {
  const hash = hashOf(token);
  if (timingSafeEqual(hash, hashOf(machineKey))) return { kind: 'machine', name: 'portal machine' };
  const [found] = await db
    .select({ id: apiTokens.id, name: apiTokens.name, lastUsedAt: apiTokens.lastUsedAt })
    .from(apiTokens)
    .where(and(eq(apiTokens.hash, hash), isNull(apiTokens.revokedAt)));
  if (found === undefined) return null;
  const { id, name, lastUsedAt } = found;
  if (lastUsedAt === null || clock.now() - Date.parse(lastUsedAt) >= usedEveryMs) {
    await db
      .update(apiTokens)
      .set({ lastUsedAt: toInstant(clock.now()) })
      .where(eq(apiTokens.id, id));
  }
  return { kind: 'token', id, name };
}

/** The key of this machine, made on the first start; whoever can read the file (mode 0600) is the machine. */
export async function requireMachineKey(dataDir: string): Promise<string> {
  await makeKeyFile(machineKeyPath(dataDir), newToken(`${tokenPrefix}_machine`));
  return readMachineKey(dataDir);
}

/** Reads the key as the command line does. Throws unauthorized with the mend when it is not there or not readable. */
export async function readMachineKey(dataDir: string): Promise<string> {
  const path = machineKeyPath(dataDir);
  try {
    const key = (await readFile(path, 'utf8')).trim();
    if (key.length >= 43) return key;
    throw new PortalError('unauthorized', say('people.machine-key-empty', { path }));
  } catch (error) {
    if (error instanceof PortalError) throw error;
    throw new PortalError('unauthorized', {
      detail: say('people.machine-key-unreadable', { path }),
      cause: error,
    });
  }
}

function machineKeyPath(dataDir: string): string {
  return join(dataDir, 'machine.key');
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest();
}
