// The log that every agency keeps (RCW 40.14.026(4)): each request, what was produced, what was withheld and why.
// It must open nobody's identity but where it was asked for by somebody who may, with an audit event.

import { sql } from '../../db/drizzle.ts';
import type { SQL } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Seal } from '../../base/seal.ts';
import type { Database } from '../../db/open.ts';
import { appendAudit } from '../../people/audit.ts';
import { requirePermission } from '../../people/permissions.ts';
import { isCityDate } from '../../city/days.ts';
import type { CityDate } from '../../city/days.ts';
import { openRequester } from '../requests/requesters.ts';
import type { Requester, Withholding } from '../requests/request.ts';
import { numberPattern } from '../requests/requests.ts';
import { toCsvLine } from './csv.ts';

export type LogFilter = {
  readonly from: CityDate | null; // received
  readonly to: CityDate | null;
  readonly department: string | null;
  readonly state: 'open' | 'closed' | null;
  readonly withheld: boolean;
};

export const wholeLog: LogFilter = { from: null, to: null, department: null, state: null, withheld: false };

export type Produced = {
  readonly onDate: CityDate;
  readonly kind: 'provided' | 'linked' | 'released';
  readonly installment: number | null;
  readonly files: number | null;
  readonly pages: number | null;
  readonly links: readonly string[];
};

export type LogEntry = {
  readonly number: string;
  readonly receivedOn: CityDate;
  /** The original; never changed. */
  readonly text: string;
  /** What the public sees instead, where the staff decided so. */
  readonly shownText: string | null;
  readonly produced: readonly Produced[];
  readonly withheld: readonly Withholding[];
  readonly disposedOn: CityDate | null;
  readonly outcome: string | null;
  readonly outcomeReason: string | null;
  readonly department: string | null;
  /** Whether anybody said who they are: provided, anonymous, or expired on a day. */
  readonly identity: 'provided' | 'anonymous' | 'expired';
  /** Opened only where it was asked for. */
  readonly requester: Requester | null;
};

export type LogPage = { readonly entries: readonly LogEntry[]; readonly total: number; readonly next: string | null };

export type LogParts = { readonly db: Database; readonly seal: Seal };

type LogRow = Omit<LogEntry, 'requester'> & { readonly id: string; readonly sealed: Buffer | null };

/** Throws bad-request for a date that is none. */
function requireLogFilter(filter: LogFilter): void {
  for (const date of [filter.from, filter.to]) {
    if (date !== null && !isCityDate(date)) throw new PortalError('bad-request', say('reports.date-shape'));
  }
}

/**
 * By number, the earliest first. Permission `report.read`; identities besides with `request.see-requester`, audited.
 */
export async function readLog(
  parts: LogParts,
  actor: Actor,
  filter: LogFilter,
  page: { readonly after: string | null; readonly limit: number; readonly identities: boolean },
  effects: Effects,
): Promise<LogPage> {
  requirePermission(actor, 'report.read');
  if (page.identities) requirePermission(actor, 'request.see-requester');
  requireLogFilter(filter);
  if (page.after !== null && !numberPattern.test(page.after)) throw new PortalError('bad-cursor');
  const where = toCondition(filter);
  const [rows, total] = await Promise.all([
    readRows(parts.db, where, page.after, page.limit + 1),
    countRows(parts.db, where),
  ]);
  const shown = rows.slice(0, page.limit);
  if (page.identities) await auditIdentities(parts, actor, shown, effects);
  return {
    entries: shown.map((row) => toEntry(parts, row, page.identities)),
    total,
    next: rows.length > page.limit ? (shown.at(-1)?.number ?? null) : null,
  };
}

/** One event for the page: which requests, from the first number to the last. */
async function auditIdentities(
  parts: LogParts,
  actor: Actor,
  rows: readonly LogRow[],
  effects: Effects,
): Promise<void> {
  const opened = rows.filter(({ sealed }) => sealed !== null);
  const [first, last] = [opened[0], opened.at(-1)];
  if (first === undefined || last === undefined) return;
  const details = { from: first.number, to: last.number, opened: opened.length };
  const event = { action: 'request.see-requester', subject: 'log', details } as const;
  await parts.db.transaction((tx) => appendAudit(tx, actor, event, effects));
}

const csvRowsAtOnce = 500;

/** The log without identities, for public disclosure: whole, in pieces. Permission `report.read`, asked at once. */
export function logCsv(parts: LogParts, actor: Actor, filter: LogFilter): AsyncGenerator<string> {
  requirePermission(actor, 'report.read');
  requireLogFilter(filter);
  return csvPieces(parts, toCondition(filter));
}

