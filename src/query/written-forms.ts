// How numbers and clocks were written in a publisher's file, where plain CSV writes them so again; and the SQL of it.
// It must know no file: which form a column has is proven by whoever reads one.

/** Whole numbers without a point, clocks without seconds: values of `Column.sourceFormat`. */
export const keptForms = { shortNumbers: '1.5, 2', minutes: 'HH:MM' } as const;

/** One of them too: numbers of at least so many places, as `1.50` and `1.505` have at least two. */
export function leastPlacesForm(places: number): string {
  return `0.${'0'.repeat(places)}…`;
}

/** Null for another form. */
export function leastPlacesOf(form: string): number | null {
  return /^0\.0+…$/.test(form) ? form.length - 3 : null;
}

/** SQL of a number's text without zeros, or a point, at its end; with an exponent it stays as it is. */
export function shortNumberSql(text: string): string {
  const cut = `rtrim(rtrim(${text}, '0'), '.')`;
  return `(case when contains(${text}, 'e') or not contains(${text}, '.') then ${text} else ${cut} end)`;
}

/** SQL of a number's text with at least so many places. */
export function leastPlacesSql(text: string, places: number): string {
  const short = shortNumberSql(text);
  const missing = `greatest(0, ${places} - strlen(split_part(${short}, '.', 2)))`;
  const padded = `${short} || if(contains(${short}, '.'), '', '.') || repeat('0', ${missing})`;
  return `(case when contains(${text}, 'e') then ${text} else ${padded} end)`;
}
