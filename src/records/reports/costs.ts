// The money of a year's report: time at the rates that were entered, what was entered itself, claims, the ledger.
// It must never make an amount out of what is not known: null stays null, and so does every total that needs it.

import { sql } from '../../db/drizzle.ts';

import type { Role } from '../../base/actor.ts';
import type { Database } from '../../db/open.ts';
import type { Figures } from './figures.ts';
import type { Claim } from './claims.ts';
import type { YearlyEntry } from './yearly.ts';
import type { Span } from './year.ts';

/** Minutes logged by role. */
export type RoleTime = { readonly role: string; readonly minutes: number };

export async function readRoleTime(db: Database, { from, to }: Span): Promise<readonly RoleTime[]> {
  const { rows } = await db.execute<{ role: string; minutes: number }>(sql`
    select role, sum(minutes)::float8 as minutes from records_time
    where on_date between ${from}::date and ${to}::date group by role order by role`);
  return rows;
}

/** Null where nobody logged any time, or a role that did has no rate. */
function costOfTime(time: readonly RoleTime[], rates: YearlyEntry['rates']): number | null {
  if (time.length === 0) return null;
  const parts = time.map(({ role, minutes }) => {
    const rate = rates[role as Role];
    return rate === undefined ? null : (minutes * rate) / 60;
  });
  const total = addKnown(parts);
  return total === null ? null : Math.round(total);
}

/** Null as soon as one part is. */
function addKnown(parts: readonly (number | null)[]): number | null {
  return parts.reduce<number | null>((sum, part) => (sum === null || part === null ? null : sum + part), 0);
}

/** `handled`: requests that were open in the year or received in it. */
export function toCostFigures(time: readonly RoleTime[], entry: YearlyEntry | null, handled: number): Figures {
  const staff = entry === null ? null : costOfTime(time, entry.rates);
  const rate = entry?.overheadThousandths ?? null;
  const overhead = staff === null || rate === null ? null : Math.round((staff * rate) / 1_000);
  const amount = (name: keyof YearlyEntry['amounts']) => entry?.amounts[name] ?? null;
  const total = addKnown([staff, overhead, amount('legalReview'), amount('otherCost')]);
  const managing = {
    'manage-staff': amount('manageStaff'),
    'manage-equipment': amount('manageEquipment'),
    'manage-software': amount('manageSoftware'),
    'manage-services': amount('manageServices'),
    'manage-third-party': amount('manageThirdParty'),
  };
  return {
    'cost-staff': staff,
    'cost-overhead': overhead,
    'cost-legal': amount('legalReview'),
    'cost-other': amount('otherCost'),
    'cost-total': total,
    'cost-average': total === null || handled === 0 ? null : Math.round(total / handled),
    ...managing,
    'manage-total': addKnown(Object.values(managing)),
  };
}

/** None are reported as none only where somebody answers for it. */
export async function readClaimFigures(
  db: Database,
  year: number,
  claims: readonly Claim[],
  entry: YearlyEntry | null,
): Promise<Figures> {
  const { rows } = await db.execute<{ total: number | null; penalties: number | null; entered: number }>(sql`
    select sum(cents)::float8 as total, coalesce(sum(cents) filter (where kind = 'penalty'), 0)::float8 as penalties,
      count(*)::int as entered
    from records_claim_costs where year = ${year}`);
  const { total, penalties, entered } = rows[0]!; // an aggregate has one row
  const isCostKnown = entered > 0 || entry?.costsComplete === true;
  return {
    claims: claims.length > 0 || entry?.claimsComplete === true ? claims.length : null,
    'litigation-total': isCostKnown ? (total ?? 0) : null,
    'litigation-penalties': isCostKnown ? penalties : null,
  };
}

/**
 * What came into the tills, less what went out again and what is still the requester's own. A city whose ledger has
 * nothing in the year has recovered nothing: the ledger is the whole of it.
 */
export async function readRecovered(db: Database, { from, to }: Span): Promise<Figures> {
  const { rows } = await db.execute<{ recovered: number; customized: number }>(sql`
    with given as (
      select l.account, l.cents, e.kind, e.invoice_id
      from records_ledger_entries e join records_ledger_lines l on l.entry_id = e.id
      where e.on_date between ${from}::date and ${to}::date
    )
    select coalesce(sum(g.cents) filter (where g.account in ('cash', 'check', 'card', 'online', 'credit')), 0)::float8
        as recovered,
      coalesce(-sum(g.cents) filter (
          where i.purpose = 'customized' and g.account = 'receivable' and g.kind = 'payment'), 0)::float8
        - coalesce(sum(g.cents) filter (where g.account = 'customized' and g.kind = 'refund'), 0)::float8 as customized
    from given g left join records_invoices i on i.id = g.invoice_id`);
  return { recovered: rows[0]!.recovered, 'recovered-customized': rows[0]!.customized };
}
