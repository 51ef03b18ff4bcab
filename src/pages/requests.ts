// Asking for records and following a request, for pages: the functions of src/records for whoever asks.
// It must not decide anything; every function asks the table of permissions itself.

import type { Actor, RequesterActor } from '../base/actor.ts';
import { toInstant } from '../base/clock.ts';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Sentence } from '../base/say.ts';
import { unnarrowed } from '../catalogue/search-types.ts';
import type { SearchQuery } from '../catalogue/search-types.ts';
import { cityDateOf } from '../city/days.ts';
import { basisSentences } from '../records/law/basis.ts';
import { startClock } from '../records/law/clocks.ts';
import type { Installment } from '../records/release/installment.ts';
import { asksForList } from '../records/asking/draft-answers.ts';
import type { DraftAnswers } from '../records/asking/draft-answers.ts';
import { draftDays } from '../records/asking/drafts.ts';
import type { Draft } from '../records/asking/drafts.ts';
import type { OwnRequest } from '../records/asking/following.ts';
import type { Requester, RequestCommand } from '../records/requests/request.ts';
import { tellingWords } from '../records/asking/suggestions.ts';
import type { ReleasedRequest } from '../records/asking/suggestions.ts';
import type { Portal } from '../serve/portal.ts';
import { draftCookieName, requestCookieName, toDraftCookie, toRequestCookie } from '../serve/http/request-cookie.ts';
import type { RequestCookie } from '../serve/http/request-cookie.ts';

export type { DraftAnswers } from '../records/asking/draft-answers.ts';
export type { Draft } from '../records/asking/drafts.ts';
export type { OwnClock, OwnRequest } from '../records/asking/following.ts';
export type { Installment } from '../records/release/installment.ts';
export type { ReleasedRequest } from '../records/asking/suggestions.ts';
export type { RequestCookie } from '../serve/http/request-cookie.ts';

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
export type FirstDue = { readonly today: string; readonly dueOn: string; readonly sentences: readonly Sentence[] };

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

export type RequestsReader = { readonly actor: Actor; readonly client: string };

export function toRequestsPages(portal: Portal, reader: RequestsReader): RequestsPages {
  return { ...toAskingPages(portal, reader), ...toFollowingPages(portal, reader), ...toOwnPages(portal, reader) };
}

type AskingPages = Pick<
  RequestsPages,
  | 'firstDue'
  | 'draftDays'
  | 'draftCookieName'
  | 'draft'
  | 'saveDraft'
  | 'draftLink'
  | 'removeFile'
  | 'asksForList'
  | 'suggestions'
  | 'deflect'
  | 'send'
>;

function toAskingPages(portal: Portal, { actor, client }: RequestsReader): AskingPages {
  const { records, config, askingGate, effects } = portal;
  return {
    firstDue() {
      const law = records.law();
      const now = effects.clock.now();
      const today = cityDateOf(now, law.city.timeZone);
      const { dueOn, basis } = startClock(law, 'first-response', today, { receivedAt: toInstant(now) });
      return { today, dueOn, sentences: basisSentences(basis) };
    },
    draftDays: () => draftDays,
    draftCookieName: () => draftCookieName(portal),
    draft: async (secret) => (secret === null ? null : records.drafts.read(secret)),
    async saveDraft(secret, answers) {
      // A cookie that opens no draft is as good as none.
      const known = secret === null ? null : await records.drafts.read(secret);
      if (known === null) askingGate.enter(client, 'request');
      return toDraftCookie(portal, await records.drafts.save(actor, secret, answers));
    },
    draftLink: (secret) => `${config.publicUrl}/records/new/return/${secret}`,
    async removeFile(secret, fileId) {
      const draft = await records.drafts.read(secret);
      if (draft === null) throw new PortalError('link-expired', say('records.answers-gone'));
      await records.drafts.removeFile(draft.id, fileId);
    },
    asksForList,
    async suggestions(text) {
      askingGate.enter(client, 'suggestion');
      return suggest(portal, text);
    },
    async deflect(kind, target) {
      askingGate.enter(client, 'suggestion');
      if (kind !== 'dataset' && kind !== 'request') throw new PortalError('form-invalid', say('pages.what-answered'));
      await requireTarget(portal, kind, target);
      await records.deflect({ kind, target });
    },
    async send(secret) {
      askingGate.enter(client, 'request');
      const { request, secret: link } = await records.drafts.send(actor, secret);
      return { number: request.number, cookie: toRequestCookie(portal, request.number, link) };
    },
  };
}

