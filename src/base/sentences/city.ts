// What is said of dates and of the days on which the city is closed.

export const city = {
  'city.closed-anyway': 'The City does not work on {on} in any case.',
  'city.closure-entered': 'This closure day has been entered already.',
  'city.no-closure': 'There is no such closure day.',
  'city.closure-no-date': '{what} is not a date; write it as 2026-12-24.',
  'city.no-date': '“{text}” is not a date; write it as 2026-03-02.',
  'city.no-moment': 'The moment is not one that the portal can read.',
  'city.closure.day': 'The closure day',
  'city.closure.from': 'The day from which it counts',
  'city.closure.name': 'the name',
  'city.closure.source': 'the source',
} as const;
