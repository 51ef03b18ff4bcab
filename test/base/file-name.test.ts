// The names of files that strangers send.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { toFileName } from '../../src/base/file-name.ts';

test('a name shows what it is, and nothing of where it was', () => {
  for (const [given, kept] of [
    ['report.pdf', 'report.pdf'],
    ['C:\\Users\\ann\\report.pdf', 'report.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['r\u202Egpj.exe', 'rgpj.exe'],
    ['\u2066a\u2069\u200F.csv', 'a.csv'],
    ['نامه\u200Cها.pdf', 'نامه\u200Cها.pdf'],
    ['a\u0000b\n.txt', 'ab.txt'],
    ['..', 'file'],
    ['folder/', 'file'],
    ['', 'file'],
  ] as const)
    assert.equal(toFileName(given, 'file'), kept, JSON.stringify(given));
});

test('whatever is sent, a name is short, well formed, of one line and of one direction', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (given) => {
      const name = toFileName(given, 'file');
      assert.ok(name.length > 0 && name.length <= 200 && name.isWellFormed());
      assert.doesNotMatch(name, /[\p{Cc}\u202A-\u202E\u2066-\u2069\\/]/u);
    }),
    { numRuns: 300 },
  );
});
