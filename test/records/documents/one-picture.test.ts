// What lies on a page besides its content (forms, stamps, typed notes) is drawn, found, suggested, released.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { openDocumentsGround, redactor, withPdf, why } from './ground.ts';
import { appearance, madePdf } from './made-pdf.ts';
import type { MadePage } from './made-pdf.ts';
import { extractText } from './remains.ts';

const ground = await openDocumentsGround({ after });
const { documents, upload, place, release, releaseRest } = ground;

const look = '/DA (/F 12 Tf 0 g)';
const toCatalog = (fields: string, more = '') =>
  `/AcroForm << /Fields [${fields}] /DR << /Font << /F 5 0 R >> >> ${look} ${more} >>`;
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
