// The geo functions that SQL may call: a table of names, types and bodies over src/geo.

import type { DuckDBConnection } from '@duckdb/node-api';

export function registerGeoFunctions(connection: DuckDBConnection): void {
  void connection;
}
