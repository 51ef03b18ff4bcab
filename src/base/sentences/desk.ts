// What is said to the staff of what they do at the desk.

export const desk = {
  'desk.time-activity': 'Say what the time was spent on.',
  'desk.channel': 'Say how the request came.',
  'desk.bulk-act': 'Say what should be done with the requests.',
} as const;
