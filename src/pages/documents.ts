// Responsive records for pages: what they may ask, answered in process for one request's actor, forms in,
// plain data out.
// It must decide nothing: records/documents asks the permissions and guards the changes.

import type { Actor } from '../base/actor.ts';
import { errorTable, PortalError } from '../base/errors.ts';
import { choiceOf, textOf } from '../base/form.ts';
import type { FormValues } from '../base/form.ts';
import { isAllowed } from '../people/permissions.ts';
import { overlap } from '../records/documents/boxes.ts';
import type { DetectorKind, Suggestion } from '../records/documents/detectors.ts';
import type { DocumentRecord, Box, DocumentPage, Redaction, RedactionOrigin } from '../records/documents/document.ts';
import type { DocumentView, PageView, Found, Place } from '../records/documents/reading.ts';
import type { Mark, PageChoice, Reason } from '../records/documents/review.ts';
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
  /** What was wrong with a file that a form just sent, in words. */
  readonly problem: string | null;
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
  readonly problem: string | null;
};

export type DocumentsPages = {
  list(number: string, problem: string | null): Promise<DocumentsList>;
  /** `page` from 1; `find` searches, or with `suggest` lists what may be personal. */
  review(
    number: string,
    document: string,
    asked: { readonly page: string | null; readonly find: string | null; readonly suggest: boolean },
  ): Promise<ReviewPage>;
  /** What a form of the review page asks for; answers where to go next. Throws PortalError. */
  act(number: string, document: string, what: string, form: FormValues): Promise<string>;
};

type DocumentsPortal = Pick<Portal, 'documents' | 'records' | 'database' | 'config'>;

export function toDocumentsPages(portal: DocumentsPortal, actor: Actor): DocumentsPages {
  return {
    list: (number, problem) => list(portal, actor, number, problem),
    review: (number, document, asked) => review(portal, actor, toPlace(number, document), asked),
    act: (number, document, what, form) => act(portal, actor, toPlace(number, document), what, form),
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
function toSentence(code: string): string {
  return Object.hasOwn(errorTable, code)
    ? errorTable[code as keyof typeof errorTable][1]
    : errorTable['bad-request'][1];
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
): Promise<FoundText | { readonly problem: string } | null> {
  if (asked.suggest) return { text: '', found: await documents.suggestions(actor, place) };
  if (asked.find === null) return null;
  try {
    return { text: asked.find, found: await documents.search(actor, place, asked.find) };
  } catch (error) {
    if (error instanceof PortalError && error.code === 'form-invalid') return { problem: error.message };
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

/** A mark as the value of a tick box: page, version, then four numbers a box. */
function toValue({ page, version, boxes }: Mark): string {
  return [page, version, ...boxes.flat().map((value) => Math.round(value * 10) / 10)].join(' ');
}

function fromValue(value: string): Mark {
  const [page = 0, version = 0, ...rest] = value.trim().split(/[ ,]+/u).map(Number);
  if (rest.length === 0 || rest.length % 4 !== 0 || ![page, version, ...rest].every(Number.isFinite)) {
    throw new PortalError('form-invalid', 'A place to redact could not be read. Choose it again.');
  }
  const boxes = Array.from({ length: rest.length / 4 }, (_, at) => rest.slice(at * 4, at * 4 + 4) as unknown as Box);
  return { page, version, boxes };
}

const numberOf = (form: FormValues, name: string): number =>
  /^\d{1,9}$/u.test(textOf(form, name)) ? Number(textOf(form, name)) : 0;
const reasonOf = (form: FormValues): Reason => ({
  exemption: textOf(form, 'exemption'),
  explanation: textOf(form, 'explanation'),
});
const origins: readonly RedactionOrigin[] = ['drawn', 'lines', 'search', 'suggestion'];

async function act(
  portal: DocumentsPortal,
  actor: Actor,
  place: Place,
  what: string,
  form: FormValues,
): Promise<string> {
  const { documents } = portal;
  const here = `/staff/requests/${place.request}/documents/${place.document}`;
  const atPage = numberOf(form, 'page') > 0 ? `${here}?page=${numberOf(form, 'page')}` : here;
  const version = numberOf(form, 'version');
  switch (what) {
    case 'redact':
      await redact(portal, actor, place, form);
      return atPage;
    case 'unredact': {
      const page = { page: numberOf(form, 'page'), version: numberOf(form, 'pageVersion') };
      await documents.unredact(actor, place, { ...page, redaction: textOf(form, 'redaction') });
      return atPage;
    }
    case 'decide':
      await decide(portal, actor, place, form);
      return numberOf(form, 'next') > 0 ? `${here}?page=${numberOf(form, 'next')}` : atPage;
    case 'withhold': {
      const reason = textOf(form, 'withhold') === 'no' ? null : reasonOf(form);
      await documents.withhold(actor, place, { version, reason });
      return here;
    }
    case 'whole':
      await documents.releaseWhole(actor, place, { version, release: textOf(form, 'release') === 'yes' });
      return here;
    case 'describe':
      await documents.describe(actor, place, { version, title: textOf(form, 'title') });
      return here;
    case 'hidden': {
      const { number } = await documents.addHiddenContent(actor, place);
      return `/staff/requests/${place.request}/documents/${number}`;
    }
    case 'submit':
    case 'approve':
    case 'reopen':
      await documents[what](actor, place, { version });
      return here;
    default:
      throw new PortalError('not-found');
  }
}

async function redact({ documents }: DocumentsPortal, actor: Actor, place: Place, form: FormValues): Promise<void> {
  const isGiven = (value: string) => value.trim() !== '';
  const drawn = (form['drawn'] ?? []).filter(isGiven).map(fromValue);
  const marks = [...(form['mark'] ?? []).filter(isGiven).map(fromValue), ...drawn];
  const chosen = choiceOf(form, 'origin', origins) ?? 'lines';
  const origin = drawn.length > 0 ? 'drawn' : chosen;
  await documents.redact(actor, place, { marks, reason: reasonOf(form), origin });
}

/** Each `pages` is a page's number and the version in which it was seen. */
async function decide({ documents }: DocumentsPortal, actor: Actor, place: Place, form: FormValues): Promise<void> {
  const pages = (form['pages'] ?? []).map((value) => {
    const [page = 0, version = 0] = value.split(' ').map(Number);
    return { page, version };
  });
  const decision = textOf(form, 'decision');
  const choice: PageChoice =
    decision === 'withhold'
      ? { kind: 'withhold', reason: reasonOf(form) }
      : { kind: decision === 'release' ? 'release' : 'undecided' };
  await documents.decide(actor, place, { pages, choice });
}
