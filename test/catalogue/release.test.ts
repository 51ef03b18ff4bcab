// Releasing revisions on a real PostgreSQL: order, races, expectations, what may never change, what other nodes see.
// It must not reach into tables but to see what the functions wrote.

import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { type TestContext, test } from 'node:test';
import { eq } from '../../src/db/drizzle.ts';
import { datasetCodePattern } from '../../src/base/ids.ts';
import { PortalError } from '../../src/base/errors.ts';
import { publicActor } from '../../src/base/actor.ts';
import { type Catalogue, openCatalogue } from '../../src/catalogue/datasets.ts';
import { releaseRevision } from '../../src/catalogue/release.ts';
import { outbox, revisions } from '../../src/db/tables.ts';
import { readAudit, verifyAudit } from '../../src/people/audit.ts';
import { openTestDatabase, type TestDatabase } from '../database.ts';
import { until } from '../patience.ts';
import { machine, makeColumn, makeMetadata, makeRelease, makeRevision, sha } from './releases.ts';

/** Several catalogues on one database are several nodes. */
async function openNodes(t: TestContext, count = 1): Promise<{ database: TestDatabase; nodes: readonly Catalogue[] }> {
  const nodes: Catalogue[] = [];
  t.after(() => Promise.all(nodes.map((node) => node.close())));
  const database = await openTestDatabase(t);
  for (let i = 0; i < count; i += 1) nodes.push(await openCatalogue(database, database.effects));
  return { database, nodes };
}

function only(nodes: readonly Catalogue[]): Catalogue {
  const [first] = nodes;
  assert.ok(first);
  return first;
}

const hasCode = (code: string) => (error: unknown) => error instanceof PortalError && error.code === code;

test('a first release makes the dataset, its code and its department; both ids lead to it', async (t) => {
  const { database, nodes } = await openNodes(t);
  const catalogue = only(nodes);
  const { outcome, dataset } = await catalogue.release(
    machine,
    makeRelease('parks', 'one', { columns: [makeColumn('name'), makeColumn('geom', 'geometry')], keywords: ['green'] }),
  );
  assert.deepEqual(
    { ...outcome, code: '' },
    { kind: 'released', code: '', number: 1, created: true, metadataChanged: false },
  );
  assert.match(dataset.code, datasetCodePattern);
  assert.equal(catalogue.view('parks'), dataset);
  assert.equal(catalogue.view(dataset.code), dataset);
  assert.equal(catalogue.view('park'), null);
  assert.equal(dataset.hasGeometry, true);
  assert.equal(dataset.current.id, sha('one'));
  assert.equal(dataset.current.publishedBy, 'test machine');
  assert.deepEqual(
    catalogue.departments().map(({ id, datasets }) => [id, datasets]),
    [['it', 1]],
  );
  assert.throws(() => Object.assign(dataset.metadata, { title: 'x' }), TypeError);
  const [event] = await readAudit(database.db, { after: 0, limit: 10 });
  assert.equal(event?.action, 'dataset.publish');
  assert.equal(event?.subject, `dataset:${dataset.code}`);
  assert.equal(event?.details['sha256'], sha('one'));
  const waiting = await database.db.select().from(outbox);
  assert.deepEqual(
    waiting.map((row) => row.kind),
    ['revision-released'],
  );
});

test('the same bytes again are no new revision; new metadata with them is kept', async (t) => {
  const { nodes } = await openNodes(t);
  const catalogue = only(nodes);
  await catalogue.release(machine, makeRelease('parks', 'one'));
  const again = await catalogue.release(machine, makeRelease('parks', 'one'));
  assert.equal(again.outcome.kind, 'unchanged');
  assert.equal(again.outcome.metadataChanged, false);
  const described = await catalogue.release(machine, makeRelease('parks', 'one', { title: 'All parks' }));
  assert.equal(described.outcome.kind, 'unchanged');
  assert.equal(described.outcome.metadataChanged, true);
  assert.equal(described.dataset.metadata.title, 'All parks');
  assert.equal(described.dataset.current.number, 1);
  const kept = await catalogue.release(machine, { ...makeRelease('parks', 'two'), metadata: null });
  assert.equal(kept.outcome.number, 2);
  assert.equal(kept.dataset.metadata.title, 'All parks');
});

test('the same rows with other quarantined ones are another revision, so that no row is lost', async (t) => {
  const { nodes } = await openNodes(t);
  const catalogue = only(nodes);
  const release = (torn: string | null) => {
    const made = makeRelease('parks', 'one');
    const quarantine = torn === null ? null : { sha256: sha(torn), bytes: 50, rows: 1 };
    const counts = torn === null ? {} : { rowsInFile: 4, rowsQuarantined: 1 };
    const report = { ...made.revision.report, ...counts };
    return catalogue.release(machine, { ...made, revision: { ...made.revision, quarantine, report } });
  };
  const kinds: [string, number, string | null][] = [];
  for (const torn of [null, 'torn', 'torn', 'torn otherwise', null, null]) {
    const { outcome, dataset } = await release(torn);
    kinds.push([outcome.kind, outcome.number, dataset.current.quarantine?.sha256 ?? null]);
  }
  assert.deepEqual(kinds, [
    ['released', 1, null],
    ['released', 2, sha('torn')],
    ['unchanged', 2, sha('torn')],
    ['released', 3, sha('torn otherwise')],
    ['released', 4, null],
    ['unchanged', 4, null],
  ]);
  const second = await catalogue.revision('parks', '2');
  assert.equal(second?.quarantine?.sha256, sha('torn'), 'an earlier revision keeps its own');
});

