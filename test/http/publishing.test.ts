// Publishing over HTTP: who may, what a form must hold, what is answered, and that nothing is stored when it fails.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openTestPortal, type Answer } from '../portal.ts';
import { until } from '../patience.ts';

const site = await openTestPortal({ after });

type Field = readonly [name: string, value: string];

function form(fields: readonly Field[], file: string | null, fileName = 'data.csv', after: readonly Field[] = []) {
  const boundary = 'portal-test-boundary';
  const toText = ([name, value]: Field): string =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const last =
    file === null
      ? ''
      : `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${fileName}"\r\nContent-Type: text/csv\r\n\r\n${file}\r\n`;
  return {
    payload: `${fields.map(toText).join('')}${last}${after.map(toText).join('')}--${boundary}--\r\n`,
    contentType: `multipart/form-data; boundary=${boundary}`,
  };
}

const described: Field = ['metadata', JSON.stringify({ title: 'Wells', department: 'Public Works' })];

function send(
  id: string,
  fields: readonly Field[],
  file: string | null,
  headers: Record<string, string> = site.machine,
): Promise<Answer> {
  const { payload, contentType } = form(fields, file);
  return site.ask({
    method: 'POST',
    url: `/api/v1/datasets/${id}/revisions`,
    payload,
    headers: { ...headers, 'content-type': contentType },
  });
}

describe('publishing a file', () => {
  it('needs a token that may', async () => {
    assert.equal((await send('wells', [described], 'a\n1\n', {})).json()['code'], 'unauthorized');
    assert.equal(
      (await send('wells', [described], 'a\n1\n', { authorization: 'Bearer wrong' })).json()['code'],
      'unauthorized',
    );
    assert.equal((await site.ask('/api/v1/datasets/wells')).status, 404);
  });
  it('answers 201 with the dataset and the report, then counts revisions', async () => {
    const sha256 = createHash('sha256').update('well,depth\n1,10\n2,20\n').digest('hex');
    const made = await send('wells', [described, ['note', 'first'], ['sha256', sha256]], 'well,depth\n1,10\n2,20\n');
    assert.equal(made.status, 201, made.body);
    const { dataset, report, status } = made.json<{
      dataset: { id: string; department: { id: string; name: string }; revision: { number: number; note: string } };
      report: { rowsInFile: number; rowsPublished: number; rowsQuarantined: number };
      status: string;
    }>();
    assert.deepEqual(
      [
        dataset.id,
        dataset.department.id,
        dataset.department.name,
        dataset.revision.number,
        dataset.revision.note,
        status,
      ],
      ['wells', 'public-works', 'Public Works', 1, 'first', 'created'],
    );
    assert.deepEqual([report.rowsInFile, report.rowsPublished, report.rowsQuarantined], [2, 2, 0]);
    const next = await send('wells', [], 'well,depth\n1,11\n');
    assert.equal(next.json<{ dataset: { revision: { number: number }; title: string } }>().dataset.revision.number, 2);
    const same = await send('wells', [], 'well,depth\n1,11\n');
    assert.deepEqual([same.status, same.json()['status']], [200, 'unchanged']);
  });
  it('tells its progress line by line when asked, and ends with the result', async () => {
    const answer = await send('lines', [described], 'a\n1\n', { ...site.machine, accept: 'application/x-ndjson' });
    assert.match(String(answer.headers['content-type']), /x-ndjson/u);
    const lines = answer.body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.ok(lines.length > 3 && lines.slice(0, -1).every((line) => typeof line['step'] === 'string'));
    const result = lines.at(-1)?.['result'] as { status: string } | undefined;
    assert.equal(result?.status, 'created');
    const wrong = await send('lines', [], '', { ...site.machine, accept: 'application/x-ndjson' });
    const last = JSON.parse(wrong.body.trim().split('\n').at(-1) ?? '') as { error: { code: string; status: number } };
    assert.deepEqual([last.error.code, last.error.status], ['empty-file', 422]);
  });
  const refused: readonly (readonly [why: string, fields: readonly Field[], file: string | null, code: string])[] = [
    ['a new dataset without metadata', [], 'a\n1\n', 'metadata-invalid'],
    ['metadata that is not JSON', [['metadata', '{']], 'a\n1\n', 'metadata-invalid'],
    ['metadata without a department', [['metadata', '{"title":"x"}']], 'a\n1\n', 'metadata-invalid'],
    [
      'a field of the metadata that nobody knows',
      [['metadata', '{"title":"x","department":"p","colour":1}']],
      'a\n1\n',
      'metadata-invalid',
    ],
    ['an unknown field', [described, ['extra', '1']], 'a\n1\n', 'unknown-parameter'],
    ['a field twice', [described, ['note', '1'], ['note', '2']], 'a\n1\n', 'bad-request'],
    ['a field named like a prototype', [described, ['__proto__', '1']], 'a\n1\n', 'bad-request'],
    ['no file', [described], null, 'bad-request'],
    ['an empty file', [described], '', 'empty-file'],
    ['another checksum', [described, ['sha256', 'a'.repeat(64)]], 'a\n1\n', 'checksum-mismatch'],
    ['an expectation that is not a number', [described, ['expectRevision', 'x']], 'a\n1\n', 'bad-request'],
    ['a revision that is not there', [described, ['expectRevision', '7']], 'a\n1\n', 'conflict'],
    ['a file that lies', [described], '%PDF-1.7 not a table', 'file-type-mismatch'],
  ];
  for (const [why, fields, file, code] of refused) {
    it(`refuses ${why} with ${code} and stores nothing`, async () => {
      const answer = await send('refused', fields, file);
      assert.equal(answer.json()['code'], code, answer.body);
      assert.equal((await site.ask('/api/v1/datasets/refused')).status, 404);
    });
  }
  it('a checksum may follow the file, and nothing else may', async () => {
    const sendAfter = async (after: Field): Promise<Answer> => {
      const { payload, contentType } = form([described], 'a\n1\n', 'data.csv', [after]);
      const headers = { ...site.machine, 'content-type': contentType };
      return await site.ask({ method: 'POST', url: '/api/v1/datasets/followed/revisions', payload, headers });
    };
    assert.equal((await sendAfter(['sha256', 'b'.repeat(64)])).json()['code'], 'checksum-mismatch');
    assert.equal((await sendAfter(['note', 'late'])).json()['code'], 'bad-request');
    assert.equal((await site.ask('/api/v1/datasets/followed')).status, 404);
    const made = await sendAfter(['sha256', createHash('sha256').update('a\n1\n').digest('hex')]);
    assert.equal(made.status, 201, made.body);
  });
  it('refuses what is no form', async () => {
    const url = '/api/v1/datasets/x/revisions';
    const json = await site.ask({ method: 'POST', url, payload: {}, headers: site.machine });
    assert.equal(json.json()['code'], 'unsupported-media-type');
  });
  it('a connection cut in the middle stores nothing and leaves no file behind', async () => {
    const address = new URL(await site.listen());
    const { payload, contentType } = form([described], `a\n${'1\n'.repeat(50_000)}`);
    const cut = payload.slice(0, payload.length / 2);
    const head = `POST /api/v1/datasets/cut/revisions HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${site.machine.authorization}\r\nContent-Type: ${contentType}\r\nContent-Length: ${payload.length}\r\n\r\n`;
    const socket = connect(Number(address.port), address.hostname);
    await new Promise<void>((done) => socket.write(head + cut, () => done()));
    await new Promise((done) => setTimeout(done, 200));
    socket.destroy();
    const work = join(site.config.dataDir, 'work', 'publish');
    await until('nothing is left', async () => !existsSync(work) || (await readdir(work)).length === 0);
    assert.deepEqual(existsSync(work) ? await readdir(work) : [], []);
    assert.equal((await site.ask('/api/v1/datasets/cut')).status, 404);
  });
});

