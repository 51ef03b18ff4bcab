// The few shapes of JSON schemas that are written everywhere.
// It must know no route and no table; what a field means stands where it is used.

import { Type } from 'typebox';
import type { TProperties, TSchema } from 'typebox';

export function nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

/** An object with exactly these members. */
export function exact<T extends TProperties>(properties: T, options: { $id?: string; description?: string } = {}) {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

/** A schema for each member of a type and for nothing else: a member that is not described does not compile. */
export type Members<T> = { readonly [Name in keyof T]-?: TSchema };

/** One of these words, and of no other. */
export function oneOf<const W extends string>(
  words: readonly W[],
  options: { description?: string; examples?: W[] } = {},
) {
  return Type.Unsafe<W>(Type.String({ enum: [...words], ...options }));
}
