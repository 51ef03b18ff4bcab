// What a year's report needs and no request tells: rates, overhead, costs, whether the register of claims is complete.
// It must never take an empty field for zero: what was not given is null and reads "not specified".

import { desc, eq } from '../../db/drizzle.ts';

import { actorId, actorName, roles } from '../../base/actor.ts';
import type { Actor, Role } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { refuseField } from '../../base/fields.ts';
import { say } from '../../base/say.ts';
import type { Database } from '../../db/open.ts';
import { recordsYearlyEntries } from '../../db/tables-reports.ts';
import { appendAudit } from '../../people/audit.ts';
import { permissions, requirePermission } from '../../people/permissions.ts';

/** Amounts in cents, in the order of the form. */
export const yearlyAmounts = [
  'priorCost',
  'legalReview',
  'otherCost',
  'manageStaff',
  'manageEquipment',
  'manageSoftware',
  'manageServices',
  'manageThirdParty',
] as const;
export type YearlyAmount = (typeof yearlyAmounts)[number];

export const reportingStatuses = ['required', 'voluntary', 'below-threshold'] as const;
export type ReportingStatus = (typeof reportingStatuses)[number];

/** Roles that may log time: each may have a rate. */
export const ratedRoles: readonly Role[] = roles.filter((role) =>
  (permissions['request.log-time'] as readonly string[]).includes(role),
);

export type YearlyEntry = {
  readonly amounts: Readonly<Record<YearlyAmount, number | null>>;
  /** Cents for an hour, by role. */
  readonly rates: Readonly<Partial<Record<Role, number>>>;
  /** Thousandths of the staff's pay: 125 is 12.5 %. */
  readonly overheadThousandths: number | null;
  /** The records officer says that every claim of the year is in the register, and every cost. */
  readonly claimsComplete: boolean;
  readonly costsComplete: boolean;
  readonly status: ReportingStatus | null;
  readonly customizedDescription: string | null;
  readonly comments: string | null;
  /** Where the figures come from. */
  readonly source: string;
};

export type KeptEntry = YearlyEntry & {
  readonly version: number;
  readonly enteredAt: string;
  readonly enteredBy: string;
};

export const emptyEntry: YearlyEntry = {
  amounts: Object.fromEntries(yearlyAmounts.map((name) => [name, null])) as Record<YearlyAmount, null>,
  rates: {},
  overheadThousandths: null,
  claimsComplete: false,
  costsComplete: false,
  status: null,
  customizedDescription: null,
  comments: null,
  source: '',
};

const mostCents = 100_000_000_000;
const longestText = 4_000;

/** The latest version; null when nothing was entered for the year. Asks no permission. */
export async function readYearly(db: Database, year: number): Promise<KeptEntry | null> {
  const [row] = await db
    .select()
    .from(recordsYearlyEntries)
    .where(eq(recordsYearlyEntries.year, year))
    .orderBy(desc(recordsYearlyEntries.version))
    .limit(1);
  if (row === undefined) return null;
  const { version, enteredAt, enteredBy } = row;
  return { ...(row.entry as YearlyEntry), version, enteredAt, enteredBy }; // as saveYearly wrote it
}

/** What is entered for a year, by whoever has seen the version `seen` of it (0: none). */
type NewEntry = { readonly year: number; readonly seen: number; readonly entry: YearlyEntry };

/**
 * A new version on top of the one that was seen. Permission `report.enter`. Throws conflict, form-invalid.
 */
export async function saveYearly(
  db: Database,
  actor: Actor,
  { year, seen, entry }: NewEntry,
  effects: Effects,
): Promise<void> {
  requirePermission(actor, 'report.enter');
  requireSound(year, entry);
  await db.transaction(async (tx) => {
    const row = { year, version: seen + 1, entry, enteredAt: toInstant(effects.clock.now()) };
    const latest = await tx
      .select({ version: recordsYearlyEntries.version })
      .from(recordsYearlyEntries)
      .where(eq(recordsYearlyEntries.year, year))
      .orderBy(desc(recordsYearlyEntries.version))
      .limit(1);
    const added =
      (latest[0]?.version ?? 0) === seen
        ? await tx
            .insert(recordsYearlyEntries)
            .values({ ...row, enteredBy: actorName(actor), enteredById: actorId(actor) })
            .onConflictDoNothing()
            .returning({ version: recordsYearlyEntries.version })
        : [];
    if (added.length === 0) throw new PortalError('conflict', { extra: { version: latest[0]?.version ?? 0 } });
    const details = { version: seen + 1 };
    await appendAudit(tx, actor, { action: 'report.enter', subject: `report:${year}`, details }, effects);
  });
}

function requireSound(year: number, entry: YearlyEntry): void {
  if (!Number.isInteger(year) || year < 2000 || year > 2999) refuseField('year', say('reports.no-report-year'));
  const isAmount = (cents: number) => Number.isSafeInteger(cents) && cents >= 0 && cents <= mostCents;
  for (const name of yearlyAmounts) {
    const cents = entry.amounts[name];
    if (cents !== null && !isAmount(cents)) refuseField(name, say('reports.amount-shape'));
  }
  for (const [role, cents] of Object.entries(entry.rates)) {
    if (!(ratedRoles as readonly string[]).includes(role)) refuseField('rates', say('reports.role-no-time'));
    if (!isAmount(cents) || cents === 0) refuseField(`rate-${role}`, say('reports.rate-shape'));
  }
  const overhead = entry.overheadThousandths;
  if (overhead !== null && (!Number.isInteger(overhead) || overhead < 0 || overhead > 10_000)) {
    refuseField('overhead', say('reports.overhead-shape'));
  }
  for (const name of ['customizedDescription', 'comments', 'source'] as const) {
    if ((entry[name] ?? '').length > longestText) refuseField(name, say('desk.longer-than', { longest: longestText }));
  }
  if (entry.source.trim() === '') refuseField('source', say('reports.figures-source'));
}
