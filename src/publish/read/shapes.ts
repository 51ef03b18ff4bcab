// The ways values are written, as a table: how to know one by its text, and the SQL that reads it without losing
// anything. It must hold no shape whose reading could change a value; what fits no shape stays text.

import type { Column, ColumnType, TypeKind } from '../../query/column.ts';
import { keptForms, leastPlacesForm, leastPlacesSql, shortNumberSql } from '../../query/written-forms.ts';

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
  /** SQL of the text that CSV gives back for `c`; null: `c` itself, or `sourceFormat` says how it differs. */
  readonly printed: ((c: string) => string) | null;
  /** SQL, true when `c` could also be read otherwise (day and month exchanged): the column must refute it somewhere. */
  readonly rival: ((c: string) => string) | null;
};

/** The words that mean "nothing given" in a column of another type than text. */
const nullMarkers = ['NA', 'N/A', 'n/a', '#N/A', 'NULL', 'null', 'NaN', 'nan', '-'] as const;

const markerText = `|${nullMarkers.join('|')}|`;
const longestMarker = 4;

/**
 * SQL, true when `c` is one of the null markers or holds only blanks. Neither `in (…)`, of which the engine makes a
 * join for each column, nor a chain of `or`: planning some hundred columns then takes more memory, or time, than there
 * is.
 */
export function isMarker(c: string): string {
  const isOne = `contains('${markerText}', '|' || ${c} || '|')`;
  return `(case when strlen(${c}) <= ${longestMarker} then ${isOne} or trim(${c}) = '' else trim(${c}) = '' end)`;
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
    printed: null,
    rival: null,
    proof: (c) => `${matches(c, pattern)} and ${convert(c)} is not null`,
    ...draft,
    pattern,
  };
}

// Numbers ------------------------------------------------------------------------------------------------------------

const digits = '(0|[1-9]\\d*)';
const grouped = '([1-9]\\d{0,2}(,\\d{3})+|0|[1-9]\\d*)(\\.\\d+)?|\\.\\d+';
const groupedNumber = ` *(\\( *\\$? *(${grouped}) *\\)|-? *\\$? *(${grouped})|\\$ *- *(${grouped})) *`;

/** SQL, true when `print` gives back the very text, but for blanks around it and the sign of a zero. */
function printsBack(c: string, print: (c: string) => string): string {
  const trimmed = `trim(${c})`;
  return `case when ${print(c)} = ${c} then true else ${print(trimmed)} = ${trimmed} or '-' || ${print(trimmed)} = ${trimmed} and not regexp_matches(${c}, '[1-9]') end`;
}

const asInteger = (c: string): string => `try_cast(${c} as bigint)::varchar`;
/** As CSV prints it: with an exponent only where JSON has one. */
const asNumber = (c: string): string => {
  const value = `try_cast(${c} as double)`;
  return `(case when contains(${value}::varchar, 'e') then to_json(${value})::varchar else ${value}::varchar end)`;
};
const asDecimal = (precision: number, scale: number) => (c: string) =>
  `try_cast(${c} as decimal(${precision},${scale}))::varchar`;

const asShortNumber = (c: string): string => shortNumberSql(asNumber(c));

/** A number as it is printed without zeros at its end. */
const shortNumber = `-?${digits}(\\.\\d*[1-9])?`;

const integerShape = shape({
  id: 'integer',
  type: { kind: 'integer' },
  pattern: ` *-?${digits} *`,
  convert: (c) => `try_cast(${c} as bigint)`,
  proof: (c) => printsBack(c, asInteger),
  trims: true,
  printed: asInteger,
});

const bigIntegerShape = shape({
  id: 'big-integer',
  type: { kind: 'decimal', precision: 38, scale: 0 },
  pattern: ` *-?${digits} *`,
  convert: (c) => `try_cast(trim(${c}) as decimal(38,0))`,
  proof: (c) => printsBack(c, asDecimal(38, 0)),
  trims: true,
  printed: asDecimal(38, 0),
});

/** Every value has a point, as `2.0`: the way numbers are printed here. */
const numberShape = shape({
  id: 'number',
  type: { kind: 'number' },
  pattern: ` *-?${digits}\\.\\d+ *`,
  // A cast to a double skips blanks by itself, at a third of the time.
  convert: (c) => `try_cast(${c} as double)`,
  proof: (c) => printsBack(c, asNumber),
  trims: true,
  printed: asNumber,
});

/** Whole numbers have no point, as `2`. */
const shortNumberShape = shape({
  ...{ id: 'short-number', type: { kind: 'number' }, sourceFormat: keptForms.shortNumbers, trims: true },
  pattern: ` *${shortNumber} *`,
  convert: (c) => `try_cast(${c} as double)`,
  proof: (c) => printsBack(c, asShortNumber),
  printed: asShortNumber,
});

