// Messages, mailboxes and rich text that Outlook, Word and others wrote: the test files of Apache Tika.
// It must hold none of them: they come with a package of Maven, where Maven is installed.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { unzipSync } from 'fflate';

import { convertFile } from '../../src/records/documents/convert/convert.ts';
import type { ConvertedKind } from '../../src/records/documents/convert/convert.ts';
import { findKind } from '../../src/records/documents/kinds.ts';
import { extractText } from '../records/documents/remains.ts';

export const tikaTests = 'org.apache.tika:tika-parser-microsoft-module:2.9.2:jar:tests';

type Expected = { readonly words: readonly string[]; readonly files?: readonly string[] };

/** Words that stand in the files as their programs show them. */
const expected: Readonly<Record<string, Expected>> = {
  'testMSG.msg': { words: ['From: Jukka Zitting <jukka.zitting@gmail.com>', 'Subject: MIME registry use cases'] },
  'test-outlook2003.msg': { words: ['Welcome to Microsoft Office Outlook 2003'], files: ['1.jpg', '12.jpg'] },
  'testMSG_att_msg.msg': {
    words: ['To: Nick Booth <nick.booth@pof.com.au>', '(2010-06-17 16:54 America/Los_Angeles)'],
    files: ['Test Attachment.msg', 'smbprn.00009008.KdcPjl.pdf'],
  },
  'testMSG_Appointment.msg': { words: ['under lazy dog', 'This is a meeting to discuss jumping'] },
  'testMSG_Contact.msg': { words: ['(123) 456-7890', '12 Lazy Dog Lane'] },
  'testMSG_att_doc.msg': { words: ['test pièce jointe 1', 'contenu'], files: ['test-unicode.doc', 'pj1.txt'] },
  'testPST.pst': { words: ['A mailbox of 7 messages', 'Re: Feature Generators', 'FW: First email'] },
  'testPST_variousBodyTypes.pst': {
    words: ['A mailbox of 4 messages', 'Folder: Top of Outlook data file/Inbox/tmp'],
    files: ['message-1.eml', 'message-4.eml'],
  },
  'testWINMAIL.dat': { words: ['Five files from Hell!'], files: ['quick.doc', 'quick.pdf', 'quick.xml'] },
  'testRTFVarious.rtf': {
    words: ['Here is a text box', 'Footnote appears here [ This is a footnote.]', 'Row 2 Col 3', 'Number bullet 3'],
  },
  'testRTFHexEscapeInsideWord.rtf': { words: ['GOVERNO DO ESTADO DO ESPÍRITO SANTO'] },
  'testRTFTableCellSeparation2.rtf': { words: ['Fax / Phone Station'] },
  'testRTFControls.rtf': { words: ['Thiswordhasanem—dash', '“Double quoted text”'] },
  'testRTFRegularImages.rtf': { words: ['Duck: cat:'], files: ['picture-1.jpg', 'picture-2.jpg'] },
};

/** `jar`: the package, as Maven has laid it. Throws what is not as expected. */
export async function readOutlookFiles(jar: string, folder: string): Promise<string> {
  const home = join(folder, 'outlook-files');
  mkdirSync(home);
  const files = unzipSync(readFileSync(jar), { filter: ({ name }) => name.slice(15) in expected });
  for (const [name, { words, files: attached = [] }] of Object.entries(expected)) {
    const bytes = files[`test-documents/${name}`];
    assert.ok(bytes !== undefined, `${name} is not in the package`);
    const path = join(home, name);
    writeFileSync(path, bytes);
    const { kind, mediaType, lies } = await findKind(path, name);
    assert.ok(!lies && (kind === 'mail' || kind === 'office'), `${name} is taken for ${mediaType}`);
    const source = { bytes: bytes.length, read: () => inOnePiece(bytes) };
    const asked = { kind: kind as ConvertedKind, mediaType, timeZone: 'America/Los_Angeles' };
    const { pdf, attachments } = await convertFile(source, asked);
    const text = (await extractText(Buffer.from(pdf))).replaceAll(/\s+/gu, ' ');
    for (const shown of words) assert.ok(text.includes(shown), `${name}: “${shown}” in “${text.slice(0, 2_000)}”`);
    const names = attachments.map((attachment) => attachment.name);
    for (const each of attached) assert.ok(names.includes(each), `${name}: ${each} among ${names.join(', ')}`);
  }
  return `${Object.keys(expected).length} files of Outlook and Word`;
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
