// From the invitation to the end of a session, with a clock turned by hand: every step, and every way it is refused.
// It must look into the database as an intruder would, and find no secret there.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { changePassword, endOwnSessions, finishCodes, readAccount, beginCodes } from '../../src/people/account.ts';
import { verifyAudit } from '../../src/people/audit.ts';
import {
  acceptInvitation,
  invite,
  inviteAgain,
  inviteFirstAdministrator,
  readInvitation,
} from '../../src/people/invitations.ts';
import { readSession } from '../../src/people/sessions.ts';
import { signInWithCode, signInWithPassword } from '../../src/people/sign-in.ts';
import { waitMs } from '../../src/people/tries.ts';
import {
  codeAt,
  goodPassword,
  hasCode,
  join,
  machine,
  openGround,
  requireSession,
  secretOf,
  visitor,
} from './ground.ts';
import type { Ground, Member } from './ground.ts';

const hour = 60 * 60_000;

async function signInAgain(ground: Ground, member: Member): Promise<string> {
  const { people } = ground;
  const first = await signInWithPassword(people, visitor, { email: member.email, password: goodPassword });
  assert.equal(first.stage, 'code');
  const code = codeAt(member.secret, ground.now());
  const signed = await signInWithCode(people, visitor, await requireSession(people, first.token), code);
  assert.notEqual(signed.token, first.token, 'the secret changes when the sign-in is complete');
  assert.equal(await readSession(people, first.token), null);
  return signed.token;
}

test('invited, accepted, factor set up, signed in: a member of staff with the roles that were given', async (t) => {
  const ground = await openGround(t);
  const member = await join(ground, 'clerk', 'parks');
  assert.deepEqual(member.session.person, {
    kind: 'staff',
    id: member.session.person.id,
    name: 'Some clerk',
    email: 'clerkparks@example.gov',
    grants: [{ role: 'clerk', department: 'parks' }],
  });
  assert.equal(member.session.stage, 'full');
  assert.equal(member.backupCodes.length, 10);
  assert.equal(new Set(member.backupCodes).size, 10);
  const token = await signInAgain(ground, member);
  const account = await readAccount(ground.people, await requireSession(ground.people, token));
  assert.deepEqual(
    [account.hasPassword, account.hasCodes, account.backupCodes, account.passkeys.length, account.sessions.length],
    [true, true, 10, 0, 2],
  );
  const actions = await ground.query(`select action, body from audit_events order by seq`);
  assert.deepEqual(
    actions.map((row) => row['action']),
    ['people.invite', 'people.account', 'people.account', 'people.sign-in', 'people.sign-in'],
  );
  assert.equal((await verifyAudit(ground.people.db)).brokenAt, null);
});

test('no secret and no address stands in the database where it should not', async (t) => {
  const ground = await openGround(t);
  const member = await join(ground, 'clerk');
  const { link } = await invite(ground.people, machine, {
    email: 'next@example.gov',
    name: 'Next',
    role: 'auditor',
    department: null,
  });
  const tables = await ground.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public'`,
  );
  let everything = '';
  for (const { name } of tables) {
    const rows = await ground.query<{ line: string }>(`select t::text as line from ${name} t`);
    const text = rows.map(({ line }) => line).join('\n');
    everything += text;
    // Addresses stand in the accounts and nowhere else: not in the record of acts, not in the counts of tries.
    if (name !== 'people') assert.ok(!text.includes('example.gov'), name);
  }
  const hex = (text: string) => Buffer.from(text).toString('hex');
  for (const secret of [member.token, member.secret, goodPassword, secretOf(link), ...member.backupCodes]) {
    assert.ok(!everything.includes(secret) && !everything.includes(hex(secret)), 'a secret stands in the database');
  }
});

