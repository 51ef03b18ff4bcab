// Texts to the words that search compares: one spelling for accents, case, snake_case, camelCase and possessives.
// The index and the question must both come through here, or they never meet.

const longestWord = 64;

/** Letters that Unicode does not take apart. */
const spelled: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  þ: 'th',
  ð: 'd',
};

/** `Café` → `cafe`: lower case without accents. */
function toPlainLetters(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[ßæœøłđþð]/g, (letter) => spelled[letter] ?? letter);
}

/** `PermitType`, `permit_type`, `permit-type`, `Permit's type` → `permit`, `type`. */
export function toWords(text: string): readonly string[] {
  const apart = text
    .replace(/[’']s\b/gu, '')
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2');
  return split(apart);
}

/**
 * The words of a text for the index: those of `toWords`, then the ones written together in it (`GitHub` →
 * `github`).
 */
export function toIndexedWords(text: string): readonly string[] {
  const apart = toWords(text);
  const together = split(text.replace(/[’']s\b/gu, '')).filter((word) => !apart.includes(word));
  return [...apart, ...together];
}

function split(text: string): readonly string[] {
  return toPlainLetters(text)
    .split(/[^\p{L}\p{N}]+/u)
    .flatMap((word) => (word === '' ? [] : [word.slice(0, longestWord)]));
}

/** Edits between two words: insert, remove, replace, swap two neighbours; stops counting beyond `most`. */
export function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      row.push(least);
    }
    if (Math.min(...row) > most) return most + 1;
    [before, previous] = [previous, row];
  }
  return previous[b.length] ?? 0;
}