/** At least so many places, two or more: `1.50`, `1.505`. */
export function leastPlacesShape(places: number): Shape {
  const print = (c: string): string => leastPlacesSql(asNumber(c), places);
  return shape({
    ...{ id: `places-${places}`, type: { kind: 'number' }, sourceFormat: leastPlacesForm(places), trims: true },
    pattern: ` *-?${digits}\\.\\d{${places},} *`,
    convert: (c) => `try_cast(${c} as double)`,
    proof: (c) => printsBack(c, print),
    printed: print,
  });
}

const mantissa = `-?(${digits}(\\.\\d*)?|\\.\\d+)`;
/** Machines write a point in the mantissa or a sign in the exponent; `12E4` is a code. */
const scientific = `-?(${digits}\\.\\d*|\\.\\d+)[eE][+-]?\\d+|-?${digits}[eE][+-]\\d+`;
const looseNumber = ` *(${scientific}|-?${digits}(\\.\\d*[1-9])?\\.?|-?\\.\\d*[1-9]|-?${digits}\\.\\d{16,}) *`;
/** Only in JSON, which says itself what is a number. */
const anyNumber = ` *${mantissa}([eE][+-]?\\d+)? *`;

/**
 * At most 15 significant digits, or the very text that a double prints as (shortest, or with 16 or 17 digits): nothing
 * is lost, but the text is not that of the file.
 */
function loose(id: string, pattern: string): Shape {
  const proof = (c: string): string => {
    const digitsOnly = `regexp_replace(${c}, '[eE].*$', '')`;
    const significant = `strlen(trim(regexp_replace(${digitsOnly}, '[^0-9]', '', 'g'), '0'))`;
    const value = `try_cast(${c} as double)`;
    const printed = `trim(${c}) in (${value}::varchar, format('{:.17g}', ${value}), format('{:.16g}', ${value}))`;
    const exact = `case when strlen(${c}) <= 16 then true else ${significant} <= 15 or ${printed} end`;
    const kept = `case when ${value} <> 0 then true else not regexp_matches(${digitsOnly}, '[1-9]') end`;
    return `${matches(c, new RegExp(`^${pattern}$`))} and isfinite(${value}) and ${kept} and ${exact}`;
  };
  const convert = (c: string): string => `try_cast(${c} as double)`;
  return shape({ id, type: { kind: 'number' }, pattern, convert, proof, trims: true, printed: asNumber });
}

const looseNumberShape = loose('loose-number', looseNumber);
const jsonNumberShape = loose('json-number', anyNumber);

/** `+5` and `-3`: changes, every one with its sign. Telephone numbers have only the one sign. */
const signedShapes = [
  { id: 'signed-integer', kind: 'integer', pattern: `([+-]${digits}|0)`, sqlType: 'bigint' },
  { id: 'signed-number', kind: 'number', pattern: `([+-]${digits}(\\.\\d*[1-9])?|0)`, sqlType: 'double' },
] as const;

const signed = signedShapes.map(({ id, kind, pattern, sqlType }) =>
  shape({ id, type: { kind }, sourceFormat: '+5', pattern, convert: (c) => `try_cast(${c} as ${sqlType})` }),
);

/** Plain decimals of one scale: the text and the value are the same thing. */
export function fixedShape(precision: 18 | 38, scale: number): Shape {
  const print = asDecimal(precision, scale);
  return shape({
    id: `fixed-${precision}-${scale}`,
    type: { kind: 'decimal', precision, scale },
    pattern: ` *-?${digits}\\.\\d{${scale}} *`,
    convert: (c) => `try_cast(${c} as decimal(${precision},${scale}))`,
    proof: (c) => printsBack(c, print),
    trims: true,
    printed: print,
  });
}

/** Decimals of up to `scale` places, without zeros at their end, with more digits than a double holds. */
export function exactShape(scale: number): Shape {
  const print = (c: string): string => shortNumberSql(asDecimal(38, scale)(c));
  return shape({
    ...{ id: `exact-${scale}`, type: { kind: 'decimal', precision: 38, scale }, trims: true },
    sourceFormat: keptForms.shortNumbers,
    pattern: ` *${shortNumber} *`,
    convert: (c) => `try_cast(trim(${c}) as decimal(38,${scale}))`,
    proof: (c) => printsBack(c, print),
    printed: print,
  });
}

