// A PDF that hides a secret wherever a PDF can: every place has a canary of its own.
// It must be a file that readers open without complaint.

import { deflateSync } from 'node:zlib';

export const canaries = {
  redacted: 'CANARYREDACTED',
  glyphs: 'CANARYGLYPHS', // every letter placed by itself
  covered: 'CANARYCOVERED', // under a black box of the file's own
  white: 'CANARYWHITE',
  invisible: 'CANARYINVISIBLE', // text mode 3
  layer: 'CANARYLAYER', // a layer that is off
  outside: 'CANARYOUTSIDE', // off the page
  overprint: 'CANARYOVERPRINT', // a layer that is off, in the very place of text that shows
  info: 'CANARYINFO',
  xmp: 'CANARYXMP',
  thumbnail: 'CANARYTHUMBNAIL',
  comment: 'CANARYCOMMENT',
  field: 'CANARYFIELD',
  attachment: 'CANARYATTACHMENT',
  script: 'CANARYSCRIPT',
  earlier: 'CANARYEARLIER', // in a revision that a later one replaced
  image: 'CANARYIMAGE', // beside the pixels of an image
  outline: 'CANARYOUTLINE',
  id: 'CANARYFILEID',
} as const;

/** Shown, redacted by nobody: this may and must be found in the rendition. */
export const innocent = 'INNOCENT';

type Body = string | { readonly dictionary: string; readonly stream: Buffer | string };

/** Where the redacted words stand: points from the top left. */
export const redactedBox = [60, 80, 330, 140] as const;

export function hostilePdf(): Buffer {
  const first = toRevision(objects(`BT /F 12 Tf 72 500 Td (${canaries.earlier}) Tj ET`), null);
  // The earlier page content stays in the file: a later revision names another object of the same number.
  return toRevision(new Map([[5, content(pageContent())]]), first);
}

function content(text: string): Body {
  return { dictionary: '/Filter /FlateDecode', stream: deflateSync(Buffer.from(text, 'latin1')) };
}

/** Top of the page is y = 792. */
function pageContent(): string {
  const glyphs = [...canaries.glyphs]
    .map((letter, index) => `1 0 0 1 ${72 + index * 9} 670 Tm (${letter}) Tj`)
    .join('\n');
  return [
    `BT /F 12 Tf 72 700 Td (${canaries.redacted} 529-11-2233) Tj ET`,
    `BT /F 12 Tf\n${glyphs}\nET`,
    `BT /F 12 Tf 72 620 Td (${innocent} words that everybody may read) Tj ET`,
    `BT /F 12 Tf 72 580 Td (${canaries.covered}) Tj ET 0 g 60 570 300 30 re f`,
    `1 g BT /F 12 Tf 72 540 Td (${canaries.white}) Tj ET 0 g`,
    `BT 3 Tr /F 12 Tf 72 510 Td (${canaries.invisible}) Tj ET BT 0 Tr ET`,
    `/OC /Off BDC BT /F 12 Tf 72 480 Td (${canaries.layer}) Tj ET EMC`,
    `BT /F 12 Tf 72 -300 Td (${canaries.outside}) Tj ET`,
    `BT /F 12 Tf 72 440 Td (OVERPRINTED HERE) Tj ET /OC /Off BDC BT /F 12 Tf 72 440 Td (${canaries.overprint}) Tj ET EMC`,
    'q 60 0 0 60 72 300 cm /Im Do Q',
  ].join('\n');
}

