// What is public of a request is what somebody has checked and published, and nothing else can be found.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { roles } from '../../../src/base/actor.ts';
import { openArchive } from '../../../src/records/archive/archive.ts';
import type { ArchiveQuery } from '../../../src/records/archive/archive-entry.ts';
import { checkText } from '../../../src/records/archive/check.ts';
import type { DraftDeps } from '../../../src/records/archive/dataset-drafts.ts';
import { isAllowed } from '../../../src/people/permissions.ts';
import { staffActor } from '../../people/staff.ts';
import { failsWith } from '../documents/ground.ts';
import { requesterOf, somebody } from '../records.ts';
import { clerk, officer, openReleaseGround, waitFor } from '../release/ground.ts';

const ground = await openReleaseGround({ after });
const { releases, database, records, store, jobs, effects } = ground;
const none: DraftDeps['publisher'] = {
  prepare: () => Promise.reject(new Error('no table is prepared here')),
  release: () => Promise.reject(new Error('nothing is published here')),
};
const archive = await openArchive({
  db: database.db,
  requests: records.requests,
  store,
  jobs,
  effects,
  publisher: none,
  isTaken: () => false,
});

const everything: ArchiveQuery = { q: null, department: [], year: [], outcome: [], limit: 20, after: null };
const find = async (q: string) => (await archive.search({ ...everything, q })).hits.map(({ number }) => number);

const request = await ground.begun(`Payments for the Meeker bridge, asked by ${somebody.name}`);
const [letter, invoice] = await Promise.all([
  ground.approved(request, 'The turquoise girder was replaced.\n', { title: 'Letter' }),
  ground.approved(request, 'Payment to Zanzibarian Works from 4000123412341234 for the viaduct.\n', {
    title: 'Invoice',
    redact: '4000123412341234',
  }),
]);
await releases.release(officer, request.number, ground.choice(await ground.fresh(request), [letter, invoice]));
const [installment] = await releases.own(requesterOf(request), request.number);
const fileOf = (document: { readonly number: number }) =>
  installment!.documents.find((each) => each.document === document.number)!.id;
const words = { title: 'Payments for the Meeker bridge', text: 'Invoices and letters of the bridge on Meeker Street.' };
const version = async () => (await ground.fresh(request)).version;

test('nothing of a request is public by itself', async () => {
  assert.equal((await archive.search(everything)).total, 0);
  await assert.rejects(archive.page(request.number), failsWith('not-found'));
  const wanted = { request: request.number, file: fileOf(letter) };
  await assert.rejects(releases.open({ kind: 'public' }, wanted), failsWith('not-found'));
});

test('a page names nobody who asked, and what may be personal has been looked at', async () => {
  const as = { version: await version(), looked: 0 };
  const own = [somebody.name, 'whitlock', somebody.email, `call 253 555 0142`, somebody.organization];
  const asked = { ...somebody, phone: '253-555-0142' };
  for (const part of own) {
    assert.ok(
      checkText(`A text with ${part} in it`, asked).some(({ kind }) => kind === 'requester'),
      `${part} is found`,
    );
  }
  assert.deepEqual(checkText('Whitlockian canaries of the city', asked), []);
  const accented = { ...asked, name: 'José Núñez-O’Neil' };
  for (const text of ['by Jose', 'NUNEZ wrote', "for O'Neil", 'Nu\u0301\u00f1ez', 'Jo\u200bsé', 'núñez\u2010o’neil']) {
    const told = checkText(text, accented).filter(({ kind }) => kind === 'requester');
    assert.ok(told.length > 0, `${text} is found`);
  }
  const named = { ...as, ...words, text: request.text, looked: 99 };
  await assert.rejects(
    archive.publishPage(clerk, request.number, named),
    failsWith('records-invalid', /whoever asked/u),
  );
  const personal = { ...as, ...words, text: 'The invoice of john@example.org, 253-555-0199.' };
  await assert.rejects(archive.publishPage(clerk, request.number, personal), failsWith('records-invalid', /2 places/u));
  const found = await archive.check(clerk, request.number, personal);
  assert.deepEqual(
    found.map(({ kind }) => kind),
    ['email', 'phone'],
  );
  assert.equal((await archive.search(everything)).total, 0);
});

