// Amounts as people read them. It must not round: what is in tenths of a cent is shown with them.

import type { Words } from './words.ts';

export function dollars(words: Words, cents: number): string {
  return format(words, cents / 100, 2);
}

export function dollarsOfTenths(words: Words, tenths: number): string {
  return format(words, tenths / 1_000, tenths % 10 === 0 ? 2 : 3);
}

/** RCW 42.56.120 counts in dollars. */
function format(words: Words, amount: number, digits: number): string {
  return new Intl.NumberFormat(words.language, {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount);
}

/** Cents as a person types them into a field: 12.50. */
export function plainDollars(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
}
