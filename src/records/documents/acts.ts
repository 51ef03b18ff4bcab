// What the staff do with a responsive record, one row each: redact, decide pages, withhold, approve.
// It must hold no rule; review.ts and approval.ts do.

import { Type } from 'typebox';

import { say } from '../../base/say.ts';
import { PortalError } from '../../base/errors.ts';
import { choiceOf, textOf } from '../../base/form.ts';
import type { FormValues } from '../../base/form.ts';
import { exact } from '../../base/schemas.ts';
import { line, own, ownOr, required, text } from '../../base/inputs.ts';
import type { Input } from '../../base/inputs.ts';
import { actsOf } from '../../people/act.ts';
import type { Documents } from './documents.ts';
import type { Box, RedactionOrigin } from './document.ts';
import type { Place } from './reading.ts';
import type { Mark, PageVersion, Reason } from './review.ts';

export const boxSchema = Type.Unsafe<Box>(
  Type.Array(Type.Number(), {
    minItems: 4,
    maxItems: 4,
    description: 'Left, top, right, bottom in points from the top left of the page.',
  }),
);
export const reasonSchemas = {
  exemption: Type.String({ maxLength: 100, description: 'Id of an exemption of the law’s data.' }),
  explanation: Type.String({ maxLength: 2_000, description: 'How it applies to this record.' }),
};
const least1 = Type.Integer({ minimum: 1 });
const marks = Type.Array(
  exact({ page: least1, version: least1, boxes: Type.Array(boxSchema, { minItems: 1, maxItems: 200 }) }),
  { minItems: 1, maxItems: 5_000 },
);
const origins: readonly RedactionOrigin[] = ['drawn', 'lines', 'search', 'suggestion'];
const originSchema = Type.String({ enum: [...origins] });
const pageVersions = Type.Array(exact({ page: least1, version: least1 }), { minItems: 1, maxItems: 20_000 });
const decisions = ['release', 'withhold', 'undecided'] as const;
type Decision = (typeof decisions)[number];
const decisionSchema = Type.Unsafe<Decision>(Type.String({ enum: [...decisions] }));

const exemption = (): Input<string> => ({ ...line(), schema: reasonSchemas.exemption });
const explanation = (): Input<string> => ({ ...text(), schema: reasonSchemas.explanation });
/** A form that says no number is refused as one of another version would be. */
const numberFrom = (field: string): Input<number> => own(least1, (form) => numberOf(form, field));

const atDocument = actsOf<Documents, Place>();
const stepInputs = { version: numberFrom('version') };

