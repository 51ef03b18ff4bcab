// How a dataset's types, values and shares read to a person. It must not change a value, only write it.

import type { ColumnProfile } from '../../../src/catalogue/dataset.ts';
import type { Column, ColumnType, TypeKind } from '../../../src/query/column.ts';
import type { WordKey, Words } from './words.ts';

const typeWords = {
  text: 'type.text',
  integer: 'type.integer',
  number: 'type.number',
  decimal: 'type.decimal',
  boolean: 'type.boolean',
  date: 'type.date',
  time: 'type.time',
  timestamp: 'type.timestamp',
  instant: 'type.instant',
  json: 'type.json',
  geometry: 'type.geometry',
} as const satisfies Record<TypeKind, WordKey>;

const meaningWords = {
  identifier: 'meaning.identifier',
  money: 'meaning.money',
  longitude: 'meaning.longitude',
  latitude: 'meaning.latitude',
  percent: 'meaning.percent',
  url: 'meaning.url',
  email: 'meaning.email',
  'postal-code': 'meaning.postal-code',
} as const satisfies Record<NonNullable<Column['meaning']>, WordKey>;

export function typeWord(words: Words, type: ColumnType): string {
  const word = words.t(typeWords[type.kind]);
  return type.kind === 'geometry' && type.shape !== 'Geometry' ? `${word} · ${type.shape}` : word;
}

export function meaningWord(words: Words, column: Column): string | null {
  return column.meaning === null ? null : words.t(meaningWords[column.meaning]);
}

export function isNumeric(type: ColumnType): boolean {
  return type.kind === 'integer' || type.kind === 'number' || type.kind === 'decimal';
}

function isTemporal(type: ColumnType): boolean {
  return type.kind === 'date' || type.kind === 'timestamp' || type.kind === 'instant';
}

/** Numbers that count nothing (identifiers, postal codes, years) are written as they stand, without grouping. */
function isPlainNumber(column: Column): boolean {
  return column.meaning === 'identifier' || column.meaning === 'postal-code' || /(^|_)(year|yr)($|_)/.test(column.name);
}

/** The canonical text of a value, as a person reads it in a sentence or on an axis. */
export function readable(words: Words, column: Column, text: string): string {
  if (isTemporal(column.type)) return words.shortDate(text);
  const value = Number(text);
  if (isNumeric(column.type) && Number.isFinite(value) && text.trim() !== '') {
    return isPlainNumber(column) ? text : words.measure(value);
  }
  return text;
}

export function profileOf(profile: readonly ColumnProfile[], name: string): ColumnProfile | null {
  return profile.find((column) => column.name === name) ?? null;
}

/** Share of rows that have a value; null for a dataset without rows. */
export function filledShare(profile: ColumnProfile, rows: number): number | null {
  return rows === 0 ? null : (rows - profile.nulls) / rows;
}

/** The column whose distribution says most about the dataset: a date first, then a measurement, never an identifier. */
export function tellingColumn(columns: readonly Column[], profile: readonly ColumnProfile[]): Column | null {
  const charted = columns.filter((column) => {
    const counts = profileOf(profile, column.name)?.histogram?.counts ?? [];
    return counts.filter((count) => count > 0).length > 2 && !isPlainNumber(column);
  });
  const isPlace = (column: Column) => column.meaning === 'longitude' || column.meaning === 'latitude';
  return (
    charted.find((column) => isTemporal(column.type)) ??
    charted.find((column) => !isPlace(column)) ??
    charted[0] ??
    null
  );
}
