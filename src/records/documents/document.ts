// What a responsive record is while it is worked on: its kind, pages, words, redactions, and what is told of it.
// It must hold no logic but the words; originals are opened in vault.ts alone.

export const documentKinds = ['pdf', 'image', 'mail', 'office', 'text', 'whole'] as const;
export type DocumentKind = (typeof documentKinds)[number];

/** The files that messages come in. */
export const mailTypes = {
  message: 'message/rfc822',
  outlook: 'application/vnd.ms-outlook', // .msg
  wrapped: 'application/ms-tnef', // winmail.dat
  mailbox: 'application/mbox',
  outlookMailbox: 'application/vnd.ms-outlook-pst',
} as const;

export const richText = 'application/rtf';

export type DocumentState = 'preparing' | 'ready' | 'attention' | 'quarantined';
export type DocumentProblem = 'password' | 'corrupt' | 'too-large' | 'failed' | 'infected';
export type ReviewState = 'open' | 'submitted' | 'approved';
export type PageDecision = 'undecided' | 'release' | 'redact' | 'withhold';
export type RedactionOrigin = 'drawn' | 'lines' | 'search' | 'suggestion';

/** What a reviewer should know of a document before releasing anything of it. */
export const documentFlags = [
  'type-lies', // the name or the sender says one type, the bytes another
  'text-rendition', // pages were laid out from the text: the look of the original is not shown
  'hidden-content', // comments, tracked changes, hidden sheets and the like
  'annotations',
  'form-fields',
  'attachments',
  'attachments-left', // more or deeper than what becomes documents of their own: in the original file alone
  'scripts',
  'hidden-text', // text that no reader of the page sees
  'camera-data', // place, time or device in a photograph
  'unshown-characters', // no letter shape here for some of the text
  'cut', // longer than what can be shown as pages
  'not-inspected', // sound, video and the like: nobody has looked inside
  'not-scanned', // the virus scanner could not be asked
] as const;
export type DocumentFlag = (typeof documentFlags)[number];

/** Left, top, right, bottom in points (1/72 inch) from the top left of the page as it is shown. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];

export type PageSize = { readonly width: number; readonly height: number };

/** A word as it stands on a page. `hidden`: no reader of the page sees it, so it is never in a rendition's text. */
export type Word = { readonly text: string; readonly box: Box; readonly line: number; readonly hidden: boolean };

/** Something in the file that its pages do not show, in words for the reviewer. */
export type HiddenItem = {
  readonly kind:
    | 'comment'
    | 'deleted-text'
    | 'inserted-text'
    | 'hidden-text'
    | 'hidden-sheet'
    | 'hidden-rows'
    | 'notes'
    | 'metadata'
    | 'header'
    | 'form-value'
    | 'attachment'
    | 'script'
    | 'camera-data';
  readonly where: string; // 'page 3', 'sheet “Pay”'
  readonly text: string;
};

export type Redaction = {
  readonly id: string;
  readonly page: number;
  readonly boxes: readonly Box[];
  readonly exemption: string;
  readonly explanation: string;
  readonly origin: RedactionOrigin;
  readonly madeBy: string;
  readonly madeName: string;
  readonly madeAt: string;
};

export type DocumentPage = PageSize & {
  readonly number: number;
  readonly version: number;
  readonly isRead: boolean; // its words are known
  readonly problem: string | null;
  readonly decision: PageDecision;
  readonly exemption: string | null;
  readonly explanation: string | null;
  readonly redactions: number;
};

export type DocumentRecord = {
  readonly id: string;
  readonly requestId: string;
  readonly number: number;
  readonly version: number;
  readonly parent: string | null;
  /** The file's own name: for staff alone. */
  readonly name: string;
  readonly title: string | null;
  readonly kind: DocumentKind;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly state: DocumentState;
  readonly problem: DocumentProblem | null;
  readonly flags: readonly DocumentFlag[];
  readonly pages: number;
  readonly review: ReviewState;
  readonly withheld: { readonly exemption: string; readonly explanation: string } | null;
  readonly releasedWhole: boolean;
  readonly uploadedName: string;
  readonly uploadedAt: string;
  readonly submittedAt: string | null;
  readonly approvedName: string | null;
  readonly approvedAt: string | null;
  readonly rendition: Rendition | null;
  readonly renditionState: 'none' | 'queued' | 'ready' | 'failed';
  readonly renditionProblem: string | null;
  readonly changedAt: string;
};

/** What may be released of a document: a blob that holds nothing of the original but what was let through. */
export type Rendition = {
  readonly blob: string; // its SHA-256, too
  readonly bytes: number;
  readonly pages: number | null; // null: a file that has none
  readonly mediaType: string;
  readonly fileName: string;
};

/** The name of a document in the withholding index and in what is released. Never the file's own name. */
export function documentTitle(document: Pick<DocumentRecord, 'title' | 'number'>): string {
  return document.title ?? `Document ${document.number}`;
}
