// The portal and its city as machine-readable descriptions name them.
// It must not say more than the configuration and the city's profile do.

import type { Site } from '../catalogue/distributions.ts';
import type { Portal } from './portal.ts';

export function toSite(portal: Pick<Portal, 'config' | 'city'>): Site {
  const { name, language, openData } = portal.city.profile;
  return { publicUrl: portal.config.publicUrl, cityName: name, language, openData };
}
