// What lies on a page besides its content (forms, stamps, typed notes) is drawn, found, suggested, released.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { failsWith, officer, openDocumentsGround, redactor, withPdf, why } from './ground.ts';
import { appearance, madePdf } from './made-pdf.ts';
import type { MadePage } from './made-pdf.ts';
import { extractText } from './remains.ts';

const ground = await openDocumentsGround({ after });
const { documents, upload, place, release, releaseRest } = ground;

const look = '/DA (/F 12 Tf 0 g)';
const toCatalog = (fields: string, more = '') =>
  `/AcroForm << /Fields [${fields}] /DR << /Font << /F 5 0 R >> >> ${look} ${more} >>`;
const link = '<< /Type /Annot /Subtype /Link /Rect [72 600 100 620] >>';
const widget = '/Type /Annot /Subtype /Widget';
const choice = '/FT /Ch /Ff 131072 /T (kind) /V (Garage) /Opt [(Garage) (House)]';
const tick = '/FT /Btn /T (agree) /V /Yes /AS /Yes';

/** A signature, an answer without a look, one with its value on the parent, a choice, a tick, a hidden answer. */
const form: MadePage = {
  catalog: toCatalog('10 0 R 11 0 R 12 0 R 13 0 R 14 0 R 15 0 R'),
  annotations: [10, 11, 16, 13, 14, 15],
  objects: [
    `<< ${widget} /FT /Sig /T (signature) /F 4 /Rect [200 630 420 654] /AP << /N 17 0 R >> >>`,
    `<< ${widget} /FT /Tx /T (permit) /V (FENCE) ${look} /F 4 /Rect [140 550 330 574] >>`,
    `<< /FT /Tx /T (owner) /V (Quimby 529-11-2233) ${look} /Kids [16 0 R] >>`,
    `<< ${widget} ${choice} ${look} /F 4 /Rect [140 450 330 474] >>`,
    `<< ${widget} ${tick} /F 4 /Rect [140 400 330 424] /AP << /N << /Yes 18 0 R /Off 19 0 R >> >> >>`,
    `<< ${widget} /FT /Tx /T (secret) /V (UNSEEN) ${look} /F 2 /Rect [140 300 330 324] /AP << /N 20 0 R >> >>`,
    `<< ${widget} /Parent 12 0 R /F 4 /Rect [140 500 330 524] >>`,
    appearance('Signed by Mayor D. Example'),
    appearance('TICKED'),
    appearance(''),
    appearance('UNSEEN'),
  ],
};
const typed: MadePage = {
  annotations: [10, 11, 13],
  objects: [
    `<< /Type /Annot /Subtype /FreeText /Contents (Typed Quimby) ${look} /F 4 /Rect [72 350 292 374] >>`,
    '<< /Type /Annot /Subtype /Stamp /F 4 /Rect [72 400 292 424] /AP << /N 12 0 R >> >>',
    appearance('Stamped 529-11-2233'),
    '<< /Type /Annot /Subtype /Stamp /F 2 /Rect [72 300 292 324] /Contents (UNSEEN) /AP << /N 14 0 R >> >>',
    appearance('UNSEEN'),
  ],
};

test('a filled form shows its answers in the words of the page, and lists what is hidden', async () => {
  await withPdf(madePdf(form), async (pdf) => {
    for (const look of ['first', 'second']) {
      const { words, hidden } = await pdf.read(1);
      assert.equal(
        words.map(({ text }) => text).join(' '),
        'Permit type: Signed by Mayor D. Example FENCE Quimby 529-11-2233 Garage TICKED',
        `at the ${look} look`,
      );
      assert.deepEqual(
        words.filter((word) => word.hidden).map(({ text }) => text),
        [],
      );
      assert.deepEqual(hidden, [{ kind: 'form-value', where: 'page 1', text: 'secret: UNSEEN' }]);
    }
  });
});

test('what is typed or stamped on a page has its words where it is drawn, however the page is turned or cut', async () => {
  for (const page of ['', '/Rotate 90', '/CropBox [50 100 500 760]']) {
    await withPdf(madePdf({ ...typed, page }), async (pdf) => {
      const { words, hidden } = await pdf.read(1);
      const found = words.map(({ text }) => text).sort();
      assert.deepEqual(found, ['529-11-2233', 'Permit', 'Quimby', 'Stamped', 'Typed', 'type:']);
      assert.deepEqual(
        words.filter((word) => word.hidden),
        [],
        'each has its ink in its place',
      );
      assert.deepEqual(hidden, [{ kind: 'comment', where: 'page 1', text: 'UNSEEN' }]);
    });
  }
});

