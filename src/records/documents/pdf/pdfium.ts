// PDFium, as WebAssembly: opens a PDF in memory, draws its pages, and says what it holds besides pages.
// It must only be loaded in a child process: what it reads is not to be trusted.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { init } from '@embedpdf/pdfium';
import type { WrappedPdfiumModule } from '@embedpdf/pdfium';

import type { HiddenItem, PageSize } from '../document.ts';

export type Pixels = { readonly data: Uint8Array; readonly width: number; readonly height: number };

/** A page that is open; `close` frees what it took. */
export type OpenPage = PageSize & { readonly handle: number; draw(dpi: number): Pixels; close(): void };

export type OpenPdf = {
  readonly pdfium: Pdfium;
  readonly sizes: readonly PageSize[];
  page(number: number): OpenPage;
  attachments(): readonly string[];
  attachment(index: number): Uint8Array;
  hidden(): readonly HiddenItem[];
};

export type Pdfium = WrappedPdfiumModule & {
  /** Memory of PDFium's own that lasts for one call. */
  readonly withMemory: <T>(bytes: number, use: (at: number) => T) => T;
  /** That memory as it is now: a view is good until PDFium's memory grows. */
  readonly memory: () => Uint8Array;
};

/** The package's types leave out the views that it does hand out. */
type Views = { readonly HEAPU8: Uint8Array };

export type PdfFailure = 'password' | 'corrupt';
class PdfError extends Error {
  readonly failure: PdfFailure;
  constructor(failure: PdfFailure) {
    super(failure);
    this.name = 'PdfError';
    this.failure = failure;
  }
}

export async function loadPdfium(): Promise<Pdfium> {
  const wasm = await readFile(fileURLToPath(import.meta.resolve('@embedpdf/pdfium/pdfium.wasm')));
  const wasmBinary = wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength) as ArrayBuffer;
  const module = await init({ wasmBinary });
  module.PDFiumExt_Init();
  const { malloc, free } = module.pdfium.wasmExports;
  const withMemory = <T>(bytes: number, use: (at: number) => T): T => {
    const at = malloc(bytes);
    if (at === 0) throw new PdfError('corrupt');
    try {
      return use(at);
    } finally {
      free(at);
    }
  };
  const memory = () => (module.pdfium as unknown as Views).HEAPU8;
  return Object.assign(module, { withMemory, memory });
}

/** Room for the file in PDFium's own memory, filled piece by piece: the file is held once. */
export function takeFile(pdfium: Pdfium, bytes: number): { fill(at: number, piece: Uint8Array): void; at: number } {
  const at = pdfium.pdfium.wasmExports.malloc(bytes);
  if (at === 0) throw new PdfError('corrupt');
  return { at, fill: (offset, piece) => pdfium.memory().set(piece, at + offset) };
}

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
  return {
    pdfium,
    sizes,
    page: (number) => openPage(pdfium, handle, number),
    attachments: () => readAttachmentNames(pdfium, handle),
    attachment: (index) => readAttachment(pdfium, handle, index),
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

function openPage(pdfium: Pdfium, handle: number, number: number): OpenPage {
  const page = pdfium.FPDF_LoadPage(handle, number - 1);
  if (page === 0) throw new PdfError('corrupt');
  const size = { width: pdfium.FPDF_GetPageWidthF(page), height: pdfium.FPDF_GetPageHeightF(page) };
  return {
    ...(size.width > 0 && size.height > 0 ? size : letter),
    handle: page,
    draw: (dpi) => drawPage(pdfium, page, size, dpi),
    close: () => pdfium.FPDF_ClosePage(page),
  };
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

/** Asks how long a text is, then for the text: UTF-16 with a NUL at its end. */
export function readText(pdfium: Pdfium, ask: (at: number, bytes: number) => number): string {
  const bytes = Math.min(ask(0, 0), longestText);
  if (bytes <= 2) return '';
  return pdfium.withMemory(bytes, (at) => {
    ask(at, bytes);
    return pdfium.pdfium.UTF16ToString(at);
  });
}

const longestText = 65_536;
const mostAttachments = 100;

function readAttachmentNames(pdfium: Pdfium, handle: number): readonly string[] {
  const count = Math.min(pdfium.FPDFDoc_GetAttachmentCount(handle), mostAttachments);
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    const attachment = pdfium.FPDFDoc_GetAttachment(handle, index);
    const name = readText(pdfium, (at, bytes) => pdfium.FPDFAttachment_GetName(attachment, at, bytes));
    return name === '' ? `attachment ${index + 1}` : name;
  });
}

function readAttachment(pdfium: Pdfium, handle: number, index: number): Uint8Array {
  const attachment = pdfium.FPDFDoc_GetAttachment(handle, index);
  const { getValue } = pdfium.pdfium;
  return pdfium.withMemory(8, (size) => {
    if (!pdfium.FPDFAttachment_GetFile(attachment, 0, 0, size)) return new Uint8Array(0);
    const bytes = getValue(size, 'i32') >>> 0;
    if (bytes === 0) return new Uint8Array(0);
    return pdfium.withMemory(bytes, (at) => {
      if (!pdfium.FPDFAttachment_GetFile(attachment, at, bytes, size)) return new Uint8Array(0);
      return pdfium.memory().slice(at, at + bytes);
    });
  });
}

function readScripts(pdfium: Pdfium, handle: number): readonly HiddenItem[] {
  const count = Math.min(pdfium.FPDFDoc_GetJavaScriptActionCount(handle), mostAttachments);
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
