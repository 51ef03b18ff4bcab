// Messages and rich text in the files that people keep them in: .msg, winmail.dat, .mbox and .rtf.
// (.pst is tried with real files by `npm run test:interop`: nobody writes one but Outlook.)

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import fc from 'fast-check';
import iconv from 'iconv-lite';
import sharp from 'sharp';

import { convertMail } from '../../../src/records/documents/convert/convert-mail.ts';
import { convertOffice } from '../../../src/records/documents/convert/office.ts';
import { mailTypes, richText } from '../../../src/records/documents/document.ts';
import { FileError } from '../../../src/records/documents/file-error.ts';
import { findKind } from '../../../src/records/documents/kinds.ts';
import { damaged, toSeed } from '../../fuzz.ts';
import { officer, openDocumentsGround } from './ground.ts';
import { msgFile, richTextCanaries, richTextFile, tnefFile } from './message-files.ts';
import type { Made } from './message-files.ts';
import { extractText } from './remains.ts';

const zone = 'America/Los_Angeles';
const made: Made = {
  subject: 'Contract “award” – Nuñez',
  body: 'The fence is two feet high.\r\n',
  html: '<html><body><p>The fence is two feet high, and the price is <b>48000</b> dollars without any bidding.</p></body></html>',
  sent: new Date('2026-11-07T00:45:00Z'),
  attached: { name: 'minutes of the meeting.txt', bytes: Buffer.from('ATTACHEDWORDS') },
  bcc: 'CANARYBCC',
};
const folder = mkdtempSync(join(tmpdir(), 'messages-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function kindOf(bytes: Buffer, name: string) {
  const path = join(folder, 'file');
  writeFileSync(path, bytes);
  return findKind(path, name);
}

for (const [name, bytes, mediaType] of [
  ['award.msg', msgFile(made), mailTypes.outlook],
  ['winmail.dat', tnefFile(made), mailTypes.wrapped],
] as const) {
  test(`${name}: who wrote to whom, both forms of the words, the file that goes with it; Bcc is told, not shown`, async () => {
    assert.deepEqual(await kindOf(bytes, name), { kind: 'mail', mediaType, lies: false });
    const { pdf, hidden, flags, attachments } = await convertMail(bytes, mediaType, zone);
    const words = await extractText(Buffer.from(pdf));
    for (const shown of [
      'From: Pat Doe <pat@kent.example>',
      'To: Lee Fox <lee@vendor.example>',
      'Subject: Contract “award” – Nuñez',
      'Date: 2026-11-07 00:45:00 UTC (2026-11-06 16:45 America/Los_Angeles)',
      'Attached: minutes of the meeting.txt',
      'The fence is two feet high.',
      'The HTML part of this message',
      'the price is 48000 dollars without any bidding',
    ])
      assert.ok(words.includes(shown), `${shown} in ${words}`);
    assert.ok(!words.includes(made.bcc));
    assert.ok(hidden.some(({ where, text }) => where === 'bcc' && text === 'CANARYBCC <mayor@kent.example>'));
    assert.deepEqual(flags.toSorted(), ['attachments', 'hidden-content', 'text-rendition']);
    assert.deepEqual(
      attachments.map((each) => [each.name, Buffer.from(each.bytes).toString()]),
      [['minutes of the meeting.txt', 'ATTACHEDWORDS']],
    );
  });
}

test('a message of a program without Unicode is read in the letters that it names', async () => {
  const polish = 'Zażółć gęślą jaźń';
  const old = { ...made, subject: polish, body: polish, ansi: (text: string) => iconv.encode(text, 'cp1250') };
  const { readMsg } = await import('../../../src/records/documents/convert/outlook.ts');
  const { subject, plain } = await readMsg(msgFile(old));
  assert.deepEqual([subject, plain], [polish, polish]);
});

const mbox = [
  'From pat@kent.example Fri Nov  6 16:45:00 2026',
  'From: Pat Doe <pat@kent.example>',
  'To: Lee <lee@vendor.example>',
  'Bcc: mayor@kent.example',
  'Subject: Contract award',
  'Date: Fri, 06 Nov 2026 16:45:00 -0800',
  '',
  'First message body',
  '',
  '>From the mayor: at 10:30 on day 2026 it was decided.',
  '',
  'From here on at 10:30 it is 2026, and this is no head.',
  '',
  'From lee@vendor.example Fri Nov  6 17:45:00 2026',
  'From: Lee <lee@vendor.example>',
  'Subject: Re: Contract award',
  'Date: not a day that anybody knows',
  '',
  'Second message body',
  '',
];

test('a mailbox is a list of its messages, and each message a document of its own with its own words', async (t) => {
  const { documents, upload, place, request, waitFor } = await openDocumentsGround(t);
  const box = await upload(Buffer.from(mbox.join('\n')), 'two.mbox');
  assert.deepEqual([box.kind, box.mediaType, box.state], ['mail', mailTypes.mailbox, 'ready']);
  const { documents: all } = await documents.list(officer, request.number);
  const inside = all.filter(({ parent }) => parent === box.id);
  assert.deepEqual(
    inside.map(({ name, mediaType }) => [name, mediaType]),
    [
      ['message-1.eml', mailTypes.message],
      ['message-2.eml', mailTypes.message],
    ],
  );
  const words = async (number: number) => {
    await waitFor(number, ({ state }) => state === 'ready');
    return (await documents.page(officer, place(number), 1)).lines.map(({ text }) => text);
  };
  const list = (await words(box.number)).join('\n');
  assert.match(list, /A mailbox of 2 messages/u);
  assert.match(list, /Date: Fri, 06 Nov 2026 16:45:00 -0800 \(2026-11-06 16:45 America\/Los_Angeles\)/u);
  const [first = [], second = []] = await Promise.all(inside.map(({ number }) => words(number)));
  assert.deepEqual(first.slice(-3), [
    'First message body',
    'From the mayor: at 10:30 on day 2026 it was decided.',
    'From here on at 10:30 it is 2026, and this is no head.',
  ]);
  assert.deepEqual(second.slice(-3), [
    'Date: not a day that anybody knows',
    'Subject: Re: Contract award',
    'Second message body',
  ]);
  const { hidden } = await documents.view(officer, place(inside[0]!.number));
  assert.ok(hidden.some(({ where, text }) => where === 'bcc' && text === 'mayor@kent.example'));
});

test('what lies deeper than three files within files is told, and stays in the original', async (t) => {
  const { documents, upload, request, waitFor } = await openDocumentsGround(t);
  const wrap = (inner: Buffer, name: string): Buffer =>
    Buffer.from(
      [
        'From: desk@example.gov',
        'Subject: files within files',
        'Content-Type: multipart/mixed; boundary="b"',
        '',
        '--b',
        `Content-Type: application/octet-stream; name="${name}"`,
        'Content-Transfer-Encoding: base64',
        `Content-Disposition: attachment; filename="${name}"`,
        '',
        inner.toString('base64'),
        '--b--',
        '',
      ].join('\r\n'),
    );
  const names = ['deepest.txt', 'fourth.eml', 'third.eml', 'second.eml'];
  const outer = names.reduce<Buffer>((inner, name) => wrap(inner, name), Buffer.from('words'));
  const top = await upload(outer, 'first.eml');
  let parent = top.id;
  const found: [string, boolean][] = [];
  for (const name of ['second.eml', 'third.eml', 'fourth.eml']) {
    const { documents: all } = await documents.list(officer, request.number);
    const inside = all.find((each) => each.parent === parent && each.name === name);
    assert.ok(inside !== undefined, name);
    const ready = await waitFor(inside.number, ({ state }) => state === 'ready');
    found.push([name, ready.flags.includes('attachments-left')]);
    parent = inside.id;
  }
  assert.deepEqual(found, [
    ['second.eml', false],
    ['third.eml', false],
    ['fourth.eml', true],
  ]);
  const { documents: all } = await documents.list(officer, request.number);
  assert.ok(!all.some(({ name }) => name === 'deepest.txt'));
});

test('rich text: its words in every alphabet, its tables; what it hides is told, and its pictures are files', async () => {
  const picture = await sharp({ create: { width: 3, height: 3, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const bytes = richTextFile('SHOWNWORDS', picture);
  assert.deepEqual(await kindOf(bytes, 'letter.rtf'), { kind: 'office', mediaType: richText, lies: false });
  const { readRtf } = await import('../../../src/records/documents/convert/rtf.ts');
  const { text } = await readRtf(bytes);
  assert.deepEqual(text.split('\n'), [
    'SHOWNWORDS zażółć Уваж 日本 “quoted”',
    'inserted words',
    'a link',
    'north\tsouth\t',
    '1',
  ]);
  const { hidden, attachments, flags } = await convertOffice(bytes, richText);
  const told = (kind: string) => hidden.filter((item) => item.kind === kind).map((item) => item.text);
  assert.deepEqual(told('hidden-text').toSorted(), [richTextCanaries.hidden, `HYPERLINK "${richTextCanaries.field}"`]);
  assert.deepEqual(told('deleted-text'), [richTextCanaries.deleted]);
  assert.deepEqual(told('inserted-text'), ['inserted words']);
  assert.deepEqual(told('comment'), [richTextCanaries.comment]);
  assert.deepEqual(told('metadata'), [richTextCanaries.author]);
  assert.deepEqual(
    attachments.map(({ name, bytes: content }) => [name, picture.equals(content)]),
    [['picture-1.png', true]],
  );
  assert.ok(flags.includes('hidden-content'));
});

test('files that are cut or damaged are read or refused in words, whatever is in them', async (t) => {
  const files = [
    [tnefFile(made), mailTypes.wrapped],
    [Buffer.from(mbox.join('\n')), mailTypes.mailbox],
    [richTextFile('SHOWNWORDS', Buffer.from('89504e47', 'hex')), richText],
  ] as const;
  let [read, refused] = [0, 0];
  for (const [bytes, mediaType] of files) {
    const property = fc.asyncProperty(damaged(fc.constant(bytes)), async (broken) => {
      try {
        await (mediaType === richText ? convertOffice(broken, mediaType) : convertMail(broken, mediaType, zone));
        read++;
      } catch (error) {
        assert.ok(error instanceof FileError, `${mediaType}: ${String(error)}`);
        refused++;
      }
    });
    await fc.assert(property, { seed: toSeed(t), numRuns: 40 });
  }
  assert.ok(read > 0 && refused > 0, `${read} read, ${refused} refused`);
});
