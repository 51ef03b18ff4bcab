// A PDF that is open in a process of its own, and the few processes that are kept for the documents last looked at.
// It must hold no page and no word of a document longer than it takes to hand it over.

import type { Box, HiddenItem, PageSize, Word } from '../document.ts';
import type { Picture } from './picture.ts';
import { openSandbox, SandboxError } from '../sandbox.ts';
import type { Sandbox } from '../sandbox.ts';

export type PdfSource = { readonly bytes: number; readonly read: () => AsyncIterable<Uint8Array> };

export type PdfFacts = {
  readonly sizes: readonly PageSize[];
  readonly attachments: readonly string[];
  readonly hidden: readonly HiddenItem[];
};

export type ReadPage = { readonly words: readonly Word[]; readonly hidden: readonly HiddenItem[] };
export type Preview = { readonly mediaType: string; readonly bytes: Uint8Array };
export type ReleasedPage = PageSize & { readonly picture: Picture; readonly words: readonly Word[] };

/** Every function throws SandboxError when the file does not let it be done. */
export type Pdf = {
  readonly facts: PdfFacts;
  read(page: number): Promise<ReadPage>;
  preview(page: number, dpi: number): Promise<Preview>;
  release(page: number, boxes: readonly Box[], dpi: number): Promise<ReleasedPage>;
  attachment(index: number): Promise<Uint8Array>;
  isOver(): boolean;
  close(): Promise<void>;
};

/** Larger ones cannot be held in the memory of one process. */
const mostPdfBytes = 512 * 1024 * 1024;
const openMs = 60_000;
const pageMs = 30_000;

export async function openPdf(source: PdfSource): Promise<Pdf> {
  if (source.bytes > mostPdfBytes) throw new SandboxError('too-large', `${source.bytes} bytes`);
  const sandbox = openSandbox('pdf/child');
  try {
    const opening = sandbox.ask<PdfFacts>({ kind: 'open', bytes: source.bytes }, openMs);
    opening.catch(() => undefined); // thrown below, after the feeding
    await sandbox.feed(source.read());
    return toPdf(sandbox, await opening);
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

function toPdf(sandbox: Sandbox, facts: PdfFacts): Pdf {
  return {
    facts,
    read: (page) => sandbox.ask({ kind: 'read', page }, pageMs),
    preview: (page, dpi) => sandbox.ask({ kind: 'preview', page, dpi }, pageMs),
    release: (page, boxes, dpi) => sandbox.ask({ kind: 'release', page, boxes, dpi }, pageMs),
    attachment: (index) => sandbox.ask({ kind: 'attachment', index }, pageMs),
    isOver: sandbox.isOver,
    close: sandbox.close,
  };
}

export type PdfShelf = {
  /** Opens the document, or takes the process that has it open; others wait for their turn. */
  use<T>(key: string, source: PdfSource, work: (pdf: Pdf) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

type Kept = { readonly key: string; readonly pdf: Promise<Pdf>; users: number; usedAt: number };

/** At most `places` documents are open at once; one that nobody asks for is closed after `idleMs`. */
export function openPdfShelf(places: number, idleMs: number): PdfShelf {
  const kept = new Map<string, Kept>();
  let waiting: (() => void)[] = [];
  let turn = 0;
  const wake = () => {
    for (const go of waiting.splice(0)) go();
  };
  const drop = async (one: Kept): Promise<void> => {
    if (kept.get(one.key) === one) kept.delete(one.key);
    const pdf = await one.pdf.catch(() => null); // whoever asked for it has been told
    await pdf?.close();
  };
  const take = async (key: string, source: PdfSource): Promise<Kept> => {
    for (;;) {
      const there = kept.get(key);
      if (there !== undefined) return there;
      if (kept.size < places) {
        const one: Kept = { key, pdf: openPdf(source), users: 0, usedAt: ++turn };
        kept.set(key, one);
        return one;
      }
      const oldest = [...kept.values()].filter(({ users }) => users === 0).sort((a, b) => a.usedAt - b.usedAt)[0];
      if (oldest !== undefined) await drop(oldest);
      else await new Promise<void>((go) => waiting.push(go));
    }
  };
  return {
    async use(key, source, work) {
      const one = await take(key, source);
      one.users++;
      try {
        const pdf = await one.pdf;
        return await work(pdf);
      } catch (error) {
        if (error instanceof SandboxError) await drop(one);
        throw error;
      } finally {
        one.users--;
        one.usedAt = ++turn;
        const seen = one.usedAt;
        const timer = setTimeout(() => {
          if (one.users === 0 && one.usedAt === seen) void drop(one);
        }, idleMs);
        timer.unref();
        wake();
      }
    },
    async close() {
      waiting = [];
      await Promise.all([...kept.values()].map(drop));
    },
  };
}
