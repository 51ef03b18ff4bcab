// Allow-list entries: text. Whatever can lengthen text is bounded in its SQL; regular expressions are not offered.

import { longestMadeText, longestPad, type FunctionSpec, type Overload } from './function-spec.ts';
import { toTextSql, type ValueType } from './value-type.ts';

function unary(sql: (a: string) => string, result: 'text' | 'integer' = 'text'): Overload[] {
  return [{ params: ['text'], result, sql: ([a = '']) => sql(a) }];
}

const shown = (count: number): string => count.toLocaleString('en-US');

function pad(engineName: string): Overload[] {
  const cut = (length: string): string => `CAST(least(greatest(${length}, 0), ${longestPad}) AS INTEGER)`;
  return [
    {
      params: ['text', 'integer', 'text'],
      result: 'text',
      sql: ([a, length = '0', fill]) =>
        `(CASE WHEN ${fill} = '' THEN left(${a}, ${cut(length)}) ` +
        `ELSE ${engineName}(${a}, ${cut(length)}, ${fill}) END)`,
    },
  ];
}

/** Text grows only as far as the bound; a longer result is an error, never a cut text. */
function replaceSql(a: string, from: string, to: string): string {
  const fits = `length(${to}) <= length(${from}) OR length(${a}) * length(${to}) <= ${longestMadeText}`;
  return `(CASE WHEN ${fits} THEN replace(${a}, ${from}, ${to}) ELSE error('text larger than the maximum') END)`;
}

/** `%` and `_` are wildcards and `\` takes their meaning away. */
const likeSql = ([a, pattern]: readonly string[]): string => `(${a} LIKE ${pattern} ESCAPE '\\')`;

function joinSql(args: readonly string[], types: readonly ValueType[]): string {
  return `(${args.map((a, index) => toTextSql(types[index] ?? { kind: 'text' }, a)).join(' || ')})`;
}

const matching: readonly FunctionSpec[] = [
  {
    name: 'like',
    kind: 'scalar',
    about:
      'The text matches a pattern: `%` is any letters, `_` is one letter, `\\` before either means the sign itself.',
    uses: ['like_escape'],
    overloads: [{ params: ['text', 'text'], result: 'boolean', sql: likeSql }],
  },
  {
    name: 'contains',
    kind: 'scalar',
    about: 'The second text occurs in the first; upper and lower case are different.',
    uses: ['contains'],
    overloads: [{ params: ['text', 'text'], result: 'boolean', sql: ([a, b]) => `contains(${a}, ${b})` }],
  },
  {
    name: 'starts_with',
    kind: 'scalar',
    about: 'The first text begins with the second.',
    uses: ['starts_with'],
    overloads: [{ params: ['text', 'text'], result: 'boolean', sql: ([a, b]) => `starts_with(${a}, ${b})` }],
  },
  {
    name: 'caseless_eq',
    kind: 'scalar',
    about: 'Both texts are the same but for upper and lower case.',
    uses: ['upper'],
    overloads: [{ params: ['text', 'text'], result: 'boolean', sql: ([a, b]) => `(upper(${a}) = upper(${b}))` }],
  },
  {
    name: 'caseless_ne',
    kind: 'scalar',
    about: 'The texts differ in more than upper and lower case.',
    uses: ['upper'],
    overloads: [{ params: ['text', 'text'], result: 'boolean', sql: ([a, b]) => `(upper(${a}) <> upper(${b}))` }],
  },
  {
    name: 'caseless_contains',
    kind: 'scalar',
    about: 'The second text occurs in the first, upper and lower case alike.',
    uses: ['contains', 'upper'],
    overloads: [{ params: ['text', 'text'], result: 'boolean', sql: ([a, b]) => `contains(upper(${a}), upper(${b}))` }],
  },
  {
    name: 'caseless_starts_with',
    kind: 'scalar',
    about: 'The first text begins with the second, upper and lower case alike.',
    uses: ['starts_with', 'upper'],
    overloads: [
      { params: ['text', 'text'], result: 'boolean', sql: ([a, b]) => `starts_with(upper(${a}), upper(${b}))` },
    ],
  },
  {
    name: 'caseless_one_of',
    kind: 'scalar',
    about: 'The first text is one of the others, upper and lower case alike.',
    uses: ['upper'],
    overloads: [
      {
        params: ['text', 'text'],
        repeat: ['text'],
        result: 'boolean',
        sql: ([a, ...list]) => `(upper(${a}) IN (${list.map((b) => `upper(${b})`).join(', ')}))`,
      },
    ],
  },
  {
    name: 'caseless_not_one_of',
    kind: 'scalar',
    about: 'The first text is none of the others, upper and lower case alike.',
    uses: ['upper'],
    overloads: [
      {
        params: ['text', 'text'],
        repeat: ['text'],
        result: 'boolean',
        sql: ([a, ...list]) => `(upper(${a}) NOT IN (${list.map((b) => `upper(${b})`).join(', ')}))`,
      },
    ],
  },
];

