// Code in colours: not a character is changed, the parts that matter are told apart,
// every colour is one that pages have.
// It must read the stylesheet itself, so that a class without a colour is found.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openHighlight } from '../../src/pages/highlight.ts';
import { readProject } from '../source.ts';

const highlight = openHighlight();

const samples = {
  curl: `curl -G 'http://localhost/rows' \\\n  --data-urlencode 'where=name = '\\''Mill & "Creek" <3'\\'''`,
  python: 'import requests\n\n# "a" <b>\nanswer = requests.get("http://localhost?a=1&b=2", timeout=30)\nprint(answer)',
  r: 'library(httr2)\nanswer <- request("http://localhost") |>\n  req_perform()\nhead(answer$data, TRUE)',
  javascript: 'const answer = await fetch(`http://localhost?${parameters}`);\nif (!answer.ok) throw new Error("<&>");',
} as const;

/** What must stand out, and as what. */
const told = {
  curl: ['function curl', 'string -G', 'string --data-urlencode', "string 'http://localhost/rows'"],
  python: ['keyword import', 'function get', 'constant 30', 'comment # "a" <b>', 'function print'],
  r: [
    'function library',
    'keyword <-',
    'keyword |>',
    'function req_perform',
    'constant TRUE',
    'string "http://localhost"',
  ],
  javascript: ['keyword const', 'keyword await', 'function fetch', 'function Error', 'string "<&>"'],
} as const;

function unescape(html: string): string {
  const names: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };
  return html.replace(/&([a-z]+);/gu, (whole, name: string) => names[name] ?? whole);
}

for (const language of Object.keys(samples) as (keyof typeof samples)[]) {
  test(`${language}: the same text, its parts told apart, every class with a colour`, () => {
    const html = highlight(samples[language], language);
    assert.equal(unescape(html.replace(/<\/?(pre|code|span)[^>]*>/gu, '')), samples[language]);
    const found = [...html.matchAll(/<span class="token-([a-z]+)">([^<]*)</gu)];
    const parts = found.map(([, kind, text = '']) => `${kind} ${unescape(text)}`);
    for (const part of told[language]) assert.ok(parts.includes(part), `${part} is not among ${parts.join(' · ')}`);
    const colours = new Set(readProject('web/src/lib/styles/reading.css').match(/(?<=\.)token-[a-z]+/gu));
    const classes = [...html.matchAll(/class="([^"]*)"/gu)].map(([, name = '']) => name);
    assert.deepEqual(
      classes.filter((name) => !colours.has(name)),
      [],
    );
    assert.doesNotMatch(html, /style=|hljs/u);
  });
}

test('what is in the code never becomes part of the page', () => {
  const hostile = `"</code></pre><script>alert(1)</script>" '<span class="hljs-string">'`;
  for (const language of Object.keys(samples) as (keyof typeof samples)[]) {
    const html = highlight(hostile, language);
    assert.doesNotMatch(html, /<script|<\/code><\/pre>./u, language);
    assert.equal(unescape(html.replace(/<\/?(pre|code|span)[^>]*>/gu, '')), hostile, language);
  }
});
