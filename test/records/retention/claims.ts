// A claim about a request, opened and ended, for tests of what keeps a record.
// It must go through the register that the reports have.

import { addClaimCost, saveClaim } from '../../../src/records/reports/claims.ts';
import type { ClaimWords } from '../../../src/records/reports/claims.ts';
import { first } from './fixture.ts';
import type { Ground } from './fixture.ts';

export function openClaims({ database, effects }: Ground) {
  const parts = { db: database.db, today: () => '2028-03-10', exemptions: () => [] };
  const words = (request: string): ClaimWords => ({
    request,
    filedOn: '2028-03-01',
    kind: 'inadequate-search',
    exemption: null,
    venue: null,
    summary: 'The search is said to be too narrow.',
    endedOn: null,
    outcome: null,
  });
  return {
    open: (request: string) => saveClaim(parts, first, null, words(request), effects),
    async end(id: string, request: string) {
      await addClaimCost(parts, first, id, { year: 2028, kind: 'other', cents: 1, source: 'Test' }, effects);
      const ended = { ...words(request), endedOn: '2028-03-10', outcome: 'Dismissed' };
      await saveClaim(parts, first, { id, version: 1 }, ended, effects);
    },
  };
}
