// Every setting of the portal: its name, its default, what it does; read once from the environment and frozen.
// The only file that may look at the environment; it must not open, create or connect to anything.

import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { PortalError } from './errors.ts';
import type { LogLevel } from './events.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type BlobSettings =
  | { readonly kind: 'folder'; readonly path: string }
  | {
      readonly kind: 's3';
      readonly bucket: string;
      readonly prefix: string; // '' or ends with a slash
      readonly endpoint: string | null; // null: AWS itself
      readonly region: string;
      readonly accessKeyId: string | null; // null: the machine's own AWS identity
      readonly secretAccessKey: string | null;
      readonly cachePath: string;
    };

export type SmtpSettings = {
  readonly host: string;
  readonly port: number;
  readonly user: string | null;
  readonly password: string | null;
  /** `tls` from the first byte, `starttls` before anything else is said, `none` only on this very machine. */
  readonly security: 'tls' | 'starttls' | 'none';
};

export type MailSettings = {
  readonly smtp: SmtpSettings | null; // null: letters wait where staff can read them
  readonly from: string | null; // a plain address
  /** The address whose tagged forms requesters answer to: name+tag@host. */
  readonly inbound: string | null;
};

/** The city's own sign-in service (OpenID Connect). */
export type OidcSettings = {
  readonly issuer: string; // exactly as the service writes it
  readonly clientId: string;
  readonly clientSecret: string;
  readonly name: string; // what the button says
};

export type Config = {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string; // absolute
  readonly publicUrl: string; // no slash at the end
  readonly databaseUrl: string | null; // null: the portal's own PostgreSQL
  readonly databasePoolSize: number;
  readonly blobs: BlobSettings;
  readonly city: string;
  readonly logLevel: LogLevel;
  readonly logFormat: 'auto' | 'json' | 'plain';
  readonly sample: boolean;
  readonly queryWorkers: number;
  readonly queryDeadlineMs: number;
  readonly exportDeadlineMs: number;
  readonly queryMemoryBytes: number;
  readonly maxUploadBytes: number;
  /** Who may say X-Forwarded-*: nobody, or these addresses and networks. */
  readonly trustProxy: false | readonly string[];
  /** Host names the portal answers to, lower case without port; null: any. */
  readonly allowedHosts: readonly string[] | null;
  readonly shutdownMs: number;
  readonly mail: MailSettings;
  /** The keys that seal personal details; null: `records.key` in DATA_DIR. */
  readonly recordsKeyFile: string | null;
  /** Null: nobody can pay online. */
  readonly stripe: { readonly secretKey: string; readonly webhookSecret: string } | null;
  /** The virus scanner that uploads of the records desk are shown to; null: none. */
  readonly clamd: { readonly host: string; readonly port: number } | null;
  readonly oidc: OidcSettings | null;
};

/** What the command line reads besides: where a running portal is, and who asks. */
export type ClientConfig = { readonly portalUrl: string | null; readonly token: string | null };

export type Setting = { readonly name: string; readonly default: string; readonly sentence: string };

