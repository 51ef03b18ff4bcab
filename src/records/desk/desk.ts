// The clerk's desk as one object: what staff pages and routes are handed of the work on requests.
// It must hold no rule; the files beside it do.

import type { Actor } from '../../base/actor.ts';
import type { Effects } from '../../base/effects.ts';
import type { Jobs } from '../../jobs/job.ts';
import { addBusinessDays } from '../../city/calendar.ts';
import { cityDateOf } from '../../city/days.ts';
import { fullCalendar } from '../../city/calendar.ts';
import type { Law } from '../law/law.ts';
import { emailIndex, nameIndex } from '../requests/requesters.ts';
import type { RequestCommand, RequestRecord, RequestsCore } from '../requests/request.ts';
import type { RequestsParts } from '../requests/requests.ts';
import { actOnMany } from './bulk.ts';
import type { BulkAct, BulkResult, Chosen, SendMessage } from './bulk.ts';
import { readDue } from './calendar.ts';
import type { DueSpan } from './calendar.ts';
import { runClocks } from './clocks.ts';
import { sendDigests } from './digest.ts';
import { previewLetters, requireParts } from './letters.ts';
import type { LetterPreview } from './letters.ts';
import { readWorkload } from './workload.ts';
import type { Workload } from './workload.ts';
import { sendMessage } from './messages.ts';
import { addNote } from './notes.ts';
import { readColleagues, readDepartments, readNames } from './people.ts';
import type { Colleague } from './people.ts';
import { readQueue } from './queue.ts';
import type { Queue, QueueFilter, QueuePage } from './queue.ts';
import { departmentsFor, requireSeen } from '../requests/scope.ts';
import type { CityDays } from '../requests/scope.ts';
import { searchByRequester, searchRequests } from './search.ts';
import type { Found, WorkSearch } from './search.ts';
import { readSimilar } from './similar.ts';
import type { SimilarRequest } from './similar.ts';
import { answerTask, cancelTask, createTask, logSearch } from './tasks.ts';
import type { NewSearch, NewTask, TaskAnswer } from './tasks.ts';
import { logTime } from './time.ts';
import type { NewTime } from './time.ts';
import { readWork } from './view.ts';
import type { WorkView } from './view.ts';

type Seen = { readonly id: string; readonly version: number };

export type Desk = {
  readonly days: CityDays;
  readonly queue: (actor: Actor, filter: QueueFilter, page: QueuePage) => Promise<Queue>;
  readonly search: (actor: Actor, search: WorkSearch) => Promise<Found>;
  readonly searchByRequester: (actor: Actor, search: WorkSearch) => Promise<Found>;
  readonly similar: (
    actor: Actor,
    request: { readonly id: string | null; readonly text: string; readonly subject: string | null },
  ) => Promise<readonly SimilarRequest[]>;
  readonly workload: (actor: Actor) => Promise<Workload>;
  readonly due: (actor: Actor, span: DueSpan) => ReturnType<typeof readDue>;
  readonly view: (actor: Actor, idOrNumber: string) => Promise<WorkView>;
  /** The request alone. Permission as `view`. */
  readonly find: (actor: Actor, idOrNumber: string) => Promise<RequestRecord>;
  /** One transition at the version that was seen. An edited letter must still say what its template says by law. */
  readonly act: (actor: Actor, seen: Seen, command: RequestCommand) => Promise<RequestRecord>;
  readonly preview: (actor: Actor, seen: Seen, command: RequestCommand) => Promise<readonly LetterPreview[]>;
  readonly message: SendMessage;
  readonly note: (actor: Actor, idOrNumber: string, text: string) => Promise<void>;
  readonly createTask: (actor: Actor, idOrNumber: string, task: NewTask) => Promise<string>;
  readonly answerTask: (actor: Actor, task: Seen, answer: TaskAnswer) => Promise<void>;
  readonly cancelTask: (actor: Actor, task: Seen) => Promise<void>;
  readonly logSearch: (
    actor: Actor,
    idOrNumber: string,
    search: NewSearch & { readonly taskId: string | null },
  ) => Promise<void>;
  readonly logTime: (actor: Actor, idOrNumber: string, time: NewTime) => Promise<void>;
  readonly bulk: (actor: Actor, chosen: readonly Chosen[], act: BulkAct) => Promise<readonly BulkResult[]>;
  /** Who may be given work. Permission `request.work`. */
  readonly colleagues: (actor: Actor) => Promise<readonly Colleague[]>;
  /** Permission `request.work`. */
  readonly departments: (actor: Actor) => Promise<readonly { readonly id: string; readonly name: string }[]>;
  /** Names by staff id. Permission `request.work`. */
  readonly names: (actor: Actor) => Promise<ReadonlyMap<string, string>>;
};

