// How the native API writes the functions of the allow-list: as CQL2 does.
// It must add no word of its own: what a client learns here serves it at every OGC server.

import { cql2SpellingTable } from '../language/cql2-spellings.ts';
import type { SpellingTable } from '../language/spellings.ts';

export const nativeSpellingTable: SpellingTable = cql2SpellingTable;
