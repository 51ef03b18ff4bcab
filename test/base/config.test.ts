// The settings: defaults, refusals that name the setting and the mend, and the documentation that lists them all.
// It must not set anything in the real environment.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { readClientConfig, readConfig, settings } from '../../src/base/config.ts';
import { PortalError } from '../../src/base/errors.ts';

test('an empty environment gives the documented defaults, frozen', () => {
  const config = readConfig({});
  assert.equal(config.host, '127.0.0.1');
  assert.equal(config.port, 8080);
  assert.equal(config.dataDir, resolve('data'));
  assert.equal(config.publicUrl, 'http://localhost:8080');
  assert.equal(config.databaseUrl, null);
  assert.deepEqual(config.blobs, { kind: 'folder', path: resolve('data/blobs') });
  assert.equal(config.sample, true);
  assert.equal(config.queryDeadlineMs, 10_000);
  assert.equal(config.trustProxy, false);
  assert.deepEqual(config.allowedHosts, ['localhost', '127.0.0.1', '[::1]']);
  assert.ok(config.queryWorkers >= 2 && config.queryWorkers <= 8);
  assert.throws(() => Object.assign(config, { port: 1 }), TypeError);
});

test('values that are given are read; blank ones are as if left out; unknown variables are nobody’s business', () => {
  const config = readConfig({
    PORT: ' 9000 ',
    PUBLIC_URL: 'https://data.example.gov/',
    SAMPLE: 'off',
    LOG_LEVEL: '',
    TRUST_PROXY: '10.0.0.0/8, 127.0.0.1',
    QUERY_WORKERS: '3',
    MAX_UPLOAD_MB: '1',
    PORTAL_WHATEVER: 'x',
  });
  assert.equal(config.port, 9000);
  assert.equal(config.publicUrl, 'https://data.example.gov');
  assert.equal(config.sample, false);
  assert.equal(config.logLevel, 'info');
  assert.deepEqual(config.trustProxy, ['10.0.0.0/8', '127.0.0.1']);
  assert.equal(config.queryWorkers, 3);
  assert.equal(config.maxUploadBytes, 1_048_576);
  assert.ok(config.allowedHosts?.includes('data.example.gov'));
  assert.equal(readConfig({ PORT: '9000' }).publicUrl, 'http://localhost:9000');
  assert.equal(readConfig({ ALLOWED_HOSTS: '*' }).allowedHosts, null);
});

test('an S3 address is taken apart', () => {
  const config = readConfig({
    BLOB_URL: 's3://city-data/portal/kent?endpoint=https://s3.example.org:9000&region=us-west-2',
    S3_ACCESS_KEY_ID: 'AK',
    S3_SECRET_ACCESS_KEY: 'SK',
    DATA_DIR: '/srv/portal',
  });
  assert.deepEqual(config.blobs, {
    kind: 's3',
    bucket: 'city-data',
    prefix: 'portal/kent/',
    endpoint: 'https://s3.example.org:9000',
    region: 'us-west-2',
    accessKeyId: 'AK',
    secretAccessKey: 'SK',
    cachePath: '/srv/portal/cache',
  });
});

