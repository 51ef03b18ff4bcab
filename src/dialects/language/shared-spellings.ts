// How query languages write most functions of the allow-list: alike. A dialect's table begins with these words.
// It must hold no word of one dialect alone: whoever writes a function otherwise says so in a table of its own.

import type { SpellingTable } from './spellings.ts';

/** Written by the name that the function has in the allow-list. */
const byName = [
  ...['iif', 'coalesce', 'nullif', 'least', 'greatest', 'to_integer', 'to_decimal'],

  // Text
  ...['contains', 'starts_with', 'lower', 'upper', 'unaccent', 'length', 'trim', 'trim_leading', 'trim_trailing'],
  ...['substring', 'split_part', 'replace', 'left_pad', 'right_pad', 'chr'],

  // Numbers
  ...['abs', 'ceil', 'floor', 'round', 'ln', 'sqrt', 'sign'],

  // Dates and times
  ...['date_trunc_y', 'date_trunc_ym', 'date_trunc_ymd', 'date_extract_y', 'date_extract_m', 'date_extract_d'],
  ...['date_extract_hh', 'date_extract_mm', 'date_extract_ss', 'date_extract_dow', 'date_extract_woy'],
  ...['date_extract_iso_y', 'date_diff_d'],

  // Geometry
  ...['within_circle', 'within_box', 'distance_in_meters', 'make_point', 'latitude', 'longitude', 'num_points'],
  ...['area', 'line_length'],

  // Aggregates
  ...['count', 'count_distinct', 'sum', 'avg', 'min', 'max', 'median', 'stddev_pop', 'stddev_samp', 'bool_and'],
  ...['bool_or', 'regr_slope', 'regr_intercept', 'regr_r2', 'extent'],
] as const;

export const sharedSpellings: SpellingTable = {
  and: ['AND'],
  or: ['OR'],
  not: ['NOT'],
  lt: ['<'],
  le: ['<='],
  gt: ['>'],
  ge: ['>='],
  between: ['BETWEEN'],
  in: ['IN'],
  is_null: ['IS NULL'],
  is_not_null: ['IS NOT NULL'],
  like: ['LIKE'],
  mul: ['*'],
  div: ['/'],
  mod: ['%'],
  pow: ['^'],
  neg: ['-'],
  sub: ['-'],
  ...Object.fromEntries(byName.map((name) => [name, [name]])),
};
