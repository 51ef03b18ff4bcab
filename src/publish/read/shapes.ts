// The ways values are written, as a table: how to know one by its text, and the SQL that reads it without losing
// anything. It must hold no shape whose reading could change a value; what fits no shape stays text.

import type { Column, ColumnType, TypeKind } from '../../query/column.ts';

export type Shape = {
  readonly id: string;
  readonly type: ColumnType;
  readonly meaning: Column['meaning'];
  /** As `Column.sourceFormat`: null when the text is the canonical one. */
  readonly sourceFormat: string | null;
  /** For the sample, in JavaScript; the same pattern in SQL where `proof` does not replace it. */
  readonly pattern: RegExp;
  /** SQL of the typed value of the text `c`; NULL or an error-free wrong type never happens for a proven value. */
  readonly convert: (c: string) => string;
  /** SQL, true when `c` is of this shape and nothing is lost by converting it. */
  readonly proof: (c: string) => string;
  /** Blanks around the value are allowed, and counted. */
  readonly trims: boolean;
  /** SQL, true when `c` could also be read otherwise (day and month exchanged): the column must refute it somewhere. */
  readonly rival: ((c: string) => string) | null;
};

/** The words that mean "nothing given" in a column of another type than text. */
const nullMarkers = ['NA', 'N/A', 'n/a', '#N/A', 'NULL', 'null', 'NaN', 'nan', '-'] as const;

const markerList = nullMarkers.map((marker) => `'${marker}'`).join(', ');

/** SQL, true when `c` is one of the null markers or holds only blanks. */
export function isMarker(c: string): string {
  return `(${c} in (${markerList}) or trim(${c}) = '')`;
}

const markerSet: ReadonlySet<string> = new Set(nullMarkers);

export function isMarkerText(text: string): boolean {
  return markerSet.has(text) || text.trim() === '';
}

function matches(c: string, pattern: RegExp): string {
  return `regexp_full_match(${c}, '${pattern.source.replace(/^\^/, '').replace(/\$$/, '').replaceAll("'", "''")}')`;
}

type Draft = Partial<Omit<Shape, 'pattern' | 'convert'>> & Pick<Shape, 'id' | 'type' | 'convert'> & { pattern: string };

function shape(draft: Draft): Shape {
  const pattern = new RegExp(`^${draft.pattern}$`);
  const { convert } = draft;
  return {
    meaning: null,
    sourceFormat: null,
    trims: false,
    rival: null,
    proof: (c) => `${matches(c, pattern)} and ${convert(c)} is not null`,
    ...draft,
    pattern,
  };
}

// Numbers ------------------------------------------------------------------------------------------------------------

const digits = '(0|[1-9]\\d*)';
const plainNumber = ` *[+-]?(${digits}(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)? *`;
const grouped = '((0|[1-9]\\d{0,2})(,\\d{3})+|0|[1-9]\\d*)(\\.\\d+)?|\\.\\d+';
const groupedNumber = ` *(\\( *\\$? *(${grouped}) *\\)|[+-]? *\\$? *(${grouped})|\\$ *- *(${grouped})) *`;

const integerShape = shape({
  id: 'integer',
  type: { kind: 'integer' },
  pattern: `-?${digits}`,
  convert: (c) => `try_cast(${c} as bigint)`,
  proof: (c) => `try_cast(${c} as bigint)::varchar = ${c}`,
});

const spacedIntegerShape = shape({
  id: 'spaced-integer',
  type: { kind: 'integer' },
  pattern: ` *[+-]?${digits} *`,
  convert: (c) => `try_cast(trim(${c}) as bigint)`,
  trims: true,
});

const bigIntegerShape = shape({
  id: 'big-integer',
  type: { kind: 'decimal', precision: 38, scale: 0 },
  pattern: ` *[+-]?${digits} *`,
  convert: (c) => `try_cast(trim(${c}) as decimal(38,0))`,
  trims: true,
});

