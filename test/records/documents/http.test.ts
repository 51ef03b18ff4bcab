// Every route of responsive records: each role, each neighbour's number, nobody at all; uploads that are wrong.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import PDFDocument from 'pdfkit';

import type { Role } from '../../../src/base/actor.ts';
import { roles } from '../../../src/base/actor.ts';
import { isAllowed } from '../../../src/people/permissions.ts';
import type { Action } from '../../../src/people/permissions.ts';
import { documentActs } from '../../../src/records/documents/acts.ts';
import { departments } from '../../../src/db/tables.ts';
import { readAudit } from '../../../src/people/audit.ts';
import { signIn, staffActor } from '../../people/staff.ts';
import type { SignedIn } from '../../people/staff.ts';
import { openTestPortal } from '../../portal.ts';
import { plainRequest } from '../records.ts';
import { patienceMs } from '../../patience.ts';

const site = await openTestPortal({ after }, { settings: { MAX_UPLOAD_MB: '2' } });
const { portal } = site;
await portal.database.db.insert(departments).values(
  ['parks', 'police'].map((id) => ({
    id,
    name: id,
    createdAt: '2026-01-01T00:00:00.000Z',
    changedAt: '2026-01-01T00:00:00.000Z',
  })),
);

async function newRequest(department: string | null): Promise<string> {
  const { request } = await portal.records.submit({ kind: 'public' }, plainRequest);
  if (department !== null) {
    const command = { kind: 'assign', department, assignee: null } as const;
    const at = { id: request.id, expectedVersion: request.version };
    await portal.database.db.transaction((tx) =>
      portal.records.requests.transition(tx, staffActor('clerk'), at, command),
    );
  }
  return request.number;
}

const ours = await newRequest('parks');
const neighbours = await newRequest('police');
const people = new Map<Role, SignedIn>();
for (const role of roles) people.set(role, await signIn(site, role));
const officer = people.get('records-officer')!;

export function textPdf(lines: readonly string[]): Promise<Buffer> {
  const pdf = new PDFDocument({ size: 'LETTER' });
  const pieces: Buffer[] = [];
  const done = new Promise<Buffer>((resolve) => {
    pdf.on('data', (piece: Buffer) => pieces.push(piece));
    pdf.on('end', () => resolve(Buffer.concat(pieces)));
  });
  for (const line of lines) pdf.text(line);
  pdf.end();
  return done;
}

function form(bytes: Buffer, name: string): { payload: Buffer; type: string } {
  const boundary = 'portal-test-boundary';
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  return {
    payload: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
    type: `multipart/form-data; boundary=${boundary}`,
  };
}

async function send(request: string, bytes: Buffer, name: string, headers: Record<string, string>) {
  const { payload, type } = form(bytes, name);
  const url = `/api/v1/records/requests/${request}/documents`;
  return site.ask({ method: 'POST', url, headers: { ...headers, 'content-type': type }, payload });
}

const page = await textPdf(['Permit file', 'Canary Resident 529-11-2233', 'Everything else is public']);
const sent = await send(ours, page, 'permit.pdf', officer.headers);
assert.equal(sent.status, 201, sent.body);

const at = (request: string, rest: string) => `/api/v1/records/requests/${request}/documents${rest}`;
const reads: readonly (readonly [string, Action])[] = [
  ['', 'request.work'],
  ['/1', 'document.see-original'],
  ['/1/pages/1', 'document.see-original'],
  ['/1/pages/1/picture', 'document.see-original'],
  ['/1/search?q=canary', 'document.see-original'],
  ['/1/suggestions', 'document.see-original'],
  ['/1/original', 'document.see-original'],
];

test('each role reads what the table of permissions gives it; every answer is nobody else’s to keep', async () => {
  for (const [rest, action] of reads) {
    for (const [role, { cookie, actor }] of people) {
      const answer = await site.ask({ url: at(ours, rest), headers: { cookie } });
      assert.equal(answer.status, isAllowed(actor, action) ? 200 : 403, `${role} ${rest}`);
      assert.equal(answer.headers['cache-control'], 'no-store', `${role} ${rest}`);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
      if (answer.status === 403) assert.doesNotMatch(answer.body, /canary|permit/iu);
    }
    for (const headers of [{}, site.machine]) {
      const answer = await site.ask({ url: at(ours, rest), headers });
      assert.equal(answer.status, 'authorization' in headers ? 403 : 401, rest);
      assert.doesNotMatch(answer.body, /canary|permit/iu);
    }
  }
});

test('whoever holds the requester’s link sees nothing of what was gathered', async () => {
  const { request, secret } = await portal.records.submit({ kind: 'public' }, plainRequest);
  assert.ok(secret.length > 20);
  const requester = { kind: 'requester', requestId: request.id, delegate: null } as const;
  const place = { request: request.number, document: 1 };
  for (const ask of [
    () => portal.documents.list(requester, request.number),
    () => portal.documents.view(requester, place),
    () => portal.documents.picture(requester, place, { page: 1, size: 'normal' }),
    () => portal.documents.original(requester, place),
    () => portal.documents.rendition(requester, place),
  ]) {
    await assert.rejects(ask(), { code: 'forbidden' });
  }
});

