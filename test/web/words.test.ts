// The words of the interface: all in the catalogue, all used, all given what they need, none left in a template.

import assert from 'node:assert/strict';
import test from 'node:test';
import { IntlMessageFormat } from 'intl-messageformat';
import { errorTable, PortalError } from '../../src/base/errors.ts';
import { say, sentences } from '../../src/base/say.ts';
import { sayDate } from '../../src/city/days.ts';
import { toMessage } from '../sentence-messages.ts';
import { openWords, saidBy, type Catalogue, type Words } from '../../web/src/lib/words.ts';
import { readSource, readTemplates, sourcePaths, walk, type Node } from './sources.ts';

type Messages = Readonly<Record<string, string>>;

const languages = sourcePaths('web/messages/*.json');
const english = JSON.parse(readSource('web/messages/en.json')) as Messages;
/** What the portal says, as a language other than English says it in its catalogue. */
const said: Messages = Object.fromEntries([
  ...Object.entries(sentences).map(([key, words]) => [`say.${key}`, toMessage(words)]),
  ...Object.entries(errorTable).map(([code, [, sentence]]) => [`say.error.${code}`, sentence]),
]);
const templates = readTemplates();
const scripts = sourcePaths('web/src/**/*.ts').map((path) => ({ path, source: readSource(path) }));
const everything = [...templates, ...scripts].map(({ source }) => source).join('\n');

/** Proper names that read the same in every language. */
const names = new Set(['CSV', 'JSON', 'GeoJSON']);

type Needs = { readonly values: ReadonlySet<string>; readonly tags: ReadonlySet<string> };

function needsOf(message: string): Needs {
  const values = new Set<string>();
  const tags = new Set<string>();
  const visit = (element: unknown): void => {
    if (Array.isArray(element)) return element.forEach(visit);
    if (typeof element !== 'object' || element === null) return;
    const { type, value, options, children } = element as Record<string, unknown>;
    // 0 is text, 7 is `#`, 8 is a tag; the others take a value.
    if (type === 8) tags.add(String(value));
    else if (type !== 0 && type !== 7 && typeof value === 'string') values.add(value);
    visit(children);
    if (typeof options === 'object' && options !== null) {
      for (const option of Object.values(options)) visit((option as { value: unknown }).value);
    }
  };
  visit(new IntlMessageFormat(message, 'en').getAst());
  return { values, tags };
}

/** Names of an object literal in the syntax tree; null when it is not a literal that can be read. */
function literalNames(node: Node | undefined): ReadonlySet<string> | null {
  if (node === undefined) return new Set();
  if (node.type !== 'ObjectExpression') return null;
  const properties = node.properties as readonly Node[];
  if (properties.some((property) => property.type !== 'Property')) return null;
  return new Set(properties.map((property) => String((property.key as Node).name ?? (property.key as Node).value)));
}

function missing(needed: ReadonlySet<string>, given: ReadonlySet<string>): string[] {
  return [...needed].filter((name) => !given.has(name));
}

test('every language has the same keys, and every message can be read', () => {
  for (const path of languages) {
    const messages = JSON.parse(readSource(path)) as Messages;
    const needed = path === 'web/messages/en.json' ? english : { ...english, ...said };
    assert.deepEqual(Object.keys(messages).sort(), Object.keys(needed).sort(), path);
    for (const [key, message] of Object.entries(messages)) {
      assert.notEqual(message.trim(), '', `${path}: ${key} is empty`);
      assert.doesNotThrow(() => new IntlMessageFormat(message, 'en'), `${path}: ${key}`);
      assert.deepEqual(needsOf(message), needsOf(needed[key] ?? ''), `${path}: ${key} needs other values than English`);
    }
  }
});