/**
 * At most 15 significant digits, or the very text that a double prints as (shortest, or with 16 or 17 digits): nothing
 * is lost.
 */
const numberShape = shape({
  id: 'number',
  type: { kind: 'number' },
  pattern: plainNumber,
  // A cast to a double skips blanks by itself, at a third of the time.
  convert: (c) => `try_cast(${c} as double)`,
  proof: (c) => {
    const mantissa = `regexp_replace(${c}, '[eE].*$', '')`;
    const significant = `strlen(trim(regexp_replace(${mantissa}, '[^0-9]', '', 'g'), '0'))`;
    const value = `try_cast(${c} as double)`;
    const printed = `trim(${c}) in (${value}::varchar, format('{:.17g}', ${value}), format('{:.16g}', ${value}))`;
    const exact = `case when strlen(${c}) <= 16 then true else ${significant} <= 15 or ${printed} end`;
    const kept = `case when ${value} <> 0 then true else not regexp_matches(${mantissa}, '[1-9]') end`;
    const checked = `${matches(c, new RegExp(`^${plainNumber}$`))} and isfinite(${value}) and ${kept} and ${exact}`;
    // What reads and prints as itself needs no closer look, and that is most of every file.
    return `case when try_cast(${c} as double)::varchar = ${c} then isfinite(${value}) else ${checked} end`;
  },
  trims: true,
});

/** Plain decimals of one scale: the text and the value are the same thing. */
export function fixedShape(precision: 18 | 38, scale: number): Shape {
  const type = `decimal(${precision},${scale})`;
  return shape({
    id: `fixed-${precision}-${scale}`,
    type: { kind: 'decimal', precision, scale },
    pattern: `-?${digits}\\.\\d{${scale}}`,
    convert: (c) => `try_cast(${c} as ${type})`,
    proof: (c) => `try_cast(${c} as ${type})::varchar = ${c}`,
  });
}

/** Decimals of up to `scale` places with more digits than a double holds. */
export function exactShape(scale: number): Shape {
  return shape({
    id: `exact-${scale}`,
    type: { kind: 'decimal', precision: 38, scale },
    pattern: ` *[+-]?(${digits}(\\.\\d{0,${scale}})?|\\.\\d{1,${scale}}) *`,
    convert: (c) => `try_cast(trim(${c}) as decimal(38,${scale}))`,
    trims: true,
  });
}

/** `$1,234.50`, `(1,234.50)`, `1,234`: `scale` is the largest number of places in the column. */
export function groupedShape(scale: number, money: boolean, wide: boolean): Shape {
  const type: ColumnType =
    scale === 0 && !money && !wide ? { kind: 'integer' } : { kind: 'decimal', precision: wide ? 38 : 18, scale };
  const sqlType = type.kind === 'decimal' ? `decimal(${type.precision},${scale})` : 'bigint';
  return shape({
    id: `grouped-${sqlType}`,
    type,
    meaning: money ? 'money' : null,
    sourceFormat: money ? '$1,234.50' : '1,234.50',
    pattern: groupedNumber,
    convert: (c) =>
      `try_cast(case when strpos(${c}, '(') > 0 then '-' else '' end || ` +
      `regexp_replace(${c}, '[$,() ]', '', 'g') as ${sqlType})`,
    // A cast to a decimal rounds: more places than `scale` would be lost.
    proof: (c) =>
      `${matches(c, new RegExp(`^${groupedNumber}$`))} and ${decimalPlaces(c)} <= ${scale} and ` +
      `try_cast(case when strpos(${c}, '(') > 0 then '-' else '' end || ` +
      `regexp_replace(${c}, '[$,() ]', '', 'g') as ${sqlType}) is not null`,
    trims: true,
  });
}

/** SQL: digits after the point. */
export function decimalPlaces(c: string): string {
  return `strlen(regexp_extract(${c}, '\\.(\\d*)', 1))`;
}

