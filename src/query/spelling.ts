// The nearest known name to one that is not known, for "did you mean". It must stay cheap for hostile names.

const longestName = 64;

/** The known name with the fewest changed letters, when it is near enough to be meant; null otherwise. */
export function nearestName(name: string, known: readonly string[]): string | null {
  const wanted = name.slice(0, longestName).toLowerCase();
  const bound = Math.max(1, Math.floor(wanted.length / 3));
  let best: { name: string; distance: number } | null = null;
  for (const candidate of known.slice(0, 2_000)) {
    const text = candidate.slice(0, longestName).toLowerCase();
    if (Math.abs(text.length - wanted.length) > bound && !text.startsWith(wanted)) continue;
    const isBeginning = wanted.length >= 3 && text.startsWith(wanted);
    const distance = isBeginning ? bound : editDistance(wanted, text);
    if (distance <= bound && (best === null || distance < best.distance)) best = { name: candidate, distance };
  }
  return best?.name ?? null;
}

/** Letters put in, left out, changed or swapped with their neighbour (optimal string alignment), on three rows. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = a.charAt(i - 1) === b.charAt(j - 1) ? 0 : 1;
      const plain = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + changed);
      const isSwap = i > 1 && j > 1 && a.charAt(i - 1) === b.charAt(j - 2) && a.charAt(i - 2) === b.charAt(j - 1);
      current.push(isSwap ? Math.min(plain, (before[j - 2] ?? 0) + 1) : plain);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
