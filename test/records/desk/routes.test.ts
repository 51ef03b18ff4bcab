// The desk for programs: the queue and search as JSON, for whom they are, kept by nobody; and cells that no spreadsheet
// runs.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { Value } from 'typebox/value';
import { toCell } from '../../../src/records/desk/queue-csv.ts';
import { signIn } from '../../people/staff.ts';
import { openTestPortal } from '../../portal.ts';
import { plainRequest } from '../records.ts';

const site = await openTestPortal({ after });
const { request } = await site.portal.records.submit({ kind: 'public' }, plainRequest);

test('the queue and the search answer the staff, with exactly what their description says', async () => {
  const clerk = await signIn(site, 'clerk');
  const document = (await site.ask('/openapi.json')).json<{ paths: Record<string, never> }>();
  for (const [path, query] of [
    ['/records/work/queue', 'need=answer&limit=10'],
    ['/records/work/search', `q=${request.number}`],
  ] as const) {
    const answer = await site.ask({ url: `/api/v1${path}?${query}`, headers: clerk.headers });
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
    const body = answer.json<{ data: { number: string; duty?: string }[]; total: number }>();
    assert.deepEqual(
      body.data.map(({ number }) => number),
      [request.number],
    );
    assert.equal(body.total, 1);
    if (path.endsWith('queue')) assert.equal(body.data[0]?.duty, 'C1', 'a clock goes by its code');
    assert.ok(!/canary/iu.test(answer.body), 'who asked is not in it');
    const described = (
      document.paths as Record<
        string,
        { get: { responses: Record<string, { content: Record<string, { schema: object }> }> } }
      >
    )[`/api/v1${path}`];
    const schema = described?.get.responses['200']?.content['application/json']?.schema;
    assert.ok(schema);
    assert.ok(Value.Check(schema as never, body), JSON.stringify([...Value.Errors(schema as never, body)].slice(0, 2)));
  }
});

test('nobody else gets an answer, and a parameter that is none is refused', async () => {
  const ask = async (url: string, headers: Readonly<Record<string, string>> = {}) =>
    (await site.ask({ url, headers })).status;
  const [planner, publisher] = [await signIn(site, 'department-lead', 'planning'), await signIn(site, 'publisher')];
  const queue = '/api/v1/records/work/queue';
  assert.equal(await ask(queue), 401);
  assert.equal(await ask(queue, publisher.headers), 403);
  assert.equal(await ask(queue, site.machine), 403, 'the machine is no clerk');
  assert.equal(await ask(`${queue}?need=all`, planner.headers), 400);
  assert.equal(await ask(`${queue}?after=x`, planner.headers), 400);
  const seen = await site.ask({ url: queue, headers: planner.headers });
  assert.deepEqual(seen.json<{ data: unknown[] }>().data, [], 'it does not concern their department');
});

test('a cell is never a formula', () => {
  assert.equal(toCell('=HYPERLINK("http://x")'), `"'=HYPERLINK(""http://x"")"`);
  for (const sign of ['+', '-', '@', '\t']) assert.ok(toCell(`${sign}1`).startsWith(`'`));
  assert.equal(toCell('a, "b"\nc'), '"a, ""b""\nc"');
  assert.deepEqual([toCell(null), toCell(7), toCell('plain')], ['', '7', 'plain']);
});
