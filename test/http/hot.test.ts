// Answers that are given again before the portal asks who asks: only those that were given to nobody in particular.
// It must ask over a socket, where they are given.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';

import { openTestPortal } from '../portal.ts';

const site = await openTestPortal({ after });
await site.publish('a,b\n1,2\n', { id: 'trees' });
await site.portal.publisher.deriveMissing();
const origin = await site.listen();
const address = `${origin}/api/v1/datasets/trees/rows?limit=1`;

async function countRepeated(): Promise<number> {
  const { body } = await site.ask({ url: '/metrics', headers: site.machine });
  const line = /^portal_http_request_duration_seconds_count\{route="\(repeated answer\)".*status="200"\} (\d+)$/mu;
  return Number(line.exec(body)?.[1] ?? 0);
}

async function ask(headers: Readonly<Record<string, string>> = {}): Promise<void> {
  const answer = await fetch(address, { headers });
  assert.equal(answer.status, 200);
  await answer.arrayBuffer();
}

test('an answer to somebody in particular is never kept for everybody', async () => {
  for (let round = 0; round < 3; round += 1) await ask(site.machine);
  await ask();
  assert.equal(await countRepeated(), 0, 'the first of the public was answered by the portal itself');
});

test('an answer to the public is given again, to everybody who asks the same', async () => {
  await ask();
  assert.equal(await countRepeated(), 1);
});
