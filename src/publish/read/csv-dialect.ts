// Tells a CSV file's dialect from its beginning: delimiter, line ends, what stands above the table, and whether it has
// a header. It must not decide types, and nothing it says is trusted for rows further down: csv-source.ts checks every
// record.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import { emptyRecord, prepareGrammar, readRecord, type CsvGrammar } from './csv-record.ts';

export type CsvDialect = {
  readonly grammar: CsvGrammar;
  /** Records above the table: titles, notes, blank lines. They are not rows. */
  readonly preamble: number;
  readonly hasHeader: boolean;
  /** The header's cells, or empty strings when there is none; as many as the table has columns. */
  readonly titles: readonly string[];
};

const delimiters = [',', '\t', ';', '|'] as const;
const sampleRecords = 1_000;
const preambleRecords = 50;
/** Quotes that make no sense with a delimiter are tried again from line to line; what has been read by then must do. */
const mostReadings = 8;

/**
 * `sample` is the beginning of the text; `isWhole` when it is all of it. Throws empty-file when there is nothing but
 * blanks.
 */
export function requireDialect(sample: Buffer, isWhole: boolean): CsvDialect {
  const carriageReturnEnds = !sample.includes(0x0a) && sample.includes(0x0d);
  const readings = delimiters.map((delimiter) => {
    const grammar = { delimiter: delimiter.charCodeAt(0), carriageReturnEnds };
    return toReading(grammar, readSample(sample, isWhole, grammar));
  });
  const best = readings.reduce((left, right) => (right.score > left.score + 1e-9 ? right : left));
  if (best.records.every((cells) => cells.every((cell) => cell.trim() === ''))) {
    throw new PortalError('empty-file', say('publish.only-blanks'));
  }
  const at = headerPlace(best.records, best.width);
  const header = best.records[at] ?? [];
  const rows = best.records.slice(at + 1).filter((cells) => cells.some((cell) => cell !== ''));
  const hasHeader = isHeader(header, rows);
  const width = toWidth(header, rows);
  const titles = Array.from({ length: width }, (_, index) => (hasHeader ? (header[index] ?? '').trim() : ''));
  return { grammar: best.grammar, preamble: at, hasHeader, titles };
}

type Reading = {
  readonly grammar: CsvGrammar;
  readonly records: readonly (readonly string[])[];
  readonly width: number;
  readonly score: number;
};

function readSample(sample: Buffer, isWhole: boolean, grammar: CsvGrammar): string[][] {
  const prepared = prepareGrammar(grammar);
  const window = { bytes: sample, limit: sample.length, atEnd: isWhole };
  const record = emptyRecord();
  const records: string[][] = [];
  let at = 0;
  let again = 0; // bytes read a second time after an unreadable record
  while (at < sample.length && records.length < sampleRecords && again <= sample.length * mostReadings) {
    if (!readRecord(window, at, prepared, record, true)) break;
    const skip = record.problem !== null && record.firstLineEnd !== -1;
    if (skip) again += record.next - record.firstLineEnd;
    else records.push(record.values ?? []);
    at = skip ? record.firstLineEnd + 1 : record.next;
  }
  // One line longer than the sample: what there is of it still tells the delimiter.
  if (records.length === 0 && sample.length > 0) {
    readRecord({ ...window, atEnd: true }, 0, prepared, record, true);
    records.push(record.values ?? []);
  }
  return records;
}

/**
 * How well a delimiter explains the sample: the share of records with the most usual width, and a little for more
 * columns.
 */
function toReading(grammar: CsvGrammar, records: string[][]): Reading {
  const filled = records.filter((cells) => cells.some((cell) => cell.trim() !== ''));
  const width = mostUsual(filled.map((cells) => cells.length));
  const share = filled.filter((cells) => cells.length === width).length / Math.max(1, filled.length);
  const first = filled.find((cells) => cells.length > 1);
  const headerFits = first !== undefined && first.length === width;
  const score = width < 2 ? 0.1 * share : share * (headerFits ? 1 : 0.6) + Math.log1p(Math.min(width, 50)) * 0.05;
  return { grammar, records, width, score };
}

/** The most frequent number; the larger one of two as frequent. */
function mostUsual(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  let best = 0;
  for (const [number, count] of counts) {
    const bestCount = counts.get(best) ?? 0;
    if (count > bestCount || (count === bestCount && number > best)) best = number;
  }
  return best;
}

/**
 * The index of the first record that is as full as the table usually is; titles and notes above it fill a cell or two.
 */
function headerPlace(records: readonly (readonly string[])[], width: number): number {
  const fullness = records.map((cells) => cells.filter((cell) => cell.trim() !== '').length);
  const usual = mostUsual(fullness.filter((cells) => cells > 0));
  const needed = width < 2 ? 1 : Math.max(2, Math.ceil(usual * 0.75));
  const found = fullness.slice(0, preambleRecords).findIndex((cells) => cells >= needed);
  if (found !== -1) return found;
  return Math.max(
    0,
    fullness.findIndex((cells) => cells > 0),
  );
}

const numberCell = /^[($]*[+-]?[$]?\d[\d,]*(\.\d+)?([eE][+-]?\d+)?[)%]?$/;
const dateCell = /^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]\d{1,2}:\d{2}.*)?$/;

/** Blanks are taken off first: a pattern that looks for them at the end tries every one of a million. */
function isTyped(cell: string): boolean {
  const trimmed = cell.trim();
  return numberCell.test(trimmed) || dateCell.test(trimmed);
}

/**
 * A header is taken for granted unless its cells look like the values below them and no cell looks like a name above
 * values.
 */
function isHeader(header: readonly string[], rows: readonly (readonly string[])[]): boolean {
  if (rows.length === 0) return !header.every((cell) => isTyped(cell));
  let names = 0;
  let values = 0;
  for (const [index, cell] of header.entries()) {
    const below = rows.map((cells) => cells[index] ?? '').filter((value) => value.trim() !== '');
    if (below.length === 0 || cell.trim() === '') continue;
    const typedBelow = below.filter(isTyped).length / below.length;
    if (isTyped(cell)) {
      // Years and code numbers head many columns; only a value that the column repeats or continues speaks against a
      // header.
      if (typedBelow > 0.8 && !/^\s*(1[89]|20)\d\d\s*$/.test(cell)) values++;
    } else if (typedBelow > 0.8) {
      names++;
    }
  }
  return names > 0 || values === 0;
}

/** As many columns as the header has, or more when most rows do. */
function toWidth(header: readonly string[], rows: readonly (readonly string[])[]): number {
  const usual = rows.length === 0 ? 0 : mostUsual(rows.map((cells) => filledWidth(cells)));
  const usualShare = rows.filter((cells) => cells.length >= usual).length / Math.max(1, rows.length);
  return Math.max(1, header.length, usualShare > 0.5 ? usual : 0);
}

function filledWidth(cells: readonly string[]): number {
  return cells.findLastIndex((cell) => cell.trim() !== '') + 1;
}
