// The grammar of one CSV record over bytes: where it ends, how many fields it has, what they say.
// It must not know files, headers or types; every reader of CSV in the portal uses this one grammar.

export type CsvGrammar = {
  /** The byte between fields. */
  readonly delimiter: number;
  /** True when a lone carriage return ends a line (old Macintosh files). */
  readonly carriageReturnEnds: boolean;
};

/** A grammar that is read with: its table of bytes has been made. */
export type PreparedGrammar = CsvGrammar & {
  /** 1: ends an unquoted field or needs a look. */
  readonly stops: Uint8Array;
};

/** What there is of a file: `bytes[0, limit)`. One object is moved over the whole file, for it is asked per record. */
export type CsvWindow = {
  bytes: Buffer;
  limit: number;
  /** Nothing comes after it. */
  atEnd: boolean;
};

/** What one call of `readRecord` found; the same object is filled again and again. */
export type CsvRecord = {
  /** The record's bytes: [start, end) without its line end; the next record begins at `next`. */
  start: number;
  end: number;
  next: number;
  fields: number;
  /** Line breaks inside quotes. */
  innerLines: number;
  /** Where the record's first line ends, when it has more than one; else -1. */
  firstLineEnd: number;
  lineEnd: 'lf' | 'crlf' | 'cr' | 'none';
  /** Only what every CSV reader reads the same way: no blanks around quotes, no stray quotes, no NUL, no lone CR. */
  strict: boolean;
  /** Why the record cannot be read, or null. */
  problem: 'unterminated-quote' | 'text-after-quote' | 'nul' | null;
  /** The values, when they were asked for. */
  values: string[] | null;
};

export function emptyRecord(): CsvRecord {
  return {
    start: 0,
    end: 0,
    next: 0,
    fields: 0,
    innerLines: 0,
    firstLineEnd: -1,
    lineEnd: 'none',
    strict: true,
    problem: null,
    values: null,
  };
}

const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;

/** Once per file, not per record. */
export function prepareGrammar({ delimiter, carriageReturnEnds }: CsvGrammar): PreparedGrammar {
  const stops = new Uint8Array(256);
  for (const byte of [delimiter, lineFeed, carriageReturn, quote, 0]) stops[byte] = 1;
  return { delimiter, carriageReturnEnds, stops };
}

/**
 * Reads the record at `start` of the window. False when the window ends before the record does and more may come: call
 * again with more bytes.
 */
export function readRecord(
  window: CsvWindow,
  start: number,
  grammar: PreparedGrammar,
  record: CsvRecord,
  collect: boolean,
): boolean {
  const { bytes, limit } = window;
  record.start = start;
  record.fields = 0;
  record.innerLines = 0;
  record.firstLineEnd = -1;
  record.lineEnd = 'none';
  record.strict = true;
  record.problem = null;
  record.values = collect ? [] : null;
  if (!collect && readUnquoted(window, start, grammar, record)) return true;
  record.fields = 0;
  let at = start;
  for (;;) {
    record.fields++;
    const end = readField(window, at, grammar, record);
    if (end === -1) return false;
    if (end >= limit) {
      record.end = record.next = limit;
      return true;
    }
    if (bytes[end] === grammar.delimiter) {
      at = end + 1;
      continue;
    }
    return endRecord(window, end, record);
  }
}

/**
 * A record without a quote, a NUL or a lone carriage return, which is most of every file: only its delimiters are
 * counted, at three times the speed. False, with nothing decided, when the record holds any of them or does not end
 * here.
 */
function readUnquoted(
  { bytes, limit }: CsvWindow,
  start: number,
  { delimiter, stops }: PreparedGrammar,
  record: CsvRecord,
): boolean {
  let fields = 1;
  for (let at = start; at < limit; at++) {
    const byte = bytes[at] as number;
    if (stops[byte] === 0) continue;
    if (byte === delimiter) {
      fields++;
      continue;
    }
    const pair = byte === carriageReturn && at + 1 < limit && bytes[at + 1] === lineFeed;
    if (byte !== lineFeed && !pair) return false;
    record.fields = fields;
    record.end = at;
    record.next = at + (pair ? 2 : 1);
    record.lineEnd = pair ? 'crlf' : 'lf';
    return true;
  }
  return false;
}

/** Reads the line end at `end`. */
function endRecord({ bytes, limit, atEnd }: CsvWindow, end: number, record: CsvRecord): boolean {
  record.end = end;
  if (bytes[end] === lineFeed) {
    record.next = end + 1;
    record.lineEnd = 'lf';
    return true;
  }
  if (end + 1 >= limit && !atEnd) return false;
  const pair = bytes[end + 1] === lineFeed && end + 1 < limit;
  record.next = end + (pair ? 2 : 1);
  record.lineEnd = pair ? 'crlf' : 'cr';
  return true;
}

