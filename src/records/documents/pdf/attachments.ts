// Files that a PDF carries: those of the document, and those pinned to a place of a page.
// It must find them without drawing or reading a page: a file of a thousand pages is opened in a moment.

import { annotationKinds, mostAnnotations } from './annotations.ts';
import { readText } from './module.ts';
import type { Pdfium } from './module.ts';

export type Attached = { readonly handle: number; readonly name: string };

const mostAttachments = 100;

export function findAttachments(pdfium: Pdfium, document: number, pages: number): readonly Attached[] {
  const handles: number[] = [];
  const count = pdfium.FPDFDoc_GetAttachmentCount(document);
  for (let index = 0; index < count; index++) handles.push(pdfium.FPDFDoc_GetAttachment(document, index));
  for (let page = 0; page < pages; page++) handles.push(...findPinned(pdfium, document, page));
  return handles
    .filter((handle) => handle !== 0)
    .slice(0, mostAttachments)
    .map((handle, index) => {
      const name = readText(pdfium, (at, bytes) => pdfium.FPDFAttachment_GetName(handle, at, bytes));
      return { handle, name: name === '' ? `attachment ${index + 1}` : name };
    });
}

/** Annotations with a file stay open: what they hold lasts when the page's annotations become its content. */
function findPinned(pdfium: Pdfium, document: number, page: number): readonly number[] {
  const count = Math.min(pdfium.EPDFPage_GetAnnotCountRaw(document, page), mostAnnotations);
  const pinned: number[] = [];
  for (let index = 0; index < count; index++) {
    const annotation = pdfium.EPDFPage_GetAnnotRaw(document, page, index);
    if (annotation === 0) continue;
    if (pdfium.FPDFAnnot_GetSubtype(annotation) === annotationKinds.fileAttachment) {
      pinned.push(pdfium.FPDFAnnot_GetFileAttachment(annotation));
    } else pdfium.FPDFPage_CloseAnnot(annotation);
  }
  return pinned;
}

export function readAttachment(pdfium: Pdfium, attachment: number): Uint8Array {
  if (attachment === 0) return new Uint8Array(0);
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
