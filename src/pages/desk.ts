// The clerk's pages: what they may ask, in process for one request's actor, forms in, plain data out.
// It must decide nothing: the desk's functions ask the permissions, the machine guards the commands.

import type { Actor } from '../base/actor.ts';
import { PortalError } from '../base/errors.ts';
import { textOf } from '../base/form.ts';
import type { FormValues } from '../base/form.ts';
import { readForm } from '../base/inputs.ts';
import { say } from '../base/say.ts';
import type { Department } from '../catalogue/dataset.ts';
import { dayOffOf, fullCalendar } from '../city/calendar.ts';
import { addDays, daysOfMonth, isCityDate } from '../city/days.ts';
import { actByForm, requireSomewhere } from '../people/act.ts';
import { isAllowed } from '../people/permissions.ts';
import { lawOn } from '../records/law/law.ts';
import { channels, deliveries, requesterTypes } from '../records/requests/request.ts';
import type { Delivery, Requester, RequesterType } from '../records/requests/request.ts';
import type { ExemptionChoice } from '../records/desk/actions.ts';
import { commandAct, deskActs, previewAct, requestActs, taskActs } from '../records/desk/acts.ts';
import type { Entered } from '../records/desk/acts.ts';
import type { BulkResult } from '../records/desk/bulk.ts';
import type { DueItem } from '../records/desk/calendar.ts';
import type { LetterPreview } from '../records/desk/letters.ts';
import type { Workload } from '../records/desk/workload.ts';
import { needs, parseQueueFilter, queuePageLength, standings } from '../records/desk/queue.ts';
import type { Need, Queue, QueueFilter, Standing } from '../records/desk/queue.ts';
import { departmentsFor, requireStaffId } from '../records/requests/scope.ts';
import { countedUpTo } from '../records/desk/search.ts';
import type { Found } from '../records/desk/search.ts';
import type { SimilarRequest } from '../records/desk/similar.ts';
import { activities } from '../records/desk/time.ts';
import type { WorkView } from '../records/desk/view.ts';
import type { Portal } from '../serve/portal.ts';
import { toQueueCsv } from '../records/desk/queue-csv.ts';

export type { Requester } from '../records/requests/request.ts';
export type { ActionField, ExemptionChoice, WorkAction } from '../records/desk/actions.ts';
export type { Entered } from '../records/desk/acts.ts';
export type { BulkResult } from '../records/desk/bulk.ts';
export type { DueItem } from '../records/desk/calendar.ts';
export type { LetterPreview } from '../records/desk/letters.ts';
export type { Load, Workload } from '../records/desk/workload.ts';
export type { Need, Queue, QueueFilter, QueueRow, Standing } from '../records/desk/queue.ts';
export type { Found } from '../records/desk/search.ts';
export type { SimilarRequest } from '../records/desk/similar.ts';
export type { ShownClock, WorkView } from '../records/desk/view.ts';

export type Choices = {
  readonly departments: readonly Pick<Department, 'id' | 'name'>[];
  readonly colleagues: readonly { readonly id: string; readonly name: string }[];
  /** Names by staff id, also of those who have left. */
  readonly names: Readonly<Record<string, string>>;
};

export type DeskMay = {
  readonly assign: boolean;
  readonly message: boolean;
  readonly enter: boolean;
  readonly seeRequester: boolean;
};

export type QueueView = {
  readonly filter: QueueFilter;
  readonly queue: Queue;
  readonly needs: readonly Need[];
  readonly standings: readonly Standing[];
  readonly me: string;
  readonly may: DeskMay;
} & Choices;

export type SearchView = {
  readonly q: string;
  readonly by: 'words' | 'requester';
  readonly found: Found | null;
  readonly countedUpTo: number;
  readonly may: DeskMay;
} & Choices;

export type RequestView = WorkView &
  Choices & {
    readonly today: string;
    readonly exemptions: readonly ExemptionChoice[];
    readonly similar: readonly SimilarRequest[];
    readonly activities: readonly string[];
    readonly requesterTypes: readonly RequesterType[];
  };

