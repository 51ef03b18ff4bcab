// What the clerk's pages may ask of the portal: types alone, for pages and for work-pages.ts that answers them.
// It must not hold anything that runs.

import type { Department } from '../catalogue/dataset.ts';
import type { Delivery, Requester, RequesterType } from '../records/requests/request.ts';
import type { ExemptionChoice, WorkAction } from '../records/requests/work-actions.ts';
import type { BulkResult } from '../records/requests/work-bulk.ts';
import type { DueItem } from '../records/requests/work-calendar.ts';
import type { LetterPreview } from '../records/requests/work-letters.ts';
import type { Workload } from '../records/requests/work-load.ts';
import type { Need, Queue, QueueFilter, Standing } from '../records/requests/work-queue.ts';
import type { Found } from '../records/requests/work-search.ts';
import type { SimilarRequest } from '../records/requests/work-similar.ts';
import type { WorkView } from '../records/requests/work-view.ts';

export type { Requester } from '../records/requests/request.ts';
export type { ActionField, ExemptionChoice, WorkAction } from '../records/requests/work-actions.ts';
export type { BulkResult } from '../records/requests/work-bulk.ts';
export type { DueItem } from '../records/requests/work-calendar.ts';
export type { LetterPreview } from '../records/requests/work-letters.ts';
export type { Load, Workload } from '../records/requests/work-load.ts';
export type { Need, Queue, QueueFilter, QueueRow, Standing } from '../records/requests/work-queue.ts';
export type { Found } from '../records/requests/work-search.ts';
export type { SimilarRequest } from '../records/requests/work-similar.ts';
export type { Task } from '../records/requests/work-tasks.ts';
export type { ShownClock, ShownMessage, WorkView } from '../records/requests/work-view.ts';

/** A form as it was sent: every value of every name. */
export type FormValues = Readonly<Record<string, readonly string[]>>;

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

export type ActionView = {
  readonly view: RequestView;
  readonly action: WorkAction;
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

export type Entered = { readonly number: string; readonly secret: string; readonly isSeen: boolean };

export type WorkPages = {
  /** Throws bad-request for a parameter that is none of its kind, bad-cursor, unauthorized, forbidden. */
  queue(parameters: Readonly<Record<string, string>>): Promise<QueueView>;
  /** The whole filtered queue as CSV. */
  queueCsv(parameters: Readonly<Record<string, string>>): Promise<string>;
  bulk(form: FormValues): Promise<readonly BulkResult[]>;
  search(parameters: Readonly<Record<string, string>>): Promise<SearchView>;
  request(number: string): Promise<RequestView>;
  /** Opens the seal, with an audit event. */
  requester(number: string): Promise<Requester | null>;
  /** One action of the request's page. `what` is a command of the machine, or one of the desk's own acts. */
  act(number: string, what: string, form: FormValues): Promise<void>;
  preview(number: string, what: string, form: FormValues): Promise<readonly LetterPreview[]>;
  entry(): Promise<EntryChoices>;
  enter(form: FormValues): Promise<Entered>;
  similarTo(text: string): Promise<readonly SimilarRequest[]>;
  due(month: string | null): Promise<DueView>;
  workload(): Promise<Workload & Choices>;
};
