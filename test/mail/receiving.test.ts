// Mail that comes in: it finds its request, is taken once, begins no loop; hostile mail hurts nobody.
// It must hand in messages as they travel, byte for byte.

import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';

import { PortalError } from '../../src/base/errors.ts';
import { receivedMail } from '../../src/db/tables-mail.ts';
import { readMessage } from '../../src/mail/message.ts';
import { openReceived, readRaw } from '../../src/mail/receive.ts';
import type { Reply } from '../../src/mail/receive.ts';
import { parseReplyAddress, toReplyAddress } from '../../src/mail/reply-address.ts';
import { openTestDatabase } from '../database.ts';
import { inbound, openMailGround } from './ground.ts';
import type { MailGround } from './ground.ts';

const number = '2026-000123';
const noRecord = async () => undefined;

type Headers = Readonly<Record<string, string>>;

function write(headers: Headers, body = 'Thank you.'): Buffer {
  const all = { From: 'Ada <ada@example.org>', Subject: 'Re: your request', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${lines.join('')}\r\n${body}\r\n`);
}

const rows = (ground: MailGround) => ground.db.select().from(receivedMail).orderBy(receivedMail.id);

function listen(ground: MailGround): Reply[] {
  const replies: Reply[] = [];
  ground.mail.onReply(async (_tx, reply) => void replies.push(reply));
  return replies;
}

const database = await openTestDatabase({ after }, 4);

suite('mail in', () => {
  test('an answer finds its request by the tag, whatever the case of its letters, once', async (t) => {
    const ground = await openMailGround(t, {}, database);
    const replies = listen(ground);
    const to = toReplyAddress(ground.seal, inbound, number);
    const raw = write({ To: `Records <${to.toUpperCase()}>`, 'Message-ID': '<a1@example.org>' });
    const recorded: string[] = [];
    const first = await ground.mail.receive(raw, async (_tx, { became }) => void recorded.push(became));
    const second = await ground.mail.receive(raw, async (_tx, { became }) => void recorded.push(became));
    assert.deepEqual([first.became, first.requestNumber, second.became], ['threaded', number, 'repeated']);
    assert.deepEqual(recorded, ['threaded']);
    assert.equal(replies.length, 1);
    const { requestNumber, messageId, from, subject, text } = replies[0]!;
    assert.deepEqual(
      [requestNumber, messageId, from, subject, text],
      [number, '<a1@example.org>', 'ada@example.org', 'Re: your request', 'Thank you.'],
    );
    const [row] = await rows(ground);
    assert.deepEqual([row!.state, row!.content], ['threaded', null]);
  });

  test('a tag that is not ours, or of another number, finds nothing', async (t) => {
    const ground = await openMailGround(t, {}, database);
    const to = toReplyAddress(ground.seal, inbound, number);
    assert.equal(parseReplyAddress(ground.seal, inbound, to), number);
    for (const wrong of [
      to.replace('000123', '000124'),
      to.replace(/-[0-9a-f]{20}@/u, `-${'0'.repeat(20)}@`),
      to.replace('@portal.example', '@evil.example'),
      to.replace('records+', 'other+'),
      inbound,
    ])
      assert.equal(parseReplyAddress(ground.seal, inbound, wrong), null, wrong);
  });

  test('an answer without the tag finds its request by the letter of ours that it answers', async (t) => {
    const ground = await openMailGround(t, {}, database);
    const replies = listen(ground);
    const requestId = await ground.request(number);
    const letter = await ground.queue({ requestId, requestNumber: number });
    const references = `<other@example.org>\r\n <${letter}@portal.example>`;
    const raw = write({ To: inbound, 'Message-ID': '<b1@example.org>', References: references });
    assert.equal((await ground.mail.receive(raw, noRecord)).became, 'threaded');
    assert.equal(replies[0]!.requestNumber, number);
    const unknown = write({ To: inbound, 'In-Reply-To': '<01890000-0000-7000-8000-000000000000@portal.example>' });
    assert.equal((await ground.mail.receive(unknown, noRecord)).became, 'unassigned');
  });

  test('what names no request waits, sealed and whole, until somebody says where it belongs', async (t) => {
    const ground = await openMailGround(t, {}, database);
    const replies = listen(ground);
    const raw = write({ To: inbound, 'Message-ID': '<c1@example.org>' }, 'I want Lovelace’s permits.');
    const { id, became } = await ground.mail.receive(raw, noRecord);
    assert.equal(became, 'unassigned');
    const [row] = await rows(ground);
    assert.equal(openReceived(ground.seal, { id, content: row!.content! }).text, 'I want Lovelace’s permits.');
    assert.ok((await readRaw(ground.db, ground.seal, id)).equals(raw));
    const { rows: plain } = await ground.pool.query(
      `select row_to_json(m)::text || row_to_json(p)::text as text from received_mail m join received_mail_parts p on p.mail_id = m.id`,
    );
    assert.ok(!/Lovelace|example\.org/u.test(plain[0].text));
    await ground.db.transaction((tx) => ground.mail.thread(tx, id, number, 'Clerk'));
    assert.deepEqual([replies[0]!.requestNumber, replies[0]!.text], [number, 'I want Lovelace’s permits.']);
    const again = ground.db.transaction((tx) => ground.mail.thread(tx, id, number, 'Clerk'));
    await assert.rejects(again, (error) => error instanceof PortalError && error.code === 'not-found');
    const [after] = await rows(ground);
    assert.deepEqual([after!.state, after!.content, after!.handledBy], ['threaded', null, 'Clerk']);
  });

  test('when the request does not take it a person sees it; when the database fails nothing is kept', async (t) => {
    const ground = await openMailGround(t, {}, database);
    let failure: Error = new PortalError('not-found');
    ground.mail.onReply(async () => {
      throw failure;
    });
    const to = toReplyAddress(ground.seal, inbound, number);
    const refused = await ground.mail.receive(write({ To: to, 'Message-ID': '<d1@example.org>' }), noRecord);
    assert.equal(refused.became, 'unassigned');
    assert.equal((await rows(ground))[0]!.reason, 'the request did not take it: there is nothing at this address');
    failure = new Error('connection lost');
    const broken = ground.mail.receive(write({ To: to, 'Message-ID': '<d2@example.org>' }), noRecord);
    await assert.rejects(broken, /connection lost/u);
    assert.equal((await rows(ground)).length, 1);
  });

  test('machines, lists, bounces and our own letters are stopped, so that no loop begins', async (t) => {
    const ground = await openMailGround(t, {}, database);
    const replies = listen(ground);
    const letter = await ground.queue();
    const to = toReplyAddress(ground.seal, inbound, number);
    const loops: readonly Headers[] = [
      { 'Auto-Submitted': 'auto-replied' },
      { 'Auto-Submitted': 'auto-generated (vacation)' },
      { Precedence: 'bulk' },
      { 'List-Id': 'Neighbours <neighbours.example.org>' },
      { 'X-Autoreply': 'yes' },
      { 'Return-Path': '<>' },
      { 'X-Auto-Response-Suppress': 'All' },
      { 'X-POST-MessageClass': '9; Autoresponder' },
      { 'X-Vacation': 'yes' },
      { Subject: 'Automatic reply: Your public records request' },
      { Subject: 'RE: Out of Office: back on December 7' },
      { Subject: 'Abwesenheitsnotiz: Ihre Anfrage' },
      { 'Content-Type': 'multipart/report; report-type=delivery-status; boundary=x' },
      { From: inbound },
      { 'Message-ID': `<${letter}@portal.example>` },
    ];
    for (const [index, headers] of loops.entries()) {
      const raw = write({ To: to, 'Message-ID': `<loop${index}@example.org>`, ...headers });
      assert.equal((await ground.mail.receive(raw, noRecord)).became, 'stopped', JSON.stringify(headers));
    }
    assert.equal(replies.length, 0);
    const person = write({ To: to, 'Auto-Submitted': 'no', 'Message-ID': '<person@example.org>' });
    assert.equal((await ground.mail.receive(person, noRecord)).became, 'threaded');
  });

  test('a letter that came back counts as not sent, and waits for a person at its request', async (t) => {
    const ground = await openMailGround(t, {}, database);
    const replies = listen(ground);
    const requestId = await ground.request(number);
    const report = (letter: string, action: string): Buffer =>
      write(
        {
          To: inbound,
          'Return-Path': '<>',
          'Content-Type': 'multipart/report; report-type=delivery-status; boundary=b',
        },
        `--b\r\nContent-Type: text/plain\r\n\r\nNo such user.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n` +
          `Reporting-MTA: dns; mx.example.org\r\n\r\nAction: ${action}\r\nStatus: 5.1.1\r\n\r\n` +
          `--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <${letter}@portal.example>\r\n--b--`,
      );
    for (const [action, became, state] of [
      ['delayed', 'stopped', 'sent'],
      ['failed', 'unassigned', 'failed'],
    ] as const) {
      const letter = await ground.queue({ requestId });
      await ground.pool.query(`update letters set state = 'sent', ended_at = now() where id = $1`, [letter]);
      const received = await ground.mail.receive(report(letter, action), noRecord);
      assert.deepEqual(
        [received.became, received.requestNumber],
        [became, action === 'failed' ? number : null],
        action,
      );
      const found = await ground.pool.query('select state, reason from letters where id = $1', [letter]);
      assert.equal(found.rows[0].state, state, action);
      if (state === 'failed') assert.match(found.rows[0].reason, /came back \(5\.1\.1\)/u);
    }
    assert.equal(replies.length, 0);
  });

  test('the words of HTML are read wherever it stands; where plain text says less, both are told', async () => {
    const html = '<p>My answer: case <b>26-1234</b></p><table><tr><td>at Meeker</td></tr></table>';
    const part = (type: string, body: string) => `--b\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`;
    const read = async (kind: string, ...parts: readonly string[]): Promise<string> => {
      const headers = { 'Content-Type': `multipart/${kind}; boundary=b`, 'MIME-Version': '1.0' };
      return (await readMessage(write(headers, `${parts.join('')}--b--`))).text;
    };
    for (const kind of ['alternative', 'related', 'mixed']) {
      assert.match(await read(kind, part('text/html', html)), /^My answer: case 26-1234\s+at Meeker$/u, kind);
    }
    const same = await read(
      'alternative',
      part('text/plain', 'My answer: case 26-1234 at Meeker'),
      part('text/html', html),
    );
    assert.equal(same, 'My answer: case 26-1234 at Meeker');
    const other = await read(
      'alternative',
      part('text/plain', 'This message needs an HTML viewer.'),
      part('text/html', html),
    );
    assert.match(other, /HTML viewer[^]*HTML part says otherwise[^]*case 26-1234/u);
    const deep = await read(
      'alternative',
      part('text/html', `${'<div>'.repeat(2_000)}kept words${'</div>'.repeat(2_000)}`),
    );
    assert.equal(deep, 'kept words');
    const links = await read(
      'alternative',
      part('text/plain', 'x'),
      part('text/html', `<p>${'(https:'.repeat(30_000)}</p>`),
    );
    assert.ok(links.includes('HTML part says otherwise'));
  });

  test('a sender of more than thirty an hour is stopped until the hour is over', async (t) => {
    const ground = await openMailGround(t, {}, database);
    listen(ground);
    const to = toReplyAddress(ground.seal, inbound, number);
    const hand = async (n: number) =>
      (await ground.mail.receive(write({ To: to, 'Message-ID': `<flood${n}@example.org>` }), noRecord)).became;
    for (let n = 0; n < 30; n += 1) assert.equal(await hand(n), 'threaded');
    assert.equal(await hand(30), 'stopped');
    ground.pass(61 * 60_000);
    assert.equal(await hand(31), 'threaded');
    const kept = await ground.pool.query('select count(distinct mail_id)::int as mails from received_mail_parts');
    const all = await rows(ground);
    assert.equal(kept.rows[0].mails, all.filter(({ state }) => state === 'threaded').length);
  });

  test('the words of HTML, of odd charsets and of broken mail are read; nothing unreadable breaks the portal', async () => {
    const html = await readMessage(
      write(
        { 'Content-Type': 'text/html; charset=utf-8' },
        '<p>Dear <b>Clerk</b>,</p><script>alert(1)</script><p>yes.</p>',
      ),
    );
    assert.match(html.text, /Dear Clerk,\s+yes\./u);
    const latin = Buffer.concat([
      write({ 'Content-Type': 'text/plain; charset=iso-8859-1' }, ''),
      Buffer.from([0x47, 0xfc, 0x6e]),
    ]);
    assert.equal((await readMessage(latin)).text, 'Gün');
    const unknown = await readMessage(write({ 'Content-Type': 'text/plain; charset=x-nonsense-9' }, 'still words'));
    assert.equal(unknown.text, 'still words');
    const nul = await readMessage(write({ Subject: 'a\u0000b' }, 'c\u0000d\u001b[31m'));
    assert.ok(!/[\u0000\u001b]/u.test(nul.subject + nul.text));
    for (const raw of ['', '\r\n', 'no header at all', ':\r\n:\r\n', 'From: <<<>>>\r\nTo: ,,,;\r\n\r\nx']) {
      const message = await readMessage(Buffer.from(raw));
      assert.equal(message.from, null);
    }
  });

  test('20 MB of base64, bombs of parts in parts and endless heads end soon', async () => {
    const before = process.threadCpuUsage();
    const big = Buffer.alloc(15 * 1024 * 1024, 7)
      .toString('base64')
      .replace(/.{76}/gu, '$&\r\n');
    const mixed = { 'Content-Type': 'multipart/mixed; boundary=b' };
    const head =
      '--b\r\nContent-Type: application/pdf; name="../../etc/x.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n';
    const large = await readMessage(write(mixed, `${head}${big}\r\n--b--`));
    assert.deepEqual(
      large.attachments.map(({ name, bytes }) => [name, bytes.length]),
      [['.._.._etc_x.pdf', 15 * 1024 * 1024]],
    );
    let nested = 'Content-Type: text/plain\r\n\r\ndeep';
    for (let n = 0; n < 3_000; n += 1)
      nested = `Content-Type: multipart/mixed; boundary=n${n}\r\n\r\n--n${n}\r\n${nested}\r\n--n${n}--`;
    const bomb = await readMessage(Buffer.from(`From: ada@example.org\r\nSubject: boom\r\n${nested}`));
    assert.deepEqual([bomb.from, bomb.subject], ['ada@example.org', 'boom']);
    assert.match(bomb.unread!, /parts within parts/u);
    const endless = await readMessage(Buffer.from(`Subject: x\r\nX-Long: ${'y'.repeat(2_000_000)}\r\n\r\nbody`));
    assert.match(endless.unread!, /head is longer/u);
    const tags = await readMessage(write({ 'Content-Type': 'text/html' }, '<div><p>'.repeat(200_000)));
    assert.match(tags.unread!, /only in HTML/u);
    const { user, system } = process.threadCpuUsage(before);
    assert.ok(user + system < 20_000_000);
  });
});