test('only who may publish does, and not over what somebody else changed', async () => {
  const given = { version: await version(), looked: 0, ...words };
  for (const role of roles.filter((each) => !isAllowed(staffActor(each), 'archive.publish'))) {
    const refused = (error: unknown) => failsWith('forbidden')(error) || failsWith('not-found')(error);
    const actor = staffActor(role);
    await assert.rejects(archive.publishPage(actor, request.number, given), refused, role);
    await assert.rejects(archive.hidePage(actor, request.number, given), refused, role);
    await assert.rejects(archive.check(actor, request.number, given), refused, role);
    const file = { file: fileOf(letter), isPublic: true };
    await assert.rejects(archive.publishFile(actor, request.number, file), refused, role);
  }
  await assert.rejects(archive.publishPage({ kind: 'public' }, request.number, given), failsWith('unauthorized'));
  await assert.rejects(archive.publishPage(requesterOf(request), request.number, given), failsWith('forbidden'));
  const stale = { ...given, version: given.version - 1 };
  await assert.rejects(archive.publishPage(clerk, request.number, stale), failsWith('conflict'));
});

test('published, the page is found by its words; its files are not until each is published', async () => {
  await archive.publishPage(clerk, request.number, { version: await version(), looked: 0, ...words });
  assert.deepEqual(await find('meeker invoices'), [request.number]);
  assert.deepEqual(await find(request.number), [request.number]);
  assert.deepEqual(await find('girder'), [], 'a file that is not published is not searched');
  assert.deepEqual(await find('Whitlock'), []);
  assert.deepEqual((await archive.page(request.number)).files, []);
  await archive.publishFile(clerk, request.number, { file: fileOf(letter), isPublic: true });
  await archive.publishFile(clerk, request.number, { file: fileOf(invoice), isPublic: true });
  await waitFor(async () =>
    (await archive.staffPage(clerk, request.number)).files.every((file) => file.indexState === 'ready'),
  );
  const result = await archive.search({ ...everything, q: 'turquoise girder' });
  const [reason] = result.hits[0]!.reasons;
  assert.ok(reason?.field === 'record');
  assert.deepEqual(
    reason.parts.filter(({ isMatch }) => isMatch).map(({ text }) => text),
    ['turquoise', 'girder'],
  );
  const wanted = { request: request.number, file: fileOf(letter) };
  assert.equal((await releases.open({ kind: 'public' }, wanted)).as, 'public');
});

test('what was redacted is nowhere: not in the search, not in a snippet, not on the page, not in the database', async () => {
  const result = await archive.search({ ...everything, q: 'zanzibarian' });
  assert.equal(result.hits.length, 1);
  assert.match(JSON.stringify(result), /viaduct/u);
  const page = await archive.page(request.number);
  const shown = JSON.stringify([result, page, await archive.suggestReleased('payment to zanzibarian works')]);
  for (const secret of ['4000123412341234', '40001234', 'Whitlock', 'canary']) {
    assert.doesNotMatch(shown, new RegExp(secret, 'iu'));
    assert.deepEqual(await find(secret), []);
  }
  const { rows } = await database.pool.query<{ text: string }>('select text from records_archive_pages');
  assert.equal(rows.length, 2);
  assert.doesNotMatch(JSON.stringify(rows), /40001234/u);
  const withheld = page.files.find(({ title }) => title === 'Invoice')!.withheld;
  assert.deepEqual(
    withheld.map(({ cite, extent }) => [cite, extent]),
    [['RCW 42.56.230(5)', 'part']],
  );
  assert.deepEqual(page.files.find(({ title }) => title === 'Letter')!.withheld, []);
});

test('a search says nothing it cannot: hostile words, cursors and filters', async () => {
  for (const q of ["'); drop table records_archive; --", '\\', '" "', '& | !', '<b>bridge</b>', '\u0002bridge\u0003'])
    assert.ok(Array.isArray((await archive.search({ ...everything, q })).hits), q);
  for (const after of ['x', '1~2', "0~2026-000001' or 1=1", '9999999999999~2026-000001'])
    await assert.rejects(archive.search({ ...everything, after }), failsWith('bad-cursor'), after);
});

test('suggestions come from what is public, with the words they share', async () => {
  await ground.act(requesterOf(request), request, { kind: 'claim', installment: 1, how: 'download' });
  const [hit] = await archive.suggestReleased('I want the turquoise girder records');
  assert.equal(hit!.number, request.number);
  assert.deepEqual(hit!.why, ['girder', 'turquoise']);
  assert.equal((await archive.suggestReleased('turquoise')).length, 1, 'the only word of a text is enough');
  assert.deepEqual(await archive.suggestReleased('a turquoise bicycle stolen last summer'), [], 'one of many is not');
  assert.equal(hit!.title, words.title);
});

