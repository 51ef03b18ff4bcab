// Closes what was opened, the last first.
// It must come to every one of them: what cannot be closed keeps nothing else open.

export type Close = () => Promise<unknown>;

/** Empties the list. Rejects, when all are through, with an AggregateError that names each trouble. */
export async function closeAll(closers: Close[]): Promise<void> {
  const troubles: unknown[] = [];
  for (const close of closers.splice(0).reverse()) {
    try {
      await close();
    } catch (trouble) {
      troubles.push(trouble);
    }
  }
  if (troubles.length > 0)
    throw new AggregateError(troubles, `not closed as it should: ${troubles.map(String).join('; ')}`);
}