describe('an invitation', () => {
  test('is good once, for three days, and the last one counts', async (t) => {
    const ground = await openGround(t);
    const { people } = ground;
    const given = { email: 'Ana@Example.gov ', name: 'Ana', role: 'publisher', department: 'parks' };
    const first = await invite(people, machine, given);
    const second = await invite(people, machine, given);
    assert.notEqual(first.link, second.link);
    await assert.rejects(readInvitation(people, visitor, secretOf(first.link)), hasCode('link-expired'));
    assert.deepEqual(await readInvitation(people, visitor, secretOf(second.link)), {
      email: 'Ana@Example.gov',
      name: 'Ana',
    });
    ground.pass(72 * hour);
    await assert.rejects(readInvitation(people, visitor, secretOf(second.link)), hasCode('link-expired'));
    const third = secretOf((await invite(people, machine, given)).link);
    const accept = () => acceptInvitation(people, visitor, third, { name: 'Ana', email: null, password: goodPassword });
    const outcomes = await Promise.allSettled([accept(), accept(), accept()]);
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1, 'once, however many try at once');
    await assert.rejects(accept(), hasCode('link-expired'));
    await assert.rejects(invite(people, machine, given), hasCode('already-exists'));
  });

  test('is refused for what cannot be: role, department, address, name', async (t) => {
    const { people } = await openGround(t);
    const given = { email: 'a@example.gov', name: 'A', role: 'clerk', department: null };
    await assert.rejects(invite(people, machine, { ...given, role: 'king' }), hasCode('form-invalid'));
    await assert.rejects(invite(people, machine, { ...given, department: 'moon' }), hasCode('department-not-found'));
    await assert.rejects(invite(people, machine, { ...given, name: '  ' }), hasCode('form-invalid'));
    for (const email of ['', 'a', 'a@', '@b.gov', 'a b@c.gov', 'a@b..gov', '"a"@b.gov', `${'x'.repeat(65)}@b.gov`]) {
      await assert.rejects(invite(people, machine, { ...given, email }), hasCode('form-invalid'), email);
    }
  });

  test('of the first administrator names its own address, and there is none after that', async (t) => {
    const ground = await openGround(t);
    const { people } = ground;
    const old = await inviteFirstAdministrator(people);
    const first = await inviteFirstAdministrator(people);
    assert.ok(old !== null && first !== null);
    await assert.rejects(readInvitation(people, visitor, secretOf(old.link)), hasCode('link-expired'));
    assert.equal(await readInvitation(people, visitor, secretOf(first.link)), null);
    const given = { name: 'Ada', email: 'ada@example.gov', password: goodPassword };
    const { token, stage } = await acceptInvitation(people, visitor, secretOf(first.link), given);
    assert.equal(stage, 'enrol');
    const session = await requireSession(people, token);
    assert.deepEqual(session.person.grants, [{ role: 'administrator', department: null }]);
    const { secret } = await beginCodes(people, session);
    assert.equal((await beginCodes(people, session)).secret, secret, 'a page that is loaded again shows the same key');
    const wrong = finishCodes(people, visitor, session, { code: '000000', password: '' });
    await assert.rejects(wrong, hasCode('form-invalid'));
    await finishCodes(people, visitor, session, { code: codeAt(secret, ground.now()), password: '' });
    assert.equal(await inviteFirstAdministrator(people), null);
  });

  test('given again takes everything away that opened the account', async (t) => {
    const ground = await openGround(t);
    const { people } = ground;
    const member = await join(ground, 'clerk');
    const { link } = await inviteAgain(people, machine, member.email);
    assert.equal(await readSession(people, member.token), null);
    const old = signInWithPassword(people, visitor, { email: member.email, password: goodPassword });
    await assert.rejects(old, hasCode('unauthorized'));
    const given = { name: 'Some clerk', email: null, password: 'another four plain words' };
    const { stage } = await acceptInvitation(people, visitor, secretOf(link), given);
    assert.equal(stage, 'enrol', 'the lost app no longer counts');
    await assert.rejects(inviteAgain(people, machine, 'nobody@example.gov'), hasCode('not-found'));
  });
});

