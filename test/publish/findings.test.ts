// What was found in a file: kept with its key for pages, told in English by the API.

import assert from 'node:assert/strict';
import test from 'node:test';
import { say } from '../../src/base/say.ts';
import type { IngestReport } from '../../src/catalogue/dataset.ts';
import { toReportDocument } from '../../src/dialects/native/metadata.ts';
import { createFindings } from '../../src/publish/read/findings.ts';
import { sayFinding } from '../../web/src/lib/sentences.ts';

test('a finding is kept with its key, a page says it by the key, and the API does not show it', () => {
  const findings = createFindings();
  const said = say('publish.row-too-narrow', { fields: 1, width: 3 });
  findings.add('row-too-narrow', 'error', said, { row: 7, line: 8 });
  const [finding] = findings.list();
  assert.ok(finding);
  const shown = {
    code: 'row-too-narrow',
    severity: 'error',
    sentence: 'The row has 1 field; the table has 3 columns.',
    row: 7,
    line: 8,
    column: null,
  } as const;
  assert.deepEqual(finding, { ...shown, said: { key: said.key, values: said.values } });
  assert.deepEqual(sayFinding(finding), said);
  const report: IngestReport = {
    fileName: 'permits.csv',
    fileBytes: 9,
    fileSha256: '0'.repeat(64),
    format: 'csv',
    encoding: 'utf-8',
    delimiter: ',',
    rowsInFile: 1,
    rowsPublished: 0,
    rowsQuarantined: 1,
    findings: [finding],
    findingsTotal: 1,
  };
  assert.deepEqual(toReportDocument(report), { ...report, findings: [shown] });
});

test('a finding of before sentences had keys is said in English', () => {
  const old = { code: 'value-invalid', severity: 'note', sentence: 'So it was.', row: null, line: null, column: null };
  assert.equal(sayFinding({ ...old, severity: 'note' }), 'So it was.');
});