export type DueView = {
  readonly month: string; // YYYY-MM
  readonly today: string;
  readonly items: readonly DueItem[];
  readonly isCut: boolean;
  /** Every day of the month, with why the city does not work on it. */
  readonly days: readonly { readonly on: string; readonly off: string | null }[];
};

export type EntryChoices = {
  readonly today: string;
  readonly channels: readonly string[];
  readonly deliveries: readonly Delivery[];
  readonly requesterTypes: readonly RequesterType[];
  /** To choose from, for whoever enters for departments and has several; else empty. */
  readonly departments: readonly Pick<Department, 'id' | 'name'>[];
};

export type DeskPages = {
  /** Throws bad-request for a parameter that is none of its kind, bad-cursor, unauthorized, forbidden. */
  queue(parameters: Readonly<Record<string, string>>): Promise<QueueView>;
  /** The whole filtered queue as CSV. */
  queueCsv(parameters: Readonly<Record<string, string>>): Promise<string>;
  bulk(form: FormValues): Promise<readonly BulkResult[]>;
  search(parameters: Readonly<Record<string, string>>): Promise<SearchView>;
  request(number: string): Promise<RequestView>;
  /** Opens the seal, with an audit event. */
  requester(number: string): Promise<Requester | null>;
  /** A command of the request that a form gives. Throws bad-request for a kind that none gives. */
  command(number: string, kind: string, form: FormValues): Promise<void>;
  /** The letters that the command would send. */
  preview(number: string, kind: string, form: FormValues): Promise<readonly LetterPreview[]>;
  note(number: string, form: FormValues): Promise<void>;
  message(number: string, form: FormValues): Promise<void>;
  createTask(number: string, form: FormValues): Promise<void>;
  answerTask(form: FormValues): Promise<void>;
  cancelTask(form: FormValues): Promise<void>;
  logSearch(number: string, form: FormValues): Promise<void>;
  logTime(number: string, form: FormValues): Promise<void>;
  entry(): Promise<EntryChoices>;
  enter(form: FormValues): Promise<Entered>;
  similarTo(text: string): Promise<readonly SimilarRequest[]>;
  due(month: string | null): Promise<DueView>;
  workload(): Promise<Workload & Choices>;
};

type DeskPortal = Pick<Portal, 'records'>;

export function toDeskPages(portal: DeskPortal, actor: Actor): DeskPages {
  const { desk } = portal.records;
  const part = portal.records;
  return {
    async queue(parameters) {
      const filter = parseQueueFilter(parameters);
      const page = { after: parameters['after'] ?? null, limit: queuePageLength };
      const queue = await desk.queue(actor, filter, page);
      const me = requireStaffId(actor);
      return { filter, queue, needs, standings, me, may: deskMay(actor), ...(await readChoices(portal, actor)) };
    },
    async queueCsv(parameters) {
      const filter = parseQueueFilter(parameters);
      return toQueueCsv(desk, actor, filter);
    },
    // The row answers programs in English; the page is told what was said, and says it in its own language.
    bulk: async (form) => {
      requireSomewhere(actor, deskActs.bulk.permission);
      const { chosen, act } = readForm(deskActs.bulk.inputs, form);
      return desk.bulk(actor, chosen, act);
    },
    search: (parameters) => search(portal, actor, parameters),
    request: (number) => readRequest(portal, actor, number),
    requester: async (number) => (await actByForm(requestActs.requester, part, actor, number, {})).requester,
    command: async (number, kind, form) => void (await actByForm(commandAct(kind), part, actor, number, form)),
    preview: async (number, kind, form) => (await actByForm(previewAct(kind), part, actor, number, form)).letters,
    note: (number, form) => actByForm(requestActs.note, part, actor, number, form),
    message: (number, form) => actByForm(requestActs.message, part, actor, number, form),
    createTask: async (number, form) => void (await actByForm(requestActs.task, part, actor, number, form)),
    answerTask: (form) => actByForm(taskActs.answer, part, actor, textOf(form, 'task'), form),
    cancelTask: (form) => actByForm(taskActs.cancel, part, actor, textOf(form, 'task'), form),
    logSearch: (number, form) => actByForm(requestActs.search, part, actor, number, form),
    logTime: (number, form) => actByForm(requestActs.time, part, actor, number, form),
    async entry() {
      requireEntry(actor);
      return {
        today: desk.days.today(),
        channels: channels.filter((each) => each !== 'web'),
        deliveries,
        requesterTypes,
        departments: await enteredFor(portal, actor),
      };
    },
    enter: (form) => actByForm(deskActs.enter, part, actor, null, form),
    similarTo: (text) => desk.similar(actor, { id: null, text, subject: null }),
    due: (month) => readMonth(portal, actor, month),
    workload: async () => ({ ...(await desk.workload(actor)), ...(await readChoices(portal, actor)) }),
  };
}

