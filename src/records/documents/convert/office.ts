// Office files as pages of text: what a reader would see is laid out, what is hidden in the file is listed apart.
// It must never let something hidden pass as shown.

import type { Attachment, Converted } from './convert.ts';
import { richText } from '../document.ts';
import type { DocumentFlag, HiddenItem } from '../document.ts';
import { FileError } from '../file-error.ts';
import type { OfficeText } from './office-text.ts';
import { readOpenDocument } from './open-document.ts';
import { readRtf } from './rtf.ts';
import { readSheets } from './sheets.ts';
import { readSlides } from './slides.ts';
import { toTextPages } from './text-pages.ts';
import { readWordText } from './word-text.ts';
import { attributeOf, readXml } from './xml-tokens.ts';
import { openZip } from './zip-file.ts';
import type { ZipFile } from './zip-file.ts';

export async function convertOffice(bytes: Buffer, mediaType: string): Promise<Converted> {
  if (mediaType === richText) return convertRtf(bytes);
  // An encrypted office file is one of these, whatever its name: the envelope of [MS-OFFCRYPTO].
  if (bytes.readUInt32BE(0) === 0xd0cf11e0) throw new FileError('password');
  const zip = openZip(bytes);
  const { blocks, hidden } = readOffice(zip, mediaType);
  const { pdf, flags } = await toTextPages(blocks);
  const attachments = readEmbedded(zip);
  const all = [...hidden, ...readProperties(zip)];
  const more: DocumentFlag[] = [];
  if (attachments.length > 0) more.push('attachments');
  if (zip.names.some((name) => /(?:vbaProject\.bin|^Basic\/)/u.test(name))) more.push('scripts');
  if (all.some(({ kind }) => kind !== 'metadata')) more.push('hidden-content');
  return { pdf, flags: [...flags, ...more], hidden: all, attachments };
}

async function convertRtf(bytes: Buffer): Promise<Converted> {
  const { text, hidden, attachments } = await readRtf(bytes);
  const { pdf, flags } = await toTextPages([{ style: 'text', text }]);
  const more: DocumentFlag[] = attachments.length > 0 ? ['attachments'] : [];
  if (hidden.some(({ kind }) => kind !== 'metadata')) more.push('hidden-content');
  return { pdf, flags: [...flags, ...more], hidden, attachments };
}

function readOffice(zip: ZipFile, mediaType: string): OfficeText {
  if (mediaType.includes('opendocument')) return readOpenDocument(zip);
  if (mediaType.includes('wordprocessingml')) return readWordText(zip);
  if (mediaType.includes('spreadsheetml')) return readSheets(zip);
  return readSlides(zip);
}

/** Pictures and files inside become documents of their own: the text does not show them. */
function readEmbedded(zip: ZipFile): readonly Attachment[] {
  const names = zip.names.filter((name) =>
    /(?:^|\/)(?:media|embeddings|Pictures|Object \d+)\/[^/]+\.(?!xml|rels|bin$)\w+$/u.test(name),
  );
  return names.flatMap((name) => {
    const bytes = zip.read(name);
    return bytes === null ? [] : [{ name: name.slice(name.lastIndexOf('/') + 1), bytes }];
  });
}

const propertyParts = ['docProps/core.xml', 'docProps/app.xml', 'docProps/custom.xml', 'meta.xml'];

function readProperties(zip: ZipFile): readonly HiddenItem[] {
  const items: HiddenItem[] = [];
  for (const part of propertyParts) {
    const bytes = zip.read(part);
    if (bytes === null) continue;
    let name = '';
    for (const token of readXml(bytes)) {
      if (token.kind === 'open') name = attributeOf(token.attributes, 'name') ?? token.name;
      else if (token.kind === 'text' && token.text.trim() !== '') {
        items.push({ kind: 'metadata', where: name, text: token.text.trim().slice(0, 1_000) });
      }
    }
  }
  return items;
}
