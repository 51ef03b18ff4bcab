// PDFium's module of WebAssembly, its memory, and texts out of it.
// It must only be loaded in a child process: what it reads is not to be trusted.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { init } from '@embedpdf/pdfium';
import type { WrappedPdfiumModule } from '@embedpdf/pdfium';

export type Pdfium = WrappedPdfiumModule & {
  /** Memory of PDFium's own that lasts for one call. */
  readonly withMemory: <T>(bytes: number, use: (at: number) => T) => T;
  /** That memory as it is now: a view is good until PDFium's memory grows. */
  readonly memory: () => Uint8Array;
};

/** The package's types leave out the views that it does hand out. */
type Views = { readonly HEAPU8: Uint8Array };

export type PdfFailure = 'password' | 'corrupt';
export class PdfError extends Error {
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
