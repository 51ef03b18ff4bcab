// Tells a CSV file's dialect from its beginning: delimiter, line ends, what stands above the table, and whether it has
// a header. It must not decide types, and nothing it says is trusted for rows further down: csv-source.ts checks every
// record.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import { headerPlace, isFilled, isHeader, mostUsual, repeats, type Cells, type HeaderPlace } from './csv-header.ts';
import { emptyRecord, prepareGrammar, readRecord, type CsvGrammar } from './csv-record.ts';
import type { Recipe } from '../../catalogue/recipe.ts';

export type CsvDialect = {
  readonly grammar: CsvGrammar;
  /** Records above the table: titles, notes, blank lines. They are not rows. */
  readonly preamble: number;
  readonly hasHeader: boolean;
  /** The header's cells, or empty strings when there is none; as many as the table has columns. */
  readonly titles: readonly string[];
  /** What a publisher should look at: where another record could be the header. */
  readonly doubts: Pick<HeaderPlace, 'titleAsWide' | 'rival'>;
};

/** What a publisher may say of a CSV file instead of having it guessed. */
export type CsvRecipe = Pick<Recipe, 'delimiter' | 'header' | 'skip'>;

/** In the order of how seldom they stand in values: of readings that explain a file as well, the first one counts. */
const delimiters = ['\t', '|', ';', ','] as const;
const sampleRecords = 1_000;
/** Quotes that make no sense with a delimiter are tried again from line to line; what has been read by then must do. */
const mostReadings = 8;

/**
 * `sample` is the beginning of the text; `isWhole` when it is all of it. Throws empty-file when there is nothing but
 * blanks, and file-unreadable when the recipe names a header that is not there.
 */
export function requireDialect(sample: Buffer, isWhole: boolean, recipe: CsvRecipe = {}): CsvDialect {
  const carriageReturnEnds = !sample.includes(0x0a) && sample.includes(0x0d);
  const tried = recipe.delimiter === undefined ? delimiters : [recipe.delimiter];
  const readings = tried.map((delimiter) => {
    const grammar = { delimiter: delimiter.charCodeAt(0), carriageReturnEnds };
    return toReading(grammar, readSample(sample, isWhole, grammar), recipe);
  });
  const best = readings.reduce((left, right) => (right.loss < left.loss - 1e-9 ? right : left));
  if (!best.records.some(isFilled)) {
    throw new PortalError('empty-file', say('publish.only-blanks'));
  }
  const { at, titleAsWide, rival } = best.place;
  const header = best.records[at] ?? [];
  const rows = best.records.slice(at + 1).filter((cells) => isFilled(cells) && !repeats(header, cells));
  const hasHeader = recipe.header === undefined ? isHeader(header, rows) : recipe.header !== 'none';
  const width = toWidth(header, rows);
  const titles = Array.from({ length: width }, (_, index) => (hasHeader ? (header[index] ?? '').trim() : ''));
  return { grammar: best.grammar, preamble: at, hasHeader, titles, doubts: { titleAsWide, rival } };
}

type Reading = {
  readonly grammar: CsvGrammar;
  readonly records: readonly Cells[];
  readonly place: HeaderPlace;
  /** How badly the delimiter explains the sample; 0 when every line is explained. */
  readonly loss: number;
};

type Sample = { readonly records: readonly Cells[]; readonly unreadable: number };

function readSample(sample: Buffer, isWhole: boolean, grammar: CsvGrammar): Sample {
  const prepared = prepareGrammar(grammar);
  const window = { bytes: sample, limit: sample.length, atEnd: isWhole };
  const record = emptyRecord();
  const records: string[][] = [];
  let unreadable = 0;
  let at = 0;
  let again = 0; // bytes read a second time after an unreadable record
  while (at < sample.length && records.length < sampleRecords && again <= sample.length * mostReadings) {
    if (!readRecord(window, at, prepared, record, true)) break;
    const skip = record.problem !== null && record.firstLineEnd !== -1;
    if (record.problem !== null) unreadable++;
    if (skip) again += record.next - record.firstLineEnd;
    else if (record.problem === null || record.problem === 'nul') records.push(record.values ?? []);
    at = skip ? record.firstLineEnd + 1 : record.next;
  }
  // One line longer than the sample: what there is of it still tells the delimiter.
  if (records.length === 0 && sample.length > 0) {
    readRecord({ ...window, atEnd: true }, 0, prepared, record, true);
    records.push(record.values ?? []);
  }
  return { records, unreadable };
}