describe('a session', () => {
  test('ends after an hour without use, and after twelve hours whatever its use', async (t) => {
    const ground = await openGround(t);
    const member = await join(ground, 'clerk');
    const idle = member.token;
    const used = await signInAgain(ground, member);
    for (let minutes = 0; minutes < 700; minutes += 50) {
      ground.pass(50 * 60_000);
      assert.notEqual(await readSession(ground.people, used), null, `${minutes} minutes`);
    }
    assert.equal(await readSession(ground.people, idle), null);
    ground.pass(20 * 60_000);
    assert.equal(await readSession(ground.people, used), null);
    assert.deepEqual(await ground.query('select 1 from people_sessions'), [], 'nothing of them is left');
  });

  test('that is unfinished is nobody’s, and not for long', async (t) => {
    const ground = await openGround(t);
    const { people } = ground;
    const member = await join(ground, 'clerk');
    const { token } = await signInWithPassword(people, visitor, { email: member.email, password: goodPassword });
    const session = await requireSession(people, token);
    for (const attempt of [
      () => readAccount(people, session),
      () => beginCodes(people, session),
      () => changePassword(people, visitor, session, { password: goodPassword, wanted: 'another four plain words' }),
      () => endOwnSessions(people, session, 'all'),
    ]) {
      await assert.rejects(attempt(), hasCode('unauthorized'));
    }
    ground.pass(20 * 60_000);
    assert.equal(await readSession(people, token), null);
  });

  test('is ended by its owner and by nobody else', async (t) => {
    const ground = await openGround(t);
    const { people } = ground;
    const clerk = await join(ground, 'clerk');
    const other = await join(ground, 'auditor');
    const second = await signInAgain(ground, clerk);
    const foreign = endOwnSessions(people, other.session, { only: clerk.session.id });
    await assert.rejects(foreign, hasCode('not-found'));
    for (const only of [`' or 1=1`, '-'.repeat(36)])
      await assert.rejects(endOwnSessions(people, other.session, { only }), hasCode('not-found'));
    await endOwnSessions(people, await requireSession(people, second), { only: clerk.session.id });
    assert.equal(await readSession(people, clerk.token), null);
    assert.notEqual(await readSession(people, second), null);
    await endOwnSessions(people, await requireSession(people, second), 'all');
    assert.equal(await readSession(people, second), null);
    assert.notEqual(await readSession(people, other.token), null);
    for (const token of ['', 'x', `${other.token}x`, other.token.slice(0, -1), '\u0000']) {
      assert.equal(await readSession(people, token), null);
    }
  });
});

describe('codes', () => {
  test('are good once each, one step to either side, and a backup code once ever', async (t) => {
    const ground = await openGround(t);
    const { people } = ground;
    const member = await join(ground, 'clerk');
    const begin = async () => {
      const { token } = await signInWithPassword(people, visitor, { email: member.email, password: goodPassword });
      return requireSession(people, token);
    };
    const used = codeAt(member.secret, ground.now());
    await signInWithCode(people, visitor, await begin(), `${used.slice(0, 3)} ${used.slice(3)}`);
    await assert.rejects(signInWithCode(people, visitor, await begin(), used), hasCode('unauthorized'));
    const before = codeAt(member.secret, ground.now() - 30_000);
    await assert.rejects(signInWithCode(people, visitor, await begin(), before), hasCode('unauthorized'));
    await signInWithCode(people, visitor, await begin(), codeAt(member.secret, ground.now() + 30_000));
    ground.pass(90_000);
    const late = codeAt(member.secret, ground.now() - 60_000);
    await assert.rejects(signInWithCode(people, visitor, await begin(), late), hasCode('unauthorized'));
    const [backup = ''] = member.backupCodes;
    await signInWithCode(people, visitor, await begin(), ` ${backup.toUpperCase()} `);
    await assert.rejects(signInWithCode(people, visitor, await begin(), backup), hasCode('unauthorized'));
    const both = await Promise.all([begin(), begin()]);
    const code = codeAt(member.secret, ground.now());
    const outcomes = await Promise.allSettled(both.map((session) => signInWithCode(people, visitor, session, code)));
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
  });
});

