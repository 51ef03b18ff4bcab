// Looks for words in everything that a file holds: its bytes, every stream of it unpacked, what a reader extracts.
// It must look in every spelling that PDF allows for a text.

import { inflateRawSync, inflateSync } from 'node:zlib';

import { withPdf } from './ground.ts';

/** The names of the canaries that are still there, with where. */
export async function findRemains(pdf: Buffer, canaries: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const found: string[] = [];
  const places = [{ where: 'bytes', bytes: pdf }, ...unpackedStreams(pdf)];
  for (const { where, bytes } of places) {
    for (const [name, canary] of Object.entries(canaries)) {
      if (spellings(canary).some((spelling) => bytes.includes(spelling))) found.push(`${name} in ${where}`);
    }
  }
  const text = await extractText(pdf);
  const joined = text.replaceAll(/[^A-Z0-9]/gu, '');
  for (const [name, canary] of Object.entries(canaries))
    if (joined.includes(canary.replaceAll(/[^A-Z0-9]/gu, ''))) found.push(`${name} in text`);
  return found;
}

export function extractText(pdf: Buffer): Promise<string> {
  return withPdf(pdf, async (opened) => {
    const pages: string[] = [];
    for (let page = 1; page <= opened.facts.sizes.length; page++) {
      pages.push((await opened.read(page)).words.map(({ text }) => text).join(' '));
    }
    return pages.join('\n');
  });
}

function spellings(text: string): readonly Buffer[] {
  const wide = Buffer.from(text, 'utf16le');
  const hex = (bytes: Buffer) => [Buffer.from(bytes.toString('hex')), Buffer.from(bytes.toString('hex').toUpperCase())];
  const swapped = Buffer.from(wide).swap16();
  return [Buffer.from(text), wide, swapped, ...hex(Buffer.from(text)), ...hex(swapped), ...hex(wide)];
}

/** Every place where a packed stream could begin is tried, named by the file or not. */
function unpackedStreams(pdf: Buffer): readonly { where: string; bytes: Buffer }[] {
  const streams: { where: string; bytes: Buffer }[] = [];
  for (let at = pdf.indexOf('stream\n'); at >= 0; at = pdf.indexOf('stream\n', at + 1)) {
    const from = at + 7;
    const end = pdf.indexOf('endstream', from);
    if (end < 0) break;
    const raw = pdf.subarray(from, end);
    for (const inflate of [inflateSync, inflateRawSync]) {
      const bytes = attempt(() => inflate(raw, { finishFlush: 2 }));
      if (bytes !== null) streams.push({ where: `the stream at ${from}`, bytes });
    }
  }
  return streams;
}

/** What is no packed stream cannot be unpacked. */
function attempt(run: () => Buffer): Buffer | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) return null;
    throw error;
  }
}