export function openDesk(parts: RequestsParts, core: RequestsCore, effects: Effects): Desk {
  const { db, seal } = parts;
  const days = toCityDays(parts.law, effects);
  const index = (by: 'email' | 'name', value: string) => (by === 'email' ? emailIndex : nameIndex)(seal, value);
  const message: SendMessage = (actor, idOrNumber, body) => sendMessage(core, parts, actor, idOrNumber, body);
  const seen = ({ id, version }: Seen) => ({ id, expectedVersion: version });
  return Object.freeze({
    days,
    queue: (actor, filter, page) => readQueue(db, days, actor, filter, page),
    search: (actor, search) => searchRequests(db, actor, search),
    searchByRequester: (actor, search) => searchByRequester(db, index, actor, search, effects),
    similar: (actor, request) => readSimilar(db, actor, request),
    workload: (actor) => readWorkload(db, days, actor),
    due: (actor, span) => readDue(db, actor, span),
    view: (actor, idOrNumber) => readWork(core, seal, actor, idOrNumber),
    async find(actor, idOrNumber) {
      const request = await core.find(idOrNumber);
      await requireSeen(db, actor, request, 'request.work');
      return request;
    },
    async act(actor, request, command) {
      if ('letter' in command && command.letter !== '') {
        const [template] = await previewLetters(core, seal, actor, seen(request), { ...command, letter: '' });
        if (template !== undefined) requireParts(template.body, command.letter);
      }
      return db.transaction((tx) => core.transition(tx, actor, seen(request), command));
    },
    preview: (actor, request, command) => previewLetters(core, seal, actor, seen(request), command),
    message,
    note: (actor, idOrNumber, text) => addNote(core, seal, actor, idOrNumber, text),
    createTask: (actor, idOrNumber, task) => createTask(core, days, actor, idOrNumber, task),
    answerTask: (actor, task, answer) => answerTask(core, actor, task, answer),
    cancelTask: (actor, task) => cancelTask(core, actor, task),
    logSearch: (actor, idOrNumber, search) => logSearch(core, actor, idOrNumber, search),
    logTime: (actor, idOrNumber, time) => logTime(core, days, actor, idOrNumber, time),
    bulk: (actor, chosen, act) => actOnMany(core, message, actor, chosen, act),
    async colleagues(actor) {
      departmentsFor(actor, 'request.work');
      return readColleagues(db);
    },
    async departments(actor) {
      departmentsFor(actor, 'request.work');
      return readDepartments(db);
    },
    async names(actor) {
      departmentsFor(actor, 'request.work');
      return readNames(db);
    },
  } satisfies Desk);
}

/** The city's calendar of this moment, with every closure that has been entered. */
function toCityDays(law: () => Law, effects: Effects): CityDays {
  const today = () => cityDateOf(effects.clock.now(), law().city.timeZone);
  return {
    today,
    addBusinessDays: (from, days) => addBusinessDays(fullCalendar(law(), today()), from, days),
  };
}

/** Clocks that ran out, several times a day; the morning letters before work begins. In the city's time. */
export async function registerDeskJobs(
  jobs: Pick<Jobs, 'every'>,
  parts: RequestsParts,
  core: RequestsCore,
  effects: Effects,
): Promise<void> {
  const days = toCityDays(parts.law, effects);
  await jobs.every('records-clocks', '20 0,5,12,18 * * *', async () => {
    const { refused } = await runClocks(core, parts, days.today());
    for (const { number, error } of refused) {
      effects.observe({ kind: 'failure', where: `the clocks of request ${number}`, error });
    }
  });
  await jobs.every('records-digest', '30 6 * * 1-5', async () => {
    await sendDigests(parts, days, effects);
  });
}
