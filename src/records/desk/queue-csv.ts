// The queue as a CSV file for a spreadsheet: one request a line.
// It must never let a cell begin a formula, and holds nothing of who asked.

import type { Actor } from '../../base/actor.ts';
import type { QueueFilter, QueueRow } from './queue.ts';
import type { Desk } from './desk.ts';

const mostRows = 20_000;
const pageRows = 1_000;

const columns: readonly (readonly [string, (row: QueueRow) => string | number | null])[] = [
  ['number', (row) => row.number],
  ['received', (row) => row.receivedOn],
  ['next_for_the_law', (row) => row.need],
  ['standing', (row) => row.urgency],
  ['extended', (row) => (row.isExtended ? 'yes' : 'no')],
  ['partly_released', (row) => (row.isPartlyReleased ? 'yes' : 'no')],
  ['city_due', (row) => row.dueOn],
  ['others_have_until', (row) => row.waitsUntil],
  ['state', (row) => row.state],
  ['department', (row) => row.department],
  ['assignee', (row) => row.assignee],
  ['open_tasks', (row) => row.openTasks],
  ['channel', (row) => row.channel],
  ['summary', (row) => row.summary],
];

/** RFC 4180, UTF-8 with the mark that spreadsheets need. */
export async function toQueueCsv(desk: Desk, actor: Actor, filter: QueueFilter): Promise<string> {
  const lines = [columns.map(([name]) => name).join(',')];
  let after: string | null = null;
  do {
    const page = await desk.queue(actor, filter, { after, limit: pageRows });
    const names = await desk.names(actor);
    for (const row of page.rows) {
      const named = { ...row, assignee: row.assignee === null ? null : (names.get(row.assignee) ?? row.assignee) };
      lines.push(columns.map(([, read]) => toCell(read(named))).join(','));
    }
    after = page.next;
  } while (after !== null && lines.length < mostRows);
  return `\uFEFF${lines.join('\r\n')}\r\n`;
}

/** A spreadsheet runs what begins with these (OWASP, CSV injection); the quote before it makes it text. */
export function toCell(value: string | number | null): string {
  if (value === null) return '';
  const text = String(value);
  const safe = /^[=+\-@\t\r]/u.test(text) ? `'${text}` : text;
  return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
