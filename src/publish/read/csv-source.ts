// From a CSV text to a table the engine can load: every record is checked against the grammar and the header's width.
// It must not change a value: a record is passed on as its own bytes, or with the same values quoted in the plainest
// way.

import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { ErrorCode } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import { requireDialect, type CsvDialect, type CsvRecipe } from './csv-dialect.ts';
import { walkCsv, type CsvVisit } from './csv-file.ts';
import type { TextFile } from './encoding.ts';
import type { Findings } from './findings.ts';
import type { LoadPlan } from './load.ts';
import { toCell, type Quarantine } from './quarantine.ts';
import type { RowPlace, TableSource } from './table-source.ts';

const sampleBytes = 1 << 18;
const rawKept = 1 << 20;

/**
 * What to load should the file turn out to be UTF-8 and regular, told before every byte and every record has been
 * looked at; null where its beginning speaks against it. Throws empty-file, as openCsv does.
 */
export async function guessCsv(path: string, start: number, recipe: CsvRecipe): Promise<LoadPlan | null> {
  const text: TextFile = { path, encoding: 'utf-8', start, undecodable: null };
  const { sample, isWhole } = await readSample(text);
  const dialect = requireDialect(sample, isWhole, recipe);
  if (dialect.preamble > 0) return null;
  return { csv: asItStands(text, dialect, sample.includes('\r\n'), 0), columns: toColumns(dialect) };
}

function toColumns({ titles }: CsvDialect): TableSource['columns'] {
  return titles.map((title) => ({ title, hint: 'any' as const }));
}

/** `target` is where a regular copy goes when the file itself cannot be loaded as it is. */
export async function openCsv(
  text: TextFile,
  target: string,
  recipe: CsvRecipe,
  { quarantine, findings }: { readonly quarantine: Quarantine; readonly findings: Findings },
): Promise<TableSource> {
  const { sample, isWhole } = await readSample(text);
  const dialect = requireDialect(sample, isWhole, recipe);
  const survey = await surveyRecords(text, dialect);
  sayShape(dialect, survey, findings);
  const regular = isRegular(text, dialect, survey);
  const delimiter = String.fromCharCode(dialect.grammar.delimiter);
  const rows = regular ? survey.rows : await rewrite(text, dialect, target, quarantine, findings);
  return {
    format: 'csv',
    encoding: text.encoding,
    delimiter: delimiter === '\t' ? 'tab' : delimiter,
    csv: regular
      ? asItStands(text, dialect, survey.ends.crlf > 0, survey.longest)
      : {
          path: target,
          delimiter: ',',
          newline: '\\n',
          hasHeader: false,
          longestRecord: survey.longest * 2,
          keepsEmptyText: false,
          padded: false,
        },
    columns: toColumns(dialect),
    rows,
    quarantined: [...quarantine.rows()],
    locate: (records) => locate(text, dialect, records),
    crs: null,
  };
}

function asItStands(text: TextFile, dialect: CsvDialect, crlf: boolean, longestRecord: number): TableSource['csv'] {
  return {
    path: text.path,
    delimiter: String.fromCharCode(dialect.grammar.delimiter),
    newline: crlf ? '\\r\\n' : '\\n',
    hasHeader: dialect.hasHeader,
    longestRecord,
    keepsEmptyText: false,
    padded: false,
  };
}

async function readSample(text: TextFile): Promise<{ sample: Buffer; isWhole: boolean }> {
  const handle = await open(text.path, 'r');
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(sampleBytes), 0, sampleBytes, text.start);
    return { sample: buffer.subarray(0, bytesRead), isWhole: text.start + bytesRead >= size };
  } finally {
    await handle.close();
  }
}

type Survey = {
  rows: number;
  /** Blank lines between rows, and above the table. */
  blanks: number;
  /** Records that repeat the header, and the line of the first. */
  repeats: number;
  repeatLine: number;
  /** Byte-order marks within the file, as joined files leave them. */
  marks: number;
  longest: number;
  allStrict: boolean;
  allOneWidth: boolean;
  hasInnerLines: boolean;
  readonly ends: { lf: number; crlf: number; cr: number; none: number };
};

type RowVisit = CsvVisit & { readonly row: number; readonly kind: 'preamble' | 'header' | 'blank' | 'repeat' | 'row' };

/** Walks the file and says of each record what it is. */
async function walkRows(
  text: TextFile,
  dialect: CsvDialect,
  collect: boolean,
  visit: (visit: RowVisit) => boolean | void,
): Promise<void> {
  let index = 0;
  let row = 0;
  let header: Buffer | null = dialect.hasHeader ? null : noHeader;
  await walkCsv(text.path, { grammar: dialect.grammar, start: text.start, collect }, (seen) => {
    const kind = kindOf(seen, index++, dialect, header);
    const { record, bytes, line, offset } = seen; // a spread costs as much as the record itself
    if (kind === 'header') header = Buffer.from(bytes.subarray(record.start, record.end));
    if (kind === 'row') row++;
    return visit({ record, bytes, line, offset, row, kind });
  });
}

