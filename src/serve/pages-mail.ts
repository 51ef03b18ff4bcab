// What the page of letters and mail may ask of the portal.
// It must hold types only; mail-pages.ts answers.

import type { Entered, FormValues } from './pages-work.ts';

export type LetterRow = {
  readonly id: string;
  readonly kind: string;
  readonly state: 'queued' | 'sending' | 'sent' | 'failed';
  readonly attempts: number;
  readonly createdAt: string;
  readonly nextAttemptAt: string;
  readonly endedAt: string | null;
  readonly reason: string | null;
  readonly requestNumber: string | null;
};

export type ReceivedRow = {
  readonly id: string;
  readonly receivedAt: string;
  readonly reason: string;
  /** The request that it names, and has not joined. */
  readonly requestNumber: string | null;
};

export type ParkedRow = {
  readonly id: string;
  readonly name: string;
  readonly failedAt: string;
  readonly reason: string;
  readonly mayRetry: boolean;
};

export type MailOverview = {
  /** False: no SMTP_URL, so letters only wait. */
  readonly sends: boolean;
  readonly from: string | null;
  readonly inbound: string | null;
  readonly counts: Readonly<Record<LetterRow['state'], number>>;
  readonly letters: readonly LetterRow[];
  /** Messages that wait for somebody to say where they belong. */
  readonly waiting: readonly ReceivedRow[];
  /** Messages that machines sent. */
  readonly stopped: readonly ReceivedRow[];
  /** Jobs that failed as often as they may. */
  readonly parked: readonly ParkedRow[];
};

export type OpenedLetter = Pick<LetterRow, 'id' | 'kind' | 'state' | 'createdAt' | 'endedAt' | 'reason'> & {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly string[];
};

export type OpenedMail = ReceivedRow & {
  readonly waits: boolean;
  readonly from: string | null;
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly { readonly name: string; readonly mediaType: string; readonly bytes: number }[];
};

/** What the form of a new request is filled with. */
export type MailEntry = {
  readonly id: string;
  /** The day it came, in the city. */
  readonly receivedOn: string;
  readonly email: string | null;
  readonly text: string;
  readonly attachments: readonly string[];
};

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
