// What administrators may do with the accounts of others: for the city, for one department, and never with the last
// one. It must try every neighbour's account.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import type { Actor, Grant } from '../../src/base/actor.ts';
import { listPeople, setAccess, setGrants } from '../../src/people/accounts.ts';
import { invite, inviteAgain } from '../../src/people/invitations.ts';
import { readSession } from '../../src/people/sessions.ts';
import { requireGoodPassword } from '../../src/people/passwords.ts';
import { hasCode, join, machine, openGround } from './ground.ts';
import { staffActor } from './staff.ts';

const ground = await openGround({ after });
const { people } = ground;
const city = staffActor('administrator');
const parks = staffActor('administrator', 'parks');
const admin = await join(ground, 'administrator');
const clerk = await join(ground, 'clerk', 'parks');
const police = await join(ground, 'publisher', 'police');

async function find(id: string) {
  const found = (await listPeople(people, machine)).find((person) => person.id === id);
  if (found === undefined) throw new Error('no such person');
  return found;
}

async function change(actor: Actor, id: string, grants: readonly Grant[]) {
  await setGrants(people, actor, id, { grants, expected: (await find(id)).version });
}

const inParks = (role: Grant['role']): Grant => ({ role, department: 'parks' });

test('a department’s administrator sees and changes that department alone', async () => {
  const seen = await listPeople(people, parks);
  assert.deepEqual(
    seen.map(({ email }) => email),
    [clerk.email],
  );
  const id = clerk.session.person.id;
  await change(parks, id, [inParks('clerk'), inParks('redactor')]);
  assert.deepEqual((await find(id)).grants, [inParks('clerk'), inParks('redactor')]);
  const outside: readonly Grant[] = [
    { role: 'clerk', department: null },
    { role: 'clerk', department: 'police' },
    { role: 'administrator', department: null },
  ];
  for (const grant of outside) {
    await assert.rejects(change(parks, id, [inParks('clerk'), grant]), hasCode('forbidden'), JSON.stringify(grant));
  }
  const other = police.session.person.id;
  await assert.rejects(change(parks, other, []), hasCode('forbidden'), 'takes nothing elsewhere');
  await assert.rejects(change(parks, other, [inParks('clerk')]), hasCode('forbidden'));
  await assert.rejects(setAccess(people, parks, other, { disabled: true, expected: 1 }), hasCode('forbidden'));
  await assert.rejects(inviteAgain(people, parks, police.email), hasCode('forbidden'));
  await assert.rejects(inviteAgain(people, parks, admin.email), hasCode('forbidden'));
  const given = { email: 'new@example.gov', name: 'New', role: 'clerk' };
  await assert.rejects(invite(people, parks, { ...given, department: null }), hasCode('forbidden'));
  await assert.rejects(invite(people, parks, { ...given, department: 'police' }), hasCode('forbidden'));
  await invite(people, parks, { ...given, department: 'parks' });
  assert.deepEqual((await find(other)).grants, [{ role: 'publisher', department: 'police' }]);
});

test('nobody else changes anything, not even their own roles', async () => {
  const id = clerk.session.person.id;
  for (const actor of [clerk.session.person, police.session.person, staffActor('auditor'), staffActor('attorney')]) {
    await assert.rejects(change(actor, id, [{ role: 'administrator', department: null }]), hasCode('forbidden'));
    await assert.rejects(setAccess(people, actor, id, { disabled: true, expected: 1 }), hasCode('forbidden'));
    const given = { email: 'x@example.gov', name: 'X', role: 'administrator', department: null };
    await assert.rejects(invite(people, actor, given), hasCode('forbidden'));
  }
  const token: Actor = { kind: 'token', id: 'x', name: 'loader' };
  await assert.rejects(listPeople(people, token), hasCode('forbidden'));
  await assert.rejects(listPeople(people, { kind: 'public' }), hasCode('unauthorized'));
  assert.equal((await listPeople(people, staffActor('auditor'))).length, 4);
});

test('a role that is taken is gone with the next request, and access with all sessions', async () => {
  const id = police.session.person.id;
  await change(city, id, []);
  assert.deepEqual((await readSession(people, police.token))?.person.grants, []);
  await setAccess(people, city, id, { disabled: true, expected: (await find(id)).version });
  assert.equal(await readSession(people, police.token), null);
  assert.equal((await find(id)).state, 'disabled');
});

test('two who change one account at once do not overwrite each other', async () => {
  const id = clerk.session.person.id;
  const { version, grants } = await find(id);
  const both = [inParks('cashier'), inParks('auditor')].map((grant) =>
    setGrants(people, city, id, { grants: [...grants, grant], expected: version }),
  );
  const outcomes = await Promise.allSettled(both);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const refused = outcomes.find((each) => each.status === 'rejected');
  assert.ok(refused?.status === 'rejected' && hasCode('conflict')(refused.reason));
  for (const wrong of ['', 'x', "' or 1=1", '00000000-0000-0000-0000-000000000000']) {
    await assert.rejects(setGrants(people, city, wrong, { grants: [], expected: 1 }), hasCode('not-found'));
  }
});

test('somebody always stays who can give access, also when two take each other’s role at once', async () => {
  const first = admin.session.person.id;
  await assert.rejects(change(city, first, []), hasCode('conflict'));
  await assert.rejects(setAccess(people, city, first, { disabled: true, expected: 1 }), hasCode('conflict'));
  const second = clerk.session.person.id;
  await change(city, second, [{ role: 'administrator', department: null }]);
  const outcomes = await Promise.allSettled([change(city, first, []), change(city, second, [])]);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test('passwords: long enough, of anything, and not what is tried first', () => {
  const owner = { email: 'ada.lovelace@example.gov', name: 'Ada Lovelace' };
  const words = ['Kent', 'Washington', 'portal'];
  const take = (password: string) => requireGoodPassword(password, owner, words);
  for (const good of [
    'otter lantern gravel violin',
    'пароль из четырёх слов',
    'x7#Qm!92vLp$0wRtZ',
    '    spaces count as well, do they not    ',
    'a'.repeat(3) + ' horse battery staple correct '.repeat(6).slice(0, 190),
  ]) {
    take(good);
  }
  for (const bad of [
    'short',
    'fourteen chars',
    'aaaaaaaaaaaaaaaaaaaa',
    'abcabcabcabcabcabc',
    '123456789012345678',
    'qwertyuiopasdfghjkl',
    'password password password',
    'AdaLovelace-AdaLovelace',
    'KentWashington2026',
    'kentportal!!!!!!!',
    'administrator12345',
    'x'.repeat(201),
  ]) {
    assert.throws(() => take(bad), hasCode('form-invalid'), bad);
  }
});
