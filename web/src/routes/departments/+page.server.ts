// The departments that publish, and those that do not yet.

import { portal } from '#lib/api.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => ({ departments: await portal(event).departments() });
