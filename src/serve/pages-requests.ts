// What the pages of asking for records and of following a request may ask of the portal.
// It must hold types only; requests-pages.ts does what they say.

import type { Requester } from '../records/requests/request.ts';
import type { DraftAnswers } from '../records/requests/draft-answers.ts';
import type { Draft } from '../records/requests/drafts.ts';
import type { OwnRequest } from '../records/requests/following.ts';
import type { ReleasedRequest } from '../records/requests/suggestions.ts';
import type { Installment } from '../records/release/installment.ts';
import type { RequestCookie } from './request-cookie.ts';

export type { DraftAnswers } from '../records/requests/draft-answers.ts';
export type { Draft } from '../records/requests/drafts.ts';
export type { OwnClock, OwnDelegate, OwnMessage, OwnRequest } from '../records/requests/following.ts';
export type { Installment } from '../records/release/installment.ts';
export type { RequestFile } from '../records/requests/files.ts';
export type { ReleasedRequest } from '../records/requests/suggestions.ts';
export type { RequestCookie } from './request-cookie.ts';

/** A dataset that may answer what is asked, and the words by which it was found. */
export type SuggestedDataset = {
  readonly id: string;
  readonly title: string;
  readonly department: string;
  readonly description: string | null;
  readonly why: readonly { readonly field: string; readonly text: string }[];
};

export type Suggestions = {
  readonly datasets: readonly SuggestedDataset[];
  readonly requests: readonly ReleasedRequest[];
};

/** What the City would owe for a request that came today. */
export type FirstDue = { readonly today: string; readonly dueOn: string; readonly sentences: readonly string[] };

export type RequestsPages = {
  firstDue(): FirstDue;
  /** Days that answers in the making are kept. */
  draftDays(): number;
  draftCookieName(): string;
  requestCookieName(number: string): string;

  draft(secret: string | null): Promise<Draft | null>;
  saveDraft(secret: string | null, answers: DraftAnswers): Promise<RequestCookie>;
  /** The address that leads back to a draft from another browser. */
  draftLink(secret: string): string;
  removeFile(secret: string, fileId: string): Promise<void>;
  /** Whether the one question about purpose may be asked. */
  asksForList(answers: DraftAnswers): boolean;
  suggestions(text: string): Promise<Suggestions>;
  deflect(kind: string, target: string): Promise<void>;
  /** The draft becomes a request; sent twice, it is one. */
  send(secret: string): Promise<{ readonly number: string; readonly cookie: RequestCookie }>;

  /** Whoever holds this link; null for nobody. */
  follow(secret: string): Promise<{ readonly number: string; readonly cookie: RequestCookie } | null>;
  /** Always the same answer, whether there is such a request or not. */
  sendLink(number: string, email: string): Promise<void>;
  /** The address that leads to the request: what the cookie holds, as a link. */
  followLink(secret: string): string;

  /** Throws not-found without the link of this very request. */
  own(number: string): Promise<OwnRequest>;
  /** What has been given out so far, in installments. */
  released(number: string): Promise<readonly Installment[]>;
  say(number: string, text: string): Promise<void>;
  answer(number: string, text: string): Promise<void>;
  withdraw(number: string): Promise<void>;
  petition(number: string, text: string): Promise<void>;
  /** A closed request is opened by the City; this tells it why it should. */
  askToReopen(number: string, text: string): Promise<void>;
  replaceLink(number: string): Promise<RequestCookie>;
  /** The delegate's own link, shown once. */
  addDelegate(
    number: string,
    given: { readonly name: string; readonly email: string | null; readonly mayAct: boolean },
  ): Promise<string>;
  revokeDelegate(number: string, delegateId: string): Promise<void>;
  changeContact(number: string, given: Requester): Promise<void>;
};
