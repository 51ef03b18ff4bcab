// The process that reads one PDF: its pages, words and pictures. Started by pdf.ts under limits, never imported.
// It must write nothing and ask nothing of the network: what it read goes back to the portal alone.

import type { Box, HiddenItem, Word } from '../document.ts';
import { answerQuestions, readInput } from '../child-loop.ts';
import type { Question } from '../child-loop.ts';
import { readWords } from './words.ts';
import { loadPdfium, takeFile } from './module.ts';
import { openPdf } from './pdfium.ts';
import type { OpenPage, OpenPdf } from './pdfium.ts';
import { burn, toPicture, toPreview } from './picture.ts';
import { survivors } from '../survivors.ts';

const wordsDpi = 96;

async function open(bytes: number): Promise<OpenPdf> {
  const pdfium = await loadPdfium();
  const room = takeFile(pdfium, bytes);
  await readInput(bytes, room.fill);
  return openPdf(pdfium, room.at, bytes);
}

async function withPage<T>(pdf: OpenPdf, number: number, use: (page: OpenPage) => T | Promise<T>): Promise<T> {
  const page = pdf.page(number);
  try {
    return await use(page);
  } finally {
    page.close();
  }
}

/** Words and what annotations say; the reviewer is shown both. */
function read(pdf: OpenPdf, number: number): Promise<{ words: readonly Word[]; hidden: readonly HiddenItem[] }> {
  return withPage(pdf, number, (page) => ({
    words: readWords(pdf.pdfium, page, page.draw(wordsDpi)),
    hidden: page.hidden,
  }));
}

function preview(pdf: OpenPdf, number: number, dpi: number) {
  return withPage(pdf, number, (page) => toPreview(page.draw(dpi)));
}

/** The page with its boxes burnt in, and the words that none of them touches. */
function release(pdf: OpenPdf, number: number, boxes: readonly Box[], dpi: number) {
  return withPage(pdf, number, async (page) => {
    const pixels = page.draw(dpi);
    const words = survivors(readWords(pdf.pdfium, page, pixels), boxes);
    burn(pixels, page, boxes);
    return { width: page.width, height: page.height, picture: await toPicture(pixels), words };
  });
}

function run(): void {
  let opening: Promise<OpenPdf> | null = null;
  answerQuestions(async (question: Question) => {
    if (question.kind === 'open') {
      opening ??= open(Number(question['bytes']));
      const { sizes, attachments, hidden } = await opening;
      return { sizes, attachments: attachments(), hidden: hidden() };
    }
    if (opening === null) throw new Error('nothing is open');
    const pdf = await opening;
    const number = Number(question['page']);
    switch (question.kind) {
      case 'read':
        return read(pdf, number);
      case 'preview':
        return preview(pdf, number, Number(question['dpi']));
      case 'release':
        return release(pdf, number, question['boxes'] as readonly Box[], Number(question['dpi']));
      case 'attachment':
        return pdf.attachment(Number(question['index']));
      default:
        throw new Error(`unknown question ${question.kind}`);
    }
  });
}

run();