function objects(firstContent: string): ReadonlyMap<number, Body> {
  const pixels = Buffer.alloc(8 * 8 * 3, 0x80);
  return new Map<number, Body>([
    [
      1,
      '<< /Type /Catalog /Pages 2 0 R /Metadata 8 0 R /OCProperties << /OCGs [9 0 R] /D << /OFF [9 0 R] /Order [9 0 R] >> >> ' +
        '/AcroForm << /Fields [11 0 R] /DR << /Font << /F 6 0 R >> >> /DA (/F 12 Tf 0 g) >> /Outlines 17 0 R ' +
        '/Names << /EmbeddedFiles << /Names [(secret.txt) 12 0 R] >> /JavaScript << /Names [(run) 14 0 R] >> >> >>',
    ],
    [2, '<< /Type /Pages /Kids [3 0 R] /Count 1 >>'],
    [
      3,
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R /Thumb 15 0 R /Annots [10 0 R 11 0 R] ' +
        '/Resources << /Font << /F 6 0 R >> /XObject << /Im 16 0 R >> /Properties << /Off 9 0 R >> >> >>',
    ],
    [4, `<< /Title (${canaries.info}) /Author (${canaries.info}) /Keywords (${canaries.info}) >>`],
    [5, content(firstContent)],
    [6, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>'],
    [
      8,
      {
        dictionary: '/Type /Metadata /Subtype /XML',
        stream: `<x:xmpmeta xmlns:x="adobe:ns:meta/">${canaries.xmp}</x:xmpmeta>`,
      },
    ],
    [9, '<< /Type /OCG /Name (Hidden) >>'],
    [
      10,
      `<< /Type /Annot /Subtype /Text /Rect [500 700 520 720] /Contents (${canaries.comment}) /T (${canaries.comment}) >>`,
    ],
    [
      11,
      `<< /Type /Annot /Subtype /Widget /FT /Tx /T (field) /V (${canaries.field}) /DA (/F 12 Tf 0 g) /Rect [400 200 560 220] /F 2 >>`,
    ],
    [12, '<< /Type /Filespec /F (secret.txt) /UF (secret.txt) /EF << /F 13 0 R >> >>'],
    [
      13,
      {
        dictionary: '/Type /EmbeddedFile /Filter /FlateDecode',
        stream: deflateSync(Buffer.from(`${canaries.attachment} inside`)),
      },
    ],
    [14, `<< /S /JavaScript /JS (var secret = "${canaries.script}";) >>`],
    [
      15,
      {
        dictionary: '/Width 8 /Height 8 /ColorSpace /DeviceRGB /BitsPerComponent 8',
        stream: Buffer.concat([Buffer.from(canaries.thumbnail), pixels]).subarray(0, 192),
      },
    ],
    [
      16,
      {
        dictionary: `/Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Secret (${canaries.image})`,
        stream: pixels,
      },
    ],
    [17, '<< /Type /Outlines /First 18 0 R /Last 18 0 R /Count 1 >>'],
    [18, `<< /Title (${canaries.outline}) /Parent 17 0 R /Dest [3 0 R /Fit] >>`],
  ]);
}

/** A whole file, or a revision appended to one. */
function toRevision(bodies: ReadonlyMap<number, Body>, earlier: Buffer | null): Buffer {
  const pieces: Buffer[] = [earlier ?? Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1')];
  let at = pieces[0]!.length;
  const put = (piece: Buffer) => {
    pieces.push(piece);
    at += piece.length;
  };
  const rows: string[] = [];
  for (const [number, body] of bodies) {
    rows.push(`${number} 1\n${String(at).padStart(10, '0')} 00000 n \n`);
    if (typeof body === 'string') put(Buffer.from(`${number} 0 obj\n${body}\nendobj\n`, 'latin1'));
    else {
      const stream = Buffer.from(body.stream);
      put(Buffer.from(`${number} 0 obj\n<< ${body.dictionary} /Length ${stream.length} >>\nstream\n`, 'latin1'));
      put(Buffer.concat([stream, Buffer.from('\nendstream\nendobj\n')]));
    }
  }
  const start = at;
  const previous = earlier === null ? '' : `/Prev ${/startxref\n(\d+)/u.exec(earlier.toString('latin1'))?.[1]}`;
  const id = Buffer.from(canaries.id).toString('hex');
  put(Buffer.from(`xref\n0 1\n0000000000 65535 f \n${rows.join('')}`, 'latin1'));
  put(
    Buffer.from(
      `trailer\n<< /Size 19 /Root 1 0 R /Info 4 0 R /ID [<${id}> <${id}>] ${previous} >>\nstartxref\n${start}\n%%EOF\n`,
      'latin1',
    ),
  );
  return Buffer.concat(pieces);
}
