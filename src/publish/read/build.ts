// What publishing needs of a build session, and the few words of SQL that every step uses.
// It must not know which engine is behind the session.

import type { BuildSession } from '../../engine/engine.ts';

export type Build = Pick<BuildSession, 'run'>;

export type BuildRow = Readonly<Record<string, unknown>>;

/** The one row of an aggregate. */
export async function readOne(build: Build, text: string): Promise<BuildRow> {
  const [row] = await build.run(text);
  if (row === undefined) throw new Error(`No row came back from: ${text.slice(0, 200)}`);
  return row;
}

/** A count that the engine gave as a number or, when large, as text. */
export function toNumber(value: unknown): number {
  const number = typeof value === 'number' ? value : Number(value);
  if (Number.isNaN(number)) throw new Error(`Not a number: ${String(value).slice(0, 100)}`);
  return number;
}

export function toText(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

export function toSqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function toSqlString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Splits work so that no statement becomes enormous: `select` lists of some hundred items each. */
export function toBatches<Item>(items: readonly Item[], size: number): Item[][] {
  const batches: Item[][] = [];
  for (let at = 0; at < items.length; at += size) batches.push(items.slice(at, at + size));
  return batches;
}
