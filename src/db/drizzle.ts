// Drizzle's words for tables and SQL, for every file that speaks to PostgreSQL, as CommonJS modules. It must stay the
// one file that loads them: of an ES module within a package Node asks the package's list of exports, here 179 kB, and
// parses it anew for each of Drizzle's hundred: a third of a second at every start (docs/performance.md).

import { createRequire } from 'node:module';
import type * as Orm from 'drizzle-orm';
import type * as NodePostgres from 'drizzle-orm/node-postgres';
import type * as PgCore from 'drizzle-orm/pg-core';

const require = createRequire(import.meta.url);

export const {
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
} = require('drizzle-orm') as typeof Orm;
export type { ExtractTablesWithRelations, SQL } from 'drizzle-orm';
export const {
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
} = require('drizzle-orm/pg-core') as typeof PgCore;
export type { PgTransaction } from 'drizzle-orm/pg-core';
export const { drizzle } = require('drizzle-orm/node-postgres') as typeof NodePostgres;
export type { NodePgDatabase, NodePgQueryResultHKT } from 'drizzle-orm/node-postgres';