test('twenty publishers at once: every number once, no gap, every revision kept', async (t) => {
  const { database, nodes } = await openNodes(t);
  const catalogue = only(nodes);
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      releaseRevision(database.db, machine, makeRelease('race', `v${i}`), database.effects),
    ),
  );
  assert.deepEqual(
    outcomes.map((outcome) => outcome.number).sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  assert.equal(outcomes.filter((outcome) => outcome.created).length, 1);
  const kept = await database.db.select().from(revisions).orderBy(revisions.number);
  assert.equal(new Set(kept.map((row) => row.sha256)).size, 20);
  for (const [i, row] of kept.entries()) assert.ok(i === 0 || row.publishedAt > (kept[i - 1]?.publishedAt ?? ''));
  await until('the last one to be seen', () => catalogue.view('race')?.current.number === 20);
  assert.deepEqual(await verifyAudit(database.db).then(({ events, brokenAt }) => [events, brokenAt]), [20, null]);
});

test('with an expectation, exactly one of two publishers wins, fifty times over', async (t) => {
  const { database } = await openNodes(t);
  const release = (content: string, expected: number | null) =>
    releaseRevision(database.db, machine, { ...makeRelease('pair', content), expected }, database.effects);
  for (let round = 0; round < 50; round += 1) {
    const expected = round === 0 ? null : round;
    const both = await Promise.allSettled([release(`a${round}`, expected), release(`b${round}`, expected)]);
    const won = both.filter((one) => one.status === 'fulfilled');
    const lost = both.filter((one) => one.status === 'rejected');
    assert.equal(won.length, 1);
    assert.ok(lost.every((one) => hasCode('conflict')(one.reason)));
  }
});

test('a release that fails leaves nothing: no dataset, no event, no department', async (t) => {
  const { database, nodes } = await openNodes(t);
  const wrong = makeRelease('broken', 'one', { department: 'new-one' });
  const twice = { ...wrong, revision: { ...wrong.revision, rows: 4 } };
  await assert.rejects(only(nodes).release(machine, twice), hasCode('internal-error'));
  const bad = { ...wrong, revision: { ...wrong.revision, parquet: { sha256: 'nonsense', bytes: 1 } } };
  await assert.rejects(only(nodes).release(machine, bad));
  const { rows } = await database.pool.query(
    'select (select count(*) from datasets) + (select count(*) from departments) + (select count(*) from audit_events) + (select count(*) from outbox) as n',
  );
  assert.equal(Number(rows[0].n), 0);
});

test('nobody in particular may not publish; a new dataset needs metadata; ids have a shape', async (t) => {
  const { nodes } = await openNodes(t);
  const catalogue = only(nodes);
  await assert.rejects(catalogue.release(publicActor, makeRelease('parks', 'one')), hasCode('unauthorized'));
  await assert.rejects(
    catalogue.release(machine, { ...makeRelease('parks', 'one'), metadata: null }),
    hasCode('metadata-invalid'),
  );
  for (const id of ['Parks', 'a b', '', '-x', 'x-', 'b2cd-34fg', 'p'.repeat(101)])
    await assert.rejects(
      catalogue.release(machine, makeRelease(id, 'one', { title: 'Parks' })),
      hasCode('metadata-invalid'),
      id,
    );
});

test('a released revision, its audit events and the order of both cannot be changed, not even by SQL', async (t) => {
  const { database, nodes } = await openNodes(t);
  const { dataset } = await only(nodes).release(machine, makeRelease('parks', 'one'));
  for (const text of [
    `update revisions set rows = 4`,
    `update revisions set report = '{}'`,
    `update audit_events set actor = 'somebody else'`,
    `delete from audit_events`,
    `truncate audit_events`,
  ])
    await assert.rejects(database.pool.query(text), /never changed/, text);
  await only(nodes).setDerived(dataset.code, 1, { serving: { sha256: sha('serving'), bytes: 9 } });
  assert.deepEqual(only(nodes).view('parks')?.current.serving, { sha256: sha('serving'), bytes: 9 });
  await assert.rejects(only(nodes).setDerived(dataset.code, 7, { downloads: [] }), hasCode('revision-not-found'));
});