/** At a document: the request's number, and its own in the request. */
export const documentActs = {
  redactions: atDocument(
    'document.redact',
    'Redact places of pages, each as its page was last seen',
    {
      marks: own<readonly Mark[]>(marks, readMarks),
      exemption: required(exemption()),
      explanation: required(explanation()),
      origin: ownOr<RedactionOrigin>(originSchema, 'drawn', readOrigin),
    },
    (documents, actor, place, { marks: given, origin, ...reason }) =>
      documents.redact(actor, place, { marks: given, reason, origin }),
    {
      description: 'The redactions; and the places of those marks that lie off their page, where nobody sees them.',
      schema: exact({ ids: Type.Array(Type.String()), leftOut: Type.Array(Type.Integer()) }),
      status: 201,
    },
  ),
  unredact: atDocument(
    'document.redact',
    'Take a redaction off its page',
    { page: numberFrom('page'), version: numberFrom('pageVersion'), redaction: required(line()) },
    (documents, actor, place, given) => documents.unredact(actor, place, given),
  ),
  decisions: atDocument(
    'document.redact',
    'Release or withhold pages, or leave them open again',
    {
      pages: own<readonly PageVersion[]>(pageVersions, readPages),
      decision: own<Decision>(decisionSchema, readDecision),
      exemption: exemption(),
      explanation: explanation(),
    },
    (documents, actor, place, { pages, decision, ...reason }) => {
      const choice = decision === 'withhold' ? ({ kind: decision, reason } as const) : ({ kind: decision } as const);
      return documents.decide(actor, place, { pages, choice });
    },
  ),
  withhold: atDocument(
    'document.redact',
    'Withhold a whole document, or no longer',
    {
      ...stepInputs,
      reason: own<Reason | null>(Type.Union([exact(reasonSchemas), Type.Null()]), readReasonOrNone),
    },
    (documents, actor, place, given) => documents.withhold(actor, place, given),
  ),
  whole: atDocument(
    'document.redact',
    'Release a document as it is, where its kind has no pages, or no longer',
    { ...stepInputs, release: own(Type.Boolean(), (form) => textOf(form, 'release') === 'yes') },
    (documents, actor, place, given) => documents.releaseWhole(actor, place, given),
  ),
  describe: atDocument(
    'document.redact',
    'Give a document the title that the public reads',
    { ...stepInputs, title: required(line()) },
    (documents, actor, place, given) => documents.describe(actor, place, given),
  ),
  hidden: atDocument(
    'document.upload',
    'Make what the pages do not show a document of its own, to be reviewed',
    {},
    async (documents, actor, place) => ({ number: (await documents.addHiddenContent(actor, place)).number }),
    { description: 'The new document.', schema: exact({ number: Type.Integer() }), status: 201 },
  ),
  submit: atDocument(
    'document.redact',
    'Hand a document over for approval',
    stepInputs,
    (documents, actor, place, given) => documents.submit(actor, place, given),
  ),
  approve: atDocument(
    'document.approve',
    'Approve a document that somebody else worked on; its rendition is made',
    stepInputs,
    (documents, actor, place, given) => documents.approve(actor, place, given),
  ),
  reopen: atDocument(
    ['document.redact', 'document.approve'],
    'Take a document back; its rendition may no longer be released',
    stepInputs,
    (documents, actor, place, given) => documents.reopen(actor, place, given),
  ),
};

export function numberOf(form: FormValues, name: string): number {
  return /^\d{1,9}$/u.test(textOf(form, name)) ? Number(textOf(form, name)) : 0;
}

const isGiven = (value: string): boolean => value.trim() !== '';

function readMarks(form: FormValues): readonly Mark[] {
  return [...(form['mark'] ?? []), ...(form['drawn'] ?? [])].filter(isGiven).map(fromValue);
}

function readOrigin(form: FormValues): RedactionOrigin {
  return (form['drawn'] ?? []).some(isGiven) ? 'drawn' : (choiceOf(form, 'origin', origins) ?? 'lines');
}

/** Each `pages` is a page's number and the version in which it was seen. */
function readPages(form: FormValues): readonly PageVersion[] {
  return (form['pages'] ?? []).map((value) => {
    const [page = 0, version = 0] = value.split(' ').map(Number);
    return { page, version };
  });
}

function readDecision(form: FormValues): Decision {
  return choiceOf(form, 'decision', ['release', 'withhold']) ?? 'undecided';
}

function readReasonOrNone(form: FormValues): Reason | null {
  if (textOf(form, 'withhold') === 'no') return null;
  return { exemption: textOf(form, 'exemption'), explanation: textOf(form, 'explanation') };
}

/** A mark as a form sends it: page, version, then four numbers a box. */
export function toValue({ page, version, boxes }: Mark): string {
  return [page, version, ...boxes.flat().map((value) => Math.round(value * 10) / 10)].join(' ');
}

function fromValue(value: string): Mark {
  const [page = 0, version = 0, ...rest] = value.trim().split(/[ ,]+/u).map(Number);
  if (rest.length === 0 || rest.length % 4 !== 0 || ![page, version, ...rest].every(Number.isFinite)) {
    throw new PortalError('form-invalid', say('documents.place-unread'));
  }
  const boxes = Array.from({ length: rest.length / 4 }, (_, at) => rest.slice(at * 4, at * 4 + 4) as unknown as Box);
  return { page, version, boxes };
}
