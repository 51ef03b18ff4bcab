// What holds from a date on: the city's rules come in versions, and each act keeps those of its day.
// It must know nothing of what the versions are of.

import type { CityDate } from './days.ts';

/** The latest version that holds on the date; before the first of them, the first. */
export function versionOn<T extends { readonly effectiveFrom: CityDate | null }>(
  versions: readonly T[],
  date: CityDate,
): T {
  const found = versions.findLast(({ effectiveFrom }) => effectiveFrom === null || effectiveFrom <= date);
  return found ?? versions[0]!;
}