const noHeader = Buffer.alloc(0);

function kindOf(seen: CsvVisit, index: number, dialect: CsvDialect, header: Buffer | null): RowVisit['kind'] {
  if (index < dialect.preamble) return 'preamble';
  if (header === null) return 'header';
  if (seen.record.start === seen.record.end) return 'blank';
  return isHeaderAgain(seen, header) ? 'repeat' : 'row';
}

const byteOrderMark = Buffer.from('\ufeff');

function beginsWithMark({ record, bytes }: CsvVisit): boolean {
  return bytes[record.start] === 0xef && bytes.subarray(record.start, record.start + 3).equals(byteOrderMark);
}

/**
 * The header's own bytes once more, as files joined end to end have them, with a byte-order mark or without. A column
 * that stands alone may well hold its own name as a value: there only the mark tells.
 */
function isHeaderAgain(seen: CsvVisit, header: Buffer): boolean {
  const { record, bytes } = seen;
  const start = beginsWithMark(seen) ? record.start + byteOrderMark.length : record.start;
  if (record.end - start !== header.length || bytes[start] !== header[0]) return false;
  return (record.fields > 1 || start > record.start) && header.equals(bytes.subarray(start, record.end));
}

async function surveyRecords(text: TextFile, dialect: CsvDialect): Promise<Survey> {
  const survey: Survey = {
    rows: 0,
    blanks: 0,
    repeats: 0,
    repeatLine: 0,
    marks: 0,
    longest: 0,
    allStrict: true,
    allOneWidth: true,
    hasInnerLines: false,
    ends: { lf: 0, crlf: 0, cr: 0, none: 0 },
  };
  const width = dialect.titles.length;
  await walkRows(text, dialect, false, (seen) => {
    const { record, kind, row } = seen;
    survey.rows = row;
    survey.ends[record.lineEnd]++;
    survey.longest = Math.max(survey.longest, record.end - record.start);
    if (kind === 'blank') survey.blanks++;
    if (kind === 'preamble') return;
    if (beginsWithMark(seen)) survey.marks++;
    if (kind === 'repeat' && survey.repeats++ === 0) survey.repeatLine = seen.line;
    if (!record.strict || record.problem !== null) survey.allStrict = false;
    if (record.innerLines > 0) survey.hasInnerLines = true;
    if (record.fields !== width) survey.allOneWidth = false;
  });
  return survey;
}

/** True when the engine reads the file exactly as this grammar does. */
function isRegular(text: TextFile, dialect: CsvDialect, survey: Survey): boolean {
  const { lf, crlf, cr } = survey.ends;
  return (
    survey.allStrict &&
    survey.allOneWidth &&
    survey.blanks + survey.repeats + survey.marks === 0 &&
    dialect.preamble === 0 &&
    text.undecodable === null &&
    cr === 0 &&
    (lf === 0 || crlf === 0)
  );
}

function sayShape(dialect: CsvDialect, survey: Survey, findings: Findings): void {
  if (dialect.preamble > 0) {
    findings.add('row-unreadable', 'note', say('publish.lines-above-table', { lines: dialect.preamble }), { line: 1 });
  }
  if (!dialect.hasHeader) {
    findings.add('row-unreadable', 'warning', say('publish.no-header'), { line: 1 });
  }
  sayDoubts(dialect, findings);
  if (survey.repeats > 0) {
    const { repeats, repeatLine } = survey;
    const sentence = say('publish.header-repeated', { times: repeats, line: String(repeatLine) });
    findings.add('row-unreadable', 'warning', sentence, { line: repeatLine });
  }
  if (survey.marks > 0) {
    findings.add('row-unreadable', 'note', say('publish.marks-within', { marks: survey.marks }));
  }
  if (survey.blanks > 0) {
    findings.add('row-unreadable', 'note', say('publish.blank-lines-skipped', { lines: survey.blanks }));
  }
}

function sayDoubts({ doubts, preamble }: CsvDialect, findings: Findings): void {
  if (doubts.titleAsWide) {
    const sentence = say('publish.title-as-wide', { line: String(preamble + 1) });
    findings.add('row-unreadable', 'warning', sentence, { line: preamble + 1 });
  }
  if (doubts.rival !== null) {
    const line = doubts.rival + 1;
    findings.add('row-unreadable', 'warning', say('publish.second-header', { line: String(line) }), { line });
  }
}