describe('describing and metadata', () => {
  it('describes a file and stores nothing', async () => {
    const { payload, contentType } = form([], 'zip,seen\n00123,2026-01-01\n');
    const answer = await site.ask({
      method: 'POST',
      url: '/api/v1/describe',
      payload,
      headers: { ...site.machine, 'content-type': contentType },
    });
    const { columns } = answer.json<{ columns: { name: string; type: { kind: string } }[] }>();
    assert.deepEqual(
      columns.map(({ name, type }) => [name, type.kind]),
      [
        ['zip', 'text'],
        ['seen', 'date'],
      ],
    );
  });
  it('changes what is said of a dataset', async () => {
    await site.publish('a\n1\n', { id: 'said' });
    const url = '/api/v1/datasets/said/metadata';
    const payload = { title: 'Said anew', description: 'Words.' };
    assert.equal((await site.ask({ method: 'PUT', url, payload })).json()['code'], 'unauthorized');
    const saved = await site.ask({ method: 'PUT', url, payload, headers: site.machine });
    assert.equal(saved.json()['title'], 'Said anew', saved.body);
    assert.equal((await site.ask('/api/v1/search?q=anew')).json<{ total: number }>().total, 1);
    const wrong = await site.ask({ method: 'PUT', url, payload: { title: '' }, headers: site.machine });
    assert.equal(wrong.json()['code'], 'metadata-invalid');
  });
});

describe('tokens and operations', () => {
  it('a token publishes until it is revoked, and makes no tokens', async () => {
    const made = await site.ask({
      method: 'POST',
      url: '/api/v1/tokens',
      payload: { name: 'permit system' },
      headers: site.machine,
    });
    assert.equal(made.status, 201);
    const { id, token } = made.json<{ id: string; token: string }>();
    const own = { authorization: `Bearer ${token}` };
    assert.equal((await send('by-token', [described], 'a\n1\n', own)).status, 201);
    assert.equal(
      (await site.ask({ method: 'POST', url: '/api/v1/tokens', payload: { name: 'x' }, headers: own })).json()['code'],
      'forbidden',
    );
    const list = await site.ask({ url: '/api/v1/tokens', headers: site.machine });
    assert.ok(!list.body.includes(token) && list.body.includes(id));
    assert.equal(
      (await site.ask({ method: 'DELETE', url: `/api/v1/tokens/${id}`, headers: site.machine })).status,
      204,
    );
    assert.equal((await send('by-token', [], 'a\n2\n', own)).json()['code'], 'unauthorized');
  });
  it('verifies every stored file and backs everything up', async () => {
    await site.portal.publisher.deriveMissing();
    assert.equal((await site.ask({ method: 'POST', url: '/api/v1/operations/verify' })).status, 401);
    const verified = await site.ask({ method: 'POST', url: '/api/v1/operations/verify', headers: site.machine });
    const found = verified.json<{ files: number; damaged: unknown[]; audit: { brokenAt: null } }>();
    assert.ok(found.files > 0, verified.body);
    assert.deepEqual([found.damaged, found.audit.brokenAt], [[], null]);
    const backup = (directory: string) =>
      site.ask({ method: 'POST', url: '/api/v1/operations/backup', payload: { directory }, headers: site.machine });
    const directory = join(site.config.dataDir, 'backup');
    assert.ok((await backup(directory)).json<{ files: number }>().files > 0);
    assert.ok(existsSync(join(directory, 'manifest.json')));
    assert.equal((await backup('relative/path')).json()['code'], 'bad-request');
  });
});
