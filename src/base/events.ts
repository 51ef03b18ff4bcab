// Everything worth recording, as one union of plain values, and how each reads as a log line.
// It must carry no secret and no personal detail beyond the actor's name: a token, a password or a row never goes in.

export type PortalEvent =
  | { readonly kind: 'portal-starting'; readonly version: string; readonly dataDir: string }
  | { readonly kind: 'portal-ready'; readonly url: string; readonly publicUrl: string; readonly startMs: number }
  | { readonly kind: 'portal-stopping'; readonly signal: string }
  | { readonly kind: 'portal-stopped'; readonly stopMs: number }
  | { readonly kind: 'database-ready'; readonly embedded: boolean; readonly version: string; readonly startMs: number }
  | { readonly kind: 'database-message'; readonly severity: 'debug' | 'warn' | 'error'; readonly text: string }
  | { readonly kind: 'database-taken-over'; readonly pid: number; readonly sentence: string }
  | { readonly kind: 'database-retry'; readonly attempt: number; readonly reason: string }
  | { readonly kind: 'database-lost'; readonly reason: string }
  | { readonly kind: 'migration-applied'; readonly name: string; readonly elapsedMs: number }
  | { readonly kind: 'catalogue-listener-lost'; readonly reason: string }
  | { readonly kind: 'catalogue-listener-back' }
  | { readonly kind: 'request-finished'; readonly request: RequestFacts }
  | { readonly kind: 'request-failed'; readonly request: RequestFacts; readonly code: string; readonly error: unknown }
  | { readonly kind: 'worker-started'; readonly pid: number }
  | { readonly kind: 'worker-ended'; readonly pid: number; readonly reason: string }
  /** By its deadline or its memory; `code` is that of the error. */
  | { readonly kind: 'query-stopped'; readonly code: string; readonly waitedMs: number; readonly workedMs: number }
  | { readonly kind: 'department-saved'; readonly department: string; readonly actor: string }
  | { readonly kind: 'metadata-changed'; readonly dataset: string; readonly actor: string }
  | {
      readonly kind: 'revision-released';
      readonly dataset: string;
      readonly number: number;
      readonly rows: number;
      readonly actor: string;
    }
  | { readonly kind: 'revision-derived'; readonly dataset: string; readonly number: number; readonly elapsedMs: number }
  | { readonly kind: 'publish-failed'; readonly dataset: string; readonly code: string; readonly sentence: string }
  /** The pages are built, if they had to be, and loaded. */
  | { readonly kind: 'pages-ready'; readonly elapsedMs: number }
  | { readonly kind: 'sample-loading'; readonly datasets: number }
  | { readonly kind: 'sample-loaded'; readonly datasets: number; readonly elapsedMs: number }
  | { readonly kind: 'stored-file-damaged'; readonly sha256: string; readonly sentence: string }
  | {
      readonly kind: 'stored-file-mended';
      readonly sha256: string;
      readonly role: 'serving' | 'download';
      readonly dataset: string;
      readonly number: number;
    }
  | {
      readonly kind: 'stored-files-checked';
      readonly files: number;
      readonly bytes: number;
      readonly damaged: number;
      readonly elapsedMs: number;
    }
  | { readonly kind: 'stored-files-swept'; readonly files: number; readonly bytes: number }
  | { readonly kind: 'token-created'; readonly id: string; readonly name: string; readonly actor: string }
  | { readonly kind: 'token-revoked'; readonly id: string; readonly actor: string }
  | { readonly kind: 'sign-in-failed'; readonly person: string | null; readonly step: string }
  | { readonly kind: 'passkey-refused'; readonly person: string; readonly reason: string }
  | { readonly kind: 'access-refused'; readonly action: string; readonly actor: string; readonly path: string }
  | { readonly kind: 'backup-finished'; readonly files: number; readonly bytes: number; readonly elapsedMs: number }
  | { readonly kind: 'restore-finished'; readonly files: number; readonly bytes: number; readonly elapsedMs: number }
  | { readonly kind: 'seal-key-missing'; readonly id: number }
  | { readonly kind: 'letter-sent'; readonly id: string; readonly letter: string; readonly attempts: number }
  | {
      readonly kind: 'letter-failed';
      readonly id: string;
      readonly letter: string;
      readonly attempts: number;
      readonly reason: string;
      readonly final: boolean;
    }
  | { readonly kind: 'mail-received'; readonly id: string; readonly became: string }
  | {
      readonly kind: 'job-failed';
      readonly job: string;
      readonly id: string;
      readonly tries: number;
      readonly error: unknown;
    }
  | { readonly kind: 'jobs-message'; readonly severity: 'warn' | 'error'; readonly text: string }
  | { readonly kind: 'failure'; readonly where: string; readonly error: unknown };

export type RequestFacts = {
  readonly id: string;
  readonly method: string;
  /** The path without its query string: query strings may hold what people searched for. */
  readonly path: string;
  readonly status: number;
  readonly bytes: number | null;
  readonly elapsedMs: number;
  readonly actor: string;
};

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