function deskMay(actor: Actor): DeskMay {
  const may = (action: Parameters<typeof isAllowed>[1]) => isAllowed(actor, action);
  return {
    assign: may('request.assign'),
    message: may('request.message'),
    enter: isAllowed(actor, 'request.enter', { departments: departmentsOfStaff(actor) }),
    seeRequester: may('request.see-requester'),
  };
}

function departmentsOfStaff(actor: Actor): readonly string[] {
  return actor.kind === 'staff' ? actor.grants.flatMap(({ department }) => department ?? []) : [];
}

function requireEntry(actor: Actor): void {
  if (deskMay(actor).enter) return;
  throw new PortalError(actor.kind === 'public' ? 'unauthorized' : 'forbidden', { extra: { action: 'request.enter' } });
}

/** One department needs no question, and who enters for the whole city assigns it afterwards. */
async function enteredFor(portal: DeskPortal, actor: Actor) {
  const own = departmentsFor(actor, 'request.enter') ?? [];
  if (own.length < 2) return [];
  return (await portal.records.desk.departments(actor)).filter(({ id }) => own.includes(id));
}

async function readChoices(portal: DeskPortal, actor: Actor): Promise<Choices> {
  const { desk } = portal.records;
  const asked = [desk.departments(actor), desk.colleagues(actor), desk.names(actor)] as const;
  const [departments, colleagues, names] = await Promise.all(asked);
  return {
    departments,
    colleagues: colleagues.map(({ id, name }) => ({ id, name })),
    names: Object.fromEntries(names),
  };
}

async function readRequest(portal: DeskPortal, actor: Actor, number: string): Promise<RequestView> {
  const { desk, law } = portal.records;
  const view = await desk.view(actor, number);
  const { id, text, subject } = view.request;
  const [choices, similar] = await Promise.all([
    readChoices(portal, actor),
    desk.similar(actor, { id, text, subject }),
  ]);
  const today = desk.days.today();
  const exemptions = lawOn(law(), today).exemptions.map(({ id: exemption, cite, title, covers }) => ({
    id: exemption,
    cite,
    title,
    covers,
  }));
  return { ...view, ...choices, today, exemptions, similar, activities, requesterTypes };
}

async function search(portal: DeskPortal, actor: Actor, parameters: Readonly<Record<string, string>>) {
  const { desk } = portal.records;
  const q = parameters['q']?.trim() ?? '';
  const by = parameters['by'] === 'requester' ? 'requester' : 'words';
  const asked = { q, after: parameters['after'] ?? null, limit: queuePageLength };
  const choices = await readChoices(portal, actor);
  const find = by === 'requester' ? desk.searchByRequester : desk.search;
  const found = q === '' ? null : await find(actor, asked);
  return { q, by, found, countedUpTo, may: deskMay(actor), ...choices } as const;
}

async function readMonth(portal: DeskPortal, actor: Actor, given: string | null) {
  const { desk, law } = portal.records;
  const today = desk.days.today();
  const month = given ?? today.slice(0, 7);
  if (!isCityDate(`${month}-01`)) throw new PortalError('bad-request', say('desk.month-shape'));
  const length = daysOfMonth(Number(month.slice(0, 4)), Number(month.slice(5)));
  const from = `${month}-01`;
  const { items, isCut } = await desk.due(actor, { from, to: addDays(from, length - 1) });
  const calendar = fullCalendar(law(), today);
  const days = Array.from({ length }, (_, at) => {
    const on = addDays(from, at);
    return { on, off: dayOffOf(calendar, on)?.name ?? null };
  });
  return { month, today, items, isCut, days };
}
