// Responsive records for pages: what they may ask, answered in process for one request's actor, forms in,
// plain data out.
// It must decide nothing: records/documents asks the permissions and guards the changes.

import type { Actor } from '../base/actor.ts';
import { errorTable, PortalError, sayCode } from '../base/errors.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { FormValues } from '../base/form.ts';
import type { Sentence } from '../base/say.ts';
import { actByForm } from '../people/act.ts';
import type { Act } from '../people/act.ts';
import { isAllowed } from '../people/permissions.ts';
import { documentActs, numberOf, toValue } from '../records/documents/acts.ts';
import { overlap } from '../records/documents/boxes.ts';
import type { DetectorKind, Suggestion } from '../records/documents/detectors.ts';
import type { DocumentRecord, DocumentPage, Redaction } from '../records/documents/document.ts';
import type { Documents } from '../records/documents/documents.ts';
import type { DocumentView, PageView, Found, Place } from '../records/documents/reading.ts';
import type { Hit } from '../records/documents/search.ts';
import type { Exemption } from '../records/law/law.ts';
import type { RequestRecord } from '../records/requests/request.ts';
import { departmentsOf } from '../records/requests/scope.ts';
import type { Portal } from '../serve/portal.ts';

export type { DetectorKind, Suggestion } from '../records/documents/detectors.ts';
export type { DocumentPage, DocumentRecord, HiddenItem, Redaction } from '../records/documents/document.ts';
export type { IndexLine } from '../records/documents/withholding.ts';
export type { Hit } from '../records/documents/search.ts';

export type ExemptionOption = Pick<Exemption, 'id' | 'cite' | 'title'>;

export type DocumentsMay = {
  readonly upload: boolean;
  readonly see: boolean;
  readonly redact: boolean;
  readonly approve: boolean;
};

/** A document of the list; `parentNumber`: what it was attached to. */
export type ListedDocument = DocumentRecord & { readonly parentNumber: number | null };

export type DocumentsList = {
  readonly request: RequestRecord;
  readonly today: string;
  readonly documents: readonly ListedDocument[];
  readonly may: DocumentsMay;
  readonly greatestBytes: number;
  /** What was wrong with a file that a form just sent. */
  readonly problem: Sentence | null;
};

/** Something to tick: a hit of a search or a suggestion, with the version of its page. */
export type Tickable = Hit & { readonly value: string; readonly kind: DetectorKind | null; readonly isMarked: boolean };

export type ReviewPage = {
  readonly number: string;
  readonly view: Omit<DocumentView, 'request'>;
  readonly may: DocumentsMay;
  readonly exemptions: readonly ExemptionOption[];
  /** The page that is shown; null for a document that has none. */
  readonly page:
    | (Omit<PageView, 'suggestions'> & { readonly suggestions: readonly (Suggestion & { readonly value: string })[] })
    | null;
  readonly search: {
    readonly text: string;
    readonly found: readonly Tickable[];
    readonly more: boolean;
    readonly unread: number;
  } | null;
  readonly problem: Sentence | null;
};

export type DocumentsPages = {
  list(number: string, problem: string | null): Promise<DocumentsList>;
  /** `page` from 1; `find` searches, or with `suggest` lists what may be personal. */
  review(
    number: string,
    document: string,
    asked: { readonly page: string | null; readonly find: string | null; readonly suggest: boolean },
  ): Promise<ReviewPage>;
  /** The forms of the review page, by name. Each answers where to go next, and throws PortalError. */
  readonly acts: Readonly<
    Record<DocumentForm, (number: string, document: string, form: FormValues) => Promise<string>>
  >;
};

export type DocumentForm =
  'redact' | 'unredact' | 'decide' | 'withhold' | 'whole' | 'describe' | 'hidden' | 'submit' | 'approve' | 'reopen';

type DocumentsPortal = Pick<Portal, 'documents' | 'records' | 'database' | 'config'>;

export function toDocumentsPages(portal: DocumentsPortal, actor: Actor): DocumentsPages {
  return {
    list: (number, problem) => list(portal, actor, number, problem),
    review: (number, document, asked) => review(portal, actor, toPlace(number, document), asked),
    acts: toForms(portal, actor),
  };
}

function toPlace(request: string, document: string): Place {
  return { request, document: /^\d{1,9}$/u.test(document) ? Number(document) : 0 };
}

async function mayOf(portal: DocumentsPortal, actor: Actor, request: RequestRecord): Promise<DocumentsMay> {
  const scope = { departments: await departmentsOf(portal.database.db, request) };
  return {
    upload: isAllowed(actor, 'document.upload', scope),
    see: isAllowed(actor, 'document.see-original', scope),
    redact: isAllowed(actor, 'document.redact', scope),
    approve: isAllowed(actor, 'document.approve', scope),
  };
}