/** Numbers with a decimal comma, and points between thousands where there are any: `1.234,50`. */
export function decimalCommaShape(scale: number | null, hasGroups: boolean): Shape {
  const plain = (c: string): string => `replace(replace(trim(${c}), '.', ''), ',', '.')`;
  const whole = hasGroups ? `(${digits}|[1-9]\\d{0,2}(\\.\\d{3})+)` : digits;
  const pattern = ` *-?${whole}(,\\d+)? *`;
  const print = scale === null ? asShortNumber : asDecimal(18, scale);
  return shape({
    id: `comma-${scale ?? 'number'}`,
    type: scale === null ? { kind: 'number' } : { kind: 'decimal', precision: 18, scale },
    sourceFormat: hasGroups ? '1.234,5' : '1234,5',
    pattern,
    convert: (c) => `try_cast(${plain(c)} as ${scale === null ? 'double' : `decimal(18,${scale})`})`,
    proof: (c) => `${matches(c, new RegExp(`^${pattern}$`))} and ${printsBack(plain(c), print)}`,
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
  pattern: ` *-?(0|[1-9]\\d{0,11})(\\.\\d{1,3})? *% *`,
  convert: (c) => `try_cast(trim(replace(${c}, '%', '')) as double)`,
});

// Booleans -----------------------------------------------------------------------------------------------------------

function booleanShape(yes: string, no: string, said: string | null, anyCase = false): Shape {
  const either = (word: string) =>
    anyCase ? [...word].map((letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`).join('') : word;
  const word = (c: string): string => (anyCase ? `lower(${c})` : c);
  return shape({
    id: `boolean-${yes.toLowerCase()}`,
    type: { kind: 'boolean' },
    sourceFormat: said,
    pattern: `(${either(yes)}|${either(no)})`,
    convert: (c) => `(${word(c)} = '${yes}')`,
    proof: (c) => `${word(c)} in ('${yes}', '${no}')`,
  });
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** As they are written, in one case throughout, and last in any. */
const booleans = [
  ['true', 'false'],
  ['yes', 'no'],
  ['y', 'n'],
  ['t', 'f'],
].flatMap(([yes = '', no = '']) => [
  booleanShape(yes, no, yes === 'true' ? null : `${yes}/${no}`),
  booleanShape(capital(yes), capital(no), `${capital(yes)}/${capital(no)}`),
  booleanShape(yes.toUpperCase(), no.toUpperCase(), `${yes}/${no}`.toUpperCase()),
  booleanShape(yes, no, `${yes}/${no}, in any case`, true),
]);

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

/** A timestamp as it is printed, with `T` or a blank in its middle. */
function isoTimestamp(id: string, sourceFormat: string | null, between: 'T' | ' '): Shape {
  const print = (c: string): string => `try_cast(${c} as timestamp)::varchar`;
  return shape({
    ...{ id, type: { kind: 'timestamp' }, sourceFormat },
    pattern: `${isoDay}${between}\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?`,
    convert: (c) => `try_cast(${c} as timestamp)`,
    proof: (c) => `${between === 'T' ? `replace(${print(c)}, ' ', 'T')` : print(c)} = ${c}`,
  });
}

const times: readonly Shape[] = [
  shape({
    id: 'iso-date',
    type: { kind: 'date' },
    pattern: isoDay,
    convert: (c) => `try_cast(${c} as date)`,
    proof: (c) => `try_cast(${c} as date)::varchar = ${c}`,
  }),
  isoTimestamp('iso-timestamp', null, 'T'),
  isoTimestamp('iso-timestamp-space', 'Y-m-d HH:MM:SS', ' '),
  shape({
    ...{ id: 'iso-timestamp-any', type: { kind: 'timestamp' }, sourceFormat: 'ISO 8601' },
    pattern: `${isoDay}${isoClock}`,
    convert: (c) => `try_cast(${c} as timestamp)`,
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
    pattern: '([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d',
    convert: (c) => `try_cast(${c} as time)`,
  }),
  shape({
    ...{ id: 'time-minutes', type: { kind: 'time' }, sourceFormat: keptForms.minutes },
    pattern: '([01]\\d|2[0-3]):[0-5]\\d',
    convert: (c) => `try_cast(${c} as time)`,
  }),
];

export const shapes = {
  /** In the order they are tried. */
  integers: [integerShape, bigIntegerShape],
  numbers: [numberShape, shortNumberShape, looseNumberShape],
  /** Of JSON, which says itself what is a number. */
  jsonNumbers: [integerShape, bigIntegerShape, numberShape, shortNumberShape, jsonNumberShape],
  signed,
  /** What most people would call a number. */
  number: jsonNumberShape,
  shortNumber: shortNumberShape,
  percent: percentShape,
  booleans,
  times,
} as const;

/**
 * Every shape of one kind that gives its texts back, for a column whose kind is known: from the revision before, or
 * from the publisher.
 */
export function shapesOfKind(kind: TypeKind): readonly Shape[] {
  const { integers, numbers, percent } = shapes;
  const all = [...integers, ...numbers, ...signed, percent, ...booleans, ...times];
  return all.filter((one) => one.type.kind === kind);
}
