// The city's own words, read once at start from city/<name>/: its profile and its guide.
// It must know no city by name.

import { join } from 'node:path';

import { readGuide } from './guide.ts';
import type { GuidePage } from './guide.ts';
import { readProfile } from './profile.ts';
import type { CityProfile } from './profile.ts';

export type City = { readonly profile: CityProfile; readonly guide: readonly GuidePage[] };

/** Reads city/<name>/profile.json and city/<name>/guide/*.md. Throws setting-invalid with the file and the mend. */
export async function loadCity(folder: string): Promise<City> {
  const profile = await readProfile(join(folder, 'profile.json'));
  const guide = await readGuide(join(folder, 'guide'));
  return Object.freeze({ profile, guide: Object.freeze(guide) });
}