export type LogLine = {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

type Kind = PortalEvent['kind'];
type EventOf<K extends Kind> = Extract<PortalEvent, { kind: K }>;
type Wording = {
  readonly [K in Kind]: readonly [
    level: LogLevel | ((event: EventOf<K>) => LogLevel),
    say: (event: EventOf<K>) => string,
  ];
};

/** One row an event: how grave it is, and its sentence. */
const wording: Wording = {
  'portal-starting': ['info', (e) => `Portal ${e.version} is starting.`],
  'portal-ready': ['info', (e) => `The portal is ready at ${e.url} (${Math.round(e.startMs)} ms).`],
  'portal-stopping': ['info', (e) => `${e.signal} received; finishing the running answers.`],
  'portal-stopped': ['info', (e) => `The portal has stopped (${Math.round(e.stopMs)} ms).`],
  'database-ready': [
    'info',
    (e) => `${e.embedded ? 'The portal’s own' : 'The configured'} PostgreSQL ${e.version} is ready.`,
  ],
  'database-message': [(e) => e.severity, (e) => `PostgreSQL: ${e.text}`],
  'database-taken-over': ['warn', (e) => e.sentence],
  'database-retry': ['warn', (e) => `PostgreSQL is not answering yet (try ${e.attempt}): ${e.reason}`],
  'database-lost': ['error', (e) => `The connection to PostgreSQL was lost: ${e.reason}`],
  'migration-applied': ['info', (e) => `Migration ${e.name} was applied.`],
  'catalogue-listener-lost': ['warn', (e) => `Changes by other nodes are not being heard for now: ${e.reason}`],
  'catalogue-listener-back': ['info', () => 'Changes by other nodes are being heard again.'],
  'request-finished': ['info', (e) => `${e.request.method} ${e.request.path} ${e.request.status}`],
  'request-failed': ['error', (e) => `${e.request.method} ${e.request.path} ${e.request.status} ${e.code}`],
  'worker-started': ['debug', (e) => `Query worker ${e.pid} started.`],
  'worker-ended': ['warn', (e) => `Query worker ${e.pid} ended: ${e.reason}`],
  'query-stopped': ['warn', (e) => `A query was stopped after ${Math.round(e.workedMs)} ms of work: ${e.code}`],
  'department-saved': ['info', (e) => `Department ${e.department} was saved by ${e.actor}.`],
  'metadata-changed': ['info', (e) => `The metadata of ${e.dataset} was changed by ${e.actor}.`],
  'revision-released': ['info', (e) => `Revision ${e.number} of ${e.dataset} was released by ${e.actor}.`],
  'revision-derived': ['info', (e) => `The files of revision ${e.number} of ${e.dataset} are ready.`],
  'publish-failed': ['warn', (e) => `Publishing ${e.dataset} failed: ${e.sentence}`],
  'pages-ready': ['info', (e) => `The pages are ready (${Math.round(e.elapsedMs)} ms).`],
  'sample-loading': ['info', (e) => `The sample catalogue is being loaded: ${e.datasets} datasets.`],
  'sample-loaded': ['info', (e) => `The sample catalogue was loaded: ${e.datasets} datasets.`],
  'stored-file-damaged': ['error', (e) => e.sentence],
  'stored-file-mended': [
    'info',
    (e) => `The damaged ${e.role} file of ${e.dataset} revision ${e.number} was made again.`,
  ],
  'stored-files-checked': [
    (e) => (e.damaged > 0 ? 'error' : 'info'),
    (e) => `Every stored file was read: ${e.files} files, ${e.damaged} of them damaged.`,
  ],
  'stored-files-swept': ['info', (e) => `${e.files} stored files that nothing refers to were removed.`],
  'token-created': ['info', (e) => `Token “${e.name}” was made by ${e.actor}.`],
  'token-revoked': ['info', (e) => `A token was revoked by ${e.actor}.`],
  'sign-in-failed': ['warn', (e) => `A sign-in failed at the step “${e.step}”.`],
  'passkey-refused': ['warn', (e) => `A passkey was refused: ${e.reason}`],
  'access-refused': ['warn', (e) => `${e.actor} was refused ${e.action}.`],
  'backup-finished': ['info', (e) => `The backup is complete: ${e.files} files.`],
  'restore-finished': ['info', (e) => `The restore is complete: ${e.files} files.`],
  'seal-key-missing': [
    'error',
    (e) => `Key ${e.id} sealed personal details here and is not in the key file: they cannot be opened without it.`,
  ],
  'letter-sent': ['info', (e) => `A letter (${e.letter}) was sent.`],
  'letter-failed': [
    (e) => (e.final ? 'error' : 'warn'),
    (e) =>
      `A letter (${e.letter}) could not be sent${e.final ? ' and is given up' : '; it is tried again'}: ${e.reason}`,
  ],
  'mail-received': ['info', (e) => `A message came in: ${e.became}.`],
  'job-failed': ['error', (e) => `The job ${e.job} failed (try ${e.tries}).`],
  'jobs-message': [(e) => e.severity, (e) => `Jobs: ${e.text}`],
  failure: ['error', (e) => `Something failed in ${e.where}.`],
};

/** An event as one structured log line: the sentence, and the event's own fields flat beside it. */
export function toLogLine(event: PortalEvent): LogLine {
  return sayEvent(event.kind, event);
}

function sayEvent<K extends Kind>(kind: K, event: PortalEvent): LogLine {
  const [level, say] = wording[kind];
  const own = event as EventOf<K>;
  const { kind: name, ...rest } = event as PortalEvent & { request?: RequestFacts };
  const { request, ...fields } = rest as { request?: RequestFacts } & Record<string, unknown>;
  return {
    level: typeof level === 'function' ? level(own) : level,
    message: say(own),
    fields: { event: name, ...toPlain(fields), ...request },
  };
}

/** Errors do not survive JSON; their name, message and stack do. */
function toPlain(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? { name: value.name, message: value.message, stack: value.stack } : value,
    ]),
  );
}
