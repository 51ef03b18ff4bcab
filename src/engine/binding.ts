// Bound values to DuckDB's types, the same for queries and builds. Values never become SQL text here.

import type { DuckDBPreparedStatement, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { BIGINT, BLOB, BOOLEAN, DOUBLE, HUGEINT, SQLNULL, VARCHAR, blobValue } from '@duckdb/node-api';
import type { BoundValue } from './engine.ts';

const smallest = -(2n ** 63n);
const largest = 2n ** 63n - 1n;

/** The types of BoundValue in engine.ts. Throws when the count is not the one that the statement takes. */
export function bindAll(statement: DuckDBPreparedStatement, params: readonly BoundValue[]): void {
  if (params.length !== statement.parameterCount) {
    throw new Error(`The statement takes ${statement.parameterCount} values, ${params.length} were given.`);
  }
  if (params.length === 0) return;
  const values: DuckDBValue[] = [];
  const types: DuckDBType[] = [];
  for (const value of params) {
    const [bound, type] = toDuckDB(value);
    values.push(bound);
    types.push(type);
  }
  statement.bind(values, types);
}

function toDuckDB(value: BoundValue): [DuckDBValue, DuckDBType] {
  if (value === null) return [null, SQLNULL];
  switch (typeof value) {
    case 'number':
      return [value, DOUBLE];
    case 'bigint':
      return [value, value >= smallest && value <= largest ? BIGINT : HUGEINT];
    case 'string':
      return [value, VARCHAR];
    case 'boolean':
      return [value, BOOLEAN];
    default:
      return [blobValue(value), BLOB];
  }
}
