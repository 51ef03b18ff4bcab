// Answers and requests that come by e-mail, in a whole portal: whose words join the request, whose wait, what becomes
// of files. It must look at what the requester sees, not only at what the portal says became of the mail.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import type { RequesterActor } from '../../src/base/actor.ts';
import { PortalError } from '../../src/base/errors.ts';
import { receivedMail } from '../../src/db/tables-mail.ts';
import { toReplyAddress } from '../../src/mail/reply-address.ts';
import { readAudit } from '../../src/people/audit.ts';
import { toMailPages } from '../../src/pages/mail.ts';
import { signIn, staffActor } from '../people/staff.ts';
import { openTestPortal } from '../portal.ts';

const inbound = 'records@portal.example';
const ada = 'ada@example.org';
const site = await openTestPortal({ after }, { settings: { MAIL_INBOUND_ADDRESS: inbound } });
const { portal } = site;
const { records, database, seal } = portal;
const pages = toMailPages(portal, staffActor('clerk'));
const isCode = (code: string) => (error: unknown) => error instanceof PortalError && error.code === code;

let sent = 0;

async function submit(email: string | null = ada) {
  const requester = { name: 'Ada', organization: null, email, phone: null, address: null };
  const { request } = await records.submit(
    { kind: 'public' },
    {
      ...{ text: 'All of it', requester, delivery: 'electronic', language: 'en', accommodation: null },
      ...{ asksForList: false, listPurpose: null, submitKey: null },
    },
  );
  const actor: RequesterActor = { kind: 'requester', requestId: request.id, delegate: null };
  return { ...request, actor, to: toReplyAddress(seal, inbound, request.number) };
}

type Mail = {
  readonly from?: string;
  readonly to: string;
  readonly text?: string;
  readonly files?: Readonly<Record<string, string>>;
};

async function hand({ from = ada, to, text = 'Thank you.', files = {} }: Mail) {
  const head = `From: ${from}\r\nTo: ${to}\r\nMessage-ID: <n${(sent += 1)}@example.org>\r\nSubject: Re: yours\r\n`;
  const parts = Object.entries(files).map(([name, bytes]) => {
    const coded = Buffer.from(bytes).toString('base64');
    const type = `Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64`;
    return `--b\r\n${type}\r\nContent-Disposition: attachment; filename="${name}"\r\n\r\n${coded}\r\n`;
  });
  const mixed = `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n${text}\r\n`;
  const body = parts.length === 0 ? `\r\n${text}\r\n` : `${mixed}${parts.join('')}--b--\r\n`;
  const answer = await site.ask({
    method: 'POST',
    url: '/api/v1/mail/inbound',
    headers: { ...site.machine, 'content-type': 'message/rfc822' },
    payload: Buffer.from(head + body),
  });
  assert.equal(answer.status, 200, answer.body);
  return answer.json<{ became: string; requestNumber: string | null }>();
}

async function readIn(request: { readonly id: string; readonly actor: RequesterActor }) {
  const { messages, files, events } = await records.own.read(request.actor, request.id);
  const words = messages.filter(({ direction }) => direction === 'in').map(({ body }) => body);
  return { words, files: files.map(({ name, bytes }) => [name, bytes]), kinds: events.map(({ kind }) => kind) };
}

async function readFirstWaiting(number: string): Promise<string> {
  const [waiting] = await pages.waitingFor(number);
  return waiting!.id;
}

test('what the requester writes joins the request, with its files; an empty file is told, a long text is a file', async () => {
  const request = await submit();
  const became = await hand({
    from: 'Ada <ADA@Example.ORG>',
    to: request.to,
    files: { 'map.txt': 'a map', 'no.txt': '' },
  });
  assert.deepEqual(became, { became: 'threaded', requestNumber: request.number });
  const first = await readIn(request);
  assert.match(first.words[0]!, /^Thank you\.\n\[The file “no\.txt” came empty\.\]/u);
  assert.deepEqual(first.files, [['map.txt', 5]]);
  assert.ok(first.kinds.includes('file-received'));
  const long = 'many words\r\n'.repeat(4_000);
  assert.equal((await hand({ to: request.to, text: long })).became, 'threaded');
  const second = await readIn(request);
  assert.match(second.words[1]!, /all of it is in the file message\.txt/u);
  const whole = second.files.find(([name]) => name === 'message.txt')!;
  assert.equal(whole[1], long.replaceAll('\r\n', '\n').trim().length);
});

