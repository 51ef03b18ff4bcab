// SQL for the text of one value in machine-read formats: the same digits, dates and geometry in every format.
// It must not know what stands around values.

import { toTextSql } from '../query/value-type.ts';
import type { SqlOutput } from './format.ts';

/** A text as an SQL string literal; for names of columns and punctuation, never for a client's values. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * The value as text, null staying null: digits that read back exactly, ISO dates and times, WKT, JSON on one line.
 * `notFinite` is the SQL for NaN and the infinities.
 */
export function plainTextSql({ column, sql }: SqlOutput, notFinite: string): string {
  const { type } = column;
  switch (type.kind) {
    case 'number':
      return `(CASE WHEN isfinite(${sql}) THEN CAST(to_json(${sql}) AS VARCHAR) ELSE ${notFinite} END)`;
    case 'json':
      // A line break inside JSON text is only ever white space, so a blank in its place changes nothing.
      return `translate(CAST(${sql} AS VARCHAR), chr(10) || chr(13), '  ')`;
    default:
      return toTextSql(type, sql);
  }
}

/** The value as JSON text, never null: `null` for no value and for numbers that JSON has no word for. */
export function jsonTextSql(output: SqlOutput): string {
  const { column, sql, geojson } = output;
  const plain = plainTextSql(output, 'NULL');
  switch (column.type.kind) {
    case 'text':
      return `coalesce(CAST(to_json(${sql}) AS VARCHAR), 'null')`;
    case 'integer':
    case 'decimal':
    case 'boolean':
    case 'number':
      return `coalesce(${plain}, 'null')`;
    case 'json': {
      const text = `CAST(${sql} AS VARCHAR)`;
      const quoted = `CAST(to_json(${text}) AS VARCHAR)`;
      return `coalesce(CASE WHEN json_valid(${text}) THEN ${plain} ELSE ${quoted} END, 'null')`;
    }
    case 'geometry':
      return `coalesce(${geojson ?? 'NULL'}, 'null')`;
    case 'date':
    case 'time':
    case 'timestamp':
    case 'instant':
      return `coalesce('"' || ${plain} || '"', 'null')`;
  }
}

/** `{"name":value,…}` over the outputs. */
export function jsonObjectSql(outputs: readonly SqlOutput[]): string {
  if (outputs.length === 0) return `'{}'`;
  const members = outputs.map((output, index) => {
    const opening = `${index === 0 ? '{' : ','}${JSON.stringify(output.column.name)}:`;
    return `${sqlText(opening)}, ${jsonTextSql(output)}`;
  });
  return `concat(${members.join(', ')}, '}')`;
}
