// What lies on a page besides its content: answers of forms, ticks, signatures, stamps, typed notes, pinned files.
// It must make all that viewers show part of the page's content, so that what is drawn is what is searched.

import type { HiddenItem } from '../document.ts';
import { readText } from './module.ts';
import type { Pdfium } from './module.ts';

/** The kinds of ISO 32000-1, 12.5.6, as PDFium counts them. */
export const annotationKinds = { link: 2, freeText: 3, popup: 16, fileAttachment: 17, widget: 20 } as const;
const flagHidden = 2;
const flagNoView = 32;
const normalAppearance = 0;
const asDisplayed = 0;
const flattenFailed = 0;
const ticks = [2, 3]; // fields: boxes to tick, one of several
/** Of a page. */
export const mostAnnotations = 500;

type Said = { readonly item: HiddenItem; readonly isDrawn: (pageText: string) => boolean };

function eachAnnotation(pdfium: Pdfium, page: number, use: (annotation: number) => void): void {
  const count = Math.min(pdfium.FPDFPage_GetAnnotCount(page), mostAnnotations);
  for (let index = 0; index < count; index++) {
    const annotation = pdfium.FPDFPage_GetAnnot(page, index);
    if (annotation === 0) continue;
    use(annotation);
    pdfium.FPDFPage_CloseAnnot(annotation);
  }
}

/** What annotations say, read before they become content. `form`: the document's forms, 0 for none. */
export function readAnnotations(pdfium: Pdfium, form: number, page: number, number: number): readonly Said[] {
  const said: Said[] = [];
  eachAnnotation(pdfium, page, (annotation) => {
    const kind = pdfium.FPDFAnnot_GetSubtype(annotation);
    if (kind === annotationKinds.popup || kind === annotationKinds.link) return;
    const isShown = isSeen(pdfium, annotation) && hasAppearance(pdfium, annotation);
    const where = `page ${number}`;
    if (kind === annotationKinds.widget) {
      const { name, value, type } = readField(pdfium, form, annotation);
      const text = [name, value].filter((part) => part !== '').join(': ');
      const isTick = ticks.includes(type);
      const isDrawn = (drawn: string) => isShown && (isTick || value === '' || drawn.includes(squeezed(value)));
      if (text !== '') said.push({ item: { kind: 'form-value', where, text }, isDrawn });
      return;
    }
    const text = readValue(pdfium, annotation, 'Contents');
    const isDrawn = (drawn: string) => isShown && kind === annotationKinds.freeText && drawn.includes(squeezed(text));
    if (text !== '') said.push({ item: { kind: 'comment', where, text }, isDrawn });
  });
  return said;
}

/** What of it the page does not show in words that can be found. */
export function notShown(pdfium: Pdfium, page: number, said: readonly Said[]): readonly HiddenItem[] {
  if (said.length === 0) return [];
  const drawn = squeezed(readPageText(pdfium, page));
  return said.filter(({ isDrawn }) => !isDrawn(drawn)).map(({ item }) => item);
}

/** Makes what annotations show part of the page's content. The page must be loaded again afterwards. */
export function flatten(pdfium: Pdfium, page: number): boolean {
  return pdfium.FPDFPage_Flatten(page, asDisplayed) !== flattenFailed;
}

/** Gives a look to answers and typed text that come without: viewers make one from the value. */
export function giveAppearances(pdfium: Pdfium, page: number): void {
  eachAnnotation(pdfium, page, (annotation) => {
    if (!isSeen(pdfium, annotation) || hasAppearance(pdfium, annotation)) return;
    const kind = pdfium.FPDFAnnot_GetSubtype(annotation);
    if (kind === annotationKinds.freeText) pdfium.EPDFAnnot_GenerateAppearance(annotation);
    if (kind === annotationKinds.widget) pdfium.EPDFAnnot_GenerateFormFieldAP(annotation);
  });
}

function isSeen(pdfium: Pdfium, annotation: number): boolean {
  return (pdfium.FPDFAnnot_GetFlags(annotation) & (flagHidden | flagNoView)) === 0;
}

function hasAppearance(pdfium: Pdfium, annotation: number): boolean {
  return pdfium.FPDFAnnot_HasKey(annotation, 'AP') && pdfium.FPDFAnnot_GetAP(annotation, normalAppearance, 0, 0) > 0;
}

type Field = { readonly name: string; readonly value: string; readonly type: number };

/** A field's name and value may stand on what it is a part of; one that no form lists has its own alone. */
function readField(pdfium: Pdfium, form: number, annotation: number): Field {
  const type = form === 0 ? -1 : pdfium.FPDFAnnot_GetFormFieldType(form, annotation);
  if (type < 0) {
    return { name: readValue(pdfium, annotation, 'T'), value: readValue(pdfium, annotation, 'V'), type };
  }
  const name = readText(pdfium, (at, bytes) => pdfium.FPDFAnnot_GetFormFieldName(form, annotation, at, bytes));
  const value = readText(pdfium, (at, bytes) => pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, at, bytes));
  return { name, value, type };
}

function readValue(pdfium: Pdfium, annotation: number, key: string): string {
  return readText(pdfium, (at, bytes) => pdfium.FPDFAnnot_GetStringValue(annotation, key, at, bytes));
}

function readPageText(pdfium: Pdfium, page: number): string {
  const text = pdfium.FPDFText_LoadPage(page);
  if (text === 0) return '';
  const count = Math.max(0, pdfium.FPDFText_CountChars(text));
  const drawn = pdfium.withMemory((count + 1) * 2, (at) => {
    pdfium.FPDFText_GetText(text, 0, count, at);
    return pdfium.pdfium.UTF16ToString(at);
  });
  pdfium.FPDFText_ClosePage(text);
  return drawn;
}

function squeezed(text: string): string {
  return text.replaceAll(/[\s\u0002]+/gu, '');
}
