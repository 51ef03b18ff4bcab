// The desk’s acts for programs: a request entered, worked on and closed by JSON alone, at the versions seen.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';

import { readForm, text } from '../../../src/base/inputs.ts';
import { signIn } from '../../people/staff.ts';
import { openTestPortal } from '../../portal.ts';

const site = await openTestPortal({ after });
const [clerk, officer] = [await signIn(site, 'clerk'), await signIn(site, 'records-officer')];
const [planner, financier] = [
  await signIn(site, 'department-lead', 'planning'),
  await signIn(site, 'department-lead', 'finance'),
];
const work = '/api/v1/records/work';
type Headers = Readonly<Record<string, string>>;
type Standing = { readonly version: number; readonly state: string; readonly outcome: string | null };
type View = Standing & {
  readonly actions: readonly { readonly kind: string }[];
  readonly tasks: readonly { readonly id: string; readonly version: number; readonly state: string }[];
};

async function post<T>(path: string, body: object, status = 200, headers: Headers = clerk.headers): Promise<T> {
  const answer = await site.ask({ method: 'POST', url: `${work}${path}`, headers, payload: body });
  assert.equal(answer.status, status, `${path}: ${answer.body}`);
  return (status === 204 ? null : answer.json<T>()) as T;
}

async function view(number: string, headers: Headers = clerk.headers): Promise<View> {
  const answer = await site.ask({ url: `${work}/requests/${number}`, headers });
  assert.equal(answer.status, 200, answer.body);
  assert.equal(answer.headers['cache-control'], 'no-store');
  return answer.json<View>();
}

const today = site.portal.records.desk.days.today();
const later = site.portal.records.desk.days.addBusinessDays(today, 20);
const entry = { text: 'Permits of 220 4th Avenue', channel: 'phone', receivedOn: today, department: 'planning' };

const nobody = { name: null, organization: null, email: null, phone: null, address: null };

test('a request is entered, answered and closed; each letter can be seen before it is sent', async () => {
  const requester = { ...nobody, name: 'Ada Canary' };
  const { number, secret } = await post<{ number: string; secret: string }>('/requests', { ...entry, requester });
  assert.match(secret, /^.{20,}$/u);
  const at = `/requests/${number}`;
  const received = await view(number);
  assert.ok(received.actions.some(({ kind }) => kind === 'acknowledge'));
  const estimate = { version: received.version, estimateOn: later, message: 'We are looking.' };
  const { letters } = await post<{ letters: { body: string }[] }>(`${at}/do/acknowledge/preview`, estimate);
  assert.match(letters[0]?.body ?? '', /We are looking\./u);
  assert.equal((await view(number)).version, received.version, 'a look changes nothing');
  const answered = await post<Standing>(`${at}/do/acknowledge`, estimate);
  assert.deepEqual([answered.state, answered.outcome], ['in_progress', null]);
  await post(`${at}/do/acknowledge`, estimate, 409);
  const { version } = await post<Standing>(`${at}/do/describe`, { version: answered.version, subject: 'Permits' });
  await post(`${at}/do/describe`, { version }, 422);
  await post(`${at}/do/assign`, { version, department: 'planning' }, 400); // it would take the assignee off
  await post(`${at}/note`, { note: 'Seen.' }, 204);
  await post(`${at}/time`, { activity: 'search', onDate: today, minutes: 30 }, 204);
  await post(`${at}/time`, { activity: 'search', onDate: today, minutes: 0 }, 422);
  const who = await post<{ requester: { name: string } }>(`${at}/requester`, {});
  assert.equal(who.requester.name, 'Ada Canary');
  const seen = (await view(number)).version;
  const reason = 'Searched the permit archive for the address.';
  const close = { version: seen, outcome: 'no_responsive_records', reason };
  await post(`${at}/do/close`, close, 403);
  const closed = await post<Standing>(`${at}/do/close`, close, 200, officer.headers);
  assert.deepEqual([closed.state, closed.outcome], ['closed', 'no_responsive_records']);
});

