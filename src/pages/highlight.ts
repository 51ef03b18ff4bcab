// Code in colours: spans with classes only (`token-keyword` …), so that pages need no inline style.
// It must not change a character of the code, and must not name a class that the stylesheet has no colour for.

import highlighter from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import javascript from 'highlight.js/lib/languages/javascript';
import python from 'highlight.js/lib/languages/python';
import r from 'highlight.js/lib/languages/r';
import type { HLJSApi, LanguageFn, Mode } from 'highlight.js';

/** The languages of the examples. */
export type Language = 'curl' | 'python' | 'r' | 'javascript';

export type Highlight = (code: string, language: Language) => string;

/** What the grammars leave plain: the names of called functions, the command of a line and its options. */
const calls: readonly Mode[] = [{ scope: 'title.function', begin: /\b[A-Za-z_]\w*(?=\()/u }];
const commands: readonly Mode[] = [
  { scope: 'title.function', begin: /^curl\b/u },
  { scope: 'string', begin: /(?<=\s)--?[A-Za-z][\w-]*/u },
];

/** What the grammars tell apart, in the kinds that pages have colours for; all else stays plain. */
const kinds: Readonly<Record<string, string>> = {
  comment: 'comment',
  string: 'string',
  regexp: 'string',
  keyword: 'keyword',
  operator: 'keyword',
  subst: 'keyword',
  number: 'constant',
  literal: 'constant',
  variable: 'constant',
  title: 'function',
  built_in: 'function',
};

export function openHighlight(): Highlight {
  const own = highlighter.newInstance();
  const languages = { curl: extend(bash, commands), python: extend(python, calls), r: extend(r, calls), javascript };
  for (const [name, grammar] of Object.entries(languages)) own.registerLanguage(name, grammar);
  return (code, language) => `<pre><code>${toSpans(own.highlight(code, { language }).value)}</code></pre>`;
}

function extend(grammar: LanguageFn, more: readonly Mode[]): LanguageFn {
  return (api: HLJSApi) => {
    const language = grammar(api);
    return { ...language, contains: [...language.contains, ...more] };
  };
}

/** The library writes its own class names, and escapes what it was given: nothing else looks like a span. */
function toSpans(html: string): string {
  const spans = html.replace(/<span class="hljs-([a-z_]+)[^"]*">/gu, (_, scope: string) => {
    const kind = kinds[scope];
    return kind === undefined ? '<span>' : `<span class="token-${kind}">`;
  });
  return spans.replaceAll('&#x27;', "'"); // between tags an apostrophe is only that
}