/** Where the field at `at` ends (its delimiter, line end, or the window's end), or -1 when more bytes are needed. */
function readField(window: CsvWindow, at: number, grammar: PreparedGrammar, record: CsvRecord): number {
  const { bytes, limit, atEnd } = window;
  let first = at;
  while (first < limit && bytes[first] === space) first++;
  if (first >= limit && !atEnd) return -1;
  if (first < limit && bytes[first] === quote) {
    const end = readQuoted(window, at, first, grammar, record);
    if (end !== -2) return end;
  }
  return readPlain(window, at, grammar, record);
}

function readPlain(window: CsvWindow, start: number, grammar: PreparedGrammar, record: CsvRecord): number {
  const { bytes, limit, atEnd } = window;
  const { stops } = grammar;
  let at = start;
  for (;;) {
    while (at < limit && stops[bytes[at] as number] === 0) at++;
    if (at >= limit) {
      if (!atEnd) return -1;
      break;
    }
    const byte = bytes[at];
    if (byte === grammar.delimiter || byte === lineFeed) break;
    if (byte === carriageReturn) {
      if (grammar.carriageReturnEnds) break;
      if (at + 1 >= limit && !atEnd) return -1;
      if (at + 1 >= limit || bytes[at + 1] === lineFeed) break;
    } else if (byte === 0) {
      record.problem ??= 'nul';
    }
    record.strict = false; // a quote, a NUL or a lone carriage return inside an unquoted field
    at++;
  }
  record.values?.push(bytes.toString('utf8', start, at));
  return at;
}

/**
 * A field whose first character is a quote at `open`. -2: it is not a quoted field after all, read it plainly: the
 * quotes close before other text, and nothing inside them would have ended the field.
 */
function readQuoted(window: CsvWindow, start: number, open: number, grammar: CsvGrammar, record: CsvRecord): number {
  const { bytes, limit, atEnd } = window;
  let at = open + 1;
  let doubled = false;
  for (;;) {
    const close = bytes.indexOf(quote, at);
    if (close === -1 || close >= limit) {
      if (!atEnd) return -1;
      record.problem = 'unterminated-quote'; // more than a NUL: it says where the record may not end
      noteInside(bytes, open, limit, grammar, record);
      return limit;
    }
    if (close + 1 >= limit && !atEnd) return -1;
    if (close + 1 < limit && bytes[close + 1] === quote) {
      doubled = true;
      at = close + 2;
      continue;
    }
    let after = close + 1;
    while (after < limit && bytes[after] === space) after++;
    if (after >= limit && !atEnd) return -1;
    if (after >= limit || endsField(bytes[after] as number, grammar)) {
      if (open !== start || after !== close + 1) record.strict = false;
      noteInside(bytes, open, close, grammar, record);
      if (record.values !== null) {
        const text = bytes.toString('utf8', open + 1, close);
        record.values.push(doubled ? text.replaceAll('""', '"') : text);
      }
      return after;
    }
    if (open === start && !isOneField(bytes, open + 1, close, grammar)) {
      record.problem = 'text-after-quote';
      noteInside(bytes, open, close, grammar, record);
      record.strict = false;
      return skipLine(window, close + 1, grammar);
    }
    return -2;
  }
}

function endsField(byte: number, grammar: CsvGrammar): boolean {
  return byte === grammar.delimiter || byte === lineFeed || byte === carriageReturn;
}

function isOneField(bytes: Buffer, start: number, end: number, grammar: CsvGrammar): boolean {
  for (let at = start; at < end; at++) if (endsField(bytes[at] as number, grammar)) return false;
  return true;
}

function skipLine({ bytes, limit, atEnd }: CsvWindow, from: number, grammar: CsvGrammar): number {
  let at = from;
  while (at < limit && !endsLine(bytes, at, limit, grammar)) at++;
  if (at >= limit) return atEnd ? limit : -1;
  return bytes[at] === lineFeed && at > from && bytes[at - 1] === carriageReturn ? at - 1 : at;
}

/** A line feed, or the lone carriage return of a file whose lines end in one. */
function endsLine(bytes: Buffer, at: number, limit: number, grammar: CsvGrammar): boolean {
  const byte = bytes[at];
  if (byte === lineFeed) return true;
  if (byte !== carriageReturn || !grammar.carriageReturnEnds) return false;
  return at + 1 >= limit || bytes[at + 1] !== lineFeed;
}

/** Counts line breaks inside quotes, remembers where the record's first line ends, and sees NULs. */
function noteInside(bytes: Buffer, start: number, end: number, grammar: CsvGrammar, record: CsvRecord): void {
  for (let at = start; at < end; at++) {
    if (bytes[at] === 0) record.problem ??= 'nul';
    if (!endsLine(bytes, at, end, grammar)) continue;
    if (record.innerLines === 0) record.firstLineEnd = at;
    record.innerLines++;
  }
}
