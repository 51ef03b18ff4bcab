// The requester's side of records requests as one object: ask, follow, say, see. Built once, called by pages and
// routes. It must decide nothing; each function asks for its own permission.

import { Readable } from 'node:stream';

import type { Actor, RequesterActor } from '../../base/actor.ts';
import type { Effects } from '../../base/effects.ts';
import type { Jobs } from '../../jobs/job.ts';
import type { Transaction } from '../../db/open.ts';
import type { BlobStore } from '../../store/store.ts';
import { addOwnFile, askToReopen, changeContact, exportOwn, postMessage } from './conversation.ts';
import type { OwnExport } from './conversation.ts';
import { addDelegate, revokeDelegate } from './delegates.ts';
import type { DraftAnswers } from './draft-answers.ts';
import { expireDrafts, readDraft, requireDraftId, saveDraft, sendDraft } from './drafts.ts';
import type { Draft } from './drafts.ts';
import { addFile, keepFile, openFile, removeDraftFile } from '../requests/files.ts';
import type { FileOwner, RequestFile } from '../requests/files.ts';
import { findFollower, readOwn, replaceLink } from './following.ts';
import type { Followed, OwnRequest } from './following.ts';
import { askForLink, lostLinkJob, sendLostLink } from './lost-links.ts';
import type { AskedLink, LostLinkData } from './lost-links.ts';
import type { Requester, RequestCommand, RequestRecord, RequestsCore } from '../requests/request.ts';
import type { RequestsParts } from '../requests/requests.ts';
import { enterRequest, submitRequest } from '../requests/submissions.ts';
import type { EnteredRequest, NewRequest, OnCreated, Submitted } from '../requests/submissions.ts';
import { countDeflection } from './suggestions.ts';

export type AskingParts = RequestsParts & {
  readonly store: BlobStore;
  readonly workFolder: string;
  readonly jobs: Pick<Jobs, 'send' | 'work' | 'every'>;
};

export type Asking = {
  /** The form. Throws form-invalid. */
  readonly submit: (actor: Actor, given: NewRequest) => Promise<Submitted>;
  /** What came by mail, e-mail, counter or phone, entered by the staff. Throws form-invalid. */
  readonly enter: (actor: Actor, given: EnteredRequest, onCreated?: OnCreated) => Promise<Submitted>;
  readonly drafts: {
    readonly read: (secret: string) => Promise<Draft | null>;
    readonly save: (actor: Actor, secret: string | null, answers: DraftAnswers) => Promise<string>;
    readonly send: (actor: Actor, secret: string) => Promise<Submitted>;
    /** The draft to which a file belongs; made when there is none. */
    readonly require: (
      actor: Actor,
      secret: string | null,
      empty: DraftAnswers,
    ) => Promise<{ readonly secret: string; readonly id: string }>;
    readonly removeFile: (draftId: string, fileId: string) => Promise<void>;
    readonly expire: () => Promise<number>;
  };
  readonly files: {
    readonly add: (
      owner: FileOwner,
      given: { readonly name: string; readonly bytes: AsyncIterable<Uint8Array> },
    ) => Promise<RequestFile>;
    /** In the transaction of a request in the making: what came with its e-mail. An empty file is passed over. */
    readonly keep: (
      tx: Transaction,
      requestId: string,
      given: { readonly name: string; readonly bytes: Buffer },
    ) => Promise<void>;
    /** Throws not-found. Whoever calls has asked for the permission. */
    readonly open: (owner: FileOwner, id: string) => Promise<RequestFile & { readonly pieces: AsyncIterable<Buffer> }>;
  };
  readonly deflect: (given: { readonly kind: 'dataset' | 'request'; readonly target: string }) => Promise<void>;
  /** Who holds a secret link; null for nobody. */
  readonly follow: (secret: string) => Promise<Followed | null>;
  readonly sendLink: (given: AskedLink) => Promise<void>;
  /** What the holder of one request's link sees and does. Another request's id gets not-found. */
  readonly own: {
    readonly read: (actor: RequesterActor, idOrNumber: string) => Promise<OwnRequest>;
    readonly say: (actor: RequesterActor, requestId: string, text: string) => Promise<string>;
    readonly act: (actor: RequesterActor, requestId: string, command: RequestCommand) => Promise<RequestRecord>;
    readonly addFile: (
      actor: RequesterActor,
      requestId: string,
      given: { readonly name: string; readonly bytes: AsyncIterable<Uint8Array> },
    ) => Promise<RequestFile>;
    /** The City opens a closed request; this says why it should. */
    readonly askToReopen: (actor: RequesterActor, requestId: string, text: string) => Promise<void>;
    readonly replaceLink: (actor: RequesterActor, requestId: string) => Promise<string>;
    readonly addDelegate: (
      actor: RequesterActor,
      requestId: string,
      given: { readonly name: string; readonly email: string | null; readonly mayAct: boolean },
    ) => Promise<string>;
    readonly revokeDelegate: (actor: RequesterActor, requestId: string, delegateId: string) => Promise<void>;
    readonly changeContact: (actor: RequesterActor, requestId: string, given: Requester) => Promise<void>;
    readonly exportAll: (actor: RequesterActor, idOrNumber: string) => Promise<OwnExport>;
  };
};