test('a department answers its own tasks, and finds nothing of another’s', async () => {
  const { number } = await post<{ number: string }>('/requests', entry);
  const { version } = await view(number);
  await post(`/requests/${number}/do/acknowledge`, { version, estimateOn: later });
  const task = { department: 'planning', what: 'Look for the permits', dueOn: today };
  const { id } = await post<{ id: string }>(`/requests/${number}/task`, task);
  const answer = { version: 1, state: 'no_records', answer: 'None.' };
  await post(`/tasks/${id}/answer`, answer, 404, financier.headers);
  await post(`/requests/${number}/note`, { note: 'x' }, 404, financier.headers);
  await post(`/tasks/${id}/answer`, answer, 422, planner.headers);
  const search = { place: 'Permit archive', terms: null, found: 'Nothing' };
  await post(`/tasks/${id}/answer`, { ...answer, search }, 204, planner.headers);
  await post(`/tasks/${id}/cancel`, { version: 2 }, 409);
  assert.deepEqual(
    (await view(number, planner.headers)).tasks.map(({ state }) => state),
    ['no_records'],
  );
});

test('what is no text is refused by its field, wherever it stands, and never a failure of the portal', async () => {
  const { number } = await post<{ number: string }>('/requests', entry);
  for (const words of ['\0', 'a\0b', '\ud800', 'a\udfffb']) {
    const at = `/requests/${number}`;
    const told: { field: string }[] = [
      await post(`${at}/note`, { note: words }, 422),
      await post(`${at}/task`, { department: 'planning', what: words, dueOn: today }, 422),
      await post(`${at}/time`, { activity: 'search', onDate: today, minutes: 5, note: words }, 422),
      await post(`${at}/search`, { place: 'x', found: 'x', terms: words }, 422),
      await post('/claims', { filedOn: today, kind: 'other', summary: words }, 422, officer.headers),
      await post('/bulk', { chosen: [{ id: words, version: 1 }], act: { kind: 'assign', assignee: null } }, 422),
      await post('/requests', { ...entry, requester: { ...nobody, name: words } }, 422),
    ];
    const fields = ['note', 'what', 'note', 'terms', 'summary', 'chosen', 'requester'];
    assert.deepEqual(
      told.map(({ field }) => field),
      fields,
    );
  }
  const kept = 'Ω “quoted” 𝒳 \u202e <b>';
  await post(`/requests/${number}/note`, { note: kept }, 204);
  const { messages } = await site.portal.records.desk.view(clerk.actor, number);
  assert.ok(messages.some(({ body }) => body === kept));
  const form = { note: ['a\0b'] };
  assert.throws(() => readForm({ note: text() }, form), { code: 'form-invalid' });
});

test('many are assigned at once, each told apart; what is no member of a body is refused with its name', async () => {
  const { number } = await post<{ number: string }>('/requests', entry);
  const { version } = await view(number);
  const { id } = await site.portal.records.requests.find(number);
  const chosen = [
    { id, version },
    { id, version: version + 5 },
  ];
  const act = { kind: 'department', department: 'finance' };
  const { data } = await post<{ data: { problem: unknown }[] }>('/bulk', { chosen, act });
  const seen = `it is at version ${version + 1}, you have seen ${version + 5}.`;
  assert.deepEqual(
    data.map(({ problem }) => problem),
    [null, { code: 'conflict', message: `Somebody else changed request ${number} first: ${seen}` }],
  );
  const wrong = await post<{ detail: string }>(`/requests/${number}/note`, { note: 'x', body: 'y' }, 400);
  assert.match(wrong.detail, /body/u);
  await post(`/requests/${number}/do/await-payment`, { version }, 404);
  for (const note of [null, 7, ['x']]) await post(`/requests/${number}/note`, { note }, 400); // never retyped
  await post(`/requests/${number}/do/assign`, { version: `${version}`, department: null, assignee: null }, 400);
});
