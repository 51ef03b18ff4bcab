// The register of claims that allege a violation of the Public Records Act, and what each has cost.
// It must change nothing that was entered: a claim gets a new version, a wrong cost is undone by another.

import { eq, sql } from '../../db/drizzle.ts';

import { actorId, actorName } from '../../base/actor.ts';
import type { Actor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { refuseField } from '../../base/fields.ts';
import { isId, newId } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import type { Database, Queryable, Transaction } from '../../db/open.ts';
import { recordsRequests } from '../../db/tables-records.ts';
import { recordsClaimCosts, recordsClaims } from '../../db/tables-reports.ts';
import { appendAudit } from '../../people/audit.ts';
import { requirePermission } from '../../people/permissions.ts';
import { isCityDate } from '../../city/days.ts';
import type { CityDate } from '../../city/days.ts';
import { numberPattern } from '../requests/requests.ts';
import type { Span } from './year.ts';

export const claimKinds = [
  'late-response',
  'inadequate-search',
  'improper-withholding',
  'charges',
  'estimate',
  'other',
] as const;
export type ClaimKind = (typeof claimKinds)[number];

export const costKinds = ['legal-fees', 'penalty', 'requester-costs', 'settlement', 'other'] as const;
export type CostKind = (typeof costKinds)[number];

export type ClaimWords = {
  /** Number of the request that it is about; null: of none in particular. */
  readonly request: string | null;
  readonly filedOn: CityDate;
  readonly kind: ClaimKind;
  readonly exemption: string | null;
  readonly venue: string | null;
  readonly summary: string;
  readonly endedOn: CityDate | null;
  readonly outcome: string | null;
};

export type Claim = ClaimWords & { readonly id: string; readonly version: number; readonly costCents: number };

export type ClaimCost = {
  readonly year: number;
  readonly kind: CostKind;
  readonly cents: number;
  readonly source: string;
};

export type ClaimsParts = {
  readonly db: Database;
  readonly today: () => CityDate;
  /** Ids that the law knows. */
  readonly exemptions: () => readonly string[];
};

/** The latest version of each, the latest filed first. Asks no permission. */
export async function readClaims(db: Queryable, filed: Span | null): Promise<readonly Claim[]> {
  const within = filed === null ? sql`true` : sql`c.filed_on between ${filed.from}::date and ${filed.to}::date`;
  const { rows } = await db.execute<{ [name in keyof Claim]: Claim[name] }>(sql`
    select c.id, c.version, r.number as request, c.filed_on::text as "filedOn", c.kind, c.exemption, c.venue, c.summary,
      c.ended_on::text as "endedOn", c.outcome,
      (select coalesce(sum(k.cents), 0)::float8 from records_claim_costs k where k.claim_id = c.id) as "costCents"
    from (select distinct on (id) * from records_claims order by id, version desc) c
    left join records_requests r on r.id = c.request_id
    where ${within} order by c.filed_on desc, c.id`);
  return rows;
}

/** Enters a claim, or a new version of one (`seen`). Permission `report.enter`. Answers its id. */
export async function saveClaim(
  parts: ClaimsParts,
  actor: Actor,
  seen: { readonly id: string; readonly version: number } | null,
  words: ClaimWords,
  effects: Effects,
): Promise<string> {
  requirePermission(actor, 'report.enter');
  requireSoundClaim(parts, words);
  return parts.db.transaction(async (tx) => {
    const requestId = words.request === null ? null : await findRequest(tx, words.request);
    const id = seen?.id ?? newId(effects.clock);
    const version = (seen?.version ?? 0) + 1;
    if (seen !== null) await requireLatest(tx, seen);
    const { request: _request, ...own } = words;
    const by = { enteredBy: actorName(actor), enteredById: actorId(actor) };
    const row = { ...own, id, version, requestId, enteredAt: toInstant(effects.clock.now()), ...by };
    const added = await tx.insert(recordsClaims).values(row).onConflictDoNothing().returning({ id: recordsClaims.id });
    if (added.length === 0) throw new PortalError('conflict');
    const details = { version, kind: words.kind, filedOn: words.filedOn, endedOn: words.endedOn };
    await appendAudit(tx, actor, { action: 'report.enter', subject: `claim:${id}`, details }, effects);
    return id;
  });
}

/** Permission `report.enter`. A negative amount undoes an earlier one. */
export async function addClaimCost(
  parts: ClaimsParts,
  actor: Actor,
  claim: string,
  cost: ClaimCost,
  effects: Effects,
): Promise<void> {
  requirePermission(actor, 'report.enter');
  if (!Number.isInteger(cost.year) || cost.year < 2000 || cost.year > 2999) refuseField('year', say('reports.no-year'));
  if (!costKinds.includes(cost.kind)) refuseField('kind', say('reports.cost-kind'));
  if (!Number.isSafeInteger(cost.cents) || cost.cents === 0) refuseField('amount', say('reports.amount-zero'));
  if (cost.source.trim() === '') refuseField('source', say('reports.amount-source'));
  await parts.db.transaction(async (tx) => {
    await requireLatest(tx, { id: claim, version: null });
    const id = newId(effects.clock);
    const by = { enteredBy: actorName(actor), enteredById: actorId(actor) };
    await tx
      .insert(recordsClaimCosts)
      .values({ id, claimId: claim, ...cost, enteredAt: toInstant(effects.clock.now()), ...by });
    const details = { cost: cost.kind, cents: cost.cents, year: cost.year };
    await appendAudit(tx, actor, { action: 'report.enter', subject: `claim:${claim}`, details }, effects);
  });
}

/** Throws not-found, and conflict when there is a later version; null: whichever there is. */
async function requireLatest(
  tx: Transaction,
  { id, version }: { readonly id: string; readonly version: number | null },
): Promise<void> {
  const { rows } = isId(id)
    ? await tx.execute<{ latest: number | null }>(
        sql`select max(version) as latest from records_claims where id = ${id}`,
      )
    : { rows: [] };
  const latest = rows[0]?.latest ?? null;
  if (latest === null) throw new PortalError('not-found', say('reports.no-claim'));
  if (version !== null && version !== latest) throw new PortalError('conflict', { extra: { version: latest } });
}

async function findRequest(tx: Transaction, number: string): Promise<string> {
  const [row] = numberPattern.test(number)
    ? await tx.select({ id: recordsRequests.id }).from(recordsRequests).where(eq(recordsRequests.number, number))
    : [];
  if (row === undefined) refuseField('request', say('reports.no-request'));
  return row.id;
}

function requireSoundClaim({ today, exemptions }: ClaimsParts, words: ClaimWords): void {
  if (!isCityDate(words.filedOn)) refuseField('filedOn', say('reports.claim-filed-day'));
  if (words.filedOn > today()) refuseField('filedOn', say('reports.claim-to-come'));
  if (!claimKinds.includes(words.kind)) refuseField('kind', say('reports.claim-kind'));
  if (words.exemption !== null && !exemptions().includes(words.exemption)) {
    refuseField('exemption', say('reports.claim-exemption'));
  }
  if (words.summary.trim() === '') refuseField('summary', say('reports.claim-about'));
  if (words.summary.length > 4_000) refuseField('summary', say('reports.longer-than-4000'));
  if ((words.endedOn === null) !== ((words.outcome ?? '') === '')) {
    refuseField('outcome', say('reports.claim-end-both'));
  }
  if (words.endedOn === null) return;
  if (!isCityDate(words.endedOn)) refuseField('endedOn', say('reports.claim-end-day'));
  if (words.endedOn < words.filedOn || words.endedOn > today()) {
    refuseField('endedOn', say('reports.claim-end-order'));
  }
}