test('a department’s staff reach the documents of their own requests alone', async () => {
  const parks = await signIn(site, 'department-lead', 'parks');
  const police = await signIn(site, 'department-lead', 'police');
  for (const [rest] of reads) {
    assert.equal((await site.ask({ url: at(ours, rest), headers: { cookie: parks.cookie } })).status, 200, rest);
    assert.equal((await site.ask({ url: at(ours, rest), headers: { cookie: police.cookie } })).status, 404, rest);
  }
  assert.equal((await send(ours, page, 'a.pdf', police.headers)).status, 404);
  const acts = Object.keys(documentActs).filter((act) => act !== 'hidden'); // asks for another right
  const redactor = await signIn(site, 'redactor', 'police');
  const bodies: Readonly<Record<string, unknown>> = {
    redactions: {
      marks: [{ page: 1, version: 1, boxes: [[1, 1, 9, 9]] }],
      exemption: 'account-numbers',
      explanation: 'because',
    },
    decisions: { pages: [{ page: 1, version: 1 }], decision: 'release' },
    unredact: { page: 1, version: 1, redaction: '01890a5d-ac96-774b-bcce-b302099a8057' },
    withhold: { version: 1, reason: null },
    whole: { version: 1, release: true },
    describe: { version: 1, title: 'Permit' },
  };
  for (const act of acts) {
    const payload = (bodies[act] ?? { version: 1 }) as Record<string, unknown>;
    const ask = (headers: Record<string, string>, request: string) =>
      site.ask({ method: 'POST', url: at(request, `/1/${act}`), headers, payload });
    assert.equal((await ask(redactor.headers, ours)).status, act === 'approve' ? 403 : 404, `${act} by a neighbour`);
    assert.equal((await ask(people.get('auditor')!.headers, ours)).status, 403, `${act} by an auditor`);
    assert.equal((await ask({}, ours)).status, 401, `${act} by nobody`);
    assert.equal(
      (await ask({ cookie: officer.cookie, origin: 'https://evil.example' }, ours)).status,
      403,
      `${act} from another site`,
    );
    assert.equal((await ask(officer.headers, neighbours)).status, 404, `${act} at a neighbour’s number`);
  }
});

test('a document’s number means nothing beside its own request', async () => {
  const { cookie } = officer;
  for (const [rest] of reads.slice(1)) {
    assert.equal((await site.ask({ url: at(neighbours, rest), headers: { cookie } })).status, 404, rest);
    assert.equal((await site.ask({ url: at('2026-999999', rest), headers: { cookie } })).status, 404, rest);
  }
  for (const number of ['0', '99', '2000000001', '9007199254740993', '1.5', 'x']) {
    const { status } = await site.ask({ url: at(ours, `/${number}`), headers: { cookie } });
    assert.ok([400, 404].includes(status), `${number}: ${status}`);
  }
});

test('every look at an original is in the record, without its words', async () => {
  const before = (await readAudit(portal.database.db, { after: 0, limit: 100_000 })).length;
  await site.ask({ url: at(ours, '/1/pages/1/picture'), headers: { cookie: officer.cookie } });
  await site.ask({ url: at(ours, '/1/search?q=canary'), headers: { cookie: officer.cookie } });
  const events = await readAudit(portal.database.db, { after: before, limit: 100 });
  assert.deepEqual(
    events.map(({ action, details }) => [action, details['what'], details['page'] ?? null]),
    [
      ['document.see-original', 'picture', 1],
      ['document.see-original', 'search', null],
    ],
  );
  const { rows } = await portal.database.pool.query<{ body: string }>('select body from audit_events');
  const { rows: stored } = await portal.database.pool.query<{ line: string }>(
    `select row_to_json(d)::text as line from records_documents d union all select row_to_json(p)::text from records_document_pages p
     union all select row_to_json(e)::text from records_events e`,
  );
  for (const text of [...rows.map(({ body }) => body), ...stored.map(({ line }) => line)]) {
    assert.doesNotMatch(text, /canary|529-11|permit\.pdf/iu);
  }
});

