// Lays out as pages what has none: pictures, mail, office files and text, in a process of its own.
// It must not look into the file itself; child.ts does.

import type { DocumentFlag, DocumentKind, HiddenItem } from '../document.ts';
import type { PdfSource } from '../pdf/pdf.ts';
import { openSandbox, SandboxError } from '../sandbox.ts';

export type Attachment = { readonly name: string; readonly bytes: Uint8Array };

/** `pdf` is what the pages are read from; it holds nothing of the file but what it shows. */
export type Converted = {
  readonly pdf: Uint8Array;
  readonly hidden: readonly HiddenItem[];
  readonly flags: readonly DocumentFlag[];
  readonly attachments: readonly Attachment[];
};

export type ConvertedKind = Extract<DocumentKind, 'image' | 'mail' | 'office' | 'text'>;

/** Larger files are kept, flagged, and released or withheld as a whole. */
const mostBytes: Readonly<Record<ConvertedKind, number>> = {
  image: 256 * 1024 * 1024,
  mail: 256 * 1024 * 1024,
  office: 128 * 1024 * 1024,
  text: 32 * 1024 * 1024,
};
const convertMs = 120_000;

/** `timeZone`: the city's, IANA; a message shows in it when it was sent. */
export type Converting = { readonly kind: ConvertedKind; readonly mediaType: string; readonly timeZone: string };

/** Throws SandboxError: password, corrupt, too-large, killed. */
export async function convertFile(source: PdfSource, { kind, mediaType, timeZone }: Converting): Promise<Converted> {
  if (source.bytes > mostBytes[kind]) throw new SandboxError('too-large', `${source.bytes} bytes`);
  const sandbox = openSandbox('convert/child');
  try {
    const asked = sandbox.ask<Converted>({ kind, mediaType, timeZone, bytes: source.bytes }, convertMs);
    asked.catch(() => undefined); // thrown below, after the feeding
    await sandbox.feed(source.read());
    return await asked;
  } finally {
    await sandbox.close();
  }
}
