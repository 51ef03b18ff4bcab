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
import { requireDialect, type CsvDialect } from './csv-dialect.ts';
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
export async function guessCsv(path: string, start: number): Promise<LoadPlan | null> {
  const text: TextFile = { path, encoding: 'utf-8', start, undecodable: null };
  const { sample, isWhole } = await readSample(text);
  const dialect = requireDialect(sample, isWhole);
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
  quarantine: Quarantine,
  findings: Findings,
): Promise<TableSource> {
  const { sample, isWhole } = await readSample(text);
  const dialect = requireDialect(sample, isWhole);
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
  longest: number;
  allStrict: boolean;
  allOneWidth: boolean;
  hasInnerLines: boolean;
  readonly ends: { lf: number; crlf: number; cr: number; none: number };
};

type RowVisit = CsvVisit & { readonly row: number; readonly kind: 'preamble' | 'header' | 'blank' | 'row' };

/** Walks the file and says of each record what it is. */
async function walkRows(
  text: TextFile,
  dialect: CsvDialect,
  collect: boolean,
  visit: (visit: RowVisit) => boolean | void,
): Promise<void> {
  let index = 0;
  let row = 0;
  let headerSeen = !dialect.hasHeader;
  await walkCsv(text.path, { grammar: dialect.grammar, start: text.start, collect }, (seen) => {
    const kind = kindOf(seen, index++, dialect, headerSeen);
    if (kind === 'header') headerSeen = true;
    if (kind === 'row') row++;
    const { record, bytes, line, offset } = seen; // a spread costs as much as the record itself
    return visit({ record, bytes, line, offset, row, kind });
  });
}

function kindOf({ record }: CsvVisit, index: number, dialect: CsvDialect, headerSeen: boolean): RowVisit['kind'] {
  if (index < dialect.preamble) return 'preamble';
  if (!headerSeen) return 'header';
  return record.start === record.end ? 'blank' : 'row';
}

async function surveyRecords(text: TextFile, dialect: CsvDialect): Promise<Survey> {
  const survey: Survey = {
    rows: 0,
    blanks: 0,
    longest: 0,
    allStrict: true,
    allOneWidth: true,
    hasInnerLines: false,
    ends: { lf: 0, crlf: 0, cr: 0, none: 0 },
  };
  const width = dialect.titles.length;
  await walkRows(text, dialect, false, ({ record, kind, row }) => {
    survey.rows = row;
    survey.ends[record.lineEnd]++;
    survey.longest = Math.max(survey.longest, record.end - record.start);
    if (kind === 'blank') survey.blanks++;
    if (kind === 'preamble') return;
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
    survey.blanks === 0 &&
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
  if (survey.blanks > 0) {
    findings.add('row-unreadable', 'note', say('publish.blank-lines-skipped', { lines: survey.blanks }));
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
    const values = seen.record.values ?? [];
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