/** The whole table; docs/settings.md holds the same rows and a test compares them both ways. */
export const settings = [
  {
    name: 'HOST',
    default: '127.0.0.1',
    sentence:
      'Address to listen on. The default answers this machine only; set `0.0.0.0` or `::` to answer the network.',
  },
  { name: 'PORT', default: '8080', sentence: 'Port to listen on, 0 to 65535; 0 takes any free one.' },
  {
    name: 'DATA_DIR',
    default: './data',
    sentence: 'Folder that holds everything the portal keeps; one portal at a time.',
  },
  {
    name: 'PUBLIC_URL',
    default: 'http://localhost:PORT',
    sentence: 'Address under which people reach the portal; it stands in links, metadata and letters.',
  },
  {
    name: 'DATABASE_URL',
    default: '',
    sentence:
      'A PostgreSQL 15 or newer, `postgres://user:password@host/name`. Unset: the portal runs its own in `DATA_DIR`.',
  },
  { name: 'DATABASE_POOL_SIZE', default: '10', sentence: 'Connections to PostgreSQL, 2 to 200.' },
  {
    name: 'BLOB_URL',
    default: '',
    sentence:
      'Where files are kept: `s3://bucket/prefix?endpoint=https://host&region=name`. ' +
      'Unset: the folder `blobs` in `DATA_DIR`.',
  },
  { name: 'S3_ACCESS_KEY_ID', default: '', sentence: 'Key for `BLOB_URL`. Unset: the machine’s own AWS identity.' },
  { name: 'S3_SECRET_ACCESS_KEY', default: '', sentence: 'Secret of `S3_ACCESS_KEY_ID`.' },
  { name: 'CITY', default: 'kent', sentence: 'Folder under `city/` with the city’s own words.' },
  {
    name: 'LOG_LEVEL',
    default: 'info',
    sentence: 'Least grave event to log: `trace`, `debug`, `info`, `warn` or `error`.',
  },
  {
    name: 'LOG_FORMAT',
    default: 'auto',
    sentence:
      '`json` writes an object a line, `plain` a sentence a line; `auto` is plain where a person is at the terminal.',
  },
  {
    name: 'SAMPLE',
    default: 'on',
    sentence: '`on` loads the sample catalogue when the portal starts empty; `off` does not.',
  },
  {
    name: 'QUERY_WORKERS',
    default: 'auto',
    sentence: 'Most query processes at once, 1 to 64; `auto` is one per processor core, at least 2 and at most 8.',
  },
  { name: 'QUERY_DEADLINE_SECONDS', default: '10', sentence: 'Longest time one query may run, 1 to 3600.' },
  { name: 'EXPORT_DEADLINE_SECONDS', default: '600', sentence: 'Longest time one export may run, 1 to 86400.' },
  { name: 'QUERY_MEMORY_MB', default: '512', sentence: 'Memory of one query process, 128 to 65536.' },
  { name: 'MAX_UPLOAD_MB', default: '2048', sentence: 'Largest file that may be published, 1 to 1048576.' },
  {
    name: 'TRUST_PROXY',
    default: '',
    sentence: 'Addresses or networks of your reverse proxies, with commas, whose X-Forwarded-… headers are believed.',
  },
  {
    name: 'ALLOWED_HOSTS',
    default: '',
    sentence:
      'Host names to answer to, with commas, or `*`. Unset: the host of `PUBLIC_URL`, ' +
      '`HOST` and this machine’s own names.',
  },
  {
    name: 'SHUTDOWN_SECONDS',
    default: '25',
    sentence: 'Time that running answers have to finish when the portal stops, 0 to 600.',
  },
  {
    name: 'SMTP_URL',
    default: '',
    sentence:
      'Mail server for letters, `smtp://user:password@host:587` or `smtps://…`; encryption is demanded, except on ' +
      'this machine. Unset: letters wait in the outbox, where staff can read them.',
  },
  { name: 'MAIL_FROM', default: '', sentence: 'Address that letters come from; needed with `SMTP_URL`.' },
  {
    name: 'MAIL_INBOUND_ADDRESS',
    default: '',
    sentence:
      'Mailbox for answers, `records@example.gov`; letters ask for answers at `records+tag@example.gov`, and whoever ' +
      'reads it hands the messages to the portal.',
  },
  {
    name: 'RECORDS_KEY_FILE',
    default: '',
    sentence:
      'File of the keys that seal personal details. Unset: `records.key` in `DATA_DIR`, made on the first start.',
  },
  {
    name: 'CLAMD_HOST',
    default: '',
    sentence:
      'The virus scanner clamd that responsive records are shown to, `host` or `host:port` (3310). Unset: none.',
  },
  {
    name: 'OIDC_ISSUER',
    default: '',
    sentence: 'The city’s own sign-in service for staff (OpenID Connect): its issuer, exactly as it writes it.',
  },
  { name: 'OIDC_CLIENT_ID', default: '', sentence: 'What the sign-in service calls this portal.' },
  { name: 'OIDC_CLIENT_SECRET', default: '', sentence: 'The secret that the sign-in service gave this portal.' },
  { name: 'OIDC_NAME', default: 'the city account', sentence: 'What staff call that account: “Sign in with …”.' },
  {
    name: 'STRIPE_SECRET_KEY',
    default: '',
    sentence: 'Key of the Stripe account that takes payments for records online. Unset: nobody can pay online.',
  },
  {
    name: 'STRIPE_WEBHOOK_SECRET',
    default: '',
    sentence: 'Secret with which Stripe signs what it tells `/api/v1/records/payments/stripe`.',
  },
  { name: 'PORTAL_URL', default: '', sentence: 'Command line only: the running portal to work through.' },
  {
    name: 'PORTAL_TOKEN',
    default: '',
    sentence: 'Command line only: the token to work with; not needed on the portal’s own machine.',
  },
] as const satisfies readonly Setting[];

