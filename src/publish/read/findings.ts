// What publishing found in a file, collected: at most 1,000 are kept, all are counted.
// It must not decide what happens to a row; it only remembers what was said.

import type { ErrorCode } from '../../base/errors.ts';
import type { Sentence } from '../../base/say.ts';
import type { Finding } from '../../catalogue/dataset.ts';

const findingsKept = 1_000;

export type Findings = {
  /** Remembers one finding; beyond the first 1,000 it only counts. */
  add(
    code: ErrorCode,
    severity: Finding['severity'],
    sentence: Sentence,
    where?: { readonly row?: number | null; readonly line?: number | null; readonly column?: string | null },
  ): void;
  list(): readonly Finding[];
  total(): number;
};

export function createFindings(): Findings {
  const kept: Finding[] = [];
  let total = 0;
  return {
    add(code, severity, sentence, where = {}) {
      total++;
      if (kept.length >= findingsKept) return;
      const { row = null, line = null, column = null } = where;
      const { key, values, english } = sentence;
      kept.push({ code, severity, sentence: english, said: { key, values }, row, line, column });
    },
    list: () => kept,
    total: () => total,
  };
}