const changing: readonly FunctionSpec[] = [
  {
    name: 'concat',
    kind: 'scalar',
    about: 'The arguments written one after the other as text; no value when one has none.',
    uses: ['||', 'replace', 'timezone', 'st_astext'],
    overloads: [{ params: ['any', 'any'], repeat: ['any'], result: 'text', sql: joinSql }],
  },
  {
    name: 'lower',
    kind: 'scalar',
    about: 'The text in small letters.',
    uses: ['lower'],
    overloads: unary((a) => `lower(${a})`),
  },
  {
    name: 'upper',
    kind: 'scalar',
    about: 'The text in capital letters.',
    uses: ['upper'],
    overloads: unary((a) => `upper(${a})`),
  },
  {
    name: 'casei',
    kind: 'scalar',
    about: 'The text with upper and lower case made alike; use it on both sides of a comparison.',
    uses: ['lower'],
    overloads: unary((a) => `lower(${a})`),
  },
  {
    name: 'accenti',
    kind: 'scalar',
    about: 'The text with accents taken off; use it on both sides of a comparison.',
    uses: ['strip_accents'],
    overloads: unary((a) => `strip_accents(${a})`),
  },
  {
    name: 'unaccent',
    kind: 'scalar',
    about: 'The text with accents taken off.',
    uses: ['strip_accents'],
    overloads: unary((a) => `strip_accents(${a})`),
  },
  {
    name: 'length',
    kind: 'scalar',
    about: 'How many characters the text has.',
    uses: ['length'],
    overloads: unary((a) => `length(${a})`, 'integer'),
  },
  {
    name: 'trim',
    kind: 'scalar',
    about: 'The text without blanks at either end.',
    uses: ['trim'],
    overloads: unary((a) => `trim(${a})`),
  },
  {
    name: 'trim_leading',
    kind: 'scalar',
    about: 'The text without blanks at its beginning.',
    uses: ['ltrim'],
    overloads: unary((a) => `ltrim(${a})`),
  },
  {
    name: 'trim_trailing',
    kind: 'scalar',
    about: 'The text without blanks at its end.',
    uses: ['rtrim'],
    overloads: unary((a) => `rtrim(${a})`),
  },
  {
    name: 'substring',
    kind: 'scalar',
    about: 'The part of the text from a position (1 is the first character), of a length or to the end.',
    uses: ['substring', 'greatest'],
    overloads: [
      {
        params: ['text', 'integer'],
        result: 'text',
        sql: ([a, start]) => `substring(${a}, greatest(${start}, 1))`,
      },
      {
        params: ['text', 'integer', 'integer'],
        result: 'text',
        sql: ([a, start, length]) => `substring(${a}, greatest(${start}, 1), greatest(${length}, 0))`,
      },
    ],
  },
  {
    name: 'split_part',
    kind: 'scalar',
    about: 'The n-th part (1 is the first) of the text cut at every delimiter; empty when there are fewer.',
    uses: ['split_part'],
    overloads: [
      {
        params: ['text', 'text', 'integer'],
        result: 'text',
        sql: ([a, delimiter, n]) => `split_part(${a}, ${delimiter}, ${n})`,
      },
    ],
  },
  {
    name: 'replace',
    kind: 'scalar',
    about: `The text with the second replaced by the third everywhere; at most ${shown(longestMadeText)} letters.`,
    uses: ['replace', 'length', 'error'],
    overloads: [
      {
        params: ['text', 'text', 'text'],
        result: 'text',
        sql: ([a = '', from = '', to = '']) => replaceSql(a, from, to),
      },
    ],
  },
  {
    name: 'left_pad',
    kind: 'scalar',
    about: `The text filled up at its beginning to a length (at most ${shown(longestPad)}), or cut to it.`,
    uses: ['lpad', 'left', 'least', 'greatest'],
    overloads: pad('lpad'),
  },
  {
    name: 'right_pad',
    kind: 'scalar',
    about: `The text filled up at its end to a length (at most ${shown(longestPad)}), or cut to it.`,
    uses: ['rpad', 'left', 'least', 'greatest'],
    overloads: pad('rpad'),
  },
  {
    name: 'chr',
    kind: 'scalar',
    about: 'The character of a Unicode number; no value when there is no such character.',
    uses: ['chr'],
    overloads: [
      {
        params: ['integer'],
        result: 'text',
        sql: ([a]) =>
          `(CASE WHEN ${a} BETWEEN 1 AND 55295 OR ${a} BETWEEN 57344 AND 1114111 THEN chr(CAST(${a} AS INTEGER)) END)`,
      },
    ],
  },
];

export const textFunctions: readonly FunctionSpec[] = [...matching, ...changing];
