// Letters over a real SMTP server: sent once, tried again, refused, broken off, never in the clear, never five and one
// an hour. It must look at what the server got, not at what the portal believes.

import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';

import { PortalError } from '../../src/base/errors.ts';
import { openContent } from '../../src/mail/outbox.ts';
import { toReplyAddress } from '../../src/mail/reply-address.ts';
import { openTestDatabase } from '../database.ts';
import { inbound, openMailGround, readLetters } from './ground.ts';
import { openSmtp } from './smtp.ts';

const minute = 60_000;
const hour = 60 * minute;

const database = await openTestDatabase({ after }, 4);

suite('letters out', () => {
  test('a letter is sent once, in plain text, with the headers we give it and no other', async (t) => {
    const smtp = await openSmtp(t);
    const ground = await openMailGround(t, { SMTP_URL: smtp.url }, database);
    ground.files.set('ab12', Buffer.from('the invoice'));
    const id = await ground.queue({
      subject: 'Hello\r\nBcc: eve@example.org\u2028x',
      text: 'Dear Ada,\r\n.\r\nRCPT TO:<eve@example.org>\nwith a line that is a dot above. Ünïcödé.',
      requestNumber: '2026-000123',
      inReplyTo: '<question@example.org>',
      attachments: [{ name: 'in"voice\r\n.pdf', mediaType: 'application/pdf', blob: 'ab12' }],
    });
    await ground.mail.sendDue();
    await ground.mail.sendDue();
    assert.equal(smtp.caught.length, 1);
    const { from, to, text } = smtp.caught[0]!;
    assert.deepEqual([from, to], [inbound, ['ada@example.org']]);
    const head = text.slice(0, text.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/gu, ' ');
    assert.match(head, new RegExp(`^Message-ID: <${id}@portal\\.example>$`, 'imu'));
    assert.match(head, /^Subject: Hello Bcc: eve@example\.org x$/mu);
    assert.doesNotMatch(head, /^Bcc:/imu);
    assert.match(head, /^Auto-Submitted: auto-generated$/mu);
    assert.match(head, /^In-Reply-To: <question@example\.org>$/mu);
    assert.ok(head.includes(`Reply-To: ${toReplyAddress(ground.seal, inbound, '2026-000123')}`));
    assert.match(head, /^From: "City of \\"Testing\\", Clerk" <records@portal\.example>$/mu);
    assert.match(text, /Content-Type: text\/plain/u);
    assert.doesNotMatch(text, /text\/html/u);
    assert.ok(text.includes(Buffer.from('the invoice').toString('base64')));
    const [row] = await readLetters(ground);
    assert.deepEqual([row!.state, row!.attempts, row!.reason], ['sent', 1, null]);
    assert.deepEqual(
      ground.events.map(({ kind }) => kind),
      ['letter-sent'],
    );
  });

  test('a server that is busy is asked again, later and later, for a day; then the letter is seen as failed', async (t) => {
    const smtp = await openSmtp(t);
    const ground = await openMailGround(t, { SMTP_URL: smtp.url }, database);
    smtp.answers.rcpt = { code: 451, say: 'ada@example.org: try later' };
    await ground.queue();
    await ground.mail.sendDue();
    await ground.mail.sendDue(); // not due yet
    const [first] = await readLetters(ground);
    assert.deepEqual([first!.state, first!.attempts], ['queued', 1]);
    assert.match(first!.reason!, /451 \(address\): try later/u);
    assert.equal(Date.parse(first!.nextAttemptAt) - ground.effects.clock.now(), minute);
    for (let passed = 0; passed < 25 * hour; passed += 10 * minute) {
      ground.pass(10 * minute);
      await ground.mail.sendDue();
    }
    const [last] = await readLetters(ground);
    assert.equal(last!.state, 'failed');
    assert.ok(last!.attempts >= 8 && last!.attempts <= 14, `${last!.attempts} attempts`);
    assert.equal(smtp.caught.length, 0);
    smtp.answers.rcpt = null;
    assert.equal(await ground.db.transaction((tx) => ground.mail.sendAgain(tx, last!.id)), true);
    await ground.mail.sendDue();
    assert.equal(smtp.caught.length, 1);
    assert.deepEqual(await ground.mail.counts(), { queued: 0, sending: 0, sent: 1, failed: 0 });
    assert.ok(ground.events.every((event) => !JSON.stringify(event).includes('ada@example.org')));
  });

  test('an address that the server refuses for good fails at once, and says so without the address', async (t) => {
    const smtp = await openSmtp(t);
    const ground = await openMailGround(t, { SMTP_URL: smtp.url }, database);
    smtp.answers.rcpt = { code: 550, say: '5.1.1 <ada@example.org>: Recipient address rejected' };
    const told: unknown[] = [];
    ground.mail.onUndelivered(async (_tx, letter) => void told.push(letter));
    const requestId = await ground.request('2026-000077');
    await ground.queue({ requestId, kind: 'request-clarification', dedupeKey: 'one 0' });
    smtp.answers.data = null;
    await ground.mail.sendDue();
    assert.deepEqual(told, [{ requestId, kind: 'request-clarification', dedupeKey: 'one 0' }]);
    const [row] = await readLetters(ground);
    assert.deepEqual([row!.state, row!.attempts], ['failed', 1]);
    assert.match(row!.reason!, /5\.1\.1/u);
    assert.ok(!row!.reason!.includes('ada@example.org'));
  });

  test('a message that is refused for good after it was told fails; a wrong password does not', async (t) => {
    const smtp = await openSmtp(t, {
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(Object.assign(new Error('no such user'), { responseCode: 535 })),
    });
    const url = new URL(smtp.url);
    [url.username, url.password] = ['portal', 'wrong'];
    const ground = await openMailGround(t, { SMTP_URL: url.toString() }, database);
    await ground.queue();
    await ground.mail.sendDue();
    const [wrong] = await readLetters(ground);
    assert.deepEqual([wrong!.state, wrong!.attempts], ['queued', 1]);
    assert.match(wrong!.reason!, /no such user/u);
    smtp.answers.data = { code: 554, say: 'looks like spam' };
    ground.pass(minute);
    const other = ground.open({ SMTP_URL: smtp.url });
    await other.sendDue();
    const [refused] = await readLetters(ground);
    assert.deepEqual([refused!.state, refused!.attempts], ['failed', 2]);
  });

  test('a server that dies after it has the message: the repeat bears the same Message-ID', async (t) => {
    const smtp = await openSmtp(t);
    const ground = await openMailGround(t, { SMTP_URL: smtp.url }, database);
    smtp.answers.data = 'die';
    const id = await ground.queue();
    await ground.mail.sendDue();
    const [broken] = await readLetters(ground);
    assert.equal(broken!.state, 'queued');
    smtp.answers.data = null;
    ground.pass(minute);
    await ground.mail.sendDue();
    const ids = smtp.caught.map(({ text }) => /^Message-ID: (.*)$/imu.exec(text)?.[1]);
    assert.deepEqual(ids, [`<${id}@portal.example>`, `<${id}@portal.example>`]);
    assert.equal((await readLetters(ground))[0]!.state, 'sent');
  });

  test('a letter of a process that was killed while sending is sent by the next', async (t) => {
    const smtp = await openSmtp(t);
    const ground = await openMailGround(t, { SMTP_URL: smtp.url }, database);
    await ground.queue();
    const at = new Date(ground.effects.clock.now());
    const later = new Date(at.getTime() + 30 * minute);
    await ground.pool.query(
      `update letters set state = 'sending', claimed_at = $1, attempts = 1, next_attempt_at = $2`,
      [at, later],
    );
    await ground.mail.sendDue();
    assert.equal(smtp.caught.length, 0);
    ground.pass(31 * minute);
    await ground.mail.sendDue();
    assert.equal(smtp.caught.length, 1);
    assert.deepEqual(
      (await readLetters(ground)).map(({ state, attempts }) => [state, attempts]),
      [['sent', 2]],
    );
  });

  test('without TLS nothing is said to another machine; a certificate of nobody is refused', async (t) => {
    for (const security of ['starttls', 'tls'] as const) {
      const smtp = await openSmtp(t, security === 'tls' ? { secure: true } : {});
      // An address that leads here, and is none that the settings take for this machine.
      const url = smtp.url.replace('127.0.0.1', '0.0.0.0').replace('smtp:', security === 'tls' ? 'smtps:' : 'smtp:');
      const ground = await openMailGround(t, { SMTP_URL: url }, database);
      await ground.queue();
      await ground.mail.sendDue();
      assert.equal(smtp.caught.length, 0, security);
      const [row] = await readLetters(ground);
      assert.deepEqual([row!.state, row!.attempts], ['queued', 1], security);
      assert.match(row!.reason!, security === 'tls' ? /certificate/u : /STARTTLS|TLS/u);
    }
  });

  test('five an hour that anybody can cause go to one address; the others wait and lose no time of their day', async (t) => {
    const smtp = await openSmtp(t);
    const ground = await openMailGround(t, { SMTP_URL: smtp.url }, database);
    for (let n = 0; n < 12; n += 1) await ground.queue({ to: n % 2 === 0 ? 'ada@example.org' : 'ADA@Example.ORG' });
    await ground.queue({ to: 'bob@example.org' });
    await ground.queue({ unsolicited: false });
    await ground.mail.sendDue();
    const to = (address: string) => smtp.caught.filter((each) => each.to[0]!.toLowerCase() === address).length;
    assert.deepEqual([to('ada@example.org'), to('bob@example.org')], [6, 1]);
    assert.ok((await readLetters(ground)).some(({ reason }) => reason?.startsWith('Held back') === true));
    ground.pass(hour);
    await ground.mail.sendDue();
    assert.equal(to('ada@example.org'), 11);
    ground.pass(hour);
    await ground.mail.sendDue();
    assert.equal(to('ada@example.org'), 13);
    assert.equal((await ground.mail.counts()).sent, 14);
  });

  test('without a mail server letters wait; with the transaction they come and go; nothing personal stands in plain', async (t) => {
    const ground = await openMailGround(t, {}, database);
    const id = await ground.queue({ subject: 'About Ada Lovelace', dedupeKey: 'once' });
    await ground.queue({ subject: 'About Ada Lovelace', dedupeKey: 'once' });
    await ground.mail.sendDue();
    const rows = await readLetters(ground);
    assert.deepEqual(
      rows.map((row) => [row.id, row.state]),
      [[id, 'queued']],
    );
    const { rows: plain } = await ground.pool.query('select row_to_json(l)::text as text from letters l');
    for (const word of ['ada@', 'Lovelace', 'Dear']) assert.ok(!plain[0].text.includes(word), word);
    assert.equal(openContent(ground.seal, rows[0]!).to, 'ada@example.org');
    const isForm = (error: unknown) =>
      error instanceof PortalError && error.code === 'form-invalid' && !error.message.includes('eve');
    for (const to of [
      'eve',
      'eve@',
      '@eve.org',
      'eve@eve.org\r\nBcc: x@y.z',
      'Eve <eve@eve.org>',
      'eve@eve.org,x@y.z',
      'e v@e.org',
    ])
      await assert.rejects(ground.queue({ to }), isForm, to);
    assert.equal((await readLetters(ground)).length, 1);
  });

  test('a letter whose attachment is away waits, and does not hold up the next', async (t) => {
    const smtp = await openSmtp(t);
    const ground = await openMailGround(t, { SMTP_URL: smtp.url }, database);
    await ground.queue({ attachments: [{ name: 'a.pdf', mediaType: 'application/pdf', blob: 'gone' }] });
    await ground.queue({ to: 'bob@example.org' });
    await ground.mail.sendDue();
    assert.deepEqual(
      smtp.caught.map(({ to }) => to),
      [['bob@example.org']],
    );
    const away = (await readLetters(ground)).find(({ blobs }) => blobs.length > 0);
    assert.deepEqual([away!.state, away!.reason], ['queued', 'no file gone of (address)']);
  });
});
