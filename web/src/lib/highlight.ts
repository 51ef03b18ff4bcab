// Code samples as runs with a class each: highlighted on the server, no script and no inline style for the browser.
// It must not make HTML; the component writes the runs as text.

import { createHighlighterCoreSync, createCssVariablesTheme } from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';
import json from 'shiki/langs/json.mjs';
import javascript from 'shiki/langs/javascript.mjs';
import python from 'shiki/langs/python.mjs';
import r from 'shiki/langs/r.mjs';
import shell from 'shiki/langs/shellscript.mjs';

export type CodeRun = { readonly text: string; readonly kind: string | null };
export type CodeLanguage = 'curl' | 'python' | 'r' | 'javascript' | 'json' | 'text';

const theme = createCssVariablesTheme({ name: 'roles', variablePrefix: '--', variableDefaults: {} });
const highlighter = createHighlighterCoreSync({
  themes: [theme],
  langs: [json, javascript, python, r, shell],
  engine: createJavaScriptRegexEngine(),
});

const grammars = { curl: 'shellscript', python: 'python', r: 'r', javascript: 'javascript', json: 'json' } as const;

/** Colour variable of the theme → class of the stylesheet. What is not here reads in the plain colour. */
const kinds: Readonly<Record<string, string>> = {
  'token-comment': 'comment',
  'token-string': 'string',
  'token-string-expression': 'string',
  'token-keyword': 'keyword',
  'token-constant': 'constant',
  'token-function': 'function',
};

function kindOf(color: string | undefined): string | null {
  const name = /^var\(--([a-z-]+)\)$/.exec(color ?? '')?.[1];
  return name === undefined ? null : (kinds[name] ?? null);
}

/** The code in runs; line ends are part of the text, so the runs joined are the code. */
export function highlight(code: string, language: CodeLanguage): readonly CodeRun[] {
  if (language === 'text') return [{ text: code, kind: null }];
  const { tokens } = highlighter.codeToTokens(code, { lang: grammars[language], theme: 'roles' });
  return tokens.flatMap((line, index) => [
    ...(index === 0 ? [] : [{ text: '\n', kind: null }]),
    ...line.map((token) => ({ text: token.content, kind: kindOf(token.color) })),
  ]);
}
