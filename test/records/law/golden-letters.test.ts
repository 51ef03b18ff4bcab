// Golden files of the city's letters: each filled with the same facts, with everything, with the least, and once for
// every choice that it words. What the law wants said is held by letters.test.ts.

import assert from 'node:assert/strict';
import test from 'node:test';

import { estimateGroundWords, outcomeWords, reviewWords } from '../../../src/records/law/letter-choices.ts';
import { letterFields, letterIds } from '../../../src/records/law/letter-fields.ts';
import type { FieldKind, LetterFields, LetterId } from '../../../src/records/law/letter-fields.ts';
import { fillLetter } from '../../../src/records/law/letters.ts';
import { checkGolden, goldenNames } from '../../golden-file.ts';
import { kentLaw } from './fixture.ts';

const law = await kentLaw();

const texts: Readonly<Record<string, string>> = {
  belief: 'The request came four thousand times in one hour from one program.',
  expertise: 'a consultant who can read the old tapes',
  files: '12',
  installment: 'installment 2 of 3',
  interference: 'The staff who answer requests could do nothing else for two days.',
  invoice: 'F2026-0007',
  link: 'https://data.example/requests/follow/abc',
  message: 'Please write to us if anything is unclear.',
  method: 'a check',
  noEstimateReason: 'The archive is closed for repairs and its index is away.',
  pages: '340',
  question: 'Which year do you mean?',
  payUrl: 'https://data.example/requests/pay/abc',
  reason: 'One box was found later.',
  reasons: 'Two of the five pages were withheld by mistake.',
  receipt: 'R2026-0011',
  records: 'Letters about the permit of 1 March',
  remains: 'The e-mails of the year 2025.',
  requestText: 'All letters about the permit.\nAlso those of last year.',
  rule: 'RCW 42.56.120(4)',
  source: 'Resolution 1, section 3',
  why: 'The tapes need a machine that the City does not have.',
};

const dates: Readonly<Record<string, string>> = {
  answerBy: '2026-04-01',
  askedOn: '2026-03-02',
  claimBy: '2026-04-15',
  dueOn: '2026-03-09',
  estimateOn: '2026-05-04',
  finalOn: '2026-03-10',
  limitOn: '2027-03-08',
  nextOn: '2026-06-01',
  paidOn: '2026-03-05',
  payBy: '2026-04-06',
  previousOn: '2026-04-13',
  questionsBy: '2026-03-20',
  readyOn: '2026-02-02',
  releaseOn: '2026-03-16',
  requestedOn: '2026-03-01',
  until: '2026-03-31',
};

const lines: Readonly<Record<string, readonly string[]>> = {
  basis: ['The request came on March 2, 2026.', 'Five business days after it are over at the end of March 9, 2026.'],
  links: ['https://data.example/archive/A2026-0001', 'https://data.example/datasets/permits'],
};

const cents: Readonly<Record<string, number>> = { amount: 1_250, credit: 50, estimate: 123_450, left: 0, total: 3_256 };

const withheld = [
  { record: 'Email of 2 March', extent: 'part', exemption: 'drafts', explanation: 'Opinions before the decision.' },
  { record: 'Memo of 3 March', extent: 'full', exemption: 'work-product', explanation: 'Written for a lawsuit.' },
];
const charges = [
  { what: '120 pages copied', rule: 'RCW 42.56.120(2)(b)(i)', tenths: 18_000 },
  { what: '1 file sent', rule: 'RCW 42.56.120(2)(b)(iii)', tenths: 125 },
];

const choices = {
  'choice:ground': Object.keys(estimateGroundWords),
  'choice:outcome': Object.keys(outcomeWords),
  'choice:review': Object.keys(reviewWords),
} as const;

/** What a field is given: every fact there is, or as little as it may have. */
function toFact(name: string, kind: FieldKind, isFull: boolean): unknown {
  if (kind.endsWith('?') && !isFull) return null;
  switch (kind) {
    case 'text':
    case 'text?':
      return texts[name];
    case 'date':
    case 'date?':
      return dates[name];
    case 'money':
    case 'money?':
      return cents[name];
    case 'flag':
      return isFull;
    case 'lines':
      return isFull ? lines[name] : [];
    case 'withheld':
      return isFull ? withheld : [];
    case 'charges':
      return isFull ? charges : [];
    case 'choice:ground':
    case 'choice:outcome':
    case 'choice:review':
      return choices[kind][0];
  }
}

type Variant = { readonly about: string; readonly facts: Readonly<Record<string, unknown>> };

function variantsOf(id: LetterId): readonly Variant[] {
  const fields = Object.entries<FieldKind>(letterFields[id]);
  const given = (isFull: boolean) =>
    Object.fromEntries(fields.map(([name, kind]) => [name, toFact(name, kind, isFull)]));
  const worded = fields.flatMap(([name, kind]) =>
    kind in choices
      ? choices[kind as keyof typeof choices]
          .slice(1)
          .map((word) => ({ about: `${name}: ${word}`, facts: { ...given(false), [name]: word } }))
      : [],
  );
  const both = [
    { about: 'with everything', facts: given(true) },
    { about: 'with the least', facts: given(false) },
  ];
  return fields.length === 0 ? both.slice(0, 1) : [...both, ...worded];
}

for (const id of letterIds) {
  test(`golden letters/${id}.txt`, () => {
    const written = variantsOf(id).map(({ about, facts }) => {
      const fields = { number: '2026-000123', date: '2026-03-06', ...facts } as LetterFields<typeof id>;
      const { subject, body } = fillLetter(law, id, fields);
      return `==== ${about} ====\nSubject: ${subject}\n\n${body}`;
    });
    checkGolden(`letters/${id}.txt`, written.join('\n'));
  });
}

test('every golden letter is one that the portal sends', () => {
  assert.deepEqual(goldenNames('letters'), letterIds.map((id) => `${id}.txt`).sort());
});
