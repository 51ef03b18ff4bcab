// Whatever is handed in as a message is read into a few plain facts, or left unread for a person: it is never refused,
// for a mail server would send it again for days.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseMailAddress, toHeaderText, withoutAddresses } from '../../src/mail/address.ts';
import { readMessage } from '../../src/mail/message.ts';
import { letterIdsIn } from '../../src/mail/reply-address.ts';
import { bytesOf, damaged, toSeed } from '../fuzz.ts';

const pieces = [
  ...['From: ', 'To: ', 'Subject: ', 'Message-ID: <', 'References: ', 'Content-Type: ', 'Content-Transfer-Encoding: '],
  ...[
    'multipart/mixed; boundary="b"',
    'text/plain; charset=',
    'text/html',
    'message/rfc822',
    'application/pdf; name="',
  ],
  ...['utf-8', 'utf-7', 'x-none', 'base64', 'quoted-printable', '--b\r\n', '--b--', '\r\n', '\n', '\r\n\r\n', ' ', ';'],
  ...[
    '=?utf-8?B?',
    '=?x?Q?=',
    '?=',
    '=3D',
    '=\r\n',
    'AAAA',
    '<a@example.org>',
    '@',
    '"',
    '(',
    ')',
    '\\',
    ':',
    ',',
    '>',
  ],
  ...[
    "filename*0*=utf-8''%",
    'Auto-Submitted: auto-replied',
    'begin 644 a\r\n',
    'format=flowed; delsp=yes',
    '\0',
    '\xe9',
  ],
];

const parts = [
  ...['From: "Ada, L." <ada@example.org>', 'To: records@portal.example, Group: a@b.example, c@d.example;'],
  ...['Subject: =?utf-8?B?w4kgbGEgdmlsbGU=?=', 'Message-ID: <m1@example.org>', 'In-Reply-To: <m0@example.org>'],
  ...[
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: multipart/alternative;',
  ],
  ...[' boundary="c"', '', '--c', 'Content-Type: text/plain; charset=iso-8859-1; format=flowed', ''],
  ...['Content-Transfer-Encoding: quoted-printable', '', 'Thank you =E9', '--c', 'Content-Type: text/html', ''],
  ...['<p>Thank <b>you</b></p>', '--c--', '--b', 'Content-Type: application/pdf; name="a.pdf"'],
  ...[
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment; filename="a.pdf"',
    '',
    'JVBERi0xLjQK',
    '--b',
  ],
  ...['Content-Type: message/rfc822', '', 'From: b@example.org', 'Subject: inner', '', 'Inner text', '--b--', ''],
];
const whole = Buffer.from(parts.join('\r\n'), 'latin1');
const messages = fc.oneof(bytesOf(pieces, 40), damaged(fc.constant(whole)));

const control = /[\p{Cc}--[\n\t]]/v;

test('whatever is handed in is read into plain facts, or left unread', async (t) => {
  await fc.assert(
    fc.asyncProperty(messages, async (raw) => {
      const message = await readMessage(raw);
      const { messageId, from, to, subject, text, attachments, references } = message;
      if (messageId !== null) assert.match(messageId, /^<[^<>\s]{1,500}>$/u);
      for (const address of [from, ...to]) if (address !== null) assert.equal(parseMailAddress(address), address);
      assert.equal(toHeaderText(subject), subject);
      assert.doesNotMatch(text, control);
      assert.ok(references.length <= 64 * 1024);
      for (const { name, mediaType, bytes } of attachments) {
        assert.equal(toHeaderText(name), name);
        assert.doesNotMatch(name, /^$|[\\/]/u);
        assert.match(mediaType, /^[\w.+-]+\/[\w.+-]+$/u);
        assert.ok(bytes.length <= raw.length * 2);
      }
      assert.ok(text.length <= raw.length * 4 + 100, 'a message says no more than it brings');
      assert.ok(letterIdsIn(references).length <= raw.length);
    }),
    { numRuns: 500, seed: toSeed(t) },
  );
});

test('an address and the text of a header are plain, or none', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.emailAddress()), (text) => {
      const address = parseMailAddress(text);
      if (address !== null) {
        assert.match(address, /^[\x21-\x7e]+@[a-z0-9.-]+$/u);
        assert.equal(parseMailAddress(address), address);
      }
      const header = toHeaderText(text);
      assert.doesNotMatch(header, /[\p{Cc}\u2028\u2029]/u);
      assert.equal(toHeaderText(header), header);
      assert.doesNotMatch(withoutAddresses(`to ${text} x@y.example`), /x@y\.example/u);
    }),
    { numRuns: 300, seed: toSeed(t) },
  );
});

const long = 2_000_000;
/** One thing that a message may have, for as long as a message may be. */
const endless: Readonly<Record<string, string>> = {
  'a head without end': `Subject: ${'a'.repeat(long)}`,
  'addresses without end': `To: ${'a@b.example, '.repeat(long / 13)}\r\n\r\nx`,
  'an address that never closes': `From: ${'<'.repeat(60_000)}\r\n\r\nx`,
  'comments within comments': `From: ${'('.repeat(60_000)}\r\n\r\nx`,
  'quotes without end': `To: ${'"\\'.repeat(30_000)}\r\n\r\nx`,
  'encoded words without end': `Subject: ${'=?utf-8?Q?a?= '.repeat(4_600)}\r\n\r\nx`,
  'an encoded word that never ends': `Subject: =?utf-8?Q?${'=?'.repeat(30_000)}\r\n\r\nx`,
  'parameters without end': `Content-Type: text/plain; ${'a=b; '.repeat(12_000)}\r\n\r\nx`,
  'blanks without end': `Content-Type${' '.repeat(60_000)}x: text/plain\r\n\r\n${'content-type '.repeat(long / 13)}`,
  'soft line ends without end': `Content-Transfer-Encoding: quoted-printable\r\n\r\n${'=\r\n'.repeat(long / 3)}`,
  'parts without end': `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\n'.repeat(20_000)}`,
  'tags without end': `Content-Type: text/html\r\n\r\n${'<a '.repeat(90_000)}`,
  'tags within tags': `Content-Type: text/html\r\n\r\n${'<div>'.repeat(50_000)}`,
  'tables within tables': `Content-Type: text/html\r\n\r\n${'<table><tr><td>'.repeat(15_000)}`,
  'letters by number without end': `Content-Type: text/html\r\n\r\n${'&#'.repeat(140_000)}`,
  'a flowed text': `Content-Type: text/plain; format=flowed\r\n\r\n${'> a \r\n'.repeat(long / 6)}`,
};

test('of a message that the parser gives up the head is read, and a person is told why', async () => {
  const head = 'From: ada@example.org\r\nSubject: Many parts\r\n';
  const message = await readMessage(Buffer.from(`${head}${endless['parts without end']}`));
  assert.deepEqual([message.from, message.subject, message.text], ['ada@example.org', 'Many parts', '']);
  assert.equal(message.unread, 'it could not be taken apart (Error)');
});

for (const [about, raw] of Object.entries(endless)) {
  test(`${about} is read, or left unread, and holds nobody`, async () => {
    const message = await readMessage(Buffer.from(raw));
    assert.ok(message.text.length <= raw.length);
  });
}