test('an answer of a form is found, suggested, redacted and released like any word', async () => {
  const document = await upload(madePdf(form), 'form.pdf');
  const { page, suggestions } = await documents.page(redactor, place(document.number), 1);
  const number = suggestions.find(({ kind }) => kind === 'social-security');
  assert.equal(number?.text, '529-11-2233');
  const { hits } = await documents.search(redactor, place(document.number), 'quimby');
  assert.equal(hits.length, 1);
  const marks = [{ page: 1, version: page.version, boxes: [...number.boxes] }];
  await documents.redact(redactor, place(document.number), { marks, reason: why, origin: 'suggestion' });
  await releaseRest(document.number);
  const text = await extractText(await release(document.number));
  for (const shown of ['FENCE', 'Quimby', 'Garage', 'Signed by Mayor D. Example'])
    assert.ok(text.includes(shown), shown);
  assert.ok(!/529|2233|UNSEEN/u.test(text));
});

test('a hit that lies off its page or is tiny never keeps the others from being redacted, and is told', async () => {
  const lines = ['/F 12 Tf 72 700 Td (Visible Quimby)', '/F .5 Tf 72 600 Td (Tiny Quimby)'];
  const off = ['/F 12 Tf 72 -300 Td (Below Quimby)', '/F 12 Tf 590 500 Td (Quimby)', '/F 12 Tf 900 500 Td (Quimby)'];
  const content = [...lines, ...off].map((text) => `BT ${text} Tj ET`).join(' ');
  const document = await upload(madePdf({ content }), 'wide.pdf');
  const at = place(document.number);
  const { version } = (await documents.page(redactor, at, 1)).page;
  const { hits } = await documents.search(redactor, at, 'quimby');
  assert.equal(hits.length, 5);
  const marks = hits.map(({ page, boxes }) => ({ page, version, boxes }));
  const { ids, leftOut } = await documents.redact(redactor, at, { marks, reason: why, origin: 'search' });
  assert.equal(ids.length, 3);
  assert.deepEqual([leftOut.length, hits.filter(({ offPage }) => offPage).length], [2, 2]);
  const { page, redactions } = await documents.page(redactor, at, 1);
  for (const [left, top, right, bottom] of redactions.flatMap(({ boxes }) => boxes)) {
    assert.ok(left >= 0 && top >= 0 && right <= page.width && bottom <= page.height);
    assert.ok(right - left >= 1 && bottom - top >= 1);
  }
  const alone = leftOut.map((index) => ({ ...marks[index]!, version: page.version }));
  await assert.rejects(
    documents.redact(redactor, at, { marks: alone, reason: why, origin: 'search' }),
    failsWith('form-invalid', /off the page/u),
  );
  assert.ok(!/Quimby/u.test(await extractText(await release(document.number))));
});

test('a file pinned to a page becomes a document of its own, also after its page was looked at', async () => {
  const bytes = 'name,ssn\nQuimby,529-11-2233\n';
  const pin = (file: string) =>
    `<< /Type /Annot /Subtype /FileAttachment /Rect [300 700 320 720] /F 4 /Contents (${file}) ` +
    `/FS << /Type /Filespec /F (${file}) /UF (${file}) /EF << /F 11 0 R >> >> >>`;
  const file = madePdf({
    annotations: [10, 12],
    objects: [pin('payroll.csv'), { dictionary: '/Type /EmbeddedFile', stream: bytes }, link],
  });
  await withPdf(file, async (pdf) => {
    assert.deepEqual(pdf.facts.attachments, ['payroll.csv']);
    await pdf.read(1);
    assert.equal(Buffer.from(await pdf.attachment(0)).toString(), bytes);
  });
  const parent = await upload(file, 'pinned.pdf');
  assert.ok(parent.flags.includes('attachments'));
  const { documents: all } = await documents.list(officer, ground.request.number);
  const child = all.find((each) => each.parent === parent.id);
  assert.equal(child?.name, 'payroll.csv');
  assert.equal(child.bytes, bytes.length);
});
