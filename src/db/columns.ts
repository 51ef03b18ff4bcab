// The column types that Drizzle has no word for, or none that reads as the portal writes.
// It must hold no table: tables*.ts do.

import { customType } from './drizzle.ts';

import { toInstant } from '../base/clock.ts';

export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
export const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' });

/**
 * A moment as the portal writes it everywhere: RFC 3339, UTC, milliseconds. PostgreSQL says `2026-02-21
 * 08:00:00.1+00`.
 */
export const instant = customType<{ data: string; driverData: string }>({
  dataType: () => 'timestamptz',
  fromDriver: (value) => toInstant(Date.parse(value.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'))),
});
