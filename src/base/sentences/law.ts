// What is said of the law’s dates, clocks and exemptions.

export const law = {
  'law.clock-needs-date': 'The clock “{clock}” has no length of its own: give it a date.',
  'law.no-date': 'The date is not one of the calendar.',
  'law.date-before-count': 'The date for “{clock}” lies before the day it is counted from.',
  'law.date-set-by-law': 'The law sets “{clock}”: nobody can choose its date.',
  'law.date-before-least': '“{clock}” cannot end before {least}: that is the least by law.',
  'law.years': 'Deadlines are counted for the years {first} to {last}.',
  'law.no-date-nor-moment':
    '“{text}” is neither a date such as 2026-03-02 nor a moment such as 2026-03-02T16:30:00-08:00.',
  'law.clocks': 'The clocks that can be counted from a date are {known}.',
  'law.calendar-years': 'The calendar goes from {first} to {last}.',
  'law.no-exemption': 'There is no exemption “{exemption}” in the law’s data.',
  'law.basis-due': '{clock}: due by the end of {on}.',
  'law.basis-law': '{rule} This length is set by law.',
  'law.basis-law-cited': '{rule} This length is set by law ({sources}).',
  'law.basis-practice': '{rule} No law sets this length; it follows the practice of other Washington agencies.',
  'law.basis-practice-cited':
    '{rule} No law sets this length; it follows the practice of other Washington agencies ({sources}).',
  'law.basis-policy': '{rule} No law sets this length; it is the portal’s default, which the City may change.',
  'law.basis-policy-cited':
    '{rule} No law sets this length; it is the portal’s default, which the City may change ({sources}).',
  'law.basis-as-stated': '{text}',
  'law.basis-received': 'Received on {on}, which this rule counts as {counted}.',
  'law.basis-first-day': '{on}: the first day is not counted.',
  'law.basis-counted': '{on}: day {number}.',
  'law.basis-off': '{on}: not counted, {name}.',
  'law.basis-off-cited': '{on}: not counted, {name} ({source}).',
  'law.basis-last-off': '{on}: day {number}, but the last day cannot be a day off: {name}.',
  'law.basis-last-off-cited': '{on}: day {number}, but the last day cannot be a day off: {name} ({source}).',
  'law.basis-rolled-to': '{on}: the last day, being the next business day.',
  'law.saturday': 'Saturday',
  'law.sunday': 'Sunday',
  'law.basis-set': 'The date was set: {by}.',
  'law.basis-act-on': 'The City may go on from {on}, the day after.',
} as const;
