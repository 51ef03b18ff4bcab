// What the page of letters and mail may ask of the portal.
// It must hold types only; mail-pages.ts answers.

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

export type ReceivedRow = { readonly id: string; readonly receivedAt: string; readonly reason: string };

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
  /** Messages that name no request. */
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

/** Each throws unauthorized or forbidden for whoever may not; opening writes an audit event. */
export type MailPages = {
  overview(state: LetterRow['state'] | null): Promise<MailOverview>;
  letter(id: string): Promise<OpenedLetter>;
  sendAgain(id: string): Promise<void>;
  message(id: string): Promise<OpenedMail>;
  assign(id: string, requestNumber: string): Promise<void>;
  dismiss(id: string): Promise<void>;
  retryJob(id: string): Promise<void>;
};