async function* csvPieces(parts: LogParts, where: SQL): AsyncGenerator<string> {
  yield toCsvLine([
    'Number',
    'Date received',
    'Text of the request',
    'Records produced',
    'Records redacted or withheld, and why',
    'Date of final disposition',
    'Final disposition',
    'Requestor identity',
  ]);
  let after: string | null = null;
  for (;;) {
    const rows: readonly LogRow[] = await readRows(parts.db, where, after, csvRowsAtOnce);
    yield rows.map((row) => toLine(toEntry(parts, row, false))).join('');
    after = rows.at(-1)?.number ?? null;
    if (rows.length < csvRowsAtOnce) return;
  }
}

function toLine(entry: LogEntry): string {
  const disposition = [entry.outcome, entry.outcomeReason].filter((each) => each !== null).join(': ');
  return toCsvLine([
    entry.number,
    entry.receivedOn,
    entry.shownText === null ? entry.text : `${entry.shownText} [parts of the text are redacted]`,
    entry.produced.map(producedText).join('; '),
    entry.withheld.map(withheldText).join('; '),
    entry.disposedOn,
    disposition,
    entry.identity === 'provided' ? 'provided; left out here' : entry.identity,
  ]);
}

function producedText({ onDate, kind, installment, files, pages, links }: Produced): string {
  if (kind === 'linked') return `${onDate}: ${links.join(' ')}`;
  if (kind === 'provided') return `${onDate}: records provided at once`;
  return `${onDate}: installment ${installment ?? ''}, ${files ?? 0} files, ${pages ?? 0} pages`;
}

function withheldText({ record, extent, exemption, explanation }: Withholding): string {
  return `${record} (${extent === 'full' ? 'withheld' : 'redacted'}): ${exemption}, ${explanation}`;
}

function toEntry({ seal }: LogParts, row: LogRow, opens: boolean): LogEntry {
  const { id, sealed, ...entry } = row;
  return { ...entry, requester: opens ? openRequester(seal, { id, requester: sealed }) : null };
}

function toCondition({ from, to, department, state, withheld }: LogFilter): SQL {
  const parts = [
    from === null ? null : sql`r.received_on >= ${from}::date`,
    to === null ? null : sql`r.received_on <= ${to}::date`,
    department === null ? null : sql`r.department = ${department}`,
    state === null ? null : state === 'closed' ? sql`r.state = 'closed'` : sql`r.state <> 'closed'`,
    withheld
      ? sql`exists (select from records_events e where e.request_id = r.id
          and e.kind in ('provided', 'released', 'denied')
          and jsonb_array_length(coalesce(e.data -> 'withheld', '[]')) > 0)`
      : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? sql`true` : sql.join(parts, sql` and `);
}

async function countRows(db: Database, where: SQL): Promise<number> {
  const { rows } = await db.execute<{ total: number }>(
    sql`select count(*)::int as total from records_requests r where ${where}`,
  );
  return rows[0]!.total;
}

async function readRows(db: Database, where: SQL, after: string | null, limit: number): Promise<readonly LogRow[]> {
  const { rows } = await db.execute<{ [name in keyof LogRow]: LogRow[name] }>(sql`
    select r.id, r.number, r.received_on::text as "receivedOn", r.text, r.shown_text as "shownText",
      r.closed_on::text as "disposedOn", r.outcome, r.outcome_reason as "outcomeReason", r.department,
      r.requester as sealed,
      case when r.requester is not null then 'provided' when r.requester_expired_at is not null then 'expired'
        else 'anonymous' end as identity,
      coalesce((select jsonb_agg(jsonb_build_object('onDate', e.on_date, 'kind', e.kind,
          'installment', e.data -> 'installment', 'files', e.data -> 'files', 'pages', e.data -> 'pages',
          'links', coalesce(e.data -> 'links', '[]')) order by e.seq)
        from records_events e
        where e.request_id = r.id and e.kind in ('provided', 'linked', 'released')), '[]') as produced,
      coalesce((select jsonb_agg(item order by e.seq) from records_events e
        cross join lateral jsonb_array_elements(coalesce(e.data -> 'withheld', '[]')) item
        where e.request_id = r.id and e.kind in ('provided', 'released', 'denied')), '[]') as withheld
    from records_requests r
    where ${where} and ${after === null ? sql`true` : sql`r.number > ${after}`}
    order by r.number limit ${limit}`);
  return rows;
}
