// What is said of a form or an address of one page.

export const pages = {
  'pages.what-answered': 'Say what answered you.',
  'pages.only-by-link': 'This request can only be seen with its link.',
} as const;
