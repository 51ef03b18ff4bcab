// What anybody may send is bounded: drafts, files and messages of one network, the bytes of a request, of all that was
// not sent, and the disk; and a page of another site sends nothing.

import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { PortalError } from '../../../src/base/errors.ts';
import { toRequestsPages } from '../../../src/pages/requests.ts';
import { emptyAnswers } from '../../../src/records/asking/draft-answers.ts';
import { addFile } from '../../../src/records/requests/files.ts';
import { openTestPortal } from '../../portal.ts';

const site = await openTestPortal({ after }, {});
const { portal, config } = site;
const { pool, db } = portal.database;
const address = '/api/v1/records/draft/files';
const edge = 'the-edge-of-a-part';
const payload = `--${edge}\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\ncontent-type: text/plain\r\n\r\nwords\r\n--${edge}--\r\n`;
const post = (headers: Readonly<Record<string, string>>) =>
  site.ask({
    method: 'POST',
    url: address,
    payload,
    headers: {
      'content-type': `multipart/form-data; boundary=${edge}`,
      host: new URL(config.publicUrl).host,
      ...headers,
    },
  });
const isCode = (code: string) => (error: unknown) => error instanceof PortalError && error.code === code;
const count = async (table: string): Promise<number> =>
  (await pool.query<{ n: number }>(`select count(*)::int as n from ${table}`)).rows[0]!.n;

test('a page of another site plants no draft, and takes no visitor’s own', async () => {
  const before = await count('records_drafts');
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: config.publicUrl, 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]) {
    const answer = await post(headers as Record<string, string>);
    assert.deepEqual([answer.status, answer.headers['set-cookie']], [403, undefined], JSON.stringify(headers));
  }
  assert.equal(await count('records_drafts'), before);
  assert.equal((await post({ origin: config.publicUrl, 'sec-fetch-site': 'same-origin' })).status, 201);
  assert.equal((await post({})).status, 201, 'a program that says neither');
});

test('a cookie that opens no draft is counted as none', async () => {
  const pages = toRequestsPages(portal, { actor: { kind: 'public' }, client: '192.0.2.7' });
  const first = await pages.saveDraft(null, emptyAnswers);
  for (let round = 0; round < 60; round++) await pages.saveDraft(first.value, emptyAnswers);
  for (let round = 0; round < 29; round++) await pages.saveDraft(`not-a-draft-${round}`, emptyAnswers);
  const before = await count('records_drafts');
  await assert.rejects(pages.saveDraft('one-too-many', emptyAnswers), isCode('too-many-requests'));
  assert.equal(await count('records_drafts'), before);
});

test('of many files at once no more are kept than a request may have', async () => {
  const first = await post({ origin: config.publicUrl });
  const cookie = String(first.headers['set-cookie']).split(';')[0]!;
  const answers = await Promise.all(Array.from({ length: 30 }, () => post({ origin: config.publicUrl, cookie })));
  assert.equal(answers.filter(({ status }) => status === 201).length, 19);
  const { rows } = await pool.query<{ n: number }>(
    'select count(*)::int as n from records_files group by draft_id order by 1 desc limit 1',
  );
  assert.equal(rows[0]!.n, 20);
});

test('the bytes of a request, of all that was not sent, and of the disk have an end', async () => {
  const { store, seal, effects } = portal;
  const parts = { db, seal, store, workFolder: join(tmpdir(), `portal-floods-${process.pid}`) };
  const { id: draftId } = await portal.records.drafts.require({ kind: 'public' }, null, emptyAnswers);
  const add = (more: object = {}) => {
    const bytes = (async function* () {
      yield Buffer.from('words');
    })();
    return addFile({ ...parts, ...more }, { draftId }, { name: 'a.txt', bytes }, effects);
  };
  await assert.rejects(add({ leastFreeBytes: 2 ** 60 }), isCode('disk-full'));
  const kept = await add();
  const files = await count('records_files');
  await pool.query('update records_files set bytes = $2 where id = $1', [kept.id, 300 * 1024 * 1024 - 4]);
  await assert.rejects(add(), isCode('form-invalid'));
  await pool.query('update records_files set bytes = $2 where id = $1', [kept.id, 1]);
  await add();
  const other = await portal.records.drafts.require({ kind: 'public' }, null, emptyAnswers);
  await pool.query('update records_files set bytes = $2, draft_id = $3 where id = $1', [
    kept.id,
    10 * 1024 ** 3,
    other.id,
  ]);
  await assert.rejects(add(), isCode('disk-full'));
  assert.equal(await count('records_files'), files + 1, 'what is refused is not noted');
});
