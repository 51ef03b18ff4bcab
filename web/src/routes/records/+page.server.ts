// What asking for records is, what it takes, and what the City would owe if it came today.

import { portal } from '#lib/api.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => ({ due: portal(event).requests.firstDue() });
