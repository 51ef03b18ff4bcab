// Sentences as keys: the English of every key, the types that hold its values, and that moved areas have no other.

import assert from 'node:assert/strict';
import test from 'node:test';
import { IntlMessageFormat } from 'intl-messageformat';
import ts from 'typescript';
import { errorTable, PortalError } from '../../src/base/errors.ts';
import { refuseField } from '../../src/base/fields.ts';
import { inEnglish, say, sentences, type Plural } from '../../src/base/say.ts';
import { toMessage } from '../sentence-messages.ts';
import { parseSource, projectFiles, readProject } from '../source.ts';

/** Whose sentences have no keys yet. Once nothing stands here, a string is no sentence any more. */
const notMoved = ['src/records/', 'src/pages/desk.ts', 'src/pages/documents.ts', 'src/routes/desk.ts'];

/** Why the database does not start is told to whoever starts the portal, and to nobody else. */
const beforeStart = 'src/db/';

/** What a log alone shows: settings and places that whoever runs the portal has to mend, mistakes in the portal. */
const forOperators = new Set([
  'internal-error',
  'setting-invalid',
  'data-dir-in-use',
  'database-unusable',
  'backup-damaged',
]);

const areas = projectFiles().filter((path) => path.startsWith('src/base/sentences/'));
const code = projectFiles().filter((path) => /^src\/.*\.ts$/.test(path) && !areas.includes(path));
const all: readonly (readonly [key: string, words: string | Plural])[] = Object.entries(sentences);

function textOf(node: ts.Expression): string | null {
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) return node.getText();
  if (ts.isParenthesizedExpression(node)) return textOf(node.expression);
  if (ts.isConditionalExpression(node)) return textOf(node.whenTrue) ?? textOf(node.whenFalse);
  return ts.isBinaryExpression(node) ? (textOf(node.left) ?? textOf(node.right)) : null;
}

/** The sentence of a refusal that is written out where it is thrown. */
function writtenOut(node: ts.Node): string | null {
  if (ts.isCallExpression(node) && /^(refuseField|refuseStep|requireChoice)$/.test(node.expression.getText())) {
    const sentence = node.arguments.at(-1);
    return sentence === undefined ? null : textOf(sentence);
  }
  if (!ts.isNewExpression(node) || node.expression.getText() !== 'PortalError') return null;
  const [about, details] = node.arguments ?? [];
  if (about === undefined || details === undefined) return null;
  if (ts.isStringLiteralLike(about) && forOperators.has(about.text)) return null;
  if (!ts.isObjectLiteralExpression(details)) return textOf(details);
  for (const property of details.properties) {
    if (ts.isPropertyAssignment(property) && property.name.getText() === 'detail') return textOf(property.initializer);
  }
  return null;
}

function findWrittenOut(source: ts.SourceFile): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const text = writtenOut(node);
    if (text !== null) found.push(text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

test('in an area that was moved, no sentence is written out where it is thrown', () => {
  const wrong = code
    .filter((path) => ![...notMoved, beforeStart].some((area) => path.startsWith(area)))
    .flatMap((path) => findWrittenOut(parseSource(path)).map((text) => `${path}: ${text}`));
  assert.deepEqual(wrong, []);
});

test('the search for sentences that are written out finds them', () => {
  const find = (text: string) => findWrittenOut(ts.createSourceFile('probe.ts', text, ts.ScriptTarget.Latest, true));
  assert.equal(find("throw new PortalError('conflict', 'So.')").length, 1);
  assert.equal(find("throw new PortalError('conflict', { detail: `So ${x}.` + 'And so.', cause })").length, 1);
  assert.equal(find("refuseField('name', isLong ? 'Too long.' : say('a'))").length, 1);
  assert.equal(find("requireChoice(form, 'kind', kinds, 'Say which.')").length, 1);
  assert.equal(find("throw new PortalError('internal-error', 'So.')").length, 0);
  assert.equal(find("throw new PortalError('conflict', { detail: say('a') })").length, 0);
});

test('a key begins with its area, stands once, and is used', () => {
  const written = code.map(readProject).join('\n');
  const keys = areas.flatMap((path) => {
    const area = /([a-z-]+)\.ts$/.exec(path)?.[1] ?? '';
    return [...readProject(path).matchAll(/^ {2}'([^']+)':/gm)].map((match) => ({ area, key: match[1] ?? '' }));
  });
  assert.deepEqual(
    keys.filter(({ area, key }) => !new RegExp(`^${area}(\\.[a-z0-9]+(-[a-z0-9]+)*)+$`).test(key)),
    [],
  );
  assert.deepEqual(keys.map(({ key }) => key).sort(), Object.keys(sentences).sort());
  assert.deepEqual(
    keys.filter(({ key }) => !written.includes(`'${key}'`)),
    [],
  );
});

test('English reads the same by the formatter of the pages', () => {
  for (const [key, words] of all) {
    const message = toMessage(words);
    const names = [...message.matchAll(/\{(\w+)[,}]/g)].map((match) => match[1] ?? '');
    for (const value of [1, 2, 12_345]) {
      const values = Object.fromEntries(names.map((name) => [name, value]));
      const english = (say as (key: string, values: unknown) => { english: string })(key, values).english;
      assert.notEqual(english.trim(), '');
      assert.equal(english, String(new IntlMessageFormat(message, 'en').format(values)), key);
    }
  }
});

test('an error carries its sentence, and its message is the English of it', () => {
  const sentence = say('people.password-too-short', { length: 3, shortest: 15 });
  assert.deepEqual(sentence, {
    key: 'people.password-too-short',
    values: { length: 3, shortest: 15 },
    english: 'The password has 3 characters; it needs at least 15.',
  });
  assert.deepEqual(structuredClone(sentence), sentence, 'plain data');
  assert.equal(inEnglish(sentence), sentence.english);
  for (const error of [
    new PortalError('form-invalid', sentence),
    new PortalError('form-invalid', { detail: sentence, extra: { field: 'password' } }),
  ]) {
    assert.equal(error.message, sentence.english);
    assert.equal(error.sentence, sentence);
  }
  assert.throws(
    () => refuseField('password', sentence),
    (error) => error instanceof PortalError && error.sentence === sentence && error.details.extra?.field === 'password',
  );
  assert.deepEqual(new PortalError('conflict').sentence, {
    key: 'error.conflict',
    values: {},
    english: errorTable.conflict[1],
  });
  assert.equal(new PortalError('conflict', 'No key yet.').sentence, null);
  assert.equal(new PortalError('conflict', 'No key yet.').message, 'No key yet.');
});

test('a sentence within a sentence is said in English with it', () => {
  const wait = say('people.wait-minutes', { minutes: 2 });
  assert.equal(
    say('people.too-many-tries', { wait }).english,
    'There were too many wrong tries. Wait 2 minutes and try again.',
  );
});

test('an unknown key, a value that is missing and one too many do not compile', () => {
  const wrong = [
    // @ts-expect-error there is no such key
    () => say('people.no-such-key'),
    // @ts-expect-error the values are missing
    () => say('people.password-too-short'),
    // @ts-expect-error one value is missing
    () => say('people.password-too-short', { length: 3 }),
    // @ts-expect-error one value is too many
    () => say('people.password-too-short', { length: 3, shortest: 15, longest: 200 }),
    // @ts-expect-error this one takes no values
    () => say('people.code-first', { length: 3 }),
  ];
  assert.equal(wrong.length, 5);
});