test('every message is used', () => {
  const built = [...everything.matchAll(/`([a-zA-Z]+(?:\.[a-zA-Z]+)*\.)\$\{/g)].map((match) => match[1] ?? '');
  const unused = Object.keys(english).filter(
    (key) =>
      !everything.includes(`'${key}'`) &&
      !everything.includes(`"${key}"`) &&
      !built.some((start) => key.startsWith(start)),
  );
  assert.deepEqual(unused, []);
});

/** Calls of `t(…)` with the key written out: what is missing. */
function checkCall(node: Node, path: string): string[] {
  const callee = node.callee as Node;
  const called = callee.name ?? (callee.property as Node | undefined)?.name;
  const [key, values] = node.arguments as readonly Node[];
  if (called !== 't' || key?.type !== 'Literal') return [];
  const message = english[String(key.value)];
  if (message === undefined) return [`${path}: there is no message ${String(key.value)}`];
  const given = literalNames(values);
  const { values: needed, tags } = needsOf(message);
  if (tags.size > 0) return [`${path}: ${String(key.value)} has tags and must be shown by Rich`];
  return given === null
    ? []
    : missing(needed, given).map((name) => `${path}: ${String(key.value)} is not given ${name}`);
}

function attribute(node: Node, name: string): Node | undefined {
  return (node.attributes as readonly Node[]).find((each) => each.type === 'Attribute' && each.name === name);
}

/** The expression or the text of an attribute. */
function attributeValue(node: Node | undefined): Node | undefined {
  const value = node?.value;
  if (Array.isArray(value)) return value[0] as Node;
  return (value as Node | undefined)?.expression as Node | undefined;
}

function checkRich(node: Node, path: string): string[] {
  const key = String(attributeValue(attribute(node, 'key'))?.data ?? '');
  const message = english[key];
  if (message === undefined) return [];
  const { values, tags } = needsOf(message);
  const given = literalNames(attributeValue(attribute(node, 'values')));
  const links = literalNames(attributeValue(attribute(node, 'links')));
  const linked = new Set([...tags].filter((tag) => tag === 'a'));
  return [
    ...(given === null ? [] : missing(values, given).map((name) => `${path}: ${key} is not given ${name}`)),
    ...(links === null ? [] : missing(linked, links).map((name) => `${path}: ${key} has no link for <${name}>`)),
  ];
}

test('every message is given the values and links that it needs', () => {
  const wrong: string[] = [];
  let calls = 0;
  for (const { path, fragment } of templates) {
    for (const node of walk(fragment)) {
      if (node.type === 'CallExpression') {
        calls += 1;
        wrong.push(...checkCall(node, path));
      }
      if (node.type === 'Component' && node.name === 'Rich') wrong.push(...checkRich(node, path));
    }
  }
  assert.ok(calls > 300, `only ${calls} calls were found; the walk is broken`);
  assert.deepEqual(wrong, []);
});

/** Text that a person reads and that does not come from the catalogue. */
function strayWords(fragment: Node): string[] {
  const stray: string[] = [];
  const spoken = new Set(['aria-label', 'alt', 'title', 'placeholder', 'label']);
  for (const node of walk(fragment)) {
    if (node.type === 'Attribute' && spoken.has(String(node.name)) && Array.isArray(node.value)) {
      for (const part of node.value as readonly Node[]) if (part.type === 'Text') stray.push(String(part.data));
    }
  }
  const texts = (node: Node): void => {
    if (node.type === 'Text') stray.push(String(node.data));
    if (node.type === 'Attribute') return;
    for (const value of Object.values(node)) {
      for (const child of (Array.isArray(value) ? value : [value]) as readonly unknown[]) {
        if (typeof child === 'object' && child !== null && 'type' in child) texts(child as Node);
      }
    }
  };
  texts(fragment);
  // Parts of an address, in code, are the same in every language.
  const isWord = (text: string) => /\p{L}/u.test(text) && !names.has(text) && !/^[/.][\w/.?=-]*$/.test(text);
  return stray.map((text) => text.trim()).filter(isWord);
}

test('no template holds a word of its own', () => {
  const stray = templates.flatMap(({ path, fragment }) => strayWords(fragment).map((text) => `${path}: ${text}`));
  assert.deepEqual(stray, []);
});

test('the search for stray words finds one', () => {
  const [first] = templates;
  assert.ok(first);
  const made = { type: 'Fragment', start: 0, nodes: [{ type: 'Text', start: 0, data: 'Stray' }] } satisfies Node;
  assert.deepEqual(strayWords(made), ['Stray']);
});

test('no file of the pages names a city', () => {
  const cities = sourcePaths('city/*/profile.json').map(
    (path) => JSON.parse(readSource(path)) as Record<string, string>,
  );
  assert.ok(cities.length > 0);
  const files = [...sourcePaths('web/src/**/*.{ts,svelte,css,html,js}'), ...languages, ...sourcePaths('web/*.ts')];
  for (const { shortName = '' } of cities) {
    assert.notEqual(shortName, '');
    const named = files.filter((path) => new RegExp(`\\b${shortName}\\b`, 'i').test(readSource(path)));
    assert.deepEqual(named, [], shortName);
  }
});

test('numbers, dates and shares read as a person writes them', () => {
  const words = openWords('en-US', 'America/Los_Angeles');
  assert.equal(words.language, 'en-US');
  assert.equal(words.number(1234567), '1,234,567');
  assert.equal(words.bytes(0), '0 bytes');
  assert.equal(words.bytes(999), '999 bytes');
  assert.equal(words.bytes(1_822_000), '1.8 MB');
  assert.equal(words.percent(1), '100%');
  assert.equal(words.percent(0.99996), '99.9%', 'a part is never all');
  assert.equal(words.percent(0.00001), '< 0.1%', 'some is never none');
  assert.equal(words.percent(0), '0%');
  // A date without a time is the same day everywhere; an instant is shown in the city's zone.
  assert.equal(words.date('2026-02-21'), 'February 21, 2026');
  assert.equal(words.date('2026-02-21T02:00:00Z'), 'February 20, 2026');
  assert.equal(words.shortDate('2026-02-21T23:59:59'), 'Feb 21, 2026', 'a time without a zone is wall-clock time');
  assert.equal(words.shortDate('not a date'), 'not a date');
  assert.equal(words.languageName('es'), 'Spanish');
  assert.equal(words.languageName('not a tag!'), 'not a tag!');
});

test('a language without a catalogue reads in English, and right-to-left is known', () => {
  assert.equal(openWords('xx', 'UTC').language, 'en');
  assert.equal(openWords('xx', 'UTC').t('skip'), english.skip);
  assert.equal(openWords('en', 'UTC').direction, 'ltr');
});

/** A language that is made up, with what the portal says turned round; one key has no words in it yet. */
function openMadeUp(): Words {
  const messages: Messages = {
    ...english,
    'say.people.password-too-short':
      '{shortest} znaki trzeba, {length, plural, one {jest # znak} other {jest # znaków}}.',
    'say.people.too-many-tries': 'Czekaj {wait}.',
    'say.people.wait-minutes': '{minutes, plural, one {minutę} few {# minuty} other {# minut}}',
    'say.error.conflict': 'Ktoś był szybszy.',
    'say.query.takes-other-types': '{name} chce {wanted}, a nie ({given}).',
    'say.query.type.text': 'tekst',
    'say.city.closed-anyway': 'Wolne: {on}.',
  };
  return openWords('pl', 'UTC', { en: english as Catalogue, pl: messages as Catalogue });
}

test('what the portal says is said in the language of the page, and in English where it has no words yet', () => {
  const words = openMadeUp();
  const refused = new PortalError('form-invalid', say('people.password-too-short', { length: 1, shortest: 15 }));
  assert.equal(words.say(saidBy(refused)), '15 znaki trzeba, jest 1 znak.');
  assert.equal(refused.message, 'The password has 1 characters; it needs at least 15.', 'the API speaks English');
  const wait = say('people.wait-minutes', { minutes: 3 });
  assert.equal(words.say(say('people.too-many-tries', { wait })), 'Czekaj 3 minuty.', 'a sentence within another');
  const given = [say('query.type.text'), say('query.type.date')];
  const types = say('query.takes-other-types', { name: 'length', wanted: '(liczba)', given });
  assert.equal(words.say(types), 'length chce (liczba), a nie (tekst i date).', 'a list within another');
  assert.equal(types.english, 'length takes (liczba), and was given (text, date).');
  const closed = say('city.closed-anyway', { on: sayDate('2026-03-09') });
  assert.equal(words.say(closed), 'Wolne: poniedziałek, 9 marca 2026.', 'a date');
  assert.equal(closed.english, 'The City does not work on Monday, March 9, 2026 in any case.');
  assert.equal(words.say(saidBy(new PortalError('conflict'))), 'Ktoś był szybszy.', 'a code has a sentence of its own');
  assert.equal(words.say(say('people.code-first')), 'Enter the code first.', 'no words yet');
  assert.equal(words.say('PORT is no number.'), 'PORT is no number.');
  assert.equal(openWords('en', 'UTC').say(saidBy(refused)), refused.message);
});

test('no page shows what the portal said but by its words', () => {
  const shown = templates.flatMap(({ path, source }) =>
    [
      ...source.matchAll(
        /\{(.*?\b(?:refused|shown|data|thrown|list|review|result|view)\??\.(?:message|problem|missing)\b.*?)\}/g,
      ),
    ]
      .map((match) => `${path}: ${match[1]}`)
      .filter((text) => !/: #|Props| === null/.test(text)),
  );
  assert.ok(shown.length >= 9, `only ${shown.length} places were found; the search is broken`);
  assert.deepEqual(
    shown.filter((text) => !/\bsay\(\w+\.(message|problem(\.said)?|missing)\)/.test(text)),
    [],
  );
});

test('a message with links comes in runs', () => {
  const runs = openWords('en', 'UTC').runs('key.start');
  assert.deepEqual(
    runs.map((run) => run.tag),
    ['a', null],
  );
  assert.equal(
    runs.map((run) => run.text).join(''),
    'Search the portal first. Each dataset has a page that says what it is and how to get it.',
  );
});
