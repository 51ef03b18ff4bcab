// Every permanent error code, from the one table that the API answers with.

import { portal } from '#lib/api.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => ({ codes: portal(event).errorCodes() });
