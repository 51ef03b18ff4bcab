// How CQL2 writes the functions of the allow-list (OGC 21-065r2), in text and in JSON.
// With the words that languages share it must name every one of them: a function without words here says why.

import { sharedSpellings } from './shared-spellings.ts';
import { notSpelled, toSpellings } from './spellings.ts';
import type { SpellingTable } from './spellings.ts';

const folding = 'CQL2 compares without case by CASEI on both sides (OGC 21-065r2 §7.2).';
const numbers = 'CQL2 has no bins; groups of the native API are made by the date_trunc and rounding functions.';
const instants = 'CQL2 compares instants as they are.';
const sqlmm = 'CQL2 tells an empty geometry by no function of its own.';

export const cql2SpellingTable: SpellingTable = {
  ...sharedSpellings,

  // Logic, comparison, choice and casts
  eq: ['='],
  ne: ['<>'],
  case: ['case'],
  to_text: ['to_text'],
  to_number: ['to_number'],
  to_boolean: ['to_boolean'],
  to_date: ['to_date'],
  to_timestamp: ['to_timestamp'],
  to_instant: ['to_instant'],

  // Text
  caseless_eq: notSpelled(folding),
  caseless_ne: notSpelled(folding),
  caseless_contains: notSpelled(folding),
  caseless_starts_with: notSpelled(folding),
  caseless_one_of: notSpelled(folding),
  caseless_not_one_of: notSpelled(folding),
  concat: ['concat'],
  casei: ['CASEI'],
  accenti: ['ACCENTI'],

  // Numbers
  int_div: ['div'],
  signed_magnitude_10: notSpelled(numbers),
  signed_magnitude_linear: notSpelled(numbers),
  width_bucket: notSpelled(numbers),

  // Dates and times
  add: ['+'],
  datez_trunc_y: notSpelled(instants),
  datez_trunc_ym: notSpelled(instants),
  datez_trunc_ymd: notSpelled(instants),
  date_diff_business_days: notSpelled(instants),
  epoch_seconds: notSpelled(instants),
  interval: ['INTERVAL'],
  t_after: ['T_AFTER'],
  t_before: ['T_BEFORE'],
  t_contains: ['T_CONTAINS'],
  t_disjoint: ['T_DISJOINT'],
  t_during: ['T_DURING'],
  t_equals: ['T_EQUALS'],
  t_finishedby: ['T_FINISHEDBY'],
  t_finishes: ['T_FINISHES'],
  t_intersects: ['T_INTERSECTS'],
  t_meets: ['T_MEETS'],
  t_metby: ['T_METBY'],
  t_overlappedby: ['T_OVERLAPPEDBY'],
  t_overlaps: ['T_OVERLAPS'],
  t_startedby: ['T_STARTEDBY'],
  t_starts: ['T_STARTS'],

  // Geometry
  s_intersects: ['S_INTERSECTS'],
  s_within: ['S_WITHIN'],
  s_contains: ['S_CONTAINS'],
  s_disjoint: ['S_DISJOINT'],
  s_touches: ['S_TOUCHES'],
  s_crosses: ['S_CROSSES'],
  s_overlaps: ['S_OVERLAPS'],
  s_equals: ['S_EQUALS'],
  bbox: ['BBOX'],
  is_empty: notSpelled(sqlmm),
};

export const cql2Spellings = toSpellings(cql2SpellingTable);