/** Writes the regular copy; what cannot be read goes to the quarantine. Returns the rows written. */
async function rewrite(
  text: TextFile,
  dialect: CsvDialect,
  target: string,
  quarantine: Quarantine,
  findings: Findings,
): Promise<number> {
  const out = createWriteStream(target, { flags: 'wx', mode: 0o600 });
  const width = dialect.titles.length;
  const trailing = dialect.titles.length - (dialect.titles.findLastIndex((title) => title !== '') + 1);
  const least = dialect.hasHeader ? width - trailing : width;
  let failed: Error | null = null;
  out.on('error', (error) => (failed = error));
  let written = 0;
  const batch: string[] = [];
  await walkRows(text, dialect, true, (seen) => {
    if (failed !== null) throw failed;
    if (seen.kind !== 'row') return;
    const values = withoutMark(seen);
    const fault = faultOf(seen, text, width, least);
    if (fault === null) {
      if (!seen.record.strict) noteQuotes(seen, findings);
      batch.push(toLine(values, width));
      written++;
    } else {
      const raw = seen.bytes.toString(
        'utf8',
        seen.record.start,
        Math.min(seen.record.end, seen.record.start + rawKept),
      );
      quarantine.add({ row: seen.row, line: seen.line, ...fault, raw });
      findings.add(fault.code, 'error', fault.reason, { row: seen.row, line: seen.line });
    }
    if (batch.length >= 512) out.write(batch.splice(0).join(''));
  });
  out.write(batch.join(''));
  await end(out);
  await quarantine.drain();
  return written;
}

/** A byte-order mark at the beginning of a record is no part of its first value. */
function withoutMark(seen: RowVisit): readonly string[] {
  const values = seen.record.values ?? [];
  if (!beginsWithMark(seen)) return values;
  const first = (values[0] ?? '').slice(1);
  const isQuoted = first.length > 1 && first.startsWith('"') && first.endsWith('"');
  return [isQuoted ? first.slice(1, -1).replaceAll('""', '"') : first, ...values.slice(1)];
}

async function end(out: WriteStream): Promise<void> {
  if (out.writableNeedDrain) await once(out, 'drain');
  out.end();
  await finished(out);
}

type Fault = { readonly code: ErrorCode; readonly reason: Sentence };

function faultOf({ record, bytes }: RowVisit, text: TextFile, width: number, least: number): Fault | null {
  if (record.problem !== null) return { code: 'row-unreadable', reason: problemSentences[record.problem] };
  const values = record.values ?? [];
  if (record.fields > width && values.slice(width).some((value) => value.trim() !== '')) {
    return { code: 'row-too-wide', reason: say('publish.row-too-wide', { fields: record.fields, width }) };
  }
  if (record.fields < least) {
    return {
      code: 'row-too-narrow',
      reason: say('publish.row-too-narrow', { fields: record.fields, width }),
    };
  }
  if (text.undecodable === 'bytes' && !isUtf8(bytes.subarray(record.start, record.end))) {
    return { code: 'row-unreadable', reason: say('publish.row-not-utf8') };
  }
  if (text.undecodable === 'replacement' && values.some((value) => value.includes('\ufffd'))) {
    return {
      code: 'row-unreadable',
      reason: say('publish.row-not-in-encoding', { encoding: text.encoding }),
    };
  }
  return null;
}

const problemSentences = {
  'unterminated-quote': say('publish.quote-never-closes'),
  'text-after-quote': say('publish.text-after-quote'),
  nul: say('publish.row-nul-byte'),
} as const;

function noteQuotes({ record, row, line, bytes }: RowVisit, findings: Findings): void {
  if (!bytes.subarray(record.start, record.end).includes(0x22)) return;
  findings.add('row-unreadable', 'note', say('publish.quotes-unusual'), { row, line });
}

/** Always in quotes unless empty, so that a row of one empty value is not a blank line. */
function toLine(values: readonly string[], width: number): string {
  let line = '';
  for (let index = 0; index < width; index++) {
    const value = values[index] ?? '';
    if (index > 0) line += ',';
    if (value !== '' || width === 1) line += toCell(value);
  }
  return `${line}\n`;
}

async function locate(
  text: TextFile,
  dialect: CsvDialect,
  records: readonly number[],
): Promise<ReadonlyMap<number, RowPlace>> {
  const wanted = new Set(records);
  const found = new Map<number, RowPlace>();
  await walkRows(text, dialect, false, ({ record, kind, row, line, bytes }) => {
    if (kind !== 'row' || !wanted.has(row)) return;
    found.set(row, { line, raw: bytes.toString('utf8', record.start, Math.min(record.end, record.start + rawKept)) });
    return found.size < wanted.size;
  });
  return found;
}