const wrong: readonly (readonly [name: string, value: string, mend: RegExp])[] = [
  ['PORT', '80800', /whole number from 0 to 65535/],
  ['PORT', '8o8o', /whole number/],
  ['PORT', '-1', /whole number/],
  ['HOST', 'a host', /an address such as/],
  ['PUBLIC_URL', 'data.example.gov', /an address such as https/],
  ['PUBLIC_URL', 'https://data.example.gov/portal', /without a path/],
  ['DATABASE_URL', 'mysql://u:p@h/db', /postgres:\/\//],
  ['DATABASE_URL', 'postgres://u:p@h', /name of a database/],
  ['BLOB_URL', 'https://bucket', /s3:\/\//],
  ['BLOB_URL', 's3://bucket?zone=1', /no parameters but/],
  ['BLOB_URL', 's3://bucket?endpoint=ftp://x', /endpoint/],
  ['S3_ACCESS_KEY_ID', 'AK', /S3_SECRET_ACCESS_KEY/],
  ['CITY', '../etc', /folder under city/],
  ['LOG_LEVEL', 'loud', /one of trace, debug, info, warn, error/],
  ['SAMPLE', 'maybe', /one of on, off/],
  ['QUERY_WORKERS', '0', /1 to 64/],
  ['QUERY_DEADLINE_SECONDS', '1e3', /1 to 3600/],
  ['TRUST_PROXY', 'yes', /addresses or networks/],
  ['ALLOWED_HOSTS', 'http://x', /host names/],
];

for (const [name, value, mend] of wrong) {
  test(`${name}=${value} stops the start with one sentence`, () => {
    const env: Record<string, string> = { [name]: value };
    if (name === 'S3_ACCESS_KEY_ID') env['BLOB_URL'] = 's3://bucket';
    assert.throws(
      () => readConfig(env),
      (error: unknown) => {
        assert.ok(error instanceof PortalError);
        assert.equal(error.code, 'setting-invalid');
        assert.match(error.message, mend);
        assert.match(error.message, new RegExp(name.startsWith('S3') ? 'S3_SECRET_ACCESS_KEY' : name));
        assert.doesNotMatch(error.message, /\n/);
        return true;
      },
    );
  });
}

test('a password never stands in the refusal', () => {
  assert.throws(
    () => readConfig({ DATABASE_URL: 'postgres://user:hunter2@host' }),
    (error: unknown) =>
      error instanceof PortalError && !error.message.includes('hunter2') && error.message.includes('user'),
  );
});

test('the command line’s settings', () => {
  assert.deepEqual(readClientConfig({}), { portalUrl: null, token: null });
  assert.deepEqual(readClientConfig({ PORTAL_URL: 'http://localhost:8080/', PORTAL_TOKEN: 't' }), {
    portalUrl: 'http://localhost:8080',
    token: 't',
  });
  assert.throws(() => readClientConfig({ PORTAL_URL: 'localhost:8080' }), /PORTAL_URL/);
});

test('docs/settings.md lists exactly the settings that exist, in their words', () => {
  const text = readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  const wanted = settings.map(
    (s: { name: string; default: string; sentence: string }) =>
      `| \`${s.name}\` | ${s.default === '' ? '_unset_' : `\`${s.default}\``} | ${s.sentence} |`,
  );
  const squeeze = (line: string): string => line.replace(/\s+/g, ' ');
  assert.deepEqual(rows.map(squeeze), wanted.map(squeeze));
});

test('a mail server is read with its encryption, and wants an address to send from', () => {
  const mail = (env: Record<string, string>) => readConfig({ MAIL_FROM: 'records@example.gov', ...env }).mail;
  assert.deepEqual(mail({}), { smtp: null, from: 'records@example.gov', inbound: null });
  assert.deepEqual(mail({ SMTP_URL: 'smtp://ada:p%40ss@mail.example.gov' }).smtp, {
    host: 'mail.example.gov',
    port: 587,
    user: 'ada',
    password: 'p@ss',
    security: 'starttls',
  });
  assert.equal(mail({ SMTP_URL: 'smtps://mail.example.gov' }).smtp?.port, 465);
  assert.equal(mail({ SMTP_URL: 'smtps://mail.example.gov' }).smtp?.security, 'tls');
  assert.equal(mail({ SMTP_URL: 'smtp://127.0.0.1:2525' }).smtp?.security, 'none');
  assert.equal(mail({ SMTP_URL: 'smtp://[::1]:2525' }).smtp?.host, '::1');
  assert.equal(mail({ SMTP_URL: 'smtp://localhost.example.gov' }).smtp?.security, 'starttls');
  const refused = (env: Record<string, string>) =>
    assert.throws(
      () => readConfig(env),
      (error) => error instanceof PortalError && error.code === 'setting-invalid' && !error.message.includes('secret'),
    );
  refused({ SMTP_URL: 'smtp://mail.example.gov' });
  refused({ SMTP_URL: 'http://ada:secret@mail.example.gov', MAIL_FROM: 'records@example.gov' });
  refused({ MAIL_FROM: 'Records <records@example.gov>' });
  refused({ MAIL_FROM: 'records@example.gov\r\nBcc: x@example.org' });
  refused({ MAIL_INBOUND_ADDRESS: 'records+tag@example.gov' });
});
