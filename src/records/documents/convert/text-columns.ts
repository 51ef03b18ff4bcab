// How wide the columns of a table are on a page.
// It must leave every column some room, however much stands in the others.

export type Column = { readonly x: number; readonly width: number };

const gap = 8;

/** `room`: the width of the page, in points. A narrow column gets what it needs; the wide ones share the rest. */
export function toColumns(
  rows: readonly (readonly string[])[],
  widthOf: (word: string) => number,
  room: number,
): readonly Column[] {
  const count = Math.max(1, ...rows.map((row) => row.length));
  const needs = Array.from({ length: count }, (_, at) =>
    Math.max(1, ...rows.flatMap((row) => (row[at] ?? '').split('\n').map((line) => lengthOf(line, widthOf)))),
  );
  const widths = share(needs, Math.max(count, room - gap * (count - 1)));
  let x = 0;
  return widths.map((width) => {
    const column = { x, width };
    x += width + gap;
    return column;
  });
}

function lengthOf(line: string, widthOf: (word: string) => number): number {
  const words = line.split(' ');
  return words.reduce((sum, word) => sum + widthOf(word), widthOf(' ') * (words.length - 1));
}

/** What is left after those that need less than an equal share is shared by the others. */
function share(needs: readonly number[], room: number): readonly number[] {
  const order = needs.map((need, at) => ({ need, at })).sort((a, b) => a.need - b.need);
  const widths = needs.map(() => 0);
  let left = room;
  order.forEach(({ need, at }, index) => {
    const width = Math.min(need, left / (order.length - index));
    widths[at] = width;
    left -= width;
  });
  return widths;
}
