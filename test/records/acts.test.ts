// Money, reports and retention for programs of the staff: entered, read and undone by JSON alone.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';

import { buildApp } from '../../src/app.ts';
import { openMoney } from '../../src/records/money/money.ts';
import { signIn } from '../people/staff.ts';
import { openTestPortal } from '../portal.ts';
import { withSchedule } from './money/fixture.ts';
import { plainRequest } from './records.ts';

const site = await openTestPortal({ after });
const officer = await signIn(site, 'records-officer');
const cashier = await signIn(site, 'cashier');
const today = site.portal.records.desk.days.today();
const { request } = await site.portal.records.submit({ kind: 'public' }, plainRequest);
const estimateOn = site.portal.records.desk.days.addBusinessDays(today, 20);
await site.portal.records.desk.act(officer.actor, request, { kind: 'acknowledge', estimateOn, message: '' });
const work = '/api/v1/records/work';

/** The City has adopted no fee schedule: this portal's money knows the test's own. */
const { records, database, seal, effects, config } = site.portal;
const law = () => withSchedule(records.law());
const parts = { db: database.db, seal, law, publicUrl: config.publicUrl, requests: records.requests, provider: null };
const money = openMoney(parts, effects);
const portal = Object.freeze({ ...site.portal, records: Object.freeze({ ...records, money }) });
const app = await buildApp(portal, { web: null });
after(() => app.close());

async function ask(method: 'GET' | 'POST', path: string, headers = officer.headers, payload?: object) {
  const asked = { method, url: `${work}${path}`, headers, ...(payload && { payload }) };
  if (!path.startsWith(fees)) return site.ask(asked); // held to the description
  const answer = await app.inject(asked);
  return { status: answer.statusCode, body: answer.body, headers: answer.headers };
}
const fees = `/requests/${request.number}/fees`;

async function post<T>(path: string, payload: object, status: number, headers = officer.headers): Promise<T> {
  const answer = await ask('POST', path, headers, payload);
  assert.equal(answer.status, status, `${path}: ${answer.body}`);
  return (status === 204 ? null : JSON.parse(answer.body)) as T;
}

async function read<T>(path: string): Promise<T> {
  const answer = await ask('GET', path);
  assert.equal(answer.status, 200, answer.body);
  assert.equal(answer.headers['cache-control'], 'no-store');
  return JSON.parse(answer.body) as T;
}

test('copies are estimated, invoiced and paid; an entry key counts once', async () => {
  const quantities = [{ kind: 'unit', unit: 'page-copied', count: 200, free: null }];
  const { id: estimateId } = await post<{ id: string }>(`${fees}/estimate`, { quantities }, 201);
  await post(`${fees}/estimate`, { quantities: [{ ...quantities[0], count: 1.5 }] }, 400);
  const wanted = { estimateId, purpose: 'invoice' };
  const { invoice } = await post<{ invoice: string }>(`${fees}/invoice`, wanted, 201);
  assert.match(invoice, /^F\d{4}-\d{6}$/u);
  const { invoices } = await money.read(officer.actor, request.number);
  const paid = { invoice, method: 'cash', cents: invoices[0]!.totalCents, receivedOn: today, entryKey: 'one-form' };
  await post(`${fees}/pay`, paid, 403);
  const { receipt } = await post<{ receipt: string }>(`${fees}/pay`, paid, 201, cashier.headers);
  assert.deepEqual(await post(`${fees}/pay`, paid, 201, cashier.headers), { receipt });
  await post(`${fees}/waive`, { invoice, ruleCode: 'no such rule' }, 422);
});

test('a year’s figures and claims are entered with the versions that were seen', async () => {
  type Kept = { readonly version: number; readonly entry: { readonly source: string } | null };
  const year = Number(today.slice(0, 4));
  const before = await read<Kept>(`/years/${year}/entry`);
  assert.deepEqual(before, { version: 0, entry: null });
  const { emptyEntry } = await import('../../src/records/reports/yearly.ts');
  const entry = { ...emptyEntry, source: 'The budget' };
  await post(`/years/${year}/entry`, { version: 0, entry }, 204);
  await post(`/years/${year}/entry`, { version: 0, entry }, 409);
  const after = await read<Kept>(`/years/${year}/entry`);
  assert.deepEqual([after.version, after.entry?.source], [1, 'The budget']);
  const claim = { filedOn: today, kind: 'charges', summary: 'Over a fee', request: request.number };
  const { id } = await post<{ id: string }>('/claims', claim, 201);
  const changed = { ...claim, exemption: null, venue: null, outcome: 'Settled', endedOn: today };
  await post(`/claims/${id}`, { ...claim, version: 1 }, 400); // what is left out would be blanked
  await post(`/claims/${id}`, { ...changed, version: 1 }, 204);
  await post(`/claims/${id}`, { ...changed, version: 1 }, 409);
  await post(`/claims/${id}/costs`, { year, kind: 'settlement', cents: 12_345, source: 'Invoice 7' }, 204);
  const { data } = await read<{ data: { version: number; costCents: number }[] }>('/claims');
  assert.deepEqual([data[0]?.version, data[0]?.costCents, data.length], [2, 12_345, 1]);
});

test('a hold is placed and lifted; what is not due is not destroyed', async () => {
  type Standing = { readonly holds: readonly { readonly name: string; readonly releasedAt: string | null }[] };
  const hold = {
    kind: 'litigation',
    covers: 'requests',
    name: 'A v. City',
    reason: 'Filed',
    requests: [request.number],
  };
  const { id } = await post<{ id: string }>('/holds', hold, 201);
  await post('/holds', { ...hold, requests: ['2099-999999'] }, 422);
  await post(`/holds/${id}/release`, { releaseReason: 'It is over' }, 204);
  await post(`/holds/${id}/release`, { releaseReason: 'It is over' }, 409);
  const { holds } = await read<Standing>('/retention');
  assert.deepEqual(
    holds.map(({ name, releasedAt }) => [name, releasedAt === null]),
    [['A v. City', false]],
  );
  await post('/destructions', { series: 'request-files', requests: [request.number] }, 422);
  await post('/destructions/01890a5d-ac96-774b-bcce-b302099a8057/approve', {}, 404);
});