test('an upload that is wrong is told by its code, to a browser on its page', async () => {
  const big = await send(ours, Buffer.alloc(3 * 1_048_576), 'big.bin', officer.headers);
  assert.equal(big.status, 413);
  assert.equal(big.json()['code'], 'upload-too-large');
  const empty = await send(ours, Buffer.alloc(0), 'empty.pdf', officer.headers);
  assert.deepEqual([empty.status, empty.json()['code']], [422, 'empty-file']);
  const browser = await send(ours, Buffer.alloc(0), 'empty.pdf', { ...officer.headers, accept: 'text/html' });
  assert.equal(browser.status, 303);
  assert.equal(browser.headers.location, `/staff/requests/${ours}/documents?problem=empty-file`);
  const well = await send(ours, Buffer.from('plain words'), 'notes.txt', { ...officer.headers, accept: 'text/html' });
  assert.equal(well.headers.location, `/staff/requests/${ours}/documents#document-2`);
  const huge = await site.ask({
    method: 'POST',
    url: at(ours, ''),
    headers: {
      ...officer.headers,
      'content-type': 'multipart/form-data; boundary=x',
      'content-length': String(3 * 1024 ** 3),
    },
    payload: Buffer.from('--x'),
  });
  assert.equal(huge.status, 413, 'refused by its announced length, before it is read');
  const { payload, type } = form(page, 'cut.pdf');
  for (const length of [3, 90, payload.length - 20]) {
    const headers = { ...officer.headers, 'content-type': type };
    const cut = await site.ask({ method: 'POST', url: at(ours, ''), headers, payload: payload.subarray(0, length) });
    assert.ok(cut.status >= 400 && cut.status < 500, `a form that is cut after ${length} bytes: ${cut.status}`);
  }
  const { data } = (await site.ask({ url: at(ours, ''), headers: { cookie: officer.cookie } })).json<{
    data: unknown[];
  }>();
  assert.equal(data.length, 2, 'nothing is kept of what did not come whole');
  assert.equal((await send(ours, page, 'a.pdf', { cookie: officer.cookie })).status, 403, 'a form of another site');
  assert.equal((await send(ours, page, 'a.pdf', people.get('cashier')!.headers)).status, 403);
});

test('from redaction to rendition over HTTP; who redacted may not approve', async () => {
  const redactor = people.get('redactor')!;
  const post = (who: SignedIn, rest: string, payload: Record<string, unknown>) =>
    site.ask({ method: 'POST', url: at(ours, `/1${rest}`), headers: who.headers, payload });
  const found = await site.ask({ url: at(ours, '/1/suggestions'), headers: { cookie: redactor.cookie } });
  const [hit] = found.json<{ hits: { kind: string; boxes: number[][]; page: number }[] }>().hits;
  assert.equal(hit?.kind, 'social-security');
  const marks = [{ page: 1, version: 1, boxes: hit.boxes }];
  const body = { marks, exemption: 'account-numbers', explanation: 'The number of a resident.', origin: 'suggestion' };
  assert.equal((await post(redactor, '/redactions', body)).status, 201);
  const seen = await site.ask({ url: at(ours, '/1'), headers: { cookie: redactor.cookie } });
  const { redactions } = seen.json<{ redactions: Record<string, unknown>[] }>();
  assert.deepEqual(Object.keys(redactions[0] ?? {}).sort(), [
    'boxes', 'exemption', 'explanation', 'id', 'madeAt', 'madeBy', 'madeName', 'origin', 'page',
  ]); // prettier-ignore
  const stale = await post(officer, '/redactions', body);
  assert.deepEqual([stale.status, stale.json()['code']], [409, 'conflict']);
  const unknown = await post(officer, '/redactions', {
    ...body,
    marks: [{ ...marks[0], version: 2 }],
    exemption: 'made-up',
  });
  assert.deepEqual([unknown.status, unknown.json()['code']], [422, 'records-invalid']);
  const version = async () =>
    (await site.ask({ url: at(ours, '/1'), headers: { cookie: officer.cookie } })).json<{
      document: { version: number };
    }>().document.version;
  const extra = await post(redactor, '/redactions', {
    ...body,
    marks: [{ page: 1, version: 2, boxes: [[9, 9, 19, 19]] }],
  });
  const [redaction] = extra.json<{ ids: string[] }>().ids;
  assert.equal((await post(redactor, '/unredact', { page: 1, version: 3, redaction })).status, 204);
  const title = 'A permit of 4th Avenue';
  assert.equal((await post(redactor, '/describe', { version: await version(), title })).status, 204);
  const reason = { exemption: 'account-numbers', explanation: 'All of it is one account.' };
  for (const each of [reason, null]) {
    assert.equal((await post(redactor, '/withhold', { version: await version(), reason: each })).status, 204);
  }
  const hidden = await post(redactor, '/hidden', {});
  assert.deepEqual([hidden.status, hidden.json()], [201, { number: 3 }], 'what the file tells beside its pages');
  assert.equal((await post(redactor, '/submit', { version: await version() })).status, 204);
  assert.equal((await post(redactor, '/approve', { version: await version() })).status, 403, 'no permission');
  const attorney = people.get('attorney')!;
  assert.equal((await post(attorney, '/approve', { version: await version() })).status, 204);
  await portal.jobs.run();
  for (let tries = 0; ; tries++) {
    const answer = await site.ask({ url: at(ours, '/1/rendition'), headers: { cookie: people.get('clerk')!.cookie } });
    if (answer.status === 200) {
      assert.equal(answer.headers['content-type'], 'application/pdf');
      assert.doesNotMatch(answer.body, /529-11-2233/u);
      break;
    }
    assert.ok(tries * 100 < patienceMs, 'the rendition is made');
    await new Promise((done) => setTimeout(done, 100));
  }
});
