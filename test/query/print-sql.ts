// Lays SQL out over lines for people: what fits stays on one line, else a line for each clause, item and condition.
// It must change nothing but white space between tokens.

const widest = 110;

type Item = string | Group;
type Group = { readonly items: readonly Item[] };

const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]|,|[ \t\n]+|[^\s'"(),]+/gu;
const clause = /^(?:SELECT|FROM|WHERE|GROUP|HAVING|ORDER|LIMIT|OFFSET|WITH|WHEN|ELSE|END|LEFT|AND|OR)$/u;

export function printSql(sql: string): string {
  const tokens = sql.match(token) ?? [];
  const stack: Item[][] = [[]];
  for (const each of tokens) {
    if (each === '(') stack.push([]);
    else if (each === ')') {
      const items = stack.pop() ?? [];
      stack.at(-1)?.push({ items });
    } else stack.at(-1)?.push(each.trim() === '' ? ' ' : each);
  }
  return toLines(stack[0] ?? [], 0);
}

function flat(items: readonly Item[]): string {
  return items.map((item) => (typeof item === 'string' ? item : `(${flat(item.items)})`)).join('');
}

/** The items from a margin on; every line begins at the margin or to its right. */
function toLines(items: readonly Item[], margin: number): string {
  const whole = flat(items).trim();
  if (margin + whole.length <= widest) return ' '.repeat(margin) + whole;
  return toSegments(items)
    .map((segment) => toLine(segment, margin))
    .join('\n');
}

/** Cut after each comma and before each clause; the FROM of IS DISTINCT FROM is none. */
function toSegments(items: readonly Item[]): readonly (readonly Item[])[] {
  const segments: Item[][] = [[]];
  let last: Item = '';
  for (const item of items) {
    if (typeof item === 'string' && clause.test(item) && last !== 'DISTINCT') segments.push([]);
    segments.at(-1)?.push(item);
    if (item === ',') segments.push([]);
    if (item !== ' ') last = item;
  }
  return segments.filter((segment) => flat(segment).trim() !== '');
}

/** One segment: on its line when it fits, else with its groups opened over lines. */
function toLine(segment: readonly Item[], margin: number): string {
  const whole = flat(segment).trim();
  if (margin + whole.length <= widest) return ' '.repeat(margin) + whole;
  const text = segment
    .map((item) => {
      if (typeof item === 'string') return item;
      const inner = flat(item.items);
      return inner.length < 40 ? `(${inner})` : `(\n${toLines(item.items, margin + 2)}\n${' '.repeat(margin)})`;
    })
    .join('');
  return ' '.repeat(margin) + text.trim();
}