/** Lines above the table are allowed, yet a delimiter that explains them too is the better one; so with its header. */
const lossOf = {
  linesAbove: 0.25,
  firstRow: 0.25,
  prose: 1.2,
  oneColumn: 1.2,
  pairsOfNumbers: 1,
  noise: 0.1,
} as const;

/**
 * A delimiter must explain every line: the share of those it does not explain, and what does not dilute with more of
 * them: lines above the table, a first row that does not fit, commas that are a sentence's.
 */
function toReading(grammar: CsvGrammar, { records, unreadable }: Sample, recipe: CsvRecipe): Reading {
  const width = mostUsual(records.filter(isFilled).map((cells) => cells.length));
  const place = toPlace(records, width, recipe);
  const header = records[place.at] ?? [];
  const body = records.slice(place.at + 1).filter(isFilled);
  const misfits = body.filter((cells) => !isOfWidth(cells, width)).length + unreadable;
  let loss = misfits / Math.max(1, body.length + unreadable);
  if (records.slice(0, place.at).some(isFilled) || !fits(header, body, width)) loss += lossOf.linesAbove;
  if (body[0] !== undefined && !isOfWidth(body[0], width)) loss += lossOf.firstRow;
  // Of readings that all find one column, a comma is what people expect to be told of.
  const expected = grammar.delimiter === 0x2c ? 0 : 0.001;
  if (width < 2) return { grammar, records, place, loss: lossOf.oneColumn + loss + expected };
  if (isProse(records.find(isFilled) ?? header, body)) loss += lossOf.prose;
  if (width === 2 && place.at > 0 && !isHeader(header, body)) loss += lossOf.pairsOfNumbers;
  return { grammar, records, place, loss: loss + lossOf.noise * (1 - clarity(body)) };
}

/** Empty fields beyond the table's width are dropped. */
function isOfWidth(cells: Cells, width: number): boolean {
  return cells.length === width || (cells.length > width && filledWidth(cells) <= width);
}

/** The header may be shorter than rows that all end in a delimiter too many. */
function fits(header: Cells, body: readonly Cells[], width: number): boolean {
  return header.length === width || header.length === mostUsual(body.map(filledWidth));
}

function toPlace(records: readonly Cells[], width: number, { header, skip = 0 }: CsvRecipe): HeaderPlace {
  const certain = (at: number): HeaderPlace => ({ at, titleAsWide: false, rival: null });
  if (header === 'none') return certain(skip);
  if (header !== undefined) {
    if (records.length < header)
      throw new PortalError('file-unreadable', say('publish.no-such-header', { line: header }));
    return certain(header - 1);
  }
  const found = headerPlace(records.slice(skip), width);
  return { ...found, at: found.at + skip, rival: found.rival === null ? null : found.rival + skip };
}

/** Commas with a blank behind them, row after row, under a first line that has none: words, not columns. */
function isProse(first: Cells, body: readonly Cells[]): boolean {
  const later = body.flatMap((cells) => cells.slice(1));
  if (later.length === 0 || first.slice(1).some((cell) => cell.startsWith(' '))) return false;
  return later.filter((cell) => cell.startsWith(' ')).length > later.length * 0.9;
}

const plainValue = /^[+-]?\d[\d.,]{0,30}$|^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}$/;

/** How many cells hold one plain value, and how many columns there are: settles what explains every line as well. */
function clarity(body: readonly Cells[]): number {
  const cells = body.flat();
  if (cells.length === 0) return 0;
  const plain = cells.filter((cell) => cell.length < 40 && plainValue.test(cell)).length / cells.length;
  return 0.7 * plain + 0.3 * (1 - 1 / Math.max(1, cells.length / body.length));
}

/** As many columns as the header has, or more when most rows do. */
function toWidth(header: Cells, rows: readonly Cells[]): number {
  const usual = rows.length === 0 ? 0 : mostUsual(rows.map(filledWidth));
  const usualShare = rows.filter((cells) => cells.length >= usual).length / Math.max(1, rows.length);
  return Math.max(1, header.length, usualShare > 0.5 ? usual : 0);
}

function filledWidth(cells: Cells): number {
  return cells.findLastIndex((cell) => cell.trim() !== '') + 1;
}