test('a change of the words after the check hides the page until somebody looks again', async () => {
  const describe = { kind: 'describe', shownText: `Payments, asked by ${somebody.name}` } as const;
  await ground.act(clerk, request, describe);
  await assert.rejects(archive.page(request.number), failsWith('not-found'));
  assert.deepEqual(await find('turquoise'), []);
  assert.deepEqual(await archive.suggestReleased('turquoise girder'), []);
  const wanted = { request: request.number, file: fileOf(letter) };
  await assert.rejects(releases.open({ kind: 'public' }, wanted), failsWith('not-found'));
  assert.equal((await archive.staffPage(clerk, request.number)).isStale, true);
  await archive.publishPage(clerk, request.number, { version: await version(), looked: 0, ...words });
  assert.deepEqual(await find('turquoise'), [request.number]);
});

test('hidden again, page and files are gone at once; a file alone can be hidden, too', async () => {
  await archive.publishFile(clerk, request.number, { file: fileOf(letter), isPublic: false });
  assert.deepEqual(await find('girder'), []);
  assert.deepEqual(await find('viaduct'), [request.number]);
  await archive.hidePage(clerk, request.number, { version: await version() });
  assert.deepEqual(await find('viaduct'), []);
  await assert.rejects(archive.page(request.number), failsWith('not-found'));
  const wanted = { request: request.number, file: fileOf(invoice) };
  await assert.rejects(releases.open({ kind: 'public' }, wanted), failsWith('not-found'));
});

test('a thousand pages of results are walked by cursors, each once; facets count them', async () => {
  const numbers: string[] = [];
  await database.pool.query(
    `insert into departments (id, name, created_at, changed_at) values ('parks', 'Parks', now(), now())`,
  );
  for (let index = 0; index < 30; index++) {
    const made = await ground.submit({ text: `Tree inventory of block ${index}` });
    await ground.act(clerk, made, { kind: 'assign', department: index % 3 === 0 ? 'parks' : null, assignee: null });
    const { version: seen } = await ground.fresh(made);
    const page = { title: `Trees ${index % 2 === 0 ? 'trees ' : ''}of block ${index}`, text: 'Tree inventory' };
    await archive.publishPage(clerk, made.number, { version: seen, looked: 0, ...page });
    numbers.push(made.number);
  }
  for (const q of [null, 'trees']) {
    const walked: string[] = [];
    let after: string | null = null;
    do {
      const result: Awaited<ReturnType<typeof archive.search>> = await archive.search({
        ...everything,
        q,
        limit: 7,
        after,
      });
      assert.equal(result.total, 30);
      walked.push(...result.hits.map(({ number }) => number));
      after = result.next;
    } while (after !== null);
    assert.equal(walked.length, 30);
    assert.deepEqual([...walked].sort(), [...numbers].sort());
    if (q === null) assert.deepEqual(walked, [...numbers].reverse(), 'the newest first');
  }
  const parks = await archive.search({ ...everything, q: 'trees', department: ['parks'] });
  assert.equal(parks.total, 10);
  assert.deepEqual(parks.facets.year, [{ value: '2026', label: '2026', count: 10, selected: false }]);
  assert.deepEqual(parks.facets.department, [{ value: 'parks', label: 'Parks', count: 10, selected: true }]);
  const demand = await archive.demand(clerk);
  assert.equal(demand.groups[0]!.count, 30);
  assert.deepEqual(demand.groups[0]!.departments, [{ id: 'parks', name: 'Parks', count: 10 }]);
  assert.ok(demand.groups[0]!.words.includes('tree'));
  const lead = await archive.demand(staffActor('department-lead', 'parks'));
  assert.equal(lead.groups[0]!.count, 10, 'a department sees its own');
  const publisher = await archive.demand(staffActor('publisher', 'parks'));
  assert.equal(publisher.groups[0]!.count, 10);
  assert.ok(publisher.groups[0]!.requests.every(({ isPublic }) => isPublic));
  await assert.rejects(archive.demand(staffActor('administrator')), failsWith('forbidden'));
  await assert.rejects(archive.demand({ kind: 'public' }), failsWith('unauthorized'));
});