test('a quoted receipt gives nobody the secret link, nor the address of whoever asked', async () => {
  const request = await submit();
  const secret = `req_${'aB3-_'.repeat(8)}xyz`;
  const link = `https://portal.example/records/follow/${secret}`;
  const [head, tail] = [link.slice(0, 60), link.slice(60)];
  const text = `I will wait.\r\n\r\nOn Monday Ada@Example.org wrote:\r\n> See ${link}.\r\n> Or ${head}\r\n> ${tail} soon`;
  assert.equal((await hand({ to: request.to, text })).became, 'threaded');
  const { words } = await readIn(request);
  assert.match(words[0]!, /I will wait\.[^]*See \S+\/follow\/…\.[^]*… soon/u);
  assert.doesNotMatch(words[0]!, /ada@example\.org|aB3-_aB3|xyz/iu);
  assert.match(words[0]!, /— the requester$/u);
});

test('what a machine is held to have sent can be placed all the same, with its files', async () => {
  const request = await submit();
  const raw =
    `From: list@example.org\r\nTo: ${request.to}\r\nMessage-ID: <list1@example.org>\r\nPrecedence: bulk\r\nSubject: Scan\r\n` +
    `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n--b\r\n` +
    `Content-Type: text/plain\r\nContent-Disposition: attachment; filename="request.txt"\r\n\r\nAll mails.\r\n--b--\r\n`;
  const url = '/api/v1/mail/inbound';
  const headers = { ...site.machine, 'content-type': 'message/rfc822' };
  const answer = await site.ask({ method: 'POST', url, headers, payload: Buffer.from(raw) });
  assert.equal(answer.json<{ became: string }>().became, 'stopped');
  const { stopped } = await pages.overview(null);
  const { id } = stopped[0]!;
  assert.equal((await pages.message(id)).waits, true);
  await pages.assign(id, request.number);
  const { words, files } = await readIn(request);
  assert.match(words[0]!, /See the file\./u);
  assert.deepEqual(
    files.map(([name]) => name),
    ['request.txt'],
  );
});

test('what a stranger writes waits, unseen by the requester, until a clerk accepts it, with its files', async () => {
  const request = await submit();
  const became = await hand({ from: 'eve@example.org', to: request.to, files: { 'trap.html': '<script>1</script>' } });
  assert.deepEqual(became, { became: 'unassigned', requestNumber: request.number });
  const unseen = await readIn(request);
  assert.deepEqual([unseen.words, unseen.files], [[], []]);
  assert.ok(!unseen.kinds.some((kind) => kind === 'message-received' || kind === 'file-received'));
  const [waiting] = await pages.waitingFor(request.number);
  assert.match(
    waiting!.reason,
    /^the request did not take it: it comes from an address that the request does not know$/u,
  );
  assert.deepEqual(await pages.waitingFor((await submit()).number), []);
  const { headers } = await signIn(site, 'clerk');
  const url = `/api/v1/mail/messages/${waiting!.id}/attachments/1`;
  const before = (await readAudit(database.db, { after: 0, limit: 1000 })).length;
  const file = await site.ask({ url, headers });
  assert.deepEqual([file.status, file.body], [200, '<script>1</script>']);
  assert.equal(file.headers['content-type'], 'application/octet-stream');
  assert.equal(file.headers['content-disposition'], 'attachment; filename="trap.html"');
  assert.equal(file.headers['cache-control'], 'no-store');
  assert.match(String(file.headers['content-security-policy']), /sandbox/u);
  const [event] = (await readAudit(database.db, { after: 0, limit: 1000 })).slice(before);
  assert.deepEqual([event!.action, event!.subject, event!.details], ['mail.read', `mail:${waiting!.id}`, { file: 1 }]);
  assert.equal((await site.ask({ url: url.replace(/1$/u, '2'), headers })).status, 404);
  assert.equal((await site.ask({ url: url.replace(/attachments.*/u, 'message'), headers })).status, 200);
  assert.equal((await site.ask({ url })).status, 401);
  const cashier = await signIn(site, 'cashier');
  assert.equal((await site.ask({ url, headers: cashier.headers })).status, 403);
  await pages.assign(waiting!.id, request.number);
  const seen = await readIn(request);
  assert.match(seen.words[0]!, /— eve@example\.org$/u);
  assert.deepEqual(seen.files, [['trap.html', 18]]);
  assert.equal((await site.ask({ url, headers })).status, 404);
});

test('a delegate who may act is known, one who may only look or is trusted no more is not', async () => {
  const request = await submit();
  const add = (name: string, mayAct: boolean) =>
    records.own.addDelegate(request.actor, request.id, { name, email: `${name}@example.org`, mayAct });
  await add('acting', true);
  await add('looking', false);
  assert.equal((await hand({ from: 'looking@example.org', to: request.to })).became, 'unassigned');
  assert.equal((await hand({ from: 'acting@example.org', to: request.to })).became, 'threaded');
  const { delegates } = await records.own.read(request.actor, request.id);
  const { id } = delegates.find(({ name }) => name === 'acting')!;
  await records.own.revokeDelegate(request.actor, request.id, id);
  assert.equal((await hand({ from: 'acting@example.org', to: request.to })).became, 'unassigned');
  const anonymous = await submit(null);
  assert.equal((await hand({ to: anonymous.to })).became, 'unassigned');
});

