// Every letter filled once with everything and once with as little as it may have; what the law wants said is said.
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import { PortalError } from '../../../src/base/errors.ts';
import { readLaw } from '../../../src/records/law/law-files.ts';
import { letterFields, letterIds } from '../../../src/records/law/letter-fields.ts';
import type { FieldKind, LetterFields, LetterId } from '../../../src/records/law/letter-fields.ts';
import type { Law } from '../../../src/records/law/law.ts';
import { dollars, dollarsOfTenths, fillLetter } from '../../../src/records/law/letters.ts';
import { cityFolder, kentLaw } from './fixture.ts';

const law = await kentLaw();

const withheld = [
  { record: 'Email of 2 March', extent: 'part', exemption: 'drafts', explanation: 'Opinions before the decision.' },
  { record: 'Memo of 3 March', extent: 'full', exemption: 'work-product', explanation: 'Written for a lawsuit.' },
] as const;
const charges = [{ what: '120 pages copied', rule: 'RCW 42.56.120(2)(b)(i)', tenths: 18_000 }];

function sample(kind: FieldKind, isFull: boolean): unknown {
  if (kind.endsWith('?') && !isFull) return null;
  switch (kind) {
    case 'text':
    case 'text?':
      return 'A text of the request';
    case 'date':
    case 'date?':
      return '2026-03-09';
    case 'money':
    case 'money?':
      return 3_256;
    case 'flag':
      return isFull;
    case 'lines':
      return isFull ? ['first line', 'second line'] : [];
    case 'withheld':
      return isFull ? withheld : [];
    case 'charges':
      return isFull ? charges : [];
    case 'choice:ground':
      return 'clarify';
    case 'choice:outcome':
      return 'fulfilled';
    case 'choice:review':
      return 'affirmed';
  }
}

function fieldsOf<Id extends LetterId>(id: Id, isFull: boolean): LetterFields<Id> {
  const own = Object.entries<FieldKind>(letterFields[id]).map(([name, kind]) => [name, sample(kind, isFull)]);
  return { number: '2026-000123', date: '2026-03-02', ...Object.fromEntries(own) } as LetterFields<Id>;
}

for (const id of letterIds) {
  test(`the letter ${id} is filled with everything and with the least`, () => {
    for (const isFull of [true, false]) {
      const { subject, body } = fillLetter(law, id, fieldsOf(id, isFull));
      assert.match(`${subject}${body}`, /2026-000123/);
      assert.doesNotMatch(`${subject}${body}`, /[{}]|undefined|\bnull\b|\d{4}-\d{2}-\d{2}/);
      assert.doesNotMatch(body, /\n{3}| \n/);
      assert.doesNotMatch(subject, /\n/);
      // RCW 42.56.530 is for state agencies: a city offers no such review.
      assert.doesNotMatch(body, /attorney general/i);
      assert.match(body, /Email, telephone, and address: not specified\./);
    }
  });
}

test('a denial names each exemption, its explanation, the review, the court and the year', () => {
  const { body } = fillLetter(law, 'denial', {
    number: '2026-000123',
    date: '2026-03-06',
    withheld,
    reasons: null,
    finalOn: '2026-03-10',
    limitOn: '2027-03-08',
  });
  assert.match(
    body,
    /Email of 2 March: withheld in part under RCW 42\.56\.280 \(.*\)\. Opinions before the decision\./,
  );
  assert.match(body, /Memo of 3 March: withheld in full under RCW 42\.56\.290 \(.*\)\. Written for a lawsuit\./);
  assert.match(body, /review .*Someone other than the person who made the decision/s);
  assert.match(body, /Tuesday, March 10, 2026, the second business day after the denial/);
  assert.match(body, /whether or not you asked for a review/);
  assert.match(body, /superior court of the county where the record is kept/);
  assert.match(body, /one-year time limit .* begins now .* Monday, March 8, 2027/);
});

test('how to reach the clerk is one line: what is known, and once what is not', () => {
  const lineWith = (clerk: Partial<Law['city']['clerk']>) => {
    const city = { ...law.city, clerk: { ...law.city.clerk, ...clerk } };
    return fillLetter({ ...law, city }, 'withdrawal', fieldsOf('withdrawal', false))
      .body.trimEnd()
      .split('\n')
      .at(-1);
  };
  const [email, phone, address] = ['clerk@example.gov', '555-0100', '1 Example Street'];
  assert.equal(lineWith({ email, phone, address }), `Email: ${email}. Telephone: ${phone}. Address: ${address}.`);
  assert.equal(
    lineWith({ email, phone: null, address: null }),
    `Email: ${email}. Telephone and address: not specified.`,
  );
  assert.equal(
    lineWith({ email, phone, address: null }),
    `Email: ${email}. Telephone: ${phone}. Address: not specified.`,
  );
});

test('a closing letter makes finality plain to somebody who is no lawyer', () => {
  for (const id of ['closing', 'closing-unclarified', 'closing-unclaimed', 'closing-unpaid'] as const) {
    const { body } = fillLetter(law, id, fieldsOf(id, true));
    assert.match(body, /final answer/, id);
    assert.match(body, /will not work on this request any further, and no more records are coming/, id);
    assert.match(body, /one-year time limit for going to court begins now/, id);
  }
});