async function list(
  portal: DocumentsPortal,
  actor: Actor,
  number: string,
  problem: string | null,
): Promise<DocumentsList> {
  const { request, documents } = await portal.documents.list(actor, number);
  const numbers = new Map(documents.map((each) => [each.id, each.number]));
  return {
    request,
    today: portal.records.desk.days.today(),
    documents: documents.map((each) => ({ ...each, parentNumber: numbers.get(each.parent ?? '') ?? null })),
    may: await mayOf(portal, actor, request),
    greatestBytes: portal.config.maxUploadBytes,
    problem: problem === null ? null : toSentence(problem),
  };
}

/** Only a code of the table is shown: the address may be anybody's. */
function toSentence(code: string): Sentence {
  return sayCode(Object.hasOwn(errorTable, code) ? (code as ErrorCode) : 'bad-request');
}

type Asked = { readonly page: string | null; readonly find: string | null; readonly suggest: boolean };

async function review(portal: DocumentsPortal, actor: Actor, place: Place, asked: Asked): Promise<ReviewPage> {
  const { documents } = portal;
  const { request, ...view } = await documents.view(actor, place);
  const pageNumber = Math.max(1, Math.min(view.document.pages, Number(asked.page ?? 1) || 1));
  const hasPages = view.document.state === 'ready' && view.document.pages > 0;
  const page = hasPages ? await documents.page(actor, place, pageNumber) : null;
  const found = hasPages ? await find(portal, actor, place, asked) : null;
  return {
    number: request.number,
    view,
    may: await mayOf(portal, actor, request),
    exemptions: documents.exemptions().map(({ id, cite, title }) => ({ id, cite, title })),
    page: page === null ? null : withValues(page),
    search:
      found === null || 'problem' in found ? null : toSearch(found.text, found.found, view.pages, view.redactions),
    problem: found !== null && 'problem' in found ? found.problem : null,
  };
}

function withValues(page: PageView): NonNullable<ReviewPage['page']> {
  const { number, version } = page.page;
  return {
    ...page,
    suggestions: page.suggestions.map((each) => ({
      ...each,
      value: toValue({ page: number, version, boxes: each.boxes }),
    })),
  };
}

type FoundText = { readonly text: string; readonly found: Found<Hit | Suggestion> };

/** A search that cannot be understood is a problem of the form, not of the page. */
async function find(
  { documents }: DocumentsPortal,
  actor: Actor,
  place: Place,
  asked: Asked,
): Promise<FoundText | { readonly problem: Sentence | null } | null> {
  if (asked.suggest) return { text: '', found: await documents.suggestions(actor, place) };
  if (asked.find === null) return null;
  try {
    return { text: asked.find, found: await documents.search(actor, place, asked.find) };
  } catch (error) {
    if (error instanceof PortalError && error.code === 'form-invalid') return { problem: error.sentence };
    throw error;
  }
}

function toSearch(
  text: string,
  { hits, more, unread }: Found<Hit | Suggestion>,
  pages: readonly DocumentPage[],
  redactions: readonly Redaction[],
): ReviewPage['search'] {
  const versions = new Map(pages.map(({ number, version }) => [number, version]));
  const marked = Map.groupBy(redactions, ({ page }) => page);
  const isMarked = (hit: Hit) =>
    hit.boxes.every((box) => marked.get(hit.page)?.some(({ boxes }) => boxes.some((each) => overlap(each, box) > 0.9)));
  const found = hits.map((hit): Tickable => {
    const value = toValue({ page: hit.page, version: versions.get(hit.page) ?? 0, boxes: hit.boxes });
    return { ...hit, value, kind: 'kind' in hit ? hit.kind : null, isMarked: isMarked(hit) };
  });
  return { text, found, more, unread };
}

/** After most acts one goes on where one was: at the page that the form says, or at the document. */
function toForms({ documents }: DocumentsPortal, actor: Actor): DocumentsPages['acts'] {
  const here = (number: string, document: string) => `/staff/requests/${number}/documents/${document}`;
  const atPage = (at: string, page: number) => (page > 0 ? `${at}?page=${page}` : at);
  const doing =
    <Values, Answer>(act: Act<Documents, Place, Values, Answer>, isOfPage = false) =>
    async (number: string, document: string, form: FormValues): Promise<string> => {
      await actByForm(act, documents, actor, toPlace(number, document), form);
      const at = here(number, toPlace(number, document).document.toString());
      return isOfPage ? atPage(at, numberOf(form, 'next') || numberOf(form, 'page')) : at;
    };
  return {
    redact: doing(documentActs.redactions, true),
    unredact: doing(documentActs.unredact, true),
    decide: doing(documentActs.decisions, true),
    withhold: doing(documentActs.withhold),
    whole: doing(documentActs.whole),
    describe: doing(documentActs.describe),
    async hidden(number, document, form) {
      const made = await actByForm(documentActs.hidden, documents, actor, toPlace(number, document), form);
      return here(number, String(made.number));
    },
    submit: doing(documentActs.submit),
    approve: doing(documentActs.approve),
    reopen: doing(documentActs.reopen),
  };
}
