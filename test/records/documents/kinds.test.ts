// Files of every kind: what they hide never goes along; what cannot be read is kept, flagged, and blocks nothing.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { readdir } from 'node:fs/promises';
import { after, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';

import { zipSync } from 'fflate';
import PDFDocument from 'pdfkit';

import { failsWith, officer, openDocumentsGround, readAll, redactor, reviewer, why } from './ground.ts';
import {
  cameraCanary,
  mailCanaries,
  mailFile,
  openDocumentCanaries,
  openDocumentFile,
  photograph,
  scan,
  sheetCanaries,
  sheetFile,
  slideCanaries,
  slideFile,
  wordCanaries,
  wordFile,
} from './office-files.ts';
import { extractText, findRemains } from './remains.ts';

/** Plays clamd: whatever holds the word is infected. Reads pieces by their lengths; one of no length is the end. */
const scanner = createServer((socket) => {
  let all = Buffer.alloc(0);
  let at = 'zINSTREAM\0'.length;
  socket.on('data', (piece) => {
    all = Buffer.concat([all, piece]);
    while (all.length >= at + 4) {
      const length = all.readUInt32BE(at);
      if (length === 0) {
        assert.ok(all.toString('latin1').startsWith('zINSTREAM\0'));
        socket.end(all.includes('MALWARE') ? 'stream: Test.Virus FOUND\0' : 'stream: OK\0');
        return;
      }
      at += 4 + length;
    }
  });
});
scanner.listen(0, '127.0.0.1');
await once(scanner, 'listening');
after(() => scanner.close());
const { port } = scanner.address() as AddressInfo;

const ground = await openDocumentsGround({ after }, { scanner: { host: '127.0.0.1', port } });
const { documents, upload, place, release, releaseRest, request } = ground;
const shown = 'SHOWNWORDS';

for (const [name, bytes, canaries, expected] of [
  [
    'letter.docx',
    wordFile(shown),
    wordCanaries,
    ['deleted-text', 'comment', 'hidden-text', 'metadata', 'inserted-text'],
  ],
  ['pay.xlsx', sheetFile(shown), sheetCanaries, ['hidden-sheet', 'hidden-rows', 'comment', 'metadata']],
  ['talk.pptx', slideFile(shown), slideCanaries, ['hidden-sheet', 'notes']],
  ['letter.odt', openDocumentFile(shown), openDocumentCanaries, ['deleted-text', 'comment', 'hidden-text', 'metadata']],
  ['about.eml', mailFile(shown, 'ATTACHEDWORDS'), mailCanaries, ['header']],
] as const) {
  test(`${name}: what it shows is laid out, what it hides is told and never goes along`, async () => {
    const document = await upload(bytes, name);
    assert.deepEqual(
      [document.state, document.flags.includes('type-lies')],
      ['ready', false],
      JSON.stringify(document),
    );
    assert.ok(document.flags.includes('text-rendition'));
    const { hidden } = await documents.view(officer, place(document.number));
    for (const kind of expected)
      assert.ok(
        hidden.some((item) => item.kind === kind),
        kind,
      );
    for (const canary of Object.values(canaries))
      assert.ok(
        hidden.some(({ text }) => text.includes(canary)),
        canary,
      );
    await releaseRest(document.number);
    const rendition = await release(document.number);
    assert.deepEqual(await findRemains(rendition, canaries), []);
    assert.match(await extractText(rendition), new RegExp(shown, 'u'));
  });
}

test('an attachment is a document of its own; a date of a sheet reads as a date', async () => {
  const { documents: all } = await documents.list(officer, request.number);
  const mail = all.find(({ name }) => name === 'about.eml')!;
  const inside = all.find(({ parent }) => parent === mail.id)!;
  assert.deepEqual([inside.name, inside.kind], ['inside.txt', 'text']);
  const sheet = all.find(({ name }) => name === 'pay.xlsx')!;
  const { lines } = await documents.page(officer, place(sheet.number), 1);
  assert.ok(
    lines.some(({ text }) => text.includes('2023-03-15')),
    JSON.stringify(lines),
  );
});

test('a mail that says it in HTML is laid out with those words, also beside plain text that says less', async () => {
  const html = '<html><body><p>We award the contract for <b>48000</b> without bidding.</p></body></html>';
  const head = 'From: lee@example.org\r\nTo: cam@example.org\r\nSubject: Award\r\nMIME-Version: 1.0\r\n';
  const part = (type: string, body: string) => `--b\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`;
  const plain = part('text/plain', 'This message needs an HTML viewer.');
  for (const [name, kind, parts] of [
    ['html-only.eml', 'related', [part('text/html', html)]],
    ['differs.eml', 'alternative', [plain, part('text/html', html)]],
  ] as const) {
    const bytes = Buffer.from(`${head}Content-Type: multipart/${kind}; boundary=b\r\n\r\n${parts.join('')}--b--\r\n`);
    const document = await upload(bytes, name);
    const { lines } = await documents.page(officer, place(document.number), 1);
    const words = lines.map(({ text }) => text).join(' ');
    assert.match(words, /We award the contract for 48000 without bidding/u, name);
    if (kind === 'alternative') assert.match(words, /needs an HTML viewer.*The HTML part of this message/u);
  }
});

test('text is read in the encoding that a published file would be read in', async () => {
  for (const [name, bytes] of [
    ['excel.csv', Buffer.from('name;city\nNu\xf1ez;Kent\n', 'latin1')],
    ['notepad.txt', Buffer.from('\ufeffname Nuñez', 'utf16le')],
    ['mostly.txt', Buffer.concat([Buffer.from(`Nuñez ${'é'.repeat(40)}`), Buffer.from([0xff])])],
  ] as const) {
    const document = await upload(bytes, name);
    const { lines } = await documents.page(officer, place(document.number), 1);
    assert.match(lines.map(({ text }) => text).join(' '), /Nuñez/u, name);
  }
});

test('hidden content becomes a document to review when somebody wants it', async () => {
  const { documents: all } = await documents.list(officer, request.number);
  const word = all.find(({ name }) => name === 'letter.docx')!;
  const { number } = await documents.addHiddenContent(officer, place(word.number));
  const added = await ground.waitFor(number, ({ state }) => state === 'ready');
  assert.equal(added.parent, word.id);
  const { hits } = await waitForHits(number, wordCanaries.comment);
  assert.equal(hits.length, 1);
});

async function waitForHits(number: number, text: string) {
  await ground.waitFor(number, ({ state }) => state === 'ready');
  await documents.page(officer, place(number), 1);
  return documents.search(officer, place(number), text);
}

test('a photograph loses its camera data, a scan keeps its pages', async () => {
  const photo = await upload(await photograph(), 'photo.jpg');
  assert.ok(photo.flags.includes('camera-data'));
  await releaseRest(photo.number);
  assert.deepEqual(await findRemains(await release(photo.number), { camera: cameraCanary, exif: 'Exif' }), []);
  const pages = await upload(scan(), 'scan.tiff');
  assert.deepEqual([pages.state, pages.pages], ['ready', 2]);
  const lying = await upload(await photograph(), 'report.pdf');
  assert.ok(lying.flags.includes('type-lies'));
  assert.equal(lying.kind, 'image');
});

test('what cannot be read is kept, flagged and can only be withheld as a whole', async () => {
  const secret = new PDFDocument({ userPassword: 'secret', size: 'LETTER' });
  const pieces: Buffer[] = [];
  secret.on('data', (piece: Buffer) => pieces.push(piece));
  const done = once(secret, 'end');
  secret.text('words');
  secret.end();
  await done;
  const envelope = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(2048)]);
  for (const [bytes, name, problem] of [
    [Buffer.concat(pieces), 'secret.pdf', 'password'],
    [envelope, 'secret.docx', 'password'],
    [Buffer.from('%PDF-1.7\nnot a PDF at all'), 'broken.pdf', 'corrupt'],
    [wordFile(shown).subarray(0, 300), 'cut.docx', null],
    [(await photograph()).subarray(0, 2_000), 'cut.jpg', 'corrupt'],
  ] as const) {
    const document = await upload(bytes, name);
    if (problem === null) continue; // cut so short that it is no office file any more: kept as it is
    assert.deepEqual([document.state, document.problem, document.pages], ['attention', problem, 0], name);
    await assert.rejects(documents.page(officer, place(document.number), 1), failsWith('records-invalid'));
    const { version } = document;
    await assert.rejects(
      documents.submit(redactor, place(document.number), { version }),
      failsWith('records-invalid', /withheld as a whole/u),
    );
    await documents.withhold(redactor, place(document.number), { version, reason: why });
    await documents.submit(redactor, place(document.number), { version: version + 1 });
    await documents.approve(reviewer, place(document.number), { version: version + 2 });
    const ready = await ground.database.db.transaction((tx) => documents.ready(tx, request.id, [document.id]));
    assert.deepEqual([ready.documents[0]!.rendition, ready.withheld[0]!.extent], [null, 'full']);
  }
});

