// Tells where a CSV table begins in the records of its sample, and whether its first record is a header.
// It must not choose the delimiter, and decides no type: kinds here only tell names from what stands below them.

export type Cells = readonly string[];

export type HeaderPlace = {
  /** Index of the table's first record; what is above it are titles, notes and blank lines. */
  readonly at: number;
  /** A record above is as full as the table, and was taken for a title: the one at `at` is the better header. */
  readonly titleAsWide: boolean;
  /** Index of a record below `at` that could be the header, or a row of units, as well; null when there is none. */
  readonly rival: number | null;
};

type Kind = 'number' | 'date' | 'time' | 'word' | 'nothing';

const preambleRecords = 50;
/** A title as wide as the table is looked for in so many records. */
const titlesAsWide = 3;

/** The most frequent number; the larger one of two as frequent. */
export function mostUsual(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  let best = 0;
  for (const [number, count] of counts) {
    const bestCount = counts.get(best) ?? 0;
    if (count > bestCount || (count === bestCount && number > best)) best = number;
  }
  return best;
}

export function isFilled(cells: Cells): boolean {
  return cells.some((cell) => cell.trim() !== '');
}

/**
 * The first record that is as full as the table usually is, or that is only without a name for its first column, as
 * pandas and R write it; a later one when that stands above the values as a header does, and the first does not.
 */
export function headerPlace(records: readonly Cells[], width: number): HeaderPlace {
  const first = firstFull(records, width);
  let at = first;
  let rival: number | null = null;
  for (let later = first + 1; later <= first + titlesAsWide && width > 1; later++) {
    const candidate = records[later];
    const below = records.slice(later + 1).filter(isFilled);
    if (candidate === undefined || below.length === 0) break;
    const kinds = kindsOf(below, width);
    if (repeats(records[first] ?? [], candidate) || !couldHead(candidate, below, kinds)) continue;
    const [was, is] = [headScore(records[at] ?? [], kinds), headScore(candidate, kinds)];
    if (is > was) [at, rival] = [later, null];
    else if (is === was && is >= 4 && rival === null) rival = later;
  }
  return { at, titleAsWide: at !== first, rival };
}

function firstFull(records: readonly Cells[], width: number): number {
  const fullness = records.map((cells) => cells.filter((cell) => cell.trim() !== '').length);
  const usual = mostUsual(fullness.filter((cells) => cells > 0));
  const needed = width < 2 ? 1 : Math.max(2, Math.ceil(usual * 0.75));
  const isFull = (cells: Cells, index: number): boolean =>
    (fullness[index] ?? 0) >= needed || (width > 1 && isUnnamedFirst(cells, width));
  const found = records.slice(0, preambleRecords).findIndex(isFull);
  return found === -1 ? Math.max(0, records.findIndex(isFilled)) : found;
}

function isUnnamedFirst(cells: Cells, width: number): boolean {
  return cells.length === width && cells.every((cell, index) => (cell.trim() === '') === (index === 0));
}

/** Names are given, all different, and do not occur among the values below them. */
function couldHead(cells: Cells, below: readonly Cells[], kinds: readonly (Kind | null)[]): boolean {
  const names = cells.map((cell) => cell.trim());
  const isNamed = names.every((name, index) => (name === '' ? index === 0 : kindOf(name) !== 'nothing'));
  if (!isNamed || new Set(names).size < names.length || names.length < kinds.length) return false;
  if (names.some((name, index) => isTyped(kinds[index]) && kindOf(name) === kinds[index])) return false;
  return !below.some((row) => row.some((cell, index) => cell !== '' && cell.trim() === names[index]));
}

/** A word above numbers or dates speaks for a header, a value of their own kind against it. */
function headScore(cells: Cells, kinds: readonly (Kind | null)[]): number {
  let score = 0;
  const own: string[] = [];
  for (const [index, kind] of kinds.entries()) {
    const cell = (cells[index] ?? '').trim();
    const is = kindOf(cell);
    if (is === 'nothing') score -= 1;
    if (!isTyped(kind) || is === 'nothing') continue;
    if (is === 'word') score += 2;
    else if (is !== kind) score += 1;
    else own.push(cell);
  }
  const places = isSeries(own) || (own.length > 1 && own.every((cell) => yearCell.test(cell)));
  return score + own.reduce((sum, cell) => sum + (places ? 2 : yearCell.test(cell) ? 0 : -2), 0);
}

