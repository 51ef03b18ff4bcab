// The bars of a histogram as what they hold. It must not know words, colours or components.

import type { ColumnProfile } from '../../../src/catalogue/dataset.ts';
import type { Column } from '../../../src/query/column.ts';

/** All values from `from` up to `to`, as canonical text; `to` itself only when `closed`. */
export type Bin = { readonly from: string; readonly to: string; readonly closed: boolean; readonly count: number };

const dayMs = 86_400_000;

/**
 * The ends are the data's own least and greatest value, whatever the edges of the outer bins are. A bin of whole
 * numbers or dates ends at the last one in it, so that a bin of one value begins and ends with it.
 */
export function toBins(column: Column, profile: Pick<ColumnProfile, 'histogram' | 'min' | 'max'>): readonly Bin[] {
  const { histogram, min, max } = profile;
  if (histogram === null) return [];
  const { edges, counts, values } = histogram;
  if (values === true) {
    return counts.map((count, index) => ({ from: edges[index] ?? '', to: edges[index] ?? '', closed: true, count }));
  }
  return counts.map((count, index) => {
    const from = index === 0 ? (min ?? edges[0]) : edges[index];
    if (index === counts.length - 1) return { from: from ?? '', to: max ?? edges.at(-1) ?? '', closed: true, count };
    const next = edges[index + 1] ?? '';
    const last = before(column, next);
    return { from: from ?? '', to: last ?? next, closed: last !== null, count };
  });
}

/** Every bin is one value. */
export function areValues(bins: readonly Bin[]): boolean {
  return bins.length > 0 && bins.every(({ from, to }) => from === to);
}

/** The greatest value below an edge, where there is one. */
function before({ type }: Column, edge: string): string | null {
  if (type.kind === 'date') {
    const ms = Date.parse(`${edge}T00:00:00Z`);
    return Number.isFinite(ms) ? new Date(ms - dayMs).toISOString().slice(0, 10) : null;
  }
  const whole = Number(edge);
  return type.kind === 'integer' && Number.isSafeInteger(whole) ? String(whole - 1) : null;
}