test('the employee notice has the four statutory parts; the ground of a revision is the one given', () => {
  const { body } = fillLetter(law, 'notice-employee', fieldsOf('notice-employee', true));
  for (const part of ['(a) The date', '(b) The nature', '(c) The City will release', '(d) The employee may ask']) {
    assert.ok(body.includes(part), part);
  }
  assert.match(body, /at least ten days/);
  assert.match(body, /RCW 42\.56\.540/);
  const third = fillLetter(law, 'notice-third-party', fieldsOf('notice-third-party', true)).body;
  assert.match(third, /as it was made:\n\nA text of the request/);
  assert.match(third, /plans to release them on Monday, March 9, 2026/);
  const revision = { ...fieldsOf('estimate-revision', false), ground: 'notify_third_persons' } as const;
  const revised = fillLetter(law, 'estimate-revision', revision).body;
  assert.match(revised, /notify persons or agencies/);
  assert.doesNotMatch(revised, /find the records and bring them together/);
});

test('what people write is never a template, and makes no header', () => {
  const question = 'Is {{clerk}} {{#isWhole}}the one?{{/isWhole}}';
  const fields = { ...fieldsOf('clarification', true), question };
  const { body } = fillLetter(law, 'clarification', fields);
  assert.ok(body.includes(question));
  const { subject } = fillLetter(law, 'invoice', { ...fieldsOf('invoice', true), invoice: 'F1\r\nBcc: all' });
  assert.doesNotMatch(subject, /[\r\n]/);
});

test('an unknown, missing or wrong field is an error, as is an exemption that is none', () => {
  const fields = fieldsOf('five-day', true);
  assert.throws(() => fillLetter(law, 'five-day', { ...fields, extra: 'x' } as never), /has no field extra/);
  assert.throws(() => fillLetter(law, 'five-day', { ...fields, estimateOn: undefined } as never), /estimateOn/);
  assert.throws(() => fillLetter(law, 'five-day', { ...fields, estimateOn: '2026-02-30' }), /estimateOn/);
  assert.throws(
    () => fillLetter(law, 'clarification', { ...fieldsOf('clarification', true), question: ' ' }),
    /question/,
  );
  assert.throws(
    () =>
      fillLetter(law, 'denial', { ...fieldsOf('denial', true), withheld: [{ ...withheld[0], exemption: 'secret' }] }),
    (thrown: unknown) => thrown instanceof PortalError && thrown.code === 'records-invalid',
  );
});

test('amounts are written exactly', () => {
  assert.equal(dollars(0), '$0.00');
  assert.equal(dollars(5), '$0.05');
  assert.equal(dollars(123_456_789), '$1,234,567.89');
  assert.equal(dollars(-325), '−$3.25');
  assert.equal(dollarsOfTenths(1_255), '$1.255');
  assert.equal(dollarsOfTenths(32_560), '$32.56');
});

async function changedCity(t: TestContext, file: string, change: (text: string) => string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'portal-law-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await cp(cityFolder, folder, { recursive: true });
  const path = join(folder, 'records', file);
  await writeFile(path, change(await readFile(path, 'utf8')));
  return folder;
}

const refusals: readonly (readonly [what: string, file: string, change: (text: string) => string, words: RegExp])[] = [
  [
    'a field that is no number',
    'clocks.json',
    (s) => s.replace('"length": 5', '"length": "five"'),
    /clocks\.json .*length/,
  ],
  ['a clock that is missing', 'clocks.json', (s) => s.replace('"petition"', '"final-action"'), /“final-action” twice/],
  [
    'a code of two clocks',
    'clocks.json',
    (s) => s.replace('"code": "C9"', '"code": "C8"'),
    /clocks\.json .*“C8” twice/,
  ],
  [
    'a citation that is unknown',
    'calendar.json',
    (s) => s.replace('rcw-1.16.050-5', 'rcw-0'),
    /shifts\/citation .*“rcw-0”/,
  ],
  ['a day that no year has', 'calendar.json', (s) => s.replace('"day": 19', '"day": 31'), /rule\/day is no day/],
  [
    'an effective date that is none',
    'fees.json',
    (s) => s.replace('"effectiveFrom": null', '"effectiveFrom": "2026-02-30"'),
    /effectiveFrom is no date/,
  ],
  ['a file that is no JSON', 'exemptions.json', () => '{', /exemptions\.json cannot be read/],
  [
    'a letter without its law',
    'letters/denial.txt',
    (s) => s.replaceAll('{{limitOn}}', 'later'),
    /denial\.txt .*{{limitOn}}/,
  ],
  [
    'a letter with a field it has not',
    'letters/receipt.txt',
    (s) => `${s}{{estimateOn}}\n`,
    /receipt\.txt .*{{estimateOn}}, which/,
  ],
  ['a sign that is not closed', 'letters/receipt.txt', (s) => s.replace('{{/basis}}', ''), /does not close “basis”/],
  ['a letter of another name', 'letters/link.txt', (s) => s.replace('id: link', 'id: links'), /link\.txt|“links”/],
];