test('bombs are put out, and the portal goes on', async () => {
  const content = (body: string) => ({
    '[Content_Types].xml': new TextEncoder().encode(
      '<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    ),
    'word/document.xml': new TextEncoder().encode(body),
  });
  const laughs = '<!DOCTYPE x [<!ENTITY a "ha">]><w:document>&a;</w:document>';
  const flat = zipSync(content(`<w:document>${' '.repeat(64 * 1024 * 1024)}</w:document>`), { level: 9 });
  for (const [bytes, name, problem] of [
    [flat, 'flat.docx', 'too-large'],
    [zipSync(content(laughs)), 'laughs.docx', 'corrupt'],
    [lyingSize(), 'lying.docx', 'too-large'],
    [hugePicture(), 'huge.png', 'corrupt'],
  ] as const) {
    const document = await upload(Buffer.from(bytes), name);
    assert.deepEqual([document.state, document.problem], ['attention', problem], name);
  }
  assert.equal((await upload('still here', 'after.txt')).state, 'ready');
});

/** A part that says it is 10 bytes and unpacks to 300 MB. */
function lyingSize(): Buffer {
  const packed = deflateRawSync(Buffer.alloc(300 * 1024 * 1024), { level: 9 });
  const good = Buffer.from(
    zipSync({
      '[Content_Types].xml': new TextEncoder().encode(
        '<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
      ),
    }),
  );
  const name = Buffer.from('word/document.xml');
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(packed.length, 18);
  local.writeUInt32LE(10, 22);
  local.writeUInt16LE(name.length, 26);
  const listAt = good.readUInt32LE(good.length - 6);
  const first = good.subarray(0, listAt);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(packed.length, 20);
  entry.writeUInt32LE(10, 24);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt32LE(first.length, 42);
  const body = Buffer.concat([first, local, name, packed]);
  const list = Buffer.concat([good.subarray(listAt, good.length - 22), entry, name]);
  const end = Buffer.from(good.subarray(good.length - 22));
  end.writeUInt16LE(2, 8);
  end.writeUInt16LE(2, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(body.length, 16);
  return Buffer.concat([body, list, end]);
}

/** The head of a PNG that claims 60,000 by 60,000 pixels and has none. */
function hugePicture(): Buffer {
  const head = Buffer.from('89504e470d0a1a0a0000000d494844520000ea600000ea600802000000', 'hex');
  return Buffer.concat([head, Buffer.alloc(64)]);
}

test('malware is quarantined: kept, sealed, shown and handed out to nobody', async () => {
  const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'].join('');
  for (const [text, name] of [
    [eicar, 'test.txt'],
    [`MALWARE ${'x'.repeat(100)}`, 'other.txt'],
  ] as const) {
    const document = await upload(text, name);
    assert.deepEqual([document.state, document.problem, document.pages], ['quarantined', 'infected', 0]);
    await assert.rejects(documents.original(officer, place(document.number)), failsWith('records-invalid'));
  }
});

test('sound and video go out as they are or not at all, and only after somebody approved', async () => {
  const sound = Buffer.concat([Buffer.from('RIFF\x24\x00\x00\x00WAVEfmt ', 'latin1'), Buffer.alloc(60)]);
  const document = await upload(sound, 'hearing.wav');
  assert.deepEqual([document.kind, document.flags.includes('not-inspected')], ['whole', true]);
  await assert.rejects(
    documents.submit(redactor, place(document.number), { version: document.version }),
    failsWith('records-invalid'),
  );
  await documents.releaseWhole(redactor, place(document.number), { version: document.version, release: true });
  assert.ok((await release(document.number)).equals(sound));
});

test('no file of an original is left in the work folder, and no blob holds its words', async () => {
  assert.deepEqual(await readdir(ground.workFolder), []);
  for await (const { sha256 } of ground.store.list()) {
    const bytes = await readAll(await ground.store.read(sha256));
    assert.ok(!bytes.includes('CANARY'), sha256);
  }
});
