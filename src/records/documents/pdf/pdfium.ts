// Through PDFium: opens a PDF in memory, draws its pages, and says what it holds besides pages.
// It must only be loaded in a child process: what it reads is not to be trusted.

import type { HiddenItem, PageSize } from '../document.ts';
import { flatten, giveAppearances, notShown, readAnnotations } from './annotations.ts';
import { findAttachments, readAttachment } from './attachments.ts';
import { PdfError, readText } from './module.ts';
import type { Pdfium } from './module.ts';

export type Pixels = { readonly data: Uint8Array; readonly width: number; readonly height: number };

/** A page that is open; `close` frees what it took. */
export type OpenPage = PageSize & {
  readonly handle: number;
  /** What annotations say that the page does not show. */
  readonly hidden: readonly HiddenItem[];
  draw(dpi: number): Pixels;
  close(): void;
};

export type OpenPdf = {
  readonly pdfium: Pdfium;
  readonly sizes: readonly PageSize[];
  page(number: number): OpenPage;
  attachments(): readonly string[];
  attachment(index: number): Uint8Array;
  hidden(): readonly HiddenItem[];
};

const passwordError = 4;
const unknownHandlerError = 5;

/** Throws PdfError. */
export function openPdf(pdfium: Pdfium, at: number, bytes: number): OpenPdf {
  const handle = pdfium.FPDF_LoadMemDocument(at, bytes, '');
  if (handle === 0) {
    const error = pdfium.FPDF_GetLastError();
    throw new PdfError(error === passwordError || error === unknownHandlerError ? 'password' : 'corrupt');
  }
  const count = pdfium.FPDF_GetPageCount(handle);
  if (count < 1) throw new PdfError('corrupt');
  const sizes = Array.from({ length: count }, (_, index) => readSize(pdfium, handle, index));
  const form = pdfium.PDFiumExt_InitFormFillEnvironment(handle, pdfium.PDFiumExt_OpenFormFillInfo());
  const attached = findAttachments(pdfium, handle, count); // before any page becomes one picture
  const document: Opened = { handle, form, hidden: new Map() };
  return {
    pdfium,
    sizes,
    page: (number) => openPage(pdfium, document, number),
    attachments: () => attached.map(({ name }) => name),
    attachment: (index) => readAttachment(pdfium, attached[index]?.handle ?? 0),
    hidden: () => [...readScripts(pdfium, handle), ...readMetadata(pdfium, handle)],
  };
}

const letter: PageSize = { width: 612, height: 792 };

function readSize(pdfium: Pdfium, handle: number, index: number): PageSize {
  return pdfium.withMemory(8, (at) => {
    if (!pdfium.FPDF_GetPageSizeByIndexF(handle, index, at)) return letter;
    const width = pdfium.pdfium.getValue(at, 'float');
    const height = pdfium.pdfium.getValue(at + 4, 'float');
    return width > 0 && height > 0 ? { width, height } : letter;
  });
}

/** A large plan is drawn with fewer dots an inch than asked for, so that a page fits the memory of its process. */
const mostPixels = 40_000_000;
const white = 0xffffffff;
const withAnnotations = 0x01;
const asRgb = 0x10;
const coarseDpi = 4;

/** `hidden`: by page, what annotations said that is not shown; a page that is here has become one picture. */
type Opened = {
  readonly handle: number;
  readonly form: number;
  readonly hidden: Map<number, readonly HiddenItem[]>;
};

function openPage(pdfium: Pdfium, document: Opened, number: number): OpenPage {
  const page = loadWhole(pdfium, document, number);
  const size = sizeOf(pdfium, page);
  return {
    ...(size.width > 0 && size.height > 0 ? size : letter),
    handle: page,
    hidden: document.hidden.get(number) ?? [],
    draw: (dpi) => drawPage(pdfium, page, size, dpi),
    close: () => pdfium.FPDF_ClosePage(page),
  };
}

function loadPage(pdfium: Pdfium, handle: number, number: number): number {
  const page = pdfium.FPDF_LoadPage(handle, number - 1);
  if (page === 0) throw new PdfError('corrupt');
  return page;
}

/** The page with all that lies on it as its content: what is drawn, searched and released is one. */
function loadWhole(pdfium: Pdfium, { handle, form, hidden }: Opened, number: number): number {
  const page = loadPage(pdfium, handle, number);
  if (hidden.has(number) || pdfium.FPDFPage_GetAnnotCount(page) < 1) return page;
  if (form !== 0) pdfium.FORM_OnAfterLoadPage(page, form);
  giveAppearances(pdfium, page);
  drawPage(pdfium, page, sizeOf(pdfium, page), coarseDpi); // makes the looks of highlights and the like
  const said = readAnnotations(pdfium, form, page, number);
  const isWhole = flatten(pdfium, page);
  if (form !== 0) pdfium.FORM_OnBeforeClosePage(page, form);
  pdfium.FPDF_ClosePage(page);
  if (!isWhole) throw new PdfError('corrupt');
  const whole = loadPage(pdfium, handle, number);
  hidden.set(number, notShown(pdfium, whole, said));
  return whole;
}

function sizeOf(pdfium: Pdfium, page: number): PageSize {
  return { width: pdfium.FPDF_GetPageWidthF(page), height: pdfium.FPDF_GetPageHeightF(page) };
}

/** Red, green, blue and a byte without meaning, copied out of PDFium's memory. */
function drawPage(pdfium: Pdfium, page: number, size: PageSize, dpi: number): Pixels {
  const scale = Math.min(dpi / 72, Math.sqrt(mostPixels / (size.width * size.height)));
  const width = Math.max(1, Math.round(size.width * scale));
  const height = Math.max(1, Math.round(size.height * scale));
  const bitmap = pdfium.FPDFBitmap_Create(width, height, 0);
  if (bitmap === 0) throw new PdfError('corrupt');
  try {
    pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, white);
    pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, withAnnotations | asRgb);
    const at = pdfium.FPDFBitmap_GetBuffer(bitmap);
    const stride = pdfium.FPDFBitmap_GetStride(bitmap);
    if (stride !== width * 4) throw new PdfError('corrupt');
    return { data: pdfium.memory().slice(at, at + stride * height), width, height };
  } finally {
    pdfium.FPDFBitmap_Destroy(bitmap);
  }
}

const mostScripts = 100;

function readScripts(pdfium: Pdfium, handle: number): readonly HiddenItem[] {
  const count = Math.min(pdfium.FPDFDoc_GetJavaScriptActionCount(handle), mostScripts);
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    const action = pdfium.FPDFDoc_GetJavaScriptAction(handle, index);
    const text = readText(pdfium, (at, bytes) => pdfium.FPDFJavaScriptAction_GetScript(action, at, bytes));
    pdfium.FPDFDoc_CloseJavaScriptAction(action);
    return { kind: 'script', where: 'the document', text } as const;
  });
}

const metadataNames = ['Title', 'Author', 'Subject', 'Keywords', 'Creator', 'Producer'] as const;

function readMetadata(pdfium: Pdfium, handle: number): readonly HiddenItem[] {
  return metadataNames.flatMap((name) => {
    const text = readText(pdfium, (at, bytes) => pdfium.FPDF_GetMetaText(handle, name, at, bytes));
    return text === '' ? [] : [{ kind: 'metadata', where: name, text } as const];
  });
}
