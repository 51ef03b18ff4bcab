// The page of letters and mail: what it may ask, for one request with its actor.
// It must hold no rule; records/mail does.

import type { Actor } from '../base/actor.ts';
import {
  assignMessage,
  dismissMessage,
  openLetter,
  openMessage,
  readOverview,
  readWaitingFor,
  retryJob,
  sendAgain,
} from '../records/mail/desk.ts';
import type { LetterRow, MailDesk, MailOverview, OpenedLetter, OpenedMail, ReceivedRow } from '../records/mail/desk.ts';
import { makeRequest, readEntry } from '../records/mail/intake.ts';
import type { MailEntry } from '../records/mail/intake.ts';
import { entryInputs, toEntered } from '../records/desk/acts.ts';
import type { Entered } from '../records/desk/acts.ts';
import type { FormValues } from '../base/form.ts';
import { readForm } from '../base/inputs.ts';
import type { Portal } from '../serve/portal.ts';

export type { MailEntry } from '../records/mail/intake.ts';

/** Each throws unauthorized or forbidden for whoever may not; opening writes an audit event. */
export type MailPages = {
  overview(state: LetterRow['state'] | null): Promise<MailOverview>;
  letter(id: string): Promise<OpenedLetter>;
  sendAgain(id: string): Promise<void>;
  message(id: string): Promise<OpenedMail>;
  assign(id: string, requestNumber: string): Promise<void>;
  dismiss(id: string): Promise<void>;
  /** Messages that name this request and wait. */
  waitingFor(number: string): Promise<readonly ReceivedRow[]>;
  entry(id: string): Promise<MailEntry>;
  /** The request that a message asks for. Throws form-invalid. */
  makeRequest(id: string, form: FormValues): Promise<Entered>;
  retryJob(id: string): Promise<void>;
};

export function toMailDesk({ database, seal, mail, jobs }: Portal): MailDesk {
  return { db: database.db, seal, mail, jobs };
}

export function toMailPages(portal: Portal, actor: Actor): MailPages {
  const desk = toMailDesk(portal);
  const { effects, records } = portal;
  return {
    overview: (state) => readOverview(desk, actor, state),
    letter: (id) => openLetter(desk, actor, id, effects),
    sendAgain: (id) => sendAgain(desk, actor, id, effects),
    message: (id) => openMessage(desk, actor, id, effects),
    assign: (id, requestNumber) => assignMessage(desk, actor, { id, requestNumber }, effects),
    dismiss: (id) => dismissMessage(desk, actor, id, effects),
    waitingFor: (number) => readWaitingFor(desk, actor, number),
    entry: (id) => readEntry({ ...desk, records }, actor, id, effects),
    async makeRequest(id, form) {
      const made = await makeRequest({ ...desk, records }, actor, id, readForm(entryInputs, form), effects);
      return toEntered(made, actor);
    },
    retryJob: (id) => retryJob(desk, actor, id, effects),
  };
}
