// How SoQL writes the functions of the allow-list (Socrata's SODA 2.1 and its later functions).
// With the words that languages share it must name every one of them: a function without words here says why.

import { sharedSpellings } from '../language/shared-spellings.ts';
import { notSpelled, toSpellings } from '../language/spellings.ts';
import type { SpellingTable } from '../language/spellings.ts';

const caseless = 'SoQL compares without case by its caseless_ functions, and has no function for accents.';
const division = 'SoQL has no whole division; floor(a / b) says it.';
const intervals = 'SoQL has no intervals; comparisons of the two ends say it.';
const shapes = 'SoQL names within_polygon, intersects and within_box alone.';

export const sodaSpellingTable: SpellingTable = {
  ...sharedSpellings,

  // Logic, comparison, choice and casts
  eq: ['=', '=='],
  ne: ['<>', '!='],
  case: ['case', 'CASE'],
  to_text: ['::text', 'to_text'],
  to_number: ['::number', '::double', 'to_number'],
  to_boolean: ['::boolean', '::checkbox', 'to_boolean'],
  to_date: ['::date', 'to_date'],
  to_timestamp: ['::floating_timestamp', 'to_floating_timestamp', 'to_timestamp'],
  to_instant: ['::fixed_timestamp', 'to_fixed_timestamp', 'to_instant'],

  // Text
  caseless_eq: ['caseless_eq'],
  caseless_ne: ['caseless_ne'],
  caseless_contains: ['caseless_contains'],
  caseless_starts_with: ['caseless_starts_with'],
  caseless_one_of: ['caseless_one_of'],
  caseless_not_one_of: ['caseless_not_one_of'],
  concat: ['||'],
  casei: notSpelled(caseless),
  accenti: notSpelled(caseless),

  // Numbers
  int_div: notSpelled(division),
  signed_magnitude_10: ['signed_magnitude_10'],
  signed_magnitude_linear: ['signed_magnitude_linear'],
  width_bucket: ['width_bucket'],

  // Dates and times
  add: ['+', 'date_add'],
  datez_trunc_y: ['datez_trunc_y'],
  datez_trunc_ym: ['datez_trunc_ym'],
  datez_trunc_ymd: ['datez_trunc_ymd'],
  date_diff_business_days: ['date_diff_business_days'],
  epoch_seconds: ['epoch_seconds'],
  interval: notSpelled(intervals),
  t_after: notSpelled(intervals),
  t_before: notSpelled(intervals),
  t_contains: notSpelled(intervals),
  t_disjoint: notSpelled(intervals),
  t_during: notSpelled(intervals),
  t_equals: notSpelled(intervals),
  t_finishedby: notSpelled(intervals),
  t_finishes: notSpelled(intervals),
  t_intersects: notSpelled(intervals),
  t_meets: notSpelled(intervals),
  t_metby: notSpelled(intervals),
  t_overlappedby: notSpelled(intervals),
  t_overlaps: notSpelled(intervals),
  t_startedby: notSpelled(intervals),
  t_starts: notSpelled(intervals),

  // Geometry
  s_intersects: ['intersects'],
  s_within: ['within_polygon'],
  s_contains: notSpelled(shapes),
  s_disjoint: notSpelled(shapes),
  s_touches: notSpelled(shapes),
  s_crosses: ['crosses'],
  s_overlaps: ['overlaps'],
  s_equals: notSpelled(shapes),
  bbox: notSpelled(shapes),
  is_empty: ['is_empty'],
};

export const sodaSpellings = toSpellings(sodaSpellingTable);
