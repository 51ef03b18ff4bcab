// Office files, pictures and mail that hide things, made byte by byte. Each hidden place has a canary of its own.
// It must make files that the portal takes for what they are.

import { zipSync } from 'fflate';
import sharp from 'sharp';

const bytes = (text: string) => new TextEncoder().encode(text);
const xml = (body: string) => bytes(`<?xml version="1.0" encoding="UTF-8"?>${body}`);
const types = (main: string, type: string) =>
  xml(
    `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/${main}" ContentType="application/vnd.openxmlformats-officedocument.${type}.main+xml"/></Types>`,
  );
const properties = (canary: string) =>
  xml(`<cp:coreProperties xmlns:cp="c" xmlns:dc="d"><dc:creator>${canary}</dc:creator></cp:coreProperties>`);

export const wordCanaries = {
  deleted: 'CANARYDELETED',
  comment: 'CANARYCOMMENT',
  vanished: 'CANARYVANISHED',
  author: 'CANARYAUTHOR',
  field: 'CANARYFIELD',
} as const;

/** `shown` is the text of the page; the rest hides. */
export function wordFile(shown: string): Buffer {
  const w = (body: string) => xml(`<w:document xmlns:w="w"><w:body>${body}</w:body></w:document>`);
  const run = (text: string) => `<w:r><w:t>${text}</w:t></w:r>`;
  return Buffer.from(
    zipSync({
      '[Content_Types].xml': types('word/document.xml', 'wordprocessingml.document'),
      'word/document.xml': w(
        `<w:p>${run(shown)}</w:p>` +
          `<w:p><w:del w:author="x"><w:r><w:delText>${wordCanaries.deleted}</w:delText></w:r></w:del><w:ins w:author="x">${run('inserted words')}</w:ins></w:p>` +
          `<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>${wordCanaries.vanished}</w:t></w:r><w:r><w:instrText>${wordCanaries.field}</w:instrText></w:r></w:p>`,
      ),
      'word/comments.xml': xml(
        `<w:comments xmlns:w="w"><w:comment w:author="Somebody"><w:p>${run(wordCanaries.comment)}</w:p></w:comment></w:comments>`,
      ),
      'docProps/core.xml': properties(wordCanaries.author),
    }),
  );
}

export const sheetCanaries = {
  sheet: 'CANARYSHEET',
  row: 'CANARYROW',
  column: 'CANARYCOLUMN',
  comment: 'CANARYNOTE',
  author: 'CANARYWRITER',
} as const;

export function sheetFile(shown: string): Buffer {
  const strings = [shown, sheetCanaries.sheet, sheetCanaries.row, sheetCanaries.column];
  const cell = (at: string, index: number) => `<c r="${at}" t="s"><v>${index}</v></c>`;
  const sheet = (body: string, columns = '') => xml(`<worksheet>${columns}<sheetData>${body}</sheetData></worksheet>`);
  return Buffer.from(
    zipSync({
      '[Content_Types].xml': types('xl/workbook.xml', 'spreadsheetml.sheet'),
      'xl/workbook.xml': xml(
        '<workbook xmlns:r="r"><sheets><sheet name="Open" sheetId="1" r:id="rId1"/><sheet name="Pay" sheetId="2" state="veryHidden" r:id="rId2"/></sheets></workbook>',
      ),
      'xl/_rels/workbook.xml.rels': xml(
        '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>',
      ),
      'xl/sharedStrings.xml': xml(`<sst>${strings.map((text) => `<si><t>${text}</t></si>`).join('')}</sst>`),
      'xl/styles.xml': xml('<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'),
      'xl/worksheets/sheet1.xml': sheet(
        `<row r="1">${cell('A1', 0)}<c r="B1" s="1"><v>45000</v></c>${cell('C1', 3)}</row><row r="2" hidden="1">${cell('A2', 2)}</row>`,
        '<cols><col min="3" max="3" hidden="1"/></cols>',
      ),
      'xl/worksheets/sheet2.xml': sheet(`<row r="1">${cell('A1', 1)}</row>`),
      'xl/comments1.xml': xml(
        `<comments><commentList><comment ref="A1"><text><t>${sheetCanaries.comment}</t></text></comment></commentList></comments>`,
      ),
      'docProps/core.xml': properties(sheetCanaries.author),
    }),
  );
}

export const slideCanaries = { slide: 'CANARYSLIDE', notes: 'CANARYSPEAKER' } as const;

export function slideFile(shown: string): Buffer {
  const slide = (text: string, show = '') =>
    xml(`<p:sld xmlns:p="p" xmlns:a="a" ${show}><a:p><a:r><a:t>${text}</a:t></a:r></a:p></p:sld>`);
  return Buffer.from(
    zipSync({
      '[Content_Types].xml': types('ppt/presentation.xml', 'presentationml.presentation'),
      'ppt/presentation.xml': xml('<p:presentation xmlns:p="p"/>'),
      'ppt/slides/slide1.xml': slide(shown),
      'ppt/slides/slide2.xml': slide(slideCanaries.slide, 'show="0"'),
      'ppt/notesSlides/notesSlide1.xml': slide(slideCanaries.notes),
    }),
  );
}

