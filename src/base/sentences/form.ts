// What is said of any form, whatever it is about.

export const form = {
  'form.version-missing-of': 'The form does not say which version of {what} it was made for.',
  'form.version-missing': 'The form does not say which version it was made for.',
  'form.choose': 'Choose one of the answers.',
  'form.date-missing': 'The date is missing, or is none; write it as 2026-03-02.',
  'form.amount': 'Enter an amount such as 12.50 or 1,234.50.',
  'form.both': '{first} {second}',
  'form.give': 'Give {what}, in at most {longest} characters.',
  'form.the-reason': 'the reason',
  'form.not-offered': 'Choose one of those that are offered.',
  'form.whole-number': 'Enter a whole number, without commas.',
  'form.no-text': 'This holds a character that cannot be kept (NUL, or half of one). Write it again.',
} as const;