export type SettingName = (typeof settings)[number]['name'];

/**
 * Reads and checks every setting. Throws setting-invalid with a sentence that names the setting, the value and
 * the mend.
 */
export function readConfig(env: Environment): Config {
  const port = readInteger(env, 'PORT', 0, 65_535);
  const host = readText(env, 'HOST', /^[\w.:%-]+$/, 'an address such as 127.0.0.1, 0.0.0.0 or ::');
  const dataDir = resolve(readText(env, 'DATA_DIR', /^[^\0]+$/, 'the path of a folder'));
  const publicUrl = readPublicUrl(env, port);
  return Object.freeze({
    host,
    port,
    dataDir,
    publicUrl,
    databaseUrl: readDatabaseUrl(env),
    databasePoolSize: readInteger(env, 'DATABASE_POOL_SIZE', 2, 200),
    blobs: readBlobs(env, dataDir),
    city: readText(env, 'CITY', /^[a-z0-9][a-z0-9-]*$/, 'the name of a folder under city/, in lower case'),
    logFormat: readChoice(env, 'LOG_FORMAT', ['auto', 'json', 'plain']),
    logLevel: readChoice(env, 'LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error']),
    sample: readChoice(env, 'SAMPLE', ['on', 'off']) === 'on',
    queryWorkers:
      valueOf(env, 'QUERY_WORKERS') === 'auto'
        ? Math.min(8, Math.max(2, availableParallelism()))
        : readInteger(env, 'QUERY_WORKERS', 1, 64),
    queryDeadlineMs: readInteger(env, 'QUERY_DEADLINE_SECONDS', 1, 3600) * 1000,
    exportDeadlineMs: readInteger(env, 'EXPORT_DEADLINE_SECONDS', 1, 86_400) * 1000,
    queryMemoryBytes: readInteger(env, 'QUERY_MEMORY_MB', 128, 65_536) * 1024 * 1024,
    maxUploadBytes: readInteger(env, 'MAX_UPLOAD_MB', 1, 1_048_576) * 1024 * 1024,
    trustProxy: readTrustProxy(env),
    allowedHosts: readAllowedHosts(env, publicUrl, host),
    shutdownMs: readInteger(env, 'SHUTDOWN_SECONDS', 0, 600) * 1000,
    oidc: readOidc(env),
    mail: readMail(env),
    stripe: readStripe(env),
    recordsKeyFile: valueOf(env, 'RECORDS_KEY_FILE') === '' ? null : resolve(valueOf(env, 'RECORDS_KEY_FILE')),
    clamd: readClamd(env),
  } satisfies Config);
}

/** Reads PORTAL_URL and PORTAL_TOKEN for the command line. */
export function readClientConfig(env: Environment): ClientConfig {
  const address = valueOf(env, 'PORTAL_URL');
  const token = valueOf(env, 'PORTAL_TOKEN');
  if (address !== '') requireUrl('PORTAL_URL', address, ['http:', 'https:'], 'such as http://localhost:8080');
  return Object.freeze({ portalUrl: address === '' ? null : trimSlash(address), token: token === '' ? null : token });
}

/** The environment of this process: the one reading of it. */
export function processEnvironment(): Environment {
  return process.env;
}

/** Sets a variable that a library reads from the environment when it is loaded, and offers no other way to set. */
export function setEnvironment(name: string, value: string): void {
  process.env[name] = value;
}

function valueOf(env: Environment, name: SettingName): string {
  const given = env[name]?.trim();
  if (given !== undefined && given !== '') return given;
  return settings.find((setting) => setting.name === name)?.default ?? '';
}

function refuse(name: SettingName, value: string, mend: string): never {
  throw new PortalError('setting-invalid', {
    detail: `The setting ${name} is “${value}”; give it ${mend}, or leave it out. See docs/settings.md.`,
    extra: { setting: name },
  });
}

function readText(env: Environment, name: SettingName, pattern: RegExp, mend: string): string {
  const value = valueOf(env, name);
  return pattern.test(value) ? value : refuse(name, value, mend);
}

function readInteger(env: Environment, name: SettingName, least: number, most: number): number {
  const value = valueOf(env, name);
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  return number >= least && number <= most ? number : refuse(name, value, `a whole number from ${least} to ${most}`);
}

