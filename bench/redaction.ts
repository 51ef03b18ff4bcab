// Redaction of a 1,000-page PDF: how soon the first page can be reviewed, and how long the redacted rendition takes.
// It must go through the functions that the pages and routes call.

import { setTimeout as wait } from 'node:timers/promises';

import PDFDocument from 'pdfkit';

import { closeAll, type Close } from '../src/base/closing.ts';
import { openDocumentsGround, officer, redactor, reviewer, pieces, why } from '../test/records/documents/ground.ts';
import type { DocumentsGround } from '../test/records/documents/ground.ts';
import type { Figure } from './measure.ts';

const count = 1_000;
const greatest = { firstPageMs: 3_000, renditionMs: 60_000 };

function thousandPages(): Promise<Buffer> {
  const pdf = new PDFDocument({ size: 'LETTER', autoFirstPage: false });
  const parts: Buffer[] = [];
  const done = new Promise<Buffer>((resolve) => {
    pdf.on('data', (part: Buffer) => parts.push(part));
    pdf.on('end', () => resolve(Buffer.concat(parts)));
  });
  for (let page = 1; page <= count; page++) {
    pdf.addPage().fontSize(10);
    for (let line = 1; line <= 44; line++) {
      const number = String(page * 44 + line).padStart(4, '0');
      pdf.text(
        `Page ${page}, line ${line}: case ${number} was inspected and closed; call 253-555-${number.slice(-4)} about it.`,
      );
    }
  }
  pdf.end();
  return done;
}

async function measure(ground: DocumentsGround, file: Buffer): Promise<Figure[]> {
  const { documents, request, place, read } = ground;
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const sentAt = performance.now();
  const { number } = await documents.receive(officer, request.number, {
    name: 'long.pdf',
    bytes: pieces(file),
    declaredBytes: file.length,
  });
  const { page } = await documents.page(officer, place(number), 1);
  await documents.picture(officer, place(number), { page: 1, size: 'normal' });
  const firstPageMs = performance.now() - sentAt;
  say(
    `first page, words and picture: ${(firstPageMs / 1000).toFixed(1)} s after the upload of ${count} pages, ${(file.length / 1e6).toFixed(1)} MB`,
  );
  const readAt = performance.now();
  for (;;) {
    const { unread } = await documents.search(officer, place(number), '253-555-####');
    if (unread === 0) break;
    await wait(5_000); // each look opens every page that is read
  }
  say(`all words read in the background: ${((performance.now() - readAt) / 1000).toFixed(1)} s`);
  const searchedAt = performance.now();
  const { hits } = await documents.search(officer, place(number), '253-555-##1#');
  say(`a search over all pages: ${((performance.now() - searchedAt) / 1000).toFixed(1)} s, ${hits.length} hits`);
  const markedAt = performance.now();
  const marks = hits.map((hit) => ({ page: hit.page, version: page.version, boxes: hit.boxes }));
  await documents.redact(redactor, place(number), { marks, reason: why, origin: 'search' });
  await ground.releaseRest(number);
  say(
    `${marks.length} redactions saved, the other pages released: ${((performance.now() - markedAt) / 1000).toFixed(1)} s`,
  );
  await documents.submit(redactor, place(number), { version: (await read(number)).version });
  const approvedAt = performance.now();
  await documents.approve(reviewer, place(number), { version: (await read(number)).version });
  let ready = await read(number);
  while (ready.renditionState !== 'ready') {
    await wait(250);
    ready = await read(number);
  }
  const renditionMs = performance.now() - approvedAt;
  say(`rendition: ${(renditionMs / 1000).toFixed(1)} s, ${((ready.rendition?.bytes ?? 0) / 1e6).toFixed(1)} MB`);
  const megabytes = (file.length / 1e6).toFixed(1);
  return [
    toFigure(
      'first page can be reviewed',
      firstPageMs,
      greatest.firstPageMs,
      `words and picture, from the first byte of ${megabytes} MB`,
    ),
    toFigure('rendition', renditionMs, greatest.renditionMs, `${marks.length} redactions, from the approval on`),
  ];
}

function toFigure(what: string, ms: number, demandMs: number, how: string): Figure {
  return {
    what: `redaction of 1,000 pages: ${what}`,
    demand: `≤ ${demandMs / 1000} s`,
    value: ms,
    shown: `${(ms / 1000).toFixed(1)} s`,
    met: ms <= demandMs,
    how,
  };
}

export async function measureRedaction(): Promise<Figure[]> {
  const closers: Close[] = [];
  try {
    const ground = await openDocumentsGround({ after: (close) => void closers.push(close) });
    return await measure(ground, await thousandPages());
  } finally {
    await closeAll(closers);
  }
}