describe('guessing', () => {
  test('is slowed down after ten wrong tries, for known and unknown alike, and never locks out for good', async (t) => {
    const ground = await openGround(t);
    const { people } = ground;
    const member = await join(ground, 'clerk');
    for (const email of [member.email, 'nobody@example.gov']) {
      const guess = (password: string) => signInWithPassword(people, visitor, { email, password });
      const said = new Set<string>();
      for (let n = 0; n < 10; n += 1) {
        await guess(`wrong number ${n} of many`).catch((error: Error) => said.add(error.message));
      }
      assert.deepEqual([...said], ['The email address or the password is not right.']);
      await assert.rejects(guess(goodPassword), hasCode('too-many-requests'));
      ground.pass(1_000);
      await assert.rejects(guess('one more that is wrong'), hasCode('unauthorized'));
      await assert.rejects(guess(goodPassword), hasCode('too-many-requests'));
      ground.pass(1_000);
      await assert.rejects(guess(goodPassword), hasCode('too-many-requests'), 'the wait has doubled');
    }
    ground.pass(15 * 60_000);
    await signInAgain(ground, member);
    const failures = await ground.query(
      `select subject, body from audit_events where action = 'people.sign-in' and body like '%"ok":false%'`,
    );
    assert.equal(failures.length, 22);
    assert.ok(failures.every((row) => !String(row['body']).includes('wrong number')));
  });

  test('many at once are no way around it', async (t) => {
    const ground = await openGround(t);
    const { people } = ground;
    const given = { email: 'nobody@example.gov', password: 'whatever it may be' };
    const tries = Array.from({ length: 40 }, () => signInWithPassword(people, visitor, given));
    const outcomes = await Promise.allSettled(tries);
    const codes = outcomes.map((each) => (each.status === 'rejected' ? (each.reason as { code: string }).code : 'in'));
    assert.equal(codes.filter((code) => code === 'unauthorized').length, 10);
    assert.equal(codes.filter((code) => code === 'too-many-requests').length, 30);
  });

  test('a known password does not make codes free to guess', async (t) => {
    const ground = await openGround(t);
    const { people } = ground;
    const member = await join(ground, 'clerk');
    let guesses = 0;
    let refused: unknown = null;
    while (refused === null && guesses < 50) {
      const { token } = await signInWithPassword(people, visitor, { email: member.email, password: goodPassword });
      const session = await requireSession(people, token);
      await signInWithCode(people, visitor, session, '000000').catch((error: unknown) => {
        if (hasCode('unauthorized')(error)) guesses += 1;
        else refused = error;
      });
    }
    assert.ok(hasCode('too-many-requests')(refused));
    assert.equal(guesses, 10);
  });

  test('the wait doubles from a second to a quarter of an hour', () => {
    assert.deepEqual(
      [0, 9, 10, 11, 12, 19, 20, 1e6].map((failures) => waitMs(failures, 10)),
      [0, 0, 1_000, 2_000, 4_000, 512_000, 900_000, 900_000],
    );
  });
});

test('a changed password ends all other sessions, and needs the old one', async (t) => {
  const ground = await openGround(t);
  const { people } = ground;
  const member = await join(ground, 'clerk');
  const other = await signInAgain(ground, member);
  const change = (password: string, wanted: string) =>
    changePassword(people, visitor, member.session, { password, wanted });
  await assert.rejects(change('not the old password', 'another four plain words'), hasCode('form-invalid'));
  await assert.rejects(change(goodPassword, 'short'), hasCode('form-invalid'));
  await change(goodPassword, 'another four plain words');
  assert.equal(await readSession(people, other), null);
  assert.notEqual(await readSession(people, member.token), null);
  const old = signInWithPassword(people, visitor, { email: member.email, password: goodPassword });
  await assert.rejects(old, hasCode('unauthorized'));
  await signInWithPassword(people, visitor, { email: member.email, password: 'another four plain words' });
});
