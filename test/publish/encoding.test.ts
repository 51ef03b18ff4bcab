// Which encoding a file that is not UTF-8 has: believed on strong evidence, else the common one is assumed, and that is
// said.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import iconv from 'iconv-lite';
import { requireUtf8 } from '../../src/publish/read/encoding.ts';
import { createFindings } from '../../src/publish/read/findings.ts';

const folder = mkdtempSync(join(tmpdir(), 'portal-encoding-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;

async function read(text: string, encoding: string): Promise<{ encoding: string; text: string; findings: string[] }> {
  const path = join(folder, String(made++));
  writeFileSync(path, iconv.encode(text, encoding));
  const findings = createFindings();
  const file = await requireUtf8(path, `${path}.utf8`, findings);
  const sentences = findings.list().map(({ severity, sentence }) => `${severity}: ${sentence}`);
  return { encoding: file.encoding, text: readFileSync(file.path, 'utf8'), findings: sentences };
}

const western: Readonly<Record<string, string>> = {
  'French, few accents': 'id,nom\n1,Café de la Gare\n2,Crèche municipale\n3,École élémentaire\n',
  'French, many accents': 'id,nom\n1,Hélène à été réélue où ça: «déjà» çà et là, naïve œuvre\n'.repeat(12),
  'Spanish, one name': 'id,nombre\n1,Peña\n',
  'Spanish, few accents': 'id,nombre\n1,José Núñez\n2,Año Nuevo\n3,Dirección pública\n',
  'Spanish, capitals': 'ID,NOMBRE\n1,JOSÉ NÚÑEZ PEÑA\n2,DIRECCIÓN PÚBLICA AÑO\n'.repeat(15),
  'German, few umlauts': 'id,name\n1,Müller\n2,Größe\n3,Straße\n4,Bäckerei\n',
  'German, many umlauts': 'id,name\n1,Müller Größe Straße Bäckerei Überführung ÄÖÜ\n'.repeat(12),
  'signs only': 'id,wert\n1,12°\n2,§ 4\n3,€ 12 – “quoted”\n',
};

for (const [name, text] of Object.entries(western)) {
  test(`${name}: windows-1252, and the report says that it was assumed`, async () => {
    const found = await read(text, 'windows-1252');
    assert.deepEqual([found.encoding, found.text], ['windows-1252', text]);
    assert.deepEqual(found.findings, [
      'warning: The file is not UTF-8 and does not say what it is; windows-1252 was assumed. If letters are wrong, ' +
        'state the encoding by saving the file as UTF-8, and publish it again.',
    ]);
  });
}

const russian = 'id,имя\n1,Иванов Иван Петрович\n2,Администрация города\n3,улица Ленина\n';
const others: readonly [encoding: string, text: string][] = [
  ['koi8-r', russian],
  ['windows-1251', russian],
  ['iso-8859-5', russian],
  ['iso-8859-7', 'id,όνομα\n1,Γιώργος Παπαδόπουλος\n2,Αθήνα\n3,οδός Ερμού\n'],
  ['gb18030', 'id,名称\n1,北京市\n2,上海\n3,会议记录\n4,人民政府\n5,公共图书馆\n6,城市规划\n'],
  ['euc-kr', 'id,이름\n1,서울특별시\n2,부산\n3,회의록\n4,도서관\n5,공원 관리\n6,건축 허가\n'],
];

for (const [encoding, text] of others) {
  test(`${encoding} is told by the words that have no letter of ASCII`, async () => {
    const found = await read(text, encoding);
    assert.deepEqual([found.encoding, found.text], [encoding, text]);
    assert.deepEqual(found.findings, [`note: The file is not UTF-8; its bytes were read as ${encoding}.`]);
  });
}
