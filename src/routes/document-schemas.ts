// The shapes of responsive records in the API. It must not validate anything itself.

import { Type } from 'typebox';

import { boxSchema, reasonSchemas } from '../records/documents/acts.ts';
import { documentFlags, documentKinds } from '../records/documents/document.ts';
import type { DocumentRecord, Redaction } from '../records/documents/document.ts';
import type { DocumentView, PageView } from '../records/documents/reading.ts';
import { detectorKinds } from '../records/documents/detectors.ts';
import { exact, nullable, oneOf } from '../base/schemas.ts';
import type { Members } from '../base/schemas.ts';

const instant = Type.String({ format: 'date-time' });
const [box, reason] = [boxSchema, reasonSchemas];
const page = exact({
  number: Type.Integer(),
  version: Type.Integer({ description: 'Send it along with a change of the page.' }),
  width: Type.Number(),
  height: Type.Number(),
  isRead: Type.Boolean(),
  problem: nullable(Type.String()),
  decision: Type.String({ enum: ['undecided', 'release', 'redact', 'withhold'] }),
  exemption: nullable(Type.String()),
  explanation: nullable(Type.String()),
  redactions: Type.Integer(),
});
const redaction = exact({
  id: Type.String(),
  page: Type.Integer(),
  boxes: Type.Array(box),
  ...reason,
  origin: oneOf(['drawn', 'lines', 'search', 'suggestion']),
  madeBy: Type.String(),
  madeName: Type.String(),
  madeAt: instant,
} satisfies Members<Redaction>);
const hit = {
  page: Type.Integer(),
  text: Type.String(),
  before: Type.String(),
  after: Type.String(),
  boxes: Type.Array(box),
  hidden: Type.Boolean(),
  offPage: Type.Boolean({ description: 'It lies off the page, where nobody sees it: there is nothing to redact.' }),
};
const suggestion = exact({
  ...hit,
  kind: Type.String({ enum: [...detectorKinds] }),
  exemption: nullable(Type.String()),
});

export const documentSchema = exact(
  {
    id: Type.String(),
    requestId: Type.String(),
    number: Type.Integer({ description: 'Within the request.' }),
    version: Type.Integer({ description: 'Send it along with a change of the document.' }),
    parent: nullable(Type.String({ description: 'Id of the document that it was attached to.' })),
    name: Type.String({ description: 'The file’s own name: for staff alone.' }),
    title: nullable(Type.String({ description: 'What the withholding index calls it.' })),
    kind: Type.String({ enum: [...documentKinds] }),
    mediaType: Type.String({ description: 'As its bytes say.' }),
    bytes: Type.Integer(),
    sha256: Type.String(),
    state: Type.String({ enum: ['preparing', 'ready', 'attention', 'quarantined'] }),
    problem: nullable(Type.String({ enum: ['password', 'corrupt', 'too-large', 'failed', 'infected'] })),
    flags: Type.Array(Type.String({ enum: [...documentFlags] })),
    pages: Type.Integer(),
    review: Type.String({ enum: ['open', 'submitted', 'approved'] }),
    withheld: nullable(exact({ exemption: Type.String(), explanation: Type.String() })),
    releasedWhole: Type.Boolean(),
    uploadedName: Type.String(),
    uploadedAt: instant,
    submittedAt: nullable(instant),
    approvedName: nullable(Type.String()),
    approvedAt: nullable(instant),
    rendition: nullable(
      exact({
        blob: Type.String({ description: 'Its SHA-256.' }),
        bytes: Type.Integer(),
        pages: nullable(Type.Integer()),
        mediaType: Type.String(),
        fileName: Type.String(),
      }),
    ),
    renditionState: Type.String({ enum: ['none', 'queued', 'ready', 'failed'] }),
    renditionProblem: nullable(Type.String()),
    changedAt: instant,
  } satisfies Members<DocumentRecord>,
  { $id: 'ResponsiveRecord' },
);

export const documentViewSchema = exact(
  {
    document: Type.Ref('ResponsiveRecord'),
    pages: Type.Array(page),
    redactions: Type.Array(redaction),
    hidden: Type.Array(exact({ kind: Type.String(), where: Type.String(), text: Type.String() }), {
      description: 'What the file holds beside what its pages show.',
    }),
    index: Type.Array(
      exact({
        document: Type.Integer(),
        title: Type.String(),
        record: Type.String(),
        pages: Type.Array(Type.Integer()),
        extent: Type.String({ enum: ['full', 'part'] }),
        exemption: Type.String(),
        cite: Type.String(),
        explanation: Type.String(),
        places: Type.Integer(),
      }),
      { description: 'The withholding index as it stands.' },
    ),
    missing: nullable(Type.String({ description: 'What has to be decided before it can be handed over.' })),
    isOwnWork: Type.Boolean({ description: 'Whoever asks worked on it, and may not approve it.' }),
  } satisfies Members<Omit<DocumentView, 'request'>>,
  { $id: 'ResponsiveRecordView' },
);

export const pageViewSchema = exact({
  page,
  redactions: Type.Array(redaction),
  lines: Type.Array(exact({ line: Type.Integer(), text: Type.String(), box, hidden: Type.Boolean() })),
  suggestions: Type.Array(suggestion),
} satisfies Members<PageView>);

const found = { more: Type.Boolean(), unread: Type.Integer({ description: 'Pages whose words are not known yet.' }) };
export const hitsSchema = exact({ hits: Type.Array(exact(hit)), ...found });
export const suggestionsFoundSchema = exact({ hits: Type.Array(suggestion), ...found });