function readChoice<T extends string>(env: Environment, name: SettingName, choices: readonly T[]): T {
  const value = valueOf(env, name);
  return choices.find((choice) => choice === value) ?? refuse(name, value, `one of ${choices.join(', ')}`);
}

function requireUrl(name: SettingName, value: string, protocols: readonly string[], example: string): URL {
  const url = URL.parse(value);
  if (url === null || !protocols.includes(url.protocol) || url.hostname === '')
    refuse(name, redact(value), `an address ${example}`);
  return url;
}

function readPublicUrl(env: Environment, port: number): string {
  const value = valueOf(env, 'PUBLIC_URL').replace(/:PORT$/, `:${port}`);
  const url = requireUrl('PUBLIC_URL', value, ['http:', 'https:'], 'such as https://data.example.gov');
  const plain = url.search === '' && url.hash === '' && url.pathname === '/' && url.username === '';
  return plain
    ? url.origin
    : refuse('PUBLIC_URL', redact(value), 'a scheme, a host and at most a port, without a path');
}

function readDatabaseUrl(env: Environment): string | null {
  const value = valueOf(env, 'DATABASE_URL');
  if (value === '') return null;
  const url = URL.parse(value);
  // ?host=/run/postgresql is a socket
  const host = url?.hostname !== '' || (url?.searchParams.get('host') ?? '') !== '';
  if (url === null || !host || !['postgres:', 'postgresql:'].includes(url.protocol))
    refuse('DATABASE_URL', redact(value), 'an address such as postgres://user:password@host:5432/name');
  if (url.pathname.length < 2)
    refuse('DATABASE_URL', redact(value), 'an address that ends with the name of a database');
  return value;
}