const percentShape = shape({
  id: 'percent',
  type: { kind: 'number' },
  meaning: 'percent',
  sourceFormat: '12.5%',
  pattern: ` *[+-]?(0|[1-9]\\d{0,11})(\\.\\d{1,3})? *% *`,
  convert: (c) => `try_cast(trim(replace(${c}, '%', '')) as double)`,
});

// Booleans -----------------------------------------------------------------------------------------------------------

function booleanShape(yes: string, no: string): Shape {
  const either = (word: string) => [...word].map((letter) => `[${letter}${letter.toUpperCase()}]`).join('');
  return shape({
    id: `boolean-${yes}`,
    type: { kind: 'boolean' },
    sourceFormat: yes === 'true' ? null : `${yes}/${no}`,
    pattern: `(${either(yes)}|${either(no)})`,
    convert: (c) => `(lower(${c}) = '${yes}')`,
    proof: (c) => `lower(${c}) in ('${yes}', '${no}')`,
  });
}

const booleans = [
  booleanShape('true', 'false'),
  booleanShape('yes', 'no'),
  booleanShape('y', 'n'),
  booleanShape('t', 'f'),
];

// Dates and times ----------------------------------------------------------------------------------------------------

function parsed(id: string, kind: 'date' | 'timestamp', format: string, sourceFormat: string, pattern: string): Shape {
  const cast = kind === 'date' ? '::date' : '';
  const convert = (c: string) => `try_strptime(${c}, '${format}')${cast}`;
  return shape({ id, type: { kind }, sourceFormat, pattern, convert });
}

/**
 * With separators the parser itself is strict enough, but for years of two digits; a regular expression costs twice as
 * much.
 */
function separated(
  id: string,
  kind: 'date' | 'timestamp',
  format: string,
  sourceFormat: string,
  pattern: string,
): Shape {
  const value = (c: string) => `try_strptime(${c}, '${format}')`;
  return {
    ...parsed(id, kind, format, sourceFormat, pattern),
    proof: (c) => `${value(c)} >= timestamp '1000-01-01'`,
    rival: id.startsWith('mdy') ? (c) => `day(${value(c)}) <= 12` : null,
  };
}

const monthNames = '(?:[A-Z][a-z]{2,8}|[A-Z]{3,9})';

/** m/d/Y and d/m/Y with one of three separators, alone and with the four common clocks. */
function dayMonthShapes(): Shape[] {
  const shapes: Shape[] = [];
  const clocks: readonly (readonly [id: string, format: string, pattern: string, said: string])[] = [
    ['', '', '', ''],
    ['-24s', ' %H:%M:%S', ' \\d{1,2}:\\d{2}:\\d{2}', ' H:MM:SS'],
    ['-24', ' %H:%M', ' \\d{1,2}:\\d{2}', ' H:MM'],
    ['-12s', ' %I:%M:%S %p', ' \\d{1,2}:\\d{2}:\\d{2} [AaPp][Mm]', ' H:MM:SS AM'],
    ['-12', ' %I:%M %p', ' \\d{1,2}:\\d{2} [AaPp][Mm]', ' H:MM AM'],
  ];
  for (const [separator, escaped] of [
    ['/', '/'],
    ['-', '-'],
    ['.', '\\.'],
  ] as const) {
    for (const [clock, clockFormat, clockPattern, said] of clocks) {
      const kind = clock === '' ? 'date' : 'timestamp';
      const pattern = `\\d{1,2}${escaped}\\d{1,2}${escaped}\\d{4}${clockPattern}`;
      const tail = `${separator}${clock}`;
      const [m, d, y] = ['%m', '%d', '%Y'];
      const monthFirst = `m${separator}d${separator}Y${said}`;
      const dayFirst = `d${separator}m${separator}Y${said}`;
      shapes.push(
        separated(`mdy${tail}`, kind, [m, d, y].join(separator) + clockFormat, monthFirst, pattern),
        separated(`dmy${tail}`, kind, [d, m, y].join(separator) + clockFormat, dayFirst, pattern),
      );
    }
  }
  return shapes;
}

