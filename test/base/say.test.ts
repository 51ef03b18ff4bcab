// Sentences as keys: the English of every key, and the types that hold its values and let no other sentence through.

import assert from 'node:assert/strict';
import test from 'node:test';
import { IntlMessageFormat } from 'intl-messageformat';
import { errorTable, PortalError } from '../../src/base/errors.ts';
import { refuseField, refuseStep } from '../../src/base/fields.ts';
import { requireChoice } from '../../src/base/form.ts';
import { inEnglish, say, sentences, type Plural } from '../../src/base/say.ts';
import { toMessage } from '../sentence-messages.ts';
import { projectFiles, readProject } from '../source.ts';

const areas = projectFiles().filter((path) => path.startsWith('src/base/sentences/'));
const code = projectFiles().filter((path) => /^src\/.*\.ts$/.test(path) && !areas.includes(path));
const all: readonly (readonly [key: string, words: string | Plural])[] = Object.entries(sentences);

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
});

test('whoever runs the portal is told in English, without a key', () => {
  for (const error of [
    new PortalError('setting-invalid', 'PORT is no number.'),
    new PortalError('setting-invalid', { detail: 'PORT is no number.' }),
    PortalError.beforeStart('not-ready', 'PORT is no number.'),
  ]) {
    assert.equal(error.sentence, null);
    assert.equal(error.message, 'PORT is no number.');
  }
  const early = code.filter((path) => readProject(path).includes('PortalError.beforeStart('));
  assert.deepEqual(
    early.filter((path) => !path.startsWith('src/db/')),
    [],
  );
});

test('a sentence within a sentence is said in English with it', () => {
  const wait = say('people.wait-minutes', { minutes: 2 });
  assert.equal(
    say('people.too-many-tries', { wait }).english,
    'There were too many wrong tries. Wait 2 minutes and try again.',
  );
});

test('an unknown key, a value that is missing, one too many and a sentence without a key do not compile', () => {
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
    // @ts-expect-error a refusal says a sentence that has a key
    () => new PortalError('conflict', 'So.'),
    // @ts-expect-error with details too
    () => new PortalError('conflict', { detail: 'So.' }),
    // @ts-expect-error a field is refused with one
    () => refuseField('name', 'So.'),
    // @ts-expect-error so is a step
    () => refuseStep('name', 'So.'),
    // @ts-expect-error and a choice
    () => requireChoice({}, 'name', ['Ann'], 'So.'),
  ];
  assert.equal(wrong.length, 10);
});