function readBlobs(env: Environment, dataDir: string): BlobSettings {
  const value = valueOf(env, 'BLOB_URL');
  if (value === '') return { kind: 'folder', path: resolve(dataDir, 'blobs') };
  const url = requireUrl(
    'BLOB_URL',
    value,
    ['s3:'],
    'such as s3://bucket/prefix?endpoint=https://host&region=us-west-2',
  );
  for (const key of url.searchParams.keys())
    if (key !== 'endpoint' && key !== 'region')
      refuse('BLOB_URL', redact(value), 'no parameters but endpoint and region');
  const endpoint = url.searchParams.get('endpoint');
  if (endpoint !== null)
    requireUrl('BLOB_URL', endpoint, ['http:', 'https:'], 'with an endpoint such as https://host:9000');
  const accessKeyId = valueOf(env, 'S3_ACCESS_KEY_ID');
  const secretAccessKey = valueOf(env, 'S3_SECRET_ACCESS_KEY');
  if ((accessKeyId === '') !== (secretAccessKey === ''))
    refuse(accessKeyId === '' ? 'S3_ACCESS_KEY_ID' : 'S3_SECRET_ACCESS_KEY', '', 'its value, since its partner is set');
  const prefix = url.pathname.replace(/^\/+|\/+$/g, '');
  return {
    kind: 's3',
    bucket: url.hostname,
    prefix: prefix === '' ? '' : `${prefix}/`,
    endpoint,
    region: url.searchParams.get('region') ?? 'us-east-1',
    accessKeyId: accessKeyId === '' ? null : accessKeyId,
    secretAccessKey: secretAccessKey === '' ? null : secretAccessKey,
    cachePath: resolve(dataDir, 'cache'),
  };
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/u;

function readMail(env: Environment): MailSettings {
  const from = readMailAddress(env, 'MAIL_FROM');
  const inbound = readMailAddress(env, 'MAIL_INBOUND_ADDRESS');
  if (inbound?.includes('+') === true) refuse('MAIL_INBOUND_ADDRESS', inbound, 'an address without a + of its own');
  const value = valueOf(env, 'SMTP_URL');
  if (value === '') return { smtp: null, from, inbound };
  const url = requireUrl('SMTP_URL', value, ['smtp:', 'smtps:'], 'such as smtp://user:password@host:587');
  if (from === null) refuse('MAIL_FROM', '', 'the address that letters come from, since SMTP_URL is set');
  const isLocal = loopback.test(url.hostname);
  const implicit = url.protocol === 'smtps:';
  const smtp: SmtpSettings = {
    host: url.hostname.replace(/^\[|\]$/gu, ''),
    port: url.port === '' ? (implicit ? 465 : 587) : Number(url.port),
    user: url.username === '' ? null : decodeURIComponent(url.username),
    password: url.password === '' ? null : decodeURIComponent(url.password),
    security: implicit ? 'tls' : isLocal ? 'none' : 'starttls',
  };
  return { smtp, from, inbound };
}

function readClamd(env: Environment): Config['clamd'] {
  const value = valueOf(env, 'CLAMD_HOST');
  if (value === '') return null;
  const found = /^([A-Za-z0-9.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/u.exec(value);
  const port = Number(found?.[2] ?? 3310);
  if (found === null || port < 1 || port > 65_535) refuse('CLAMD_HOST', value, 'a host such as clamd.example.gov:3310');
  return { host: found[1]!.replace(/^\[|\]$/gu, ''), port };
}

function readMailAddress(env: Environment, name: 'MAIL_FROM' | 'MAIL_INBOUND_ADDRESS'): string | null {
  const value = valueOf(env, name);
  if (value === '') return null;
  return /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}$/u.test(value)
    ? value
    : refuse(name, value, 'a plain address such as records@example.gov');
}

function readOidc(env: Environment): OidcSettings | null {
  const issuer = valueOf(env, 'OIDC_ISSUER');
  if (issuer === '') return null;
  const url = requireUrl('OIDC_ISSUER', issuer, ['http:', 'https:'], 'such as https://login.example.gov/city');
  if (url.protocol === 'http:' && !loopback.test(url.hostname))
    refuse('OIDC_ISSUER', redact(issuer), 'an address that begins with https://');
  const [clientId, clientSecret] = [valueOf(env, 'OIDC_CLIENT_ID'), valueOf(env, 'OIDC_CLIENT_SECRET')];
  if (clientId === '') refuse('OIDC_CLIENT_ID', '', 'its value, since OIDC_ISSUER is set');
  if (clientSecret === '') refuse('OIDC_CLIENT_SECRET', '', 'its value, since OIDC_ISSUER is set');
  return { issuer, clientId, clientSecret, name: valueOf(env, 'OIDC_NAME') };
}

function readStripe(env: Environment): Config['stripe'] {
  const secretKey = valueOf(env, 'STRIPE_SECRET_KEY');
  const webhookSecret = valueOf(env, 'STRIPE_WEBHOOK_SECRET');
  if (secretKey === '' && webhookSecret === '') return null;
  if (!/^(sk|rk)_\w+$/.test(secretKey))
    refuse('STRIPE_SECRET_KEY', secretKey === '' ? '' : '…', 'the key that Stripe shows, which begins with sk_ or rk_');
  if (!/^whsec_\w+$/.test(webhookSecret))
    refuse(
      'STRIPE_WEBHOOK_SECRET',
      webhookSecret === '' ? '' : '…',
      'the secret that Stripe shows, which begins with whsec_',
    );
  return { secretKey, webhookSecret };
}

function readTrustProxy(env: Environment): false | readonly string[] {
  const value = valueOf(env, 'TRUST_PROXY');
  if (value === '') return false;
  const names = splitNames(value);
  const known = names.every((name) => /^[0-9a-fA-F.:]+(\/\d{1,3})?$|^(loopback|linklocal|uniquelocal)$/.test(name));
  return known && names.length > 0
    ? names
    : refuse('TRUST_PROXY', value, 'addresses or networks such as 10.0.0.0/8, with commas');
}

function readAllowedHosts(env: Environment, publicUrl: string, host: string): readonly string[] | null {
  const value = valueOf(env, 'ALLOWED_HOSTS');
  if (value === '*') return null;
  const names = splitNames(value.toLowerCase());
  if (names.some((name) => !/^[a-z0-9.:[\]-]+$/.test(name)))
    refuse('ALLOWED_HOSTS', value, 'host names such as data.example.gov, with commas, or *');
  if (names.length > 0) return names;
  const own = [new URL(publicUrl).hostname, 'localhost', '127.0.0.1', '[::1]'];
  if (host !== '0.0.0.0' && host !== '::')
    own.push(host.includes(':') ? `[${host.toLowerCase()}]` : host.toLowerCase());
  return [...new Set(own)];
}

function splitNames(value: string): readonly string[] {
  return value.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
}

function trimSlash(value: string): string {
  return value.replace(/\/+$/, '');
}

/** A password in an address must not reach a log or a screen. */
function redact(value: string): string {
  return value.replace(/(:\/\/[^:/@\s]*):[^@\s]*@/, '$1:…@');
}