/** Only what is public can have answered anybody. */
async function requireTarget(portal: Portal, kind: 'dataset' | 'request', target: string): Promise<void> {
  if (kind === 'dataset' && portal.catalogue.view(target) === null) throw new PortalError('dataset-not-found');
  if (kind !== 'request') return;
  const { visibility } = await portal.records.requests.find(target);
  if (visibility !== 'public') throw new PortalError('not-found');
}

const mostShown = 5;
const shortestAsked = 3;

/** Datasets by title, words and columns, and published requests; no guesses, nothing for a text that says nothing. */
export async function suggest(portal: Portal, text: string): Promise<Suggestions> {
  const words = tellingWords(text);
  if (words.join('').length < shortestAsked) return { datasets: [], requests: [] };
  const query: SearchQuery = { ...unnarrowed, q: words.join(' '), sort: 'relevance', limit: mostShown, careful: true };
  const [found, requests] = await Promise.all([portal.catalogue.search(query), portal.archive.suggestReleased(text)]);
  const datasets = found.hits.map((hit) => ({
    id: hit.id,
    title: hit.title,
    department: hit.department.name,
    description: hit.description,
    why: hit.reasons.map(({ field, text: shown }) => ({ field, text: shown })),
  }));
  return { datasets, requests };
}

type FollowingPages = Pick<RequestsPages, 'requestCookieName' | 'follow' | 'sendLink' | 'followLink'>;

function toFollowingPages(portal: Portal, { client }: RequestsReader): FollowingPages {
  const { records, config, askingGate } = portal;
  return {
    requestCookieName: (number) => requestCookieName(portal, number),
    async follow(secret) {
      askingGate.enter(client, 'follow');
      const followed = await records.follow(secret);
      if (followed === null) return null;
      return { number: followed.number, cookie: toRequestCookie(portal, followed.number, secret) };
    },
    async sendLink(number, email) {
      askingGate.enter(client, 'link');
      await records.sendLink({ number, email });
    },
    followLink: (secret) => `${config.publicUrl}/records/follow/${secret}`,
  };
}

type OwnPages = Omit<RequestsPages, keyof AskingPages | keyof FollowingPages>;

function toOwnPages(portal: Portal, { actor, client }: RequestsReader): OwnPages {
  const { own } = portal.records;
  /** Without the link of this very request there is nothing here, not even whether there is something. */
  const requireFollower = async (number: string): Promise<{ follower: RequesterActor; id: string }> => {
    if (actor.kind !== 'requester') throw new PortalError('not-found', say('pages.only-by-link'));
    const { request } = await own.read(actor, number);
    return { follower: actor, id: request.id };
  };
  const act = async (number: string, command: RequestCommand): Promise<void> => {
    const { follower, id } = await requireFollower(number);
    portal.askingGate.enter(client, 'message');
    await own.act(follower, id, command);
  };
  return {
    async own(number) {
      const { follower } = await requireFollower(number);
      return own.read(follower, number);
    },
    async released(number) {
      const { follower, id } = await requireFollower(number);
      return portal.release.own(follower, id);
    },
    async say(number, text) {
      const { follower, id } = await requireFollower(number);
      portal.askingGate.enter(client, 'message');
      await own.say(follower, id, text);
    },
    answer: (number, text) => act(number, { kind: 'answer-clarification', answer: text, via: 'web' }),
    withdraw: (number) => act(number, { kind: 'withdraw', via: 'web' }),
    petition: (number, text) => act(number, { kind: 'petition', text, via: 'web' }),
    async askToReopen(number, text) {
      const { follower, id } = await requireFollower(number);
      portal.askingGate.enter(client, 'message');
      await own.askToReopen(follower, id, text);
    },
    async replaceLink(number) {
      const { follower, id } = await requireFollower(number);
      return toRequestCookie(portal, number, await own.replaceLink(follower, id));
    },
    async addDelegate(number, given) {
      const { follower, id } = await requireFollower(number);
      if (given.email !== null) portal.askingGate.enter(client, 'link');
      const secret = await own.addDelegate(follower, id, given);
      return `${portal.config.publicUrl}/records/follow/${secret}`;
    },
    async revokeDelegate(number, delegateId) {
      const { follower, id } = await requireFollower(number);
      await own.revokeDelegate(follower, id, delegateId);
    },
    async changeContact(number, given) {
      const { follower, id } = await requireFollower(number);
      await own.changeContact(follower, id, given);
    },
  };
}