test('older revisions are found by number, id, short id, instant and day', async (t) => {
  const { database, nodes } = await openNodes(t);
  let now = Date.parse('2026-01-01T12:00:00Z');
  const effects = { ...database.effects, clock: { now: () => now, monotonicMs: () => 0 } };
  for (const content of ['one', 'two', 'three']) {
    await releaseRevision(database.db, machine, makeRelease('parks', content), effects);
    now += 24 * 3600 * 1000;
  }
  const catalogue = only(nodes);
  await until('the third', () => catalogue.view('parks')?.current.number === 3);
  const numberOf = async (ref: string): Promise<number | null> => (await catalogue.asOf('parks', ref))?.number ?? null;
  assert.equal(await numberOf('2'), 2);
  assert.equal(await numberOf(sha('one')), 1);
  assert.equal(await numberOf(sha('two').slice(0, 16)), 2);
  assert.equal(await numberOf('2026-01-02T11:59:59.999Z'), 1);
  assert.equal(await numberOf('2026-01-02T12:00:00Z'), 2);
  assert.equal(await numberOf('2026-01-02T04:00:00-08:00'), 2);
  assert.equal(await numberOf('2026-01-02'), 2);
  assert.equal(await numberOf('2030-01-01'), 3);
  for (const ref of ['2025-12-31', '4', '0', sha('none'), 'ffff', "1' or 1=1", '2026-13-01', ''])
    assert.equal(await numberOf(ref), null, ref);
  assert.deepEqual(
    (await catalogue.revisions('parks')).map((revision) => revision.number),
    [3, 2, 1],
  );
  assert.equal(await catalogue.revision('nothing', '1'), null);
});

test('a clock that goes back does not disorder revisions', async (t) => {
  const { database, nodes } = await openNodes(t);
  let now = Date.parse('2030-01-01T00:00:00Z');
  const effects = { ...database.effects, clock: { now: () => now, monotonicMs: () => 0 } };
  await releaseRevision(database.db, machine, makeRelease('parks', 'one'), effects);
  now = Date.parse('2026-01-01T00:00:00Z');
  await releaseRevision(database.db, machine, makeRelease('parks', 'two'), effects);
  const rows = await database.db.select().from(revisions).where(eq(revisions.number, 2));
  assert.equal(rows[0]?.publishedAt, '2030-01-01T00:00:00.001Z');
  await until('the second', () => only(nodes).view('parks')?.current.number === 2);
});

test('another node sees a release, a metadata change and a department; also after its connection was cut', async (t) => {
  const { database, nodes } = await openNodes(t, 2);
  const [here, there] = nodes;
  assert.ok(here && there);
  await here.release(machine, makeRelease('parks', 'one'));
  await until('the release', () => there.view('parks') !== null);
  await here.saveMetadata(machine, { id: 'parks', metadata: makeMetadata({ title: 'Green places' }) });
  assert.equal(here.view('parks')?.metadata.title, 'Green places');
  await until('the title', () => there.view('parks')?.metadata.title === 'Green places');
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'portal listener' and datname = current_database()`,
  );
  await here.release(machine, makeRelease('trees', 'one', { department: 'public-works' }));
  await here.saveDepartment(machine, { id: 'it', name: 'Information Technology', description: null, contact: null });
  await until(
    'what was said while the line was cut',
    () => there.view('trees') !== null && there.department('it')?.name === 'Information Technology',
  );
  assert.equal(there.view('parks')?.department.name, 'Information Technology');
  assert.equal(here.view('parks')?.department.name, 'Information Technology');
  assert.equal((await here.search({ ...everything, q: 'information' })).total, 1);
});

const everything = {
  q: null,
  department: [],
  theme: [],
  format: [],
  licence: [],
  cadence: [],
  map: null,
  sort: 'relevance',
  limit: 20,
  offset: 0,
} as const;

test('metadata is checked against what the writer has read', async (t) => {
  const { nodes } = await openNodes(t);
  const catalogue = only(nodes);
  const { dataset } = await catalogue.release(machine, makeRelease('parks', 'one'));
  const metadata = makeMetadata({ title: 'A' });
  await wait(2);
  await catalogue.saveMetadata(machine, { id: dataset.code, metadata, expected: dataset.metadataChangedAt });
  await assert.rejects(
    catalogue.saveMetadata(machine, { id: 'parks', metadata, expected: dataset.metadataChangedAt }),
    hasCode('conflict'),
  );
  await assert.rejects(catalogue.saveMetadata(machine, { id: 'nothing', metadata }), hasCode('dataset-not-found'));
  await assert.rejects(
    catalogue.saveMetadata(machine, { id: 'parks', metadata, department: 'none' }),
    hasCode('department-not-found'),
  );
});

test('lists page through every dataset once, in order', async (t) => {
  const { nodes } = await openNodes(t);
  const catalogue = only(nodes);
  const ids = ['delta', 'alpha', 'echo', 'bravo', 'charlie'];
  for (const id of ids) await catalogue.release(machine, makeRelease(id, id));
  const seen: string[] = [];
  for (let after: string | null = null; ;) {
    const page = catalogue.list({ limit: 2, after });
    assert.equal(page.total, 5);
    seen.push(...page.datasets.map((dataset) => dataset.id));
    if (page.next === null) break;
    after = page.next;
  }
  assert.deepEqual(seen, ids.toSorted());
  assert.equal(makeRevision('x').rows, 3);
});
