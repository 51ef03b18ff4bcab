// The law of Kent's data, read once for the tests of a file, and small variations of it.
import { join } from 'node:path';
import { readLaw } from '../../../src/records/law/law-files.ts';
import type { Closure } from '../../../src/city/calendar.ts';
import type { ClocksLaw, Law } from '../../../src/records/law/law.ts';
import { withClosures } from '../../../src/records/law/law.ts';

export const cityFolder = join(import.meta.dirname, '..', '..', '..', 'city', 'kent');

export function kentLaw(): Promise<Law> {
  return readLaw(cityFolder);
}

/** As if the city had published rule B and when it closes. */
export function withReceiptRule(law: Law, rule: 'A' | 'B', closingTime: string | null): Law {
  const clocks = law.clocks.map((version): ClocksLaw => ({
    ...version,
    receipt: { ...version.receipt, rule, closingTime },
  }));
  return { ...law, clocks };
}

export function withClosure(law: Law, on: string, given: Partial<Closure> = {}): Law {
  const closure = { id: on, on, name: 'City closed', source: 'Ordinance 1', effectiveFrom: '2020-01-01', ...given };
  return withClosures(law, [...law.closures, closure]);
}
