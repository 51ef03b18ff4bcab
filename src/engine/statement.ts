// What a statement for the serving file may be: one SELECT over the table `data`, touching nothing else.
// A second wall behind the compiler's allow-list; it must never be the only one.

import type { DuckDBConnection } from '@duckdb/node-api';

/** Refused before it ran: the text is not one that the portal's own compiler writes. */
export class RefusedStatement extends Error {
  override readonly name = 'RefusedStatement';
}

const tableFunctions: ReadonlySet<string> = new Set(['unnest', 'range', 'generate_series']);
const systemTable = /^(duckdb_|pg_|sqlite_|pragma_|information_schema)/;
const refusedFunctions: ReadonlySet<string> = new Set([
  'current_setting',
  'getvariable',
  'getenv',
  'json_execute_serialized_sql',
  'nextval',
  'currval',
  'query',
  'query_table',
  'set_config',
  'txid_current',
  'which_secret',
  'write_log',
]);
const refusedReferences: ReadonlySet<string> = new Set(['SHOW_REF', 'PIVOT', 'COLUMN_DATA', 'DELIM_GET']);

/**
 * The parser's own tree of `text`, read on any connection. Throws RefusedStatement unless it is one harmless SELECT.
 */
export async function requireHarmlessSelect(parser: DuckDBConnection, text: string): Promise<void> {
  // A NUL ends the text for the C interface, not for this check: two readers, two meanings.
  if (text.includes('\0')) throw new RefusedStatement('The statement holds a NUL character.');
  const result = await parser.runAndReadAll('select json_serialize_sql(?::varchar)', [text]);
  const serialized = result.getRowsJson()[0]?.[0];
  const tree: unknown = typeof serialized === 'string' ? JSON.parse(serialized) : null;
  if (!isRecord(tree) || tree['error'] !== false || !Array.isArray(tree['statements'])) {
    throw new RefusedStatement('The statement is not a SELECT.');
  }
  if (tree['statements'].length !== 1) throw new RefusedStatement('There must be exactly one statement.');
  const named = new Set<string>(['data']);
  const nodes: Record<string, unknown>[] = [];
  gather(tree['statements'][0], nodes, named);
  for (const node of nodes) requireHarmlessNode(node, named);
}

/** Every object of the tree, without recursion: a deep tree must not overflow the stack. */
function gather(root: unknown, nodes: Record<string, unknown>[], named: Set<string>): void {
  const pending: unknown[] = [root];
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    if (Array.isArray(item)) {
      for (const child of item) pending.push(child);
      continue;
    }
    if (!isRecord(item)) continue;
    nodes.push(item);
    const ctes = isRecord(item['cte_map']) ? item['cte_map']['map'] : null;
    if (Array.isArray(ctes)) {
      for (const entry of ctes) if (isRecord(entry)) named.add(String(entry['key']).toLowerCase());
    }
    for (const child of Object.values(item)) if (typeof child === 'object' && child !== null) pending.push(child);
  }
}

function requireHarmlessNode(node: Record<string, unknown>, named: ReadonlySet<string>): void {
  const type = node['type'];
  if (type === 'BASE_TABLE') {
    const table = String(node['table_name']).toLowerCase();
    if (node['catalog_name'] !== '' || node['schema_name'] !== '' || !named.has(table) || systemTable.test(table)) {
      throw new RefusedStatement('The statement reads a table other than the dataset.');
    }
  }
  if (type === 'TABLE_FUNCTION') {
    const call = isRecord(node['function']) ? String(node['function']['function_name']).toLowerCase() : '';
    if (!tableFunctions.has(call)) throw new RefusedStatement(`The table function ${call} is not allowed.`);
  }
  if (typeof type === 'string' && refusedReferences.has(type)) {
    throw new RefusedStatement('The statement reads something other than the dataset.');
  }
  const call = typeof node['function_name'] === 'string' ? node['function_name'].toLowerCase() : '';
  if (refusedFunctions.has(call) || systemTable.test(call)) {
    throw new RefusedStatement(`The function ${call} is not allowed.`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
