// Rows as CSV (RFC 4180): exact for machines, or with the text cells that a spreadsheet would run made harmless.
// It must never change a number, and the plain form must never change a text.

import type { AnswerInfo, OutputColumn, RowFormat, SqlOutput } from './format.ts';
import { keptForms, leastPlacesOf, leastPlacesSql, shortNumberSql } from '../query/written-forms.ts';
import { plainTextSql, sqlText } from './row-text.ts';

export type CsvOptions = {
  readonly header: 'names' | 'titles';
  /** An apostrophe before text that a spreadsheet would take for a formula. */
  readonly spreadsheet: boolean;
  /** A byte order mark, which some spreadsheets need to see UTF-8. */
  readonly byteOrderMark: boolean;
};

/** Text that begins like a formula, whatever apostrophes stand before it: so that taking one away again is exact. */
const formulaPattern = "^'*[=+\\-@\\t\\r\\n＝＋－＠]";

const lineEnd = '\r\n';

export function toCsvFormat(options: CsvOptions): RowFormat {
  const variants = [
    options.header === 'titles' ? '-titles' : '',
    options.spreadsheet ? '-spreadsheet' : '',
    options.byteOrderMark ? '-bom' : '',
  ];
  return {
    id: `csv${variants.join('')}`,
    version: 2,
    mediaType: 'text/csv; charset=utf-8',
    extension: 'csv',
    separator: lineEnd,
    row: (columns) => rowSql(columns, options),
    begin: (info) => `${options.byteOrderMark ? '\uFEFF' : ''}${headerLine(info, options)}${lineEnd}`,
    end: ({ rows }) => (rows === 0 ? '' : lineEnd),
  };
}

export const csvFormat: RowFormat = toCsvFormat({ header: 'names', spreadsheet: false, byteOrderMark: false });

function rowSql(columns: readonly SqlOutput[], options: CsvOptions): string {
  // A line without a character is no row to most readers, so the only field of a row is never left empty.
  const missing = columns.length === 1 ? `'""'` : `''`;
  const cells = columns.map((output) => `coalesce(${cellSql(output, options)}, ${missing})`);
  if (cells.length < 2) return cells[0] ?? `''`;
  return `concat(${cells.join(`, ',', `)})`;
}

function cellSql(output: SqlOutput, options: CsvOptions): string {
  const { sql, column } = output;
  const notFinite = `CASE WHEN isnan(${sql}) THEN 'NaN' WHEN ${sql} > 0 THEN 'Infinity' WHEN ${sql} < 0 THEN '-Infinity' END`;
  const text = plainTextSql(output, notFinite);
  switch (column.type.kind) {
    case 'text':
      return quotedSql(options.spreadsheet ? harmlessSql(text) : text);
    case 'json':
    case 'geometry':
      return quotedSql(text);
    default:
      return asWritten(text, column.source?.sourceFormat ?? null);
  }
}

/** Clocks without seconds, and numbers with the places they had, where the publisher's file has them so. */
function asWritten(text: string, form: string | null): string {
  if (form === null) return text;
  if (form === keptForms.minutes) return `left(${text}, 5)`;
  if (form === keptForms.shortNumbers) return shortNumberSql(text);
  const places = leastPlacesOf(form);
  return places === null ? text : leastPlacesSql(text, places);
}

/** Quotes where RFC 4180 asks for them, and around an empty text, so that it is not taken for no value. */
function quotedSql(text: string): string {
  const needsQuotes = `${text} = '' OR regexp_matches(${text}, '[",\\r\\n]')`;
  return `(CASE WHEN ${needsQuotes} THEN concat('"', replace(${text}, '"', '""'), '"') ELSE ${text} END)`;
}

function harmlessSql(text: string): string {
  return `(CASE WHEN regexp_matches(${text}, ${sqlText(formulaPattern)}) THEN '''' || ${text} ELSE ${text} END)`;
}

function headerLine(info: AnswerInfo, options: CsvOptions): string {
  return info.columns.map((column) => quote(toHeader(column, options))).join(',');
}

function toHeader(column: OutputColumn, options: CsvOptions): string {
  const word = options.header === 'titles' ? (column.source?.title ?? column.name) : column.name;
  return options.spreadsheet && new RegExp(formulaPattern, 'u').test(word) ? `'${word}` : word;
}

function quote(field: string): string {
  return /[",\r\n]/u.test(field) || field === '' ? `"${field.replaceAll('"', '""')}"` : field;
}
