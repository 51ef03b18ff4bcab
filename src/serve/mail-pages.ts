// The page of letters and mail, for one request with its actor.
// It must hold no rule; mail-desk.ts does.

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
} from './mail-desk.ts';
import type { MailDesk } from './mail-desk.ts';
import { makeRequest, readEntry } from './mail-intake.ts';
import type { MailPages } from './pages-mail.ts';
import type { Portal } from './portal.ts';
import { toEntered, toFields, toEnteredAnswer } from './work-pages.ts';

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
      const made = await makeRequest({ ...desk, records }, actor, id, toEntered(toFields(form)), effects);
      return toEnteredAnswer(made, actor);
    },
    retryJob: (id) => retryJob(desk, actor, id, effects),
  };
}
