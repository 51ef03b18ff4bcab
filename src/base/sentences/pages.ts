// What is said of a form or an address of one page.

export const pages = {
  'pages.choice-not-offered': 'Choose one of those that are offered.',
  'pages.whole-number': 'Enter a whole number, without commas.',
  'pages.claim-kind': 'Say what the claim alleges.',
  'pages.cost-kind': 'Say what the money was for.',
  'pages.amount-zero': 'Give an amount other than zero.',
  'pages.year-shape': 'A year is written 2026.',
  'pages.overhead-shape': 'Write the overhead rate as 12.5.',
  'pages.what-answered': 'Say what answered you.',
  'pages.only-by-link': 'This request can only be seen with its link.',
} as const;
