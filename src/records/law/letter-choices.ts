// What a letter may have to tell apart: grounds, outcomes, decisions. It must hold no wording of letters.

/** RCW 42.56.520(2) knows these four and no other. */
export const estimateGroundWords = {
  clarify: 'clarify the request',
  locate_and_assemble: 'locate and assemble the records',
  notify_third_persons: 'notify third persons or agencies',
  determine_exemptions: 'determine whether records are exempt',
} as const;

/** Outcomes that the general closing letter tells; the others have letters of their own. */
export const outcomeWords = {
  fulfilled: 'fulfilled',
  fulfilled_by_link: 'answered by a link',
  partial: 'fulfilled in part',
  no_responsive_records: 'no responsive records',
  not_identifiable: 'no identifiable record',
  not_our_records: 'not records of the city',
} as const;

export const reviewWords = { affirmed: 'affirmed', modified: 'modified', reversed: 'reversed' } as const;
