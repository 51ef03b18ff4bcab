// What is redacted is gone: a PDF that hides a secret in every place becomes a rendition that holds none of them.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { inflateSync } from 'node:zlib';

import sharp from 'sharp';
import type { Sharp } from 'sharp';

import { failsWith, openDocumentsGround, readAll, redactor, why, withPdf } from './ground.ts';
import { canaries, hostilePdf, innocent, redactedBox } from './hostile-pdf.ts';
import { extractText, findRemains } from './remains.ts';

const ground = await openDocumentsGround({ after });
const { documents, upload, place, release } = ground;

test('a PDF with a secret in every place it can have becomes one without any', async () => {
  const file = hostilePdf();
  const all = Object.entries(canaries);
  const present = await findRemains(file, canaries);
  for (const [name] of all.filter(([key]) => key !== 'glyphs')) {
    assert.ok(
      present.some((each) => each.startsWith(`${name} in`)),
      `the test’s own file holds ${name}`,
    );
  }
  const document = await upload(file, 'hostile.pdf');
  assert.equal(document.state, 'ready');
  assert.equal(document.pages, 1);
  const view = await documents.page(redactor, place(document.number), 1);
  const hiddenLines = view.lines.filter(({ hidden }) => hidden).map(({ text }) => text);
  for (const name of ['covered', 'white', 'invisible', 'layer'] as const) {
    assert.ok(hiddenLines.includes(canaries[name]), `the reviewer is told that ${name} is hidden`);
  }
  const { page } = view;
  await documents.redact(redactor, place(document.number), {
    marks: [{ page: 1, version: page.version, boxes: [redactedBox] }],
    reason: why,
    origin: 'drawn',
  });
  const { hidden, document: flagged } = await documents.view(redactor, place(document.number));
  for (const name of ['comment', 'field', 'script', 'info'] as const) {
    assert.ok(
      hidden.some(({ text }) => text.includes(canaries[name])),
      `the reviewer is told of ${name}`,
    );
  }
  assert.deepEqual(
    ['annotations', 'form-fields', 'attachments', 'scripts', 'hidden-text'].filter(
      (flag) => !flagged.flags.includes(flag as never),
    ),
    [],
  );
  const rendition = await release(document.number);
  assert.deepEqual(await findRemains(rendition, canaries), []);
  assert.match(await extractText(rendition), new RegExp(`${innocent} words that everybody may read`, 'u'));
  assert.match(await extractText(rendition), /RCW 42\.56\.230\(5\)/u);
});

test('marks are clipped to their page and made a point wide; of those off the page the reviewer is told', async () => {
  const document = await upload(hostilePdf(), 'edges.pdf');
  const { page } = await documents.page(redactor, place(document.number), 1);
  const mark = (box: readonly [number, number, number, number]) => ({ page: 1, version: page.version, boxes: [box] });
  const marks = [mark([600, 100, 700, 120]), mark([50, 50, 50.2, 50.3]), mark([700, 100, 800, 120])];
  const { ids, leftOut } = await documents.redact(redactor, place(document.number), {
    marks,
    reason: why,
    origin: 'search',
  });
  assert.deepEqual([ids.length, leftOut], [2, [2]]);
  const made = (await documents.view(redactor, place(document.number))).redactions.flatMap(({ boxes }) => boxes);
  for (const [left, top, right, bottom] of made) {
    assert.ok(left >= 0 && top >= 0 && right <= 612 && bottom <= 792 && right - left >= 1 && bottom - top >= 1);
  }
  const { page: now } = await documents.page(redactor, place(document.number), 1);
  const away = { page: 1, version: now.version, boxes: [[700, 100, 800, 120]] as const };
  await assert.rejects(
    documents.redact(redactor, place(document.number), { marks: [away], reason: why, origin: 'search' }),
    failsWith('form-invalid', /off the page/u),
  );
});

test('every pixel under a box is black, and the pixels beside it are not', async () => {
  const document = await upload(hostilePdf(), 'pixels.pdf');
  const { page } = await documents.page(redactor, place(document.number), 1);
  const marks = [{ page: 1, version: page.version, boxes: [redactedBox] }];
  await documents.redact(redactor, place(document.number), { marks, reason: why, origin: 'drawn' });
  const [redaction] = (await documents.view(redactor, place(document.number))).redactions;
  const rendition = await release(document.number);
  const pictures = imagesOf(rendition);
  assert.equal(pictures.length, 1);
  const { data, info } = await pictures[0]!.greyscale().raw().toBuffer({ resolveWithObject: true });
  assert.ok(info.width >= (612 / 72) * 150 - 1, 'at least 150 dots an inch');
  const [across, down] = [info.width / 612, info.height / 792];
  let [checked, light] = [0, 0];
  for (const [left, top, right, bottom] of redaction!.boxes) {
    for (let y = Math.ceil(top * down); y < Math.floor(bottom * down); y++) {
      for (let x = Math.ceil(left * across); x < Math.floor(right * across); x++) {
        checked++;
        if (data[y * info.width + x]! > 2) light++;
      }
    }
  }
  assert.ok(checked > 50_000);
  assert.equal(light, 0);
  assert.ok(
    data[Math.round(150 * down) * info.width + Math.round(300 * across)]! > 250,
    'below the box the page is white',
  );
});

test('the picture that is shown has the box and its exemption in it', async () => {
  const { documents: all } = await documents.list(redactor, ground.request.number);
  const rendition = all.find(({ renditionState }) => renditionState === 'ready')!.rendition!;
  const bytes = await readBlob(rendition.blob);
  const picture = await withPdf(bytes, (pdf) => pdf.preview(1, 100));
  const { data, info } = await sharp(Buffer.from(picture.bytes))
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const inBox = (x: number, y: number) =>
    data[Math.round((y * info.height) / 792) * info.width + Math.round((x * info.width) / 612)]!;
  assert.ok(inBox(62, 82) < 5);
  assert.ok(
    [...Array(200).keys()].some((step) => inBox(100 + step, 110) > 200),
    'the label is white on it',
  );
});

async function readBlob(name: string): Promise<Buffer> {
  return readAll(await ground.store.read(name));
}

/** The images of a rendition: JPEG as it is, flat samples unpacked. */
function imagesOf(pdf: Buffer): readonly Sharp[] {
  const text = pdf.toString('latin1');
  return [
    ...text.matchAll(
      /\/Subtype \/Image \/Width (\d+) \/Height (\d+) \/ColorSpace \/Device(\w+) \/BitsPerComponent (\d) \/Filter \/(\w+) \/Length (\d+) >>\nstream\n/gu,
    ),
  ].map((found) => {
    const [, width, height, colour, bits, filter, length] = found;
    const from = found.index + found[0].length;
    const raw = pdf.subarray(from, from + Number(length));
    return filter === 'DCTDecode'
      ? sharp(raw)
      : toSamples(raw, Number(width), Number(height), colour === 'Gray', Number(bits));
  });
}

function toSamples(raw: Buffer, width: number, height: number, isGrey: boolean, bits: number): Sharp {
  const rows = inflateSync(raw);
  const samples = bits === 8 ? rows : Buffer.alloc(width * height);
  if (bits === 4) {
    const rowBytes = (width + 1) >> 1;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const byte = rows[y * rowBytes + (x >> 1)]!;
        samples[y * width + x] = (x % 2 === 0 ? byte >> 4 : byte & 15) * 17;
      }
    }
  }
  return sharp(samples, { raw: { width, height, channels: isGrey ? 1 : 3 } });
}