for (const [what, file, change, words] of refusals) {
  test(`the law is refused, by file and field: ${what}`, async (t) => {
    const folder = await changedCity(t, file, change);
    await assert.rejects(readLaw(folder), (thrown: unknown) => {
      assert.ok(thrown instanceof PortalError && thrown.code === 'setting-invalid', String(thrown));
      assert.match(thrown.message, words);
      return true;
    });
  });
}

test('a later version of a letter, of the clocks or of the caps holds from its date on', async (t) => {
  const later = await changedCity(t, 'letters/withdrawal.txt', (s) => s);
  const text = await readFile(join(later, 'records', 'letters', 'withdrawal.txt'), 'utf8');
  const next = text
    .replace('effectiveFrom:', 'effectiveFrom: 2027-01-01')
    .replace('You have withdrawn', 'You withdrew');
  await writeFile(join(later, 'records', 'letters', 'withdrawal-2027.txt'), next);
  const clocks = join(later, 'records', 'clocks.json');
  const given = JSON.parse(await readFile(clocks, 'utf8')) as {
    versions: { clocks: { id: string; length: number }[] }[];
  };
  const second = structuredClone(given.versions[0]!);
  second.clocks.find(({ id }) => id === 'clarification')!.length = 10;
  given.versions.push({ ...second, effectiveFrom: '2027-01-01' } as never);
  await writeFile(clocks, JSON.stringify(given));
  const changed = await readLaw(later);
  const fields = { number: '2026-000001' };
  assert.match(fillLetter(changed, 'withdrawal', { ...fields, date: '2026-12-31' }).body, /You have withdrawn/);
  assert.match(fillLetter(changed, 'withdrawal', { ...fields, date: '2027-01-01' }).body, /You withdrew/);
  const { startClock } = await import('../../../src/records/law/clocks.ts');
  assert.equal(startClock(changed, 'clarification', '2026-12-31').basis.length, 30);
  assert.equal(startClock(changed, 'clarification', '2027-01-01').basis.length, 10);
  assert.equal(startClock(changed, 'clarification', '2027-01-01').basis.lawFrom, '2027-01-01');
});

test('a schedule above a cap of the law is refused with the citation', async (t) => {
  const rate = { unit: 'page-copied', tenths: 150, per: 1, citation: 'rcw-42.56.120-2-b-i' };
  const schedule = {
    adoptedOn: '2026-01-05',
    source: 'Resolution 1',
    kind: 'default-rates',
    rates: [rate],
    passesActualCosts: true,
    flat: { tenths: 2_000, citation: 'rcw-42.56.120-2-d' },
    depositPercent: 10,
    waivers: [],
  };
  const withSchedule = (given: object) => (text: string) => {
    const fees = JSON.parse(text) as { versions: { schedule: unknown }[] };
    fees.versions[0]!.schedule = { ...schedule, ...given };
    return JSON.stringify(fees);
  };
  const lawful = await readLaw(await changedCity(t, 'fees.json', withSchedule({})));
  assert.equal(lawful.fees[0]?.schedule?.rates[0]?.tenths, 150);
  const files = { unit: 'files-sent', tenths: 13, per: 1, citation: 'rcw-42.56.120-2-b-iii' };
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ rates: [{ ...rate, tenths: 151 }] }, /rates\/0\/tenths is above the cap of RCW 42\.56\.120\(2\)\(b\)\(i\)/],
    [{ rates: [files] }, /above the cap of RCW 42\.56\.120\(2\)\(b\)\(iii\)/], // 1.3 cents each is more than 5 for four
    [{ flat: { ...schedule.flat, tenths: 2_001 } }, /flat\/tenths is above the cap of RCW 42\.56\.120\(2\)\(d\)/],
    [{ depositPercent: 11 }, /depositPercent is above the cap of RCW 42\.56\.120\(4\)/],
    [{ rates: [rate, rate] }, /second rate for page-copied/],
  ];
  for (const [given, words] of cases) {
    const folder = await changedCity(t, 'fees.json', withSchedule(given));
    await assert.rejects(readLaw(folder), (thrown: unknown) => {
      assert.ok(thrown instanceof PortalError && thrown.code === 'setting-invalid');
      assert.match(thrown.message, words);
      return true;
    });
  }
  const actual = withSchedule({ kind: 'actual-costs', rates: [{ ...rate, tenths: 210 }] });
  assert.equal((await readLaw(await changedCity(t, 'fees.json', actual))).fees[0]?.schedule?.kind, 'actual-costs');
});

test('the city has stated no schedule, and nothing that was not read is called verified', () => {
  assert.equal(law.fees[0]?.schedule, null);
  const marked = law.exemptions[0]!.exemptions.filter(({ verified }) => !verified).map(({ cite }) => cite);
  for (const cite of ['RCW 42.56.360', 'RCW 42.56.370', 'RCW 42.56.420', 'RCW 42.56.640', 'Chapter 13.50 RCW']) {
    assert.ok(marked.includes(cite), cite);
  }
  assert.ok(marked.includes('RCW 5.60.060(2)(a)'));
});
