// A released file over HTTP: for its requester, for the staff, for everybody once published; parts, tags, digests.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';

import { signIn } from '../../people/staff.ts';
import { openTestPortal } from '../../portal.ts';
import { pieces } from '../documents/ground.ts';
import { plainRequest } from '../records.ts';
import { waitFor } from './ground.ts';

const site = await openTestPortal({ after });
const { portal } = site;
await portal.jobs.run();
const staff = {
  officer: await signIn(site, 'records-officer'),
  redactor: await signIn(site, 'redactor'),
  reviewer: await signIn(site, 'reviewer'),
  clerk: await signIn(site, 'clerk'),
  publisher: await signIn(site, 'publisher', 'parks'),
};
const { officer, redactor, reviewer, clerk } = staff;

async function ask(): Promise<{ readonly number: string; readonly id: string; readonly cookie: string }> {
  const { request, secret } = await portal.records.submit({ kind: 'public' }, plainRequest);
  const { version } = await portal.records.requests.find(request.id);
  const assign = { kind: 'assign', department: 'parks', assignee: null } as const;
  const assigned = await portal.records.desk.act(officer.actor, { id: request.id, version }, assign);
  const estimateOn = '2099-01-05';
  const acknowledge = { kind: 'acknowledge', estimateOn, message: '' } as const;
  await portal.records.desk.act(officer.actor, { id: request.id, version: assigned.version }, acknowledge);
  return { number: request.number, id: request.id, cookie: `portal_request_${request.number}=${secret}` };
}

const table = 'tree,height\nOak,12\nElm,9\nFir,30\n';
const [own, neighbour] = [await ask(), await ask()];
const { number } = await portal.documents.receive(officer.actor, own.number, {
  name: 'trees of Canary Whitlock.csv',
  bytes: pieces(Buffer.from(table)),
  declaredBytes: table.length,
});
const place = { request: own.number, document: number };
const view = async () => (await portal.documents.view(redactor.actor, place)).document;
await waitFor(async () => (await view()).state !== 'preparing');
await portal.documents.describe(redactor.actor, place, { version: (await view()).version, title: 'Street trees' });
await portal.documents.releaseWhole(redactor.actor, place, { version: (await view()).version, release: true });
await portal.documents.submit(redactor.actor, place, { version: (await view()).version });
await portal.documents.approve(reviewer.actor, place, { version: (await view()).version });
await waitFor(async () => (await view()).renditionState === 'ready');
const versionOf = async () => (await portal.records.requests.find(own.id)).version;
const work = `/api/v1/records/work`;
async function post<T>(path: string, payload: object, status: number): Promise<T> {
  const answer = await site.ask({ method: 'POST', url: `${work}${path}`, headers: officer.headers, payload });
  assert.equal(answer.status, status, `${path}: ${answer.body}`);
  return (status === 204 ? null : answer.json<T>()) as T;
}

/** By JSON alone: the letter first, then the release. */
async function releaseOverHttp(): Promise<void> {
  const choice = { version: await versionOf(), documents: [(await view()).id], delivery: 'electronic', remains: null };
  const at = `/requests/${own.number}/release`;
  const { letters } = await post<{ letters: { kind: string }[] }>(`${at}/preview`, choice, 200);
  assert.deepEqual([letters[0]?.kind, await versionOf()], ['installment', choice.version], 'nothing has gone yet');
  await post(at, { ...choice, delivery: 'by pigeon' }, 400);
  assert.deepEqual(await post(at, choice, 200), { installment: 1 });
  await post(at, choice, 422);
}
await releaseOverHttp();
const [installment] = (await portal.release.view(officer.actor, own.number)).installments;
const file = installment!.documents[0]!;
const url = `/api/v1/records/requests/${own.number}/released/${file.id}`;
const digest = createHash('sha256').update(table).digest();

test('a table that nothing is redacted in goes out as the table it is, under a name that names nobody', async () => {
  assert.equal(file.file!.fileName, 'Street-trees.csv');
  assert.equal(file.file!.sha256, digest.toString('hex'));
});

test('nobody but the requester and the staff of the request has it, and refusals are kept by nobody', async () => {
  const asked: readonly [string, Record<string, string>, string][] = [
    ['the public', {}, url],
    ['a neighbour', { cookie: neighbour.cookie }, url],
    ['a neighbour by its own address', { cookie: neighbour.cookie }, url.replace(own.number, neighbour.number)],
    ['a publisher', { cookie: staff.publisher.cookie }, url],
    ['a program', site.machine, url],
    ['no such file', { cookie: own.cookie }, `${url.slice(0, -4)}0000`],
  ];
  for (const [who, headers, at] of asked) {
    const answer = await site.ask({ url: at, headers });
    assert.equal(answer.status, 404, who);
    assert.equal(answer.headers['cache-control'], 'no-store', who);
    assert.doesNotMatch(answer.body, /Street/u, who);
  }
});

test('parts, tags and a look at the head claim nothing; the first download does, and closes with a letter', async () => {
  const byStaff = await site.ask({ url, headers: { cookie: clerk.cookie } });
  assert.equal(byStaff.body, table);
  const head = await site.ask({ method: 'HEAD', url, headers: { cookie: own.cookie } });
  assert.equal(head.status, 200);
  assert.equal((await portal.records.requests.find(own.id)).state, 'installment_ready');
  const answer = await site.ask({ url, headers: { cookie: own.cookie } });
  assert.equal(answer.status, 200);
  assert.equal(answer.body, table);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal(answer.headers['access-control-allow-origin'], undefined);
  assert.equal(answer.headers['etag'], `"${digest.toString('hex')}"`);
  assert.equal(answer.headers['repr-digest'], `sha-256=:${digest.toString('base64')}:`);
  assert.equal(answer.headers['content-disposition'], 'attachment; filename="Street-trees.csv"');
  assert.match(String(answer.headers['content-security-policy']), /sandbox/u);
  assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  const closed = await portal.records.requests.find(own.id);
  assert.equal(closed.state, 'closed');
  assert.equal(closed.outcome, 'fulfilled');
  const part = await site.ask({ url, headers: { cookie: own.cookie, range: 'bytes=0-3' } });
  assert.equal(part.status, 206);
  assert.equal(part.body, 'tree');
  const again = await site.ask({
    url,
    headers: { cookie: own.cookie, 'if-none-match': String(answer.headers['etag']) },
  });
  assert.equal(again.status, 304);
});