const isoDay = '\\d{4}-\\d{2}-\\d{2}';
const isoClock = '[T ]\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,6}0*)?)?';
const isoZone = '(Z|[+-]\\d{2}(:?\\d{2})?)';
const isoTimestampPattern = new RegExp(`^${isoDay}${isoClock}$`);

const times: readonly Shape[] = [
  shape({
    id: 'iso-date',
    type: { kind: 'date' },
    pattern: isoDay,
    convert: (c) => `try_cast(${c} as date)`,
    proof: (c) => `try_cast(${c} as date)::varchar = ${c}`,
  }),
  shape({
    id: 'iso-timestamp',
    type: { kind: 'timestamp' },
    pattern: `${isoDay}${isoClock}`,
    convert: (c) => `try_cast(${c} as timestamp)`,
    // The first branch is the cheap one that nearly every file takes.
    proof: (c) =>
      `case when strlen(${c}) = 19 then try_cast(${c} as timestamp)::varchar = replace(${c}, 'T', ' ') ` +
      `else ${matches(c, isoTimestampPattern)} and try_cast(${c} as timestamp) is not null end`,
  }),
  shape({
    id: 'iso-instant',
    type: { kind: 'instant' },
    sourceFormat: 'timestamp with offset',
    pattern: `${isoDay}${isoClock} ?${isoZone}`,
    convert: (c) => `try_cast(${c} as timestamptz)`,
  }),
  parsed('compact', 'timestamp', '%Y%m%dT%H%M%S', 'YYYYMMDDTHHMMSS', '\\d{8}T\\d{6}'),
  parsed('ymd-compact', 'date', '%Y%m%d', 'YYYYMMDD', '(1[6-9]|20)\\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\\d|3[01])'),
  parsed('ymd-slash', 'date', '%Y/%m/%d', 'Y/m/d', '\\d{4}/\\d{1,2}/\\d{1,2}'),
  parsed(
    'ymd-slash-24s',
    'timestamp',
    '%Y/%m/%d %H:%M:%S',
    'Y/m/d HH:MM:SS',
    '\\d{4}/\\d{1,2}/\\d{1,2} \\d{1,2}:\\d{2}:\\d{2}',
  ),
  shape({
    id: 'ymd-slash-zone',
    type: { kind: 'instant' },
    sourceFormat: 'Y/m/d HH:MM:SS+00',
    pattern: '\\d{4}/\\d{2}/\\d{2} \\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?[+-]\\d{2}(:?\\d{2})?',
    convert: (c) => `try_cast(replace(${c}, '/', '-') as timestamptz)`,
  }),
  ...dayMonthShapes(),
  parsed('d-mon-y', 'date', '%d-%b-%Y', 'd-Mon-Y', `\\d{1,2}-${monthNames}-\\d{4}`),
  parsed('d-month-y', 'date', '%d %B %Y', 'd Month Y', `\\d{1,2} ${monthNames} \\d{4}`),
  parsed('month-d-y', 'date', '%B %d, %Y', 'Month d, Y', `${monthNames} \\d{1,2}, \\d{4}`),
  parsed('mon-d-y', 'date', '%b %d, %Y', 'Mon d, Y', `${monthNames} \\d{1,2}, \\d{4}`),
  shape({
    id: 'time',
    type: { kind: 'time' },
    sourceFormat: null,
    pattern: '([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?',
    convert: (c) => `try_cast(${c} as time)`,
  }),
];

export const shapes = {
  /** In the order they are tried. */
  numbers: [integerShape, spacedIntegerShape, bigIntegerShape, numberShape],
  number: numberShape,
  percent: percentShape,
  booleans,
  times,
} as const;

/** The shape that is tried for values of a declared type when the file itself suggests none. */
export function shapesOfKind(kind: TypeKind): readonly Shape[] {
  return [...shapes.numbers, ...booleans, ...times].filter((one) => one.type.kind === kind);
}
