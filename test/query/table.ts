// A small real DuckDB table with every column type, nulls, ties and hostile text, for the tests of queries and formats.

import { DuckDBInstance } from '@duckdb/node-api';
import { geojsonColumn, type Column, type ColumnType, type Schema } from '../../src/query/column.ts';
import type { PlanTarget } from '../../src/query/plan.ts';
import { emptyQuery, type Expression, type Query } from '../../src/query/query.ts';
import { registerGeoFunctions } from '../../src/engine/geo-functions.ts';

export function toColumn(name: string, type: ColumnType, title = name): Column {
  const nothing = { description: null, unit: null, meaning: null, sourceFormat: null, derivedFrom: null };
  return { name, title, type, ...nothing };
}

export const permitSchema: Schema = [
  toColumn('name', { kind: 'text' }, 'Name'),
  toColumn('ward', { kind: 'integer' }, 'Ward'),
  toColumn('cost', { kind: 'decimal', precision: 12, scale: 2 }, 'Cost'),
  toColumn('share', { kind: 'number' }, 'Share'),
  toColumn('is_open', { kind: 'boolean' }, 'Open'),
  toColumn('day', { kind: 'date' }, 'Issued'),
  toColumn('hour', { kind: 'time' }, 'Hour'),
  toColumn('seen', { kind: 'timestamp' }, 'Seen'),
  toColumn('sent', { kind: 'instant' }, 'Sent'),
  toColumn('extra', { kind: 'json' }, 'Extra'),
  toColumn('place', { kind: 'geometry', shape: 'Point' }, 'Place'),
];

const permitRows = 60;

const permitSql = `CREATE TABLE data AS SELECT
  range + 1 AS ":id",
  CASE WHEN range % 7 = 0 THEN NULL WHEN range % 7 = 1 THEN 'Café ' || (range % 3)
    ELSE 'Oak St ' || (range % 4) END AS name,
  CASE WHEN range % 5 = 4 THEN NULL ELSE range % 5 END AS ward,
  CAST(range * 12.5 AS DECIMAL(12, 2)) AS cost,
  CASE WHEN range = 9 THEN NULL ELSE range / 7.0::DOUBLE END AS share,
  range % 2 = 0 AS is_open,
  CASE WHEN range % 6 = 5 THEN NULL ELSE DATE '2024-01-28' + CAST(range // 2 AS INTEGER) END AS day,
  CAST(TIMESTAMP '2024-01-01' + INTERVAL (range) MINUTE AS TIME) AS hour,
  TIMESTAMP '2024-01-01 06:30:00.5' + INTERVAL (range) HOUR AS seen,
  TIMESTAMPTZ '2024-01-01 06:30:00+00' + INTERVAL (range) HOUR AS sent,
  CAST('{"n": ' || range || '}' AS JSON) AS extra,
  CAST('POINT (' || CAST(-122.3 + range * 0.01 AS DECIMAL(6, 2)) || ' ' || 47.4 || ')' AS GEOMETRY) AS place,
  '{"type":"Point","coordinates":[' || CAST(-122.3 + range * 0.01 AS DECIMAL(6, 2)) || ',47.4]}'
    AS "${geojsonColumn('place')}"
  FROM range(${permitRows})`;

export type TestTable = {
  readonly target: PlanTarget;
  run(text: string, params?: readonly (string | boolean)[]): Promise<string[][]>;
  close(): void;
};

/** Opens DuckDB in memory with the table `data`; every value comes back as text. */
export async function openTable(sql: string, schema: Schema, rows: number): Promise<TestTable> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  registerGeoFunctions(connection);
  await connection.run(`SET TimeZone = 'America/Los_Angeles'`);
  await connection.run(sql);
  return {
    target: { datasetId: 'permits', revisionId: '0123456789abcdef0123', schema, rows },
    async run(text, params = []) {
      const reader = await connection.runAndReadAll(text, [...params]);
      return reader.getRowsJson() as string[][];
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

export function openPermits(): Promise<TestTable> {
  return openTable(permitSql, permitSchema, permitRows);
}

export function ask(parts: Partial<Query>): Query {
  return { ...emptyQuery, ...parts };
}

export function column(name: string): Expression {
  return { kind: 'column', name };
}

export function value(
  literal: string | number | bigint | boolean | null,
  type?: 'date' | 'timestamp' | 'instant' | 'time' | 'geometry' | 'decimal',
): Expression {
  return { kind: 'literal', value: literal, type };
}

export function call(name: string, ...args: Expression[]): Expression {
  return { kind: 'call', name, args };
}
