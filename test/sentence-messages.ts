// What the portal says as ICU messages: what a translator is given, and what the tests read. It must not hold a word.

import type { Plural } from '../src/base/say.ts';

export function toMessage(words: string | Plural): string {
  return typeof words === 'string' ? words : `{${words.by}, plural, one {${words.one}} other {${words.other}}}`;
}