export function openAsking(parts: AskingParts, core: RequestsCore, effects: Effects): Asking {
  const { db } = parts;
  return {
    submit: (actor, given) => submitRequest(parts, actor, given, null, effects),
    enter: (actor, given, onCreated) => enterRequest(parts, actor, given, onCreated ?? null, effects),
    drafts: {
      read: (secret) => readDraft(parts, secret),
      save: (actor, secret, answers) => saveDraft(parts, actor, secret, answers, effects),
      send: (actor, secret) => sendDraft(parts, actor, secret, effects),
      require: (actor, secret, empty) => requireDraftId(parts, actor, secret, empty, effects),
      removeFile: (draftId, fileId) => removeDraftFile(db, draftId, fileId),
      expire: () => expireDrafts(parts, effects),
    },
    files: {
      add: (owner, given) => addFile(parts, owner, given, effects),
      async keep(tx, requestId, { name, bytes }) {
        if (bytes.length === 0) return;
        await keepFile({ ...parts, db: tx }, { requestId }, { name, bytes: Readable.from([bytes]) }, effects);
      },
      open: (owner, id) => openFile(parts, owner, id),
    },
    deflect: (given) => countDeflection(db, parts.law(), given, effects),
    follow: (secret) => findFollower(db, secret),
    sendLink: (given) => askForLink(parts.seal, parts.jobs, given),
    own: {
      read: (actor, idOrNumber) => readOwn(parts, actor, idOrNumber),
      say: (actor, requestId, text) => postMessage(parts, core, actor, requestId, text),
      act: (actor, id, command) =>
        db.transaction((tx) => core.transition(tx, actor, { id, expectedVersion: null }, command)),
      addFile: (actor, requestId, given) => addOwnFile(parts, core, actor, requestId, given),
      askToReopen: (actor, requestId, text) => askToReopen(parts, core, actor, requestId, text),
      replaceLink: (actor, requestId) => replaceLink(parts, actor, requestId, effects),
      addDelegate: (actor, requestId, given) => addDelegate(parts, core, actor, requestId, given),
      revokeDelegate: (actor, requestId, id) => revokeDelegate(parts, core, actor, requestId, id),
      changeContact: (actor, requestId, given) => changeContact(parts, actor, requestId, given, effects),
      exportAll: (actor, idOrNumber) => exportOwn(parts, actor, idOrNumber, effects),
    },
  };
}

/** Links that were lost; and, each night, answers in the making that nobody came back to are removed. */
export async function registerAskingJobs(parts: AskingParts, effects: Effects): Promise<void> {
  await parts.jobs.work<LostLinkData>(lostLinkJob, {}, (job) => sendLostLink(parts, job, effects));
  await parts.jobs.every('records-drafts', '50 3 * * *', async () => {
    await expireDrafts(parts, effects);
  });
}