test('more files than a request may be sent wait for a clerk, who may add them all the same', async () => {
  const request = await submit();
  const files = Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`f${n}.txt`, `file ${n}`]));
  assert.equal((await hand({ to: request.to, files })).became, 'unassigned');
  assert.deepEqual((await readIn(request)).files, []);
  await pages.assign(await readFirstWaiting(request.number), request.number);
  assert.equal((await readIn(request)).files.length, 21);
});

test('a message that cannot be read safely goes to its request whole', async () => {
  const request = await submit();
  const bomb = 'Content-Type: multipart/mixed\r\n'.repeat(300);
  assert.equal((await hand({ to: request.to, text: bomb })).became, 'unassigned');
  await pages.assign(await readFirstWaiting(request.number), request.number);
  const { files } = await readIn(request);
  assert.equal(files[0]![0], 'message.eml');
  assert.ok(Number(files[0]![1]) > bomb.length);
});

test('a message becomes a request of the day and moment it came, with who wrote it and its files, once', async () => {
  await hand({ to: inbound, text: 'The permits of 12 Elm Street.', files: { 'photo.txt': 'a photo' } });
  const [row] = (await pages.overview(null)).waiting;
  const id = row!.id;
  const came = '2026-11-20T07:30:00.000Z'; // the evening of the 19th in the city
  await database.db.update(receivedMail).set({ receivedAt: came });
  const entry = await pages.entry(id);
  assert.deepEqual(entry, {
    ...{ id, receivedOn: '2026-11-19', email: ada, attachments: ['photo.txt'] },
    text: 'Re: yours\n\nThe permits of 12 Elm Street.',
  });
  const form = {
    ...{ channel: ['email'], receivedOn: [entry.receivedOn], text: [entry.text], email: [ada] },
    ...{ delivery: ['electronic'], submitKey: ['k'.repeat(36)] },
  };
  await assert.rejects(pages.makeRequest(id, { ...form, text: [''] }), isCode('form-invalid'));
  const made = await pages.makeRequest(id, form);
  const again = await pages.makeRequest(id, form);
  assert.equal(again.number, made.number);
  const request = await records.requests.find(made.number);
  assert.deepEqual([request.channel, request.receivedOn, request.receivedAt], ['email', '2026-11-19', came]);
  const clerk = staffActor('clerk');
  assert.equal((await records.requests.requesterOf(clerk, request.id))?.email, ada);
  const actor: RequesterActor = { kind: 'requester', requestId: request.id, delegate: null };
  assert.deepEqual((await readIn({ id: request.id, actor })).files, [['photo.txt', 7]]);
  const other = { ...form, submitKey: ['m'.repeat(36)] };
  await assert.rejects(pages.makeRequest(id, other), isCode('not-found'));
  await assert.rejects(pages.entry(id), isCode('not-found'));
  await assert.rejects(pages.makeRequest('01890000-0000-7000-8000-000000000000', other), isCode('not-found'));
  const { rows } = await database.pool.query('select state, content, request_number from received_mail where id = $1', [
    id,
  ]);
  assert.deepEqual(rows, [{ state: 'threaded', content: null, request_number: made.number }]);
});

test('twenty answers at once with four connections all join their requests; each connection comes back', async () => {
  const requests = [await submit(), await submit()];
  const became = await Promise.all(
    Array.from({ length: 20 }, (_, n) => hand({ to: requests[n % 2]!.to, files: { 'a.txt': `answer ${n}` } })),
  );
  assert.deepEqual(
    became.map((each) => each.became),
    Array.from({ length: 20 }, () => 'threaded'),
  );
  for (const request of requests) {
    const { words, files } = await readIn(request);
    assert.deepEqual([words.length, files.length], [10, 10]);
  }
  const { pool } = database;
  assert.deepEqual([pool.options.max, pool.waitingCount, pool.totalCount - pool.idleCount], [4, 0, 0]);
});

test('what is handed in as something else than a message is refused in words', async () => {
  const url = '/api/v1/mail/inbound';
  const asJson = { ...site.machine, 'content-type': 'application/json' };
  for (const given of [{ headers: asJson, payload: '{"to":"you"}' }, { headers: site.machine }]) {
    const answer = await site.ask({ method: 'POST', url, ...given });
    assert.deepEqual([answer.status, answer.json()['code']], [415, 'unsupported-media-type']);
  }
});