test('published with its page, everybody has it; the archive finds it, and no secret is anywhere', async () => {
  const { archive } = portal;
  await archive.publishFile(clerk.actor, own.number, { file: file.id, isPublic: true });
  assert.equal((await site.ask(url)).status, 404, 'not without its page');
  const words = { title: 'Street trees of Kent', text: 'A table of the street trees.', looked: 0 };
  await archive.publishPage(clerk.actor, own.number, { version: await versionOf(), ...words });
  await waitFor(async () => (await archive.staffPage(clerk.actor, own.number)).files[0]!.indexState === 'ready');
  const open = await site.ask(url);
  assert.equal(open.body, table);
  assert.match(String(open.headers['cache-control']), /public/u);
  const found = await site.ask('/api/v1/records/archive?q=elm&department=parks');
  assert.equal(found.status, 200);
  const { data, total } = found.json<{ data: { number: string; reasons: unknown[] }[]; total: number }>();
  assert.equal(total, 1);
  assert.equal(data[0]!.number, own.number);
  assert.equal(data[0]!.reasons.length, 1);
  const page = await site.ask(`/api/v1/records/archive/${own.number}`);
  assert.equal(page.json<{ files: { url: string }[] }>().files[0]!.url, `${site.config.publicUrl}${url}`);
  const nothing = await site.ask(`/api/v1/records/archive/${neighbour.number}`);
  assert.equal(nothing.status, 404);
  for (const answer of [found, page, open])
    assert.doesNotMatch(answer.body + JSON.stringify(answer.headers), /canary/iu);
  for (const bad of ['?year=20', '?outcome=x', '?after=x', '?limit=0', '?limit=1000', '?colour=red'])
    assert.equal((await site.ask(`/api/v1/records/archive${bad}`)).status, 400, bad);
});

test('one step makes a draft of the table; only a publisher of the department makes it public', async () => {
  const { drafts } = portal.archive;
  const wanted = { request: own.number, file: file.id };
  const id = await drafts.create(clerk.actor, wanted);
  await assert.rejects(drafts.create(clerk.actor, wanted), /There is a draft/u);
  const draft = await drafts.read(staff.publisher.actor, id);
  assert.deepEqual(
    [draft.title, draft.dataset, draft.table.rows, draft.department.id],
    ['Street trees', 'street-trees', 3, 'parks'],
  );
  assert.match(draft.description, new RegExp(own.number, 'u'));
  assert.equal(portal.catalogue.view('street-trees'), null, 'nothing is public before it is confirmed');
  const given = { version: draft.version, dataset: draft.dataset, title: draft.title, description: draft.description };
  await assert.rejects(drafts.publish(clerk.actor, id, { ...given, isNoList: true }), { code: 'forbidden' });
  const elsewhere = await signIn(site, 'publisher', 'finance');
  await assert.rejects(drafts.read(elsewhere.actor, id), { code: 'not-found' });
  await assert.rejects(drafts.publish(elsewhere.actor, id, { ...given, isNoList: true }), { code: 'not-found' });
  await assert.rejects(
    drafts.publish(staff.publisher.actor, id, { ...given, isNoList: false }),
    /list of individuals/u,
  );
  assert.equal(portal.catalogue.view('street-trees'), null);
  assert.equal(await drafts.publish(staff.publisher.actor, id, { ...given, isNoList: true }), 'street-trees');
  const dataset = portal.catalogue.view('street-trees')!;
  assert.equal(dataset.current.rows, 3);
  assert.equal(dataset.metadata.licence, null);
  assert.equal(dataset.department.id, 'parks');
  await assert.rejects(drafts.publish(staff.publisher.actor, id, { ...given, isNoList: true }), { code: 'conflict' });
  await site.portal.publisher.deriveMissing();
});

test('a page, a file and a table’s draft are published by JSON alone, and hidden again', async () => {
  const at = `/requests/${own.number}/archive`;
  const words = { title: 'Trees of the parks', text: 'A list of the trees in the parks of the City.' };
  assert.deepEqual(await post(`${at}/check`, words, 200), { data: [] });
  await post(`${at}/publish`, { ...words, version: (await versionOf()) + 1 }, 409);
  await post(`${at}/publish`, { ...words, version: await versionOf() }, 204);
  await post(`${at}/file`, { file: file.id, isPublic: true }, 204);
  assert.equal((await site.ask(url)).status, 200, 'everybody has it now');
  await post(`${at}/file`, { file: file.id, isPublic: false }, 204);
  const { id } = await post<{ id: string }>(`${at}/draft`, { file: file.id }, 201);
  const draft = { version: 1, dataset: 'park-trees', title: 'Park trees', description: '', isNoList: true };
  await post(`/drafts/${id}/publish`, draft, 403);
  await post(`/drafts/${id}/discard`, { version: 1 }, 204);
  await post(`/drafts/${id}/discard`, { version: 1 }, 409);
  await post(`${at}/hide`, { version: await versionOf() }, 204);
});