/** The kind that at least four fifths of a column's values have, column by column; null without a value. */
function kindsOf(rows: readonly Cells[], width: number): (Kind | null)[] {
  return Array.from({ length: width }, (_, index) => columnKind(rows.map((cells) => cells[index] ?? '')));
}

function columnKind(values: readonly string[]): Kind | null {
  const kinds = values.map(kindOf).filter((kind) => kind !== 'nothing');
  if (kinds.length === 0) return null;
  for (const kind of ['number', 'date', 'time'] as const) {
    if (kinds.filter((each) => each === kind).length >= kinds.length * 0.8) return kind;
  }
  return 'word';
}

function isTyped(kind: Kind | null | undefined): boolean {
  return kind === 'number' || kind === 'date' || kind === 'time';
}

const numberCell = /^[($€£]*[+-]?[$€£]?(\d[\d,.]*|\.\d+)([eE][+-]?\d+)?[)%€]*$/;
const dateCell = /^\d{1,4}([-/.])\d{1,2}\1\d{1,4}([ T]\d{1,2}:\d{2}.*)?$/;
const timeCell = /^\d{1,3}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?$/;
const yearCell = /^(1[89]|20)\d\d$/;
const nothingWords = /^(|-+|\*|n\/?a|n\.a\.|#n\/a|null|nan|none|nil|unknown|missing|tbd|pending|suppressed)$/i;
/** Longer cells are words whatever they begin with; patterns are not tried on a million characters. */
const longestValue = 64;

function kindOf(cell: string): Kind {
  const text = cell.trim();
  if (text.length > longestValue) return 'word';
  if (nothingWords.test(text)) return 'nothing';
  if (dateCell.test(text)) return 'date';
  if (numberCell.test(text)) return 'number';
  return timeCell.test(text) ? 'time' : 'word';
}

/** Whole numbers with one step between them: 1, 2, 3 or 0, 5, 10 number the columns they stand above. */
function isSeries(cells: readonly string[]): boolean {
  if (cells.length < 3 || !cells.every((cell) => /^-?\d{1,9}$/.test(cell))) return false;
  const numbers = cells.map(Number);
  const step = (numbers[1] as number) - (numbers[0] as number);
  return step !== 0 && numbers.every((number, index) => number === (numbers[0] as number) + index * step);
}

/**
 * A header is taken for granted unless its cells look like the values below them, and none is a name, or of another
 * kind, above values. `rows` are filled, and none of them repeats the header.
 */
export function isHeader(header: Cells, rows: readonly Cells[]): boolean {
  if (rows.length === 0) return !header.every((cell) => isTyped(kindOf(cell)));
  const kinds = kindsOf(rows, header.length);
  let names = 0;
  const own: number[] = [];
  for (const [index, kind] of kinds.entries()) {
    const is = kindOf(header[index] ?? '');
    if (!isTyped(kind) || is === 'nothing') continue;
    if (is !== kind) names++;
    else if (!isYearAboveOthers(header[index] ?? '', rows, index)) own.push(index);
  }
  if (names > 0 || own.length === 0) return true;
  const seriesAt = (cells: Cells): boolean => isSeries(own.map((index) => (cells[index] ?? '').trim()));
  return seriesAt(header) && rows.filter(seriesAt).length < rows.length / 2;
}

/** Years head many columns; among years one is a value. */
function isYearAboveOthers(cell: string, rows: readonly Cells[], index: number): boolean {
  if (!yearCell.test(cell.trim())) return false;
  const given = rows.map((cells) => (cells[index] ?? '').trim()).filter((value) => value !== '');
  return given.filter((value) => yearCell.test(value)).length < given.length * 0.8;
}

/** A record that repeats the header, as files joined end to end have it, byte-order mark and all. */
export function repeats(header: Cells, cells: Cells): boolean {
  if (cells.length !== header.length || cells.length < 2) return false;
  return cells.every((cell, index) => (index === 0 ? cell.replace(/^\ufeff/, '') : cell) === header[index]);
}