export const openDocumentCanaries = {
  deleted: 'CANARYREMOVED',
  note: 'CANARYANNOTATION',
  secret: 'CANARYSECRET',
  author: 'CANARYMETA',
} as const;

export function openDocumentFile(shown: string): Buffer {
  const content =
    '<office:document-content xmlns:office="o" xmlns:text="t" xmlns:style="s"><office:automatic-styles><style:style style:name="Hid">' +
    '<style:text-properties text:display="none"/></style:style></office:automatic-styles><office:body><office:text>' +
    `<text:tracked-changes><text:changed-region><text:deletion><text:p>${openDocumentCanaries.deleted}</text:p></text:deletion></text:changed-region></text:tracked-changes>` +
    `<text:p>${shown}<office:annotation><text:p>${openDocumentCanaries.note}</text:p></office:annotation> and after</text:p>` +
    `<text:p><text:span text:style-name="Hid">${openDocumentCanaries.secret}</text:span></text:p></office:text></office:body></office:document-content>`;
  return Buffer.from(
    zipSync({
      mimetype: [bytes('application/vnd.oasis.opendocument.text'), { level: 0 }],
      'content.xml': xml(content),
      'meta.xml': xml(
        `<m:meta xmlns:m="m"><m:initial-creator>${openDocumentCanaries.author}</m:initial-creator></m:meta>`,
      ),
    }),
  );
}

export const cameraCanary = 'CANARYCAMERA';

export async function photograph(): Promise<Buffer> {
  const image = sharp({
    create: {
      width: 640,
      height: 480,
      channels: 3,
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
      background: 'grey',
    },
  });
  return image
    .withExif({ IFD0: { Copyright: cameraCanary, Artist: cameraCanary }, IFD3: { GPSLatitude: '47/1 22/1 51/1' } })
    .jpeg()
    .toBuffer();
}

/** Two pages of eight by eight pixels, the first dark, the second light. */
export function scan(): Buffer {
  const pages = [0x20, 0xe0];
  const head = Buffer.from([0x49, 0x49, 42, 0]);
  const pieces: Buffer[] = [head, Buffer.alloc(4)];
  let at = 8;
  const directories: Buffer[] = [];
  const starts: number[] = [];
  const data = pages.map((shade) => Buffer.alloc(64, shade));
  const offsets = data.map((_, index) => 8 + index * 64);
  pieces.push(...data);
  at += 128;
  for (const [index, offset] of offsets.entries()) {
    starts.push(at);
    const tags: readonly (readonly [number, number, number, number])[] = [
      [256, 3, 1, 8],
      [257, 3, 1, 8],
      [258, 3, 1, 8],
      [259, 3, 1, 1],
      [262, 3, 1, 1],
      [273, 4, 1, offset],
      [277, 3, 1, 1],
      [278, 3, 1, 8],
      [279, 4, 1, 64],
    ];
    const directory = Buffer.alloc(2 + tags.length * 12 + 4);
    directory.writeUInt16LE(tags.length, 0);
    for (const [row, [tag, type, count, value]] of tags.entries()) {
      directory.writeUInt16LE(tag, 2 + row * 12);
      directory.writeUInt16LE(type, 4 + row * 12);
      directory.writeUInt32LE(count, 6 + row * 12);
      directory.writeUInt32LE(value, 10 + row * 12);
    }
    if (index === 0) directory.writeUInt32LE(at + directory.length, directory.length - 4);
    directories.push(directory);
    at += directory.length;
  }
  pieces[1]!.writeUInt32LE(starts[0]!, 0);
  return Buffer.concat([...pieces, ...directories]);
}

export const mailCanaries = { header: 'CANARYHEADER', bcc: 'CANARYBCC' } as const;

export function mailFile(shown: string, attached: string): Buffer {
  return Buffer.from(
    [
      'From: Desk <desk@example.gov>',
      'To: Resident <resident@example.org>',
      `Bcc: ${mailCanaries.bcc} <hidden@example.gov>`,
      `X-Secret: ${mailCanaries.header}`,
      'Subject: About the permit',
      'Date: Mon, 02 Mar 2026 10:00:00 -0800',
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary="b"',
      '',
      '--b',
      'Content-Type: text/plain; charset=utf-8',
      '',
      shown,
      '--b',
      'Content-Type: text/plain; name="inside.txt"',
      'Content-Disposition: attachment; filename="inside.txt"',
      '',
      attached,
      '--b--',
      '',
    ].join('\r\n'),
  );
}
