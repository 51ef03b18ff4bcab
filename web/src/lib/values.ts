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

/** The canonical text of a value, as a person reads it: every digit of a number stays. */
export function readable(words: Words, column: Column, text: string): string {
  if (isTemporal(column.type)) return words.shortDate(text);
  return isNumeric(column.type) && !isPlainNumber(column) ? words.exact(text) : text;
}

/** The same in the middle of an axis, where a number only tells where one is. */
export function rounded(words: Words, column: Column, text: string): string {
  const value = Number(text);
  const isMeasured = isNumeric(column.type) && column.type.kind !== 'integer' && !isPlainNumber(column);
  return isMeasured && Number.isFinite(value) && text !== '' ? words.measure(value) : readable(words, column, text);
}

export function profileOf(profile: readonly ColumnProfile[], name: string): ColumnProfile | null {
  return profile.find((column) => column.name === name) ?? null;
}

/** How many values there are; never more than the rows that have one, which an estimate may claim. */
export function distinctWord(words: Words, profile: ColumnProfile, rows: number): string | null {
  if (profile.distinct === null) return null;
  const most = Math.max(0, rows - profile.nulls);
  if (!profile.distinctApproximate || most <= 1) return words.number(Math.min(profile.distinct, most));
  return words.t('columns.about', { count: Math.min(profile.distinct, most) });
}

/** Share of rows that have a value; null for a dataset without rows. */
export function filledShare(profile: ColumnProfile, rows: number): number | null {
  return rows === 0 ? null : (rows - profile.nulls) / rows;
}

/** A distribution is worth a picture when it has more than two bars and they are not all alike. */
function hasShape(counts: readonly number[]): boolean {
  const mean = counts.reduce((sum, count) => sum + count, 0) / Math.max(1, counts.length);
  const spread = counts.reduce((sum, count) => sum + Math.abs(count - mean), 0) / Math.max(1, counts.length);
  return counts.filter((count) => count > 0).length > 2 && spread > mean * 0.08;
}

function isPlace(column: Column): boolean {
  return (
    column.meaning === 'longitude' ||
    column.meaning === 'latitude' ||
    /^(lat|lon|lng|x|y)(itude|gitude)?$/.test(column.name)
  );
}

/**
 * The column whose distribution says most about the dataset: a date first, then a measurement; no identifier, no place.
 */
export function tellingColumn(columns: readonly Column[], profile: readonly ColumnProfile[]): Column | null {
  const charted = columns.filter(
    (column) =>
      !isPlainNumber(column) && !isPlace(column) && hasShape(profileOf(profile, column.name)?.histogram?.counts ?? []),
  );
  return charted.find((column) => isTemporal(column.type)) ?? charted[0] ?? null;
}

/** A column of few values, for datasets whose distributions say nothing: kinds, states, districts. */
export function tellingGroups(columns: readonly Column[], profile: readonly ColumnProfile[]): Column | null {
  const isGroup = (column: Column) => {
    const found = profileOf(profile, column.name);
    const groups = found?.top?.length ?? 0;
    return groups > 1 && (found?.distinct ?? Infinity) <= 50 && (found?.top?.[0]?.count ?? 0) > 1 && !isPlace(column);
  };
  return columns.find((column) => column.type.kind === 'text' && isGroup(column)) ?? null;
}
