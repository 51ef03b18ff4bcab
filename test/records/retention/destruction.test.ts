// What is held, open, under review or claimed is destroyed by nobody; what two persons approve is gone for good.
// It tries each refusal in the database itself, past every function of the portal.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { closeAll, type Close } from '../../../src/base/closing.ts';
import { PortalError } from '../../../src/base/errors.ts';
import { readKeptBlobs } from '../../../src/db/kept-blobs.ts';
import { verifyAudit } from '../../../src/people/audit.ts';
import { openClaims } from './claims.ts';
import type { RequestRecord } from '../../../src/records/requests/request.ts';
import { staffActor } from '../../people/staff.ts';
import { openPdf } from '../../../src/records/documents/pdf/pdf.ts';
import { readSchedules } from '../../../src/records/retention/schedule.ts';
import { pieces, readAll } from '../documents/ground.ts';
import { cityFolder } from '../records.ts';
import { failsWith } from '../desk/fixture.ts';
import { attorney, first, openRetentionGround, second, toCitySchedule } from './fixture.ts';
import type { Ground } from './fixture.ts';

describe('destruction', () => {
  const closers: Close[] = [];
  after(() => closeAll(closers));
  let ground: Ground;
  let closed: RequestRecord;
  let blobs: readonly string[];
  const pool = () => ground.database.pool;

  /** Every way of destroying something of the request that goes past the portal. */
  const attempts: readonly (readonly [what: string, statement: string])[] = [
    [
      'the key',
      `update records_document_keys set key = null, destroyed_at = now() where document_id = (select id from records_documents where request_id = $1 limit 1)`,
    ],
    ['the record', `update records_documents set destroyed_at = now(), version = version + 1 where request_id = $1`],
    [
      'the words',
      `update records_document_pages set words = null where document_id in (select id from records_documents where request_id = $1)`,
    ],
    ['the messages', `delete from records_messages where request_id = $1`],
    [
      'who asked',
      `update records_requests set requester = null, requester_expired_at = now(), version = version + 1 where id = $1`,
    ],
  ];
  /** Refused whatever was approved. */
  const never: readonly (readonly [what: string, statement: string])[] = [
    ['the row', `delete from records_documents where request_id = $1`],
    [
      'the key’s row',
      `delete from records_document_keys where document_id in (select id from records_documents where request_id = $1)`,
    ],
    ['another original', `update records_documents set original = repeat('0', 64) where request_id = $1`],
    ['other words', `update records_messages set content = '\\x00' where request_id = $1`],
    ['the events', `delete from records_events where request_id = $1`],
    ['the request', `delete from records_requests where id = $1`],
    ['all records', `truncate records_documents cascade -- $1`],
  ];
  const refused = async (request: { readonly id: string }, words: RegExp, list = attempts) => {
    for (const [what, statement] of list) {
      const bound = statement.includes('-- $1') ? [statement.replace('-- $1', ''), []] : [statement, [request.id]];
      await assert.rejects(pool().query(bound[0] as string, bound[1] as string[]), words, what);
    }
  };

  before(async () => {
    ground = await openRetentionGround({ after: (close) => void closers.push(close) }, await toCitySchedule());
    await ground.upload('Line one of a record\nLine two', 'record.txt');
    await ground.upload('Another record', 'other.txt');
    const { rows } = await pool().query<{ blob: string }>(`select original as blob from records_documents
      union select working from records_documents where working is not null`);
    blobs = rows.map(({ blob }) => blob);
    assert.ok(blobs.length >= 2);
  });

  test('of an open request nothing goes, by whatever statement', async () => {
    await refused(ground.request, /the request is open|never|stays|exchanged|rows of|violates/u, [
      ...attempts,
      ...never,
    ]);
    assert.deepEqual(await ground.retention.candidates(first, 'responsive-records'), []);
  });

  test('before its time is over nothing is due, and what is not due is not proposed', async () => {
    closed = await ground.close(ground.request, '2026-03-09');
    ground.at('2028-03-09'); // the last day on which it is kept
    assert.deepEqual(await ground.retention.candidates(first, 'responsive-records'), []);
    await assert.rejects(
      ground.retention.propose(first, { series: 'responsive-records', requests: [closed.number] }),
      failsWith('records-invalid'),
    );
    ground.at('2028-03-10');
    const [candidate] = await ground.retention.candidates(first, 'responsive-records');
    assert.deepEqual([candidate?.number, candidate?.things, candidate?.kept], [closed.number, 2, null]);
    // Closed and due: still nothing goes without a destruction that was approved.
    await refused(closed, /no destruction of it was approved/u, attempts.slice(0, 4));
  });

  test('a hold, a flag, a review, a claim and another request for the same record keep it, each by itself', async () => {
    const { retention } = ground;
    const reason = async () => (await retention.candidates(first, 'responsive-records'))[0]?.kept;
    const base = { kind: 'litigation', name: 'Doe v. City', reason: 'A suit is expected.', department: null } as const;
    await assert.rejects(
      retention.placeHold(staffActor('clerk'), { ...base, covers: 'everything', requests: [] }),
      failsWith('forbidden'),
    );
    for (const covers of ['requests', 'everything'] as const) {
      const id = await retention.placeHold(attorney, { ...base, covers, requests: [closed.number] });
      assert.equal(await reason(), 'a hold covers the request');
      await refused(closed, /a hold covers the request/u);
      await assert.rejects(
        retention.propose(first, { series: 'responsive-records', requests: [closed.number] }),
        failsWith('records-invalid'),
      );
      await assert.rejects(pool().query('delete from records_holds'), /released once/u);
      await retention.releaseHold(attorney, id, 'The suit was settled.');
      await assert.rejects(retention.releaseHold(attorney, id, 'Again.'), failsWith('conflict'));
    }
    await ground.act(attorney, closed, { kind: 'flag-litigation', on: true, note: 'Claim 7' });
    await refused(closed, /flagged for litigation/u);
    await ground.act(attorney, closed, { kind: 'flag-litigation', on: false, note: 'Claim 7 is over' });
    const claims = openClaims(ground);
    const claim = await claims.open(closed.number);
    await refused(closed, /a claim about the request is open/u);
    await claims.end(claim, closed.number);
    const other = await ground.submit({ text: 'The same record, please' });
    await pool().query(
      `insert into records_documents (id, request_id, number, name, kind, media_type, bytes, sha256, original, state,
         uploaded_by, uploaded_name, uploaded_at, changed_at)
       select gen_random_uuid(), $2, 1, name, kind, media_type, bytes, sha256, original, state, uploaded_by,
         uploaded_name, uploaded_at, changed_at from records_documents where request_id = $1 and number = 1`,
      [closed.id, other.id],
    );
    await refused(closed, /found for another one that is open/u);
    await ground.act(first, other, { kind: 'withdraw', via: 'phone' });
    const before = await ground.records.requests.find(closed.id);
    await pool().query(
      `update records_requests set review_state = 'under_review', version = version + 1 where id = $1`,
      [closed.id],
    );
    await refused(closed, /a review is under way/u);
    await pool().query(`update records_requests set review_state = null, version = version + 1 where id = $1`, [
      closed.id,
    ]);
    assert.equal(before.reviewState, null);
    assert.equal(await reason(), null);
  });

  test('two persons: who proposed does not approve; a hold that comes between keeps what it covers', async () => {
    const { retention } = ground;
    for (const role of ['clerk', 'attorney', 'auditor', 'administrator'] as const) {
      await assert.rejects(
        retention.propose(staffActor(role), { series: 'responsive-records', requests: [closed.number] }),
        failsWith('forbidden'),
      );
    }
    const chosen = { series: 'responsive-records', requests: [closed.number] } as const;
    const dropped = await retention.propose(first, chosen);
    await retention.cancel(second, dropped, 'Not yet.');
    const id = await retention.propose(first, chosen);
    await assert.rejects(retention.propose(first, chosen), failsWith('records-invalid')); // waits already
    await assert.rejects(retention.approve(first, id), failsWith('records-invalid'));
    await assert.rejects(
      pool().query(
        `update records_destructions set state = 'approved', approved_at = now(), approved_by = proposed_by,
           approved_by_id = proposed_by_id where id = $1`,
        [id],
      ),
      /check constraint/u,
    );
    await refused(closed, /no destruction of it was approved/u, attempts.slice(0, 4));
    await retention.approve(second, id);
    await assert.rejects(retention.cancel(first, id, 'Stop.'), failsWith('conflict'));
    const hold = { kind: 'audit', name: 'Audit 2028', reason: 'The auditor asks.', department: null } as const;
    const held = await retention.placeHold(first, { ...hold, covers: 'requests', requests: [closed.number] });
    await ground.work();
    const kept = await retention.destruction(first, id);
    assert.deepEqual(
      [kept.number, kept.state, kept.items.map(({ state, reason }) => [state, reason])],
      ['D2028-0002', 'done', [['kept', 'a hold covers the request']]],
    );
    assert.equal((await readAll((await ground.documents.original(first, ground.place(1))).pieces)).length, 29);
    await retention.releaseHold(first, held, 'The audit is over.');
  });

  test('a clock that was wrong when it was proposed keeps what is not due after all', async () => {
    const id = await ground.retention.propose(first, { series: 'responsive-records', requests: [closed.number] });
    ground.at('2026-03-10'); // the clock is right again
    await ground.retention.approve(second, id);
    await ground.work();
    const { items } = await ground.retention.destruction(first, id);
    assert.deepEqual(
      items.map(({ state, reason }) => [state, reason]),
      [['kept', 'its time is not over']],
    );
    ground.at('2028-03-10');
  });

  test('what two persons approved is gone: keys, files, words; the log and a certificate stay', async () => {
    const { retention, store, database } = ground;
    const copies = await Promise.all(blobs.map(async (name) => readAll(await store.read(name))));
    const place = ground.place(1);
    const { rows: twin } = await pool().query(`select id from records_documents where request_id <> $1`, [closed.id]);
    assert.equal(twin.length, 1); // the other request's entry names the same file: it stays
    const shared = (await pool().query(`select original from records_documents where request_id <> $1`, [closed.id]))
      .rows[0].original as string;
    const id = await retention.propose(first, { series: 'responsive-records', requests: [closed.number] });
    await retention.approve(second, id);
    await ground.work();
    const done = await retention.destruction(first, id);
    assert.equal(done.state, 'done');
    assert.equal(done.items[0]?.contents.length, 2);
    for (const name of blobs) assert.equal(await store.has(name), name === shared, name);
    // A copy of a stored file, from a backup say, opens no more: its key is gone.
    await assert.rejects(
      ground.documents.original(first, place).then(({ pieces }) => readAll(pieces)),
      (error: unknown) =>
        error instanceof PortalError && error.code === 'not-found' && /destroyed/u.test(error.message),
    );
    const { rows: keys } = await pool().query(
      `select count(*)::int as left from records_document_keys k join records_documents d on d.id = k.document_id
       where d.request_id = $1 and k.key is not null`,
      [closed.id],
    );
    assert.equal(keys[0].left, 0);
    assert.ok(copies.every((copy) => copy.length > 0));
    const { rows: words } = await pool().query(
      `select count(*)::int as left from records_document_pages p join records_documents d on d.id = p.document_id
       where d.request_id = $1 and p.words is not null`,
      [closed.id],
    );
    assert.equal(words[0].left, 0);
    const listed = await ground.documents.list(first, closed.number);
    assert.match(JSON.stringify(listed), /destroyed under D2028-0004/u);
    assert.doesNotMatch(JSON.stringify(listed), /record\.txt/u);
    const certificate = await retention.certificate(first, id);
    const pdf = await readAll(certificate.bytes);
    const opened = await openPdf({ bytes: pdf.length, read: () => pieces(pdf) });
    try {
      const text = (await opened.read(1)).words.map(({ text: word }) => word).join(' ');
      for (const part of ['Certificate', 'D2028-0004', 'TEST-01', 'Second', closed.number]) {
        assert.ok(text.includes(part), `${part} in ${text}`);
      }
    } finally {
      await opened.close();
    }
    assert.ok((await readKeptBlobs(database.db)).has(done.certificate!), 'the certificate is kept for good');
    assert.equal((await verifyAudit(database.db)).brokenAt, null);
    assert.deepEqual(await retention.candidates(first, 'responsive-records'), []);
    await refused(closed, /never changed|never exchanged|destroyed once/u, attempts.slice(0, 2));
    await refused(closed, /never|stays|exchanged|rows of|violates|once/u, never);
    await ground.work(); // again: nothing more happens
    assert.equal((await retention.destruction(first, id)).certificate, done.certificate);
  });

  test('of a city without a schedule nothing is due and nothing can be proposed', async (t) => {
    const bare = await openRetentionGround(t, await readSchedules(cityFolder));
    await bare.upload('A record', 'record.txt');
    const request = await bare.close(bare.request, '2026-03-09');
    bare.at('2126-03-09');
    for (const series of ['responsive-records', 'request-files'] as const) {
      assert.deepEqual(await bare.retention.candidates(first, series), []);
      await assert.rejects(
        bare.retention.propose(first, { series, requests: [request.number] }),
        (error: unknown) => error instanceof PortalError && /not specified/u.test(error.message),
      );
    }
  });
});
