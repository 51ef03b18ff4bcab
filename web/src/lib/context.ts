// What every component of a page may ask for without being handed it: the words of the request and the city's profile.
// It must not hold state of its own; the root layout sets it for each page.

import { createContext } from 'svelte';
import type { CityProfile } from '../../../src/city/profile.ts';
import type { Words } from './words.ts';

export type PageContext = {
  readonly words: Words;
  readonly city: CityProfile;
  readonly origin: string;
  readonly path: string;
  /** Whoever reads is a signed-in member of staff. */
  readonly isStaff: boolean;
};

const [getPage, setPage] = createContext<PageContext>();

export { getPage, setPage };

export function getWords(): Words {
  return getPage().words;
}
