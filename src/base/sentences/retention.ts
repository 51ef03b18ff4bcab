// What is said of retention schedules, destructions and litigation holds.

export const retention = {
  'retention.none-chosen': 'Choose at least one request.',
  'retention.not-due': 'Request {number} is not due under the schedule.',
  'retention.kept': 'Request {number} is kept: {why}.',
  'retention.waits-for-nothing': 'This destruction waits for no approval.',
  'retention.own-proposal': 'Whoever proposed it cannot approve it; somebody else has to.',
  'retention.schedule-changed': 'The schedule has changed since this was proposed. Cancel it and propose it again.',
  'retention.cancel-why': 'Say why it is cancelled.',
  'retention.cancel-waiting': 'Only what waits for its approval can be cancelled.',
  'retention.no-schedule':
    'The retention schedule of this series is not specified: nothing can be destroyed until the City enters it.',
  'retention.no-destruction': 'There is no such destruction.',
  'retention.release-why': 'Say why the hold is no longer needed.',
  'retention.released-already': 'This hold has been released already.',
  'retention.no-request': 'There is no request {number}.',
  'retention.hold-department': 'Choose the department that the hold covers.',
  'retention.hold-name': 'Name the hold: the case, the claim, the request.',
  'retention.hold-why': 'Say why it must be kept.',
  'retention.too-long': 'This is too long.',
  'retention.name-requests': 'Name the requests, one number a line.',
  'retention.name-at-most': 'Name at most 500 requests in one hold.',
  'retention.no-certificate': 'There is no certificate yet.',
  'retention.hold-kind': 'Say what the hold is for.',
  'retention.hold-covers': 'Say what the hold covers.',
  'retention.which-series': 'Say which series.',
} as const;
