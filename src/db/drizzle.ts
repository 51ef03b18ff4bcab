// Drizzle's words for tables and SQL, for every file that speaks to PostgreSQL. It must stay the one file that imports
// them: Node parses a package's list of exports, here 179 kB, again for each file that imports the package, which cost
// a third of a second at every start (docs/performance.md).

export {
  and,
  asc,
  desc,
  eq,
  getTableColumns,
  getTableName,
  gt,
  gte,
  inArray,
  is,
  isNotNull,
  isNull,
  lt,
  lte,
  ne,
  or,
  sql,
} from 'drizzle-orm';
export type { ExtractTablesWithRelations, SQL } from 'drizzle-orm';
export {
  bigint,
  boolean,
  customType,
  date,
  getTableConfig,
  index,
  integer,
  jsonb,
  PgTable,
  pgTable,
  primaryKey,
  real,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
export type { PgTransaction } from 'drizzle-orm/pg-core';
