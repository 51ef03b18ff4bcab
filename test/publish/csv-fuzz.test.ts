// Whatever bytes are called CSV: every byte lies in one record, every row is published or quarantined, nothing but a
// PortalError is thrown, and the work grows as the bytes do.

import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { PortalError } from '../../src/base/errors.ts';
import { requireDialect, type CsvDialect } from '../../src/publish/read/csv-dialect.ts';
import { walkCsv } from '../../src/publish/read/csv-file.ts';
import { emptyRecord, prepareGrammar, readRecord, type CsvGrammar } from '../../src/publish/read/csv-record.ts';
import { openCsv } from '../../src/publish/read/csv-source.ts';
import { createFindings } from '../../src/publish/read/findings.ts';
import { openQuarantine } from '../../src/publish/read/quarantine.ts';
import { bytesOf, countReads, damaged, toSeed } from '../fuzz.ts';
import { openGround } from './ground.ts';

const ground = await openGround();

const pieces = ['"', '""', ',', ';', '\t', '|', '\n', '\r\n', '\r', ' ', 'a', 'é', '1', '2024-01-05', '\0', '"x","y"'];
const wild = bytesOf(pieces, 60);
const table = fc
  .array(fc.array(fc.constantFrom('a', 'bc', '12', '', '"x"', '"y, z"', '"1\n2"'), { minLength: 3, maxLength: 3 }), {
    minLength: 2,
    maxLength: 12,
  })
  .map((rows) => Buffer.from(rows.map((row) => row.join(',')).join('\n')));
const files = fc.oneof(wild, damaged(table));

const grammars: fc.Arbitrary<CsvGrammar> = fc.record({
  delimiter: fc.constantFrom(',', '\t', ';', '|').map((letter) => letter.charCodeAt(0)),
  carriageReturnEnds: fc.boolean(),
});

/** Four delimiters, each of which may try quotes that make no sense with it eight times. */
const mostReadings = 120;

/** The dialect, or null where there is nothing but blanks. Any other error fails the test. */
function dialectOf(bytes: Buffer): CsvDialect | null {
  try {
    return requireDialect(bytes, true);
  } catch (error) {
    assert.ok(error instanceof PortalError && error.code === 'empty-file', String(error));
    return null;
  }
}

test('every byte lies in exactly one record, in order, and every record has a field', async (t) => {
  const path = join(await mkdtemp(join(ground.folder, 'fuzz-')), 'file.csv');
  await fc.assert(
    fc.asyncProperty(files, grammars, fc.boolean(), async (bytes, grammar, collect) => {
      await writeFile(path, bytes);
      let next = 0;
      await walkCsv(path, { grammar, start: 0, collect }, ({ record, offset, bytes: window }) => {
        assert.equal(offset, next);
        assert.ok(record.start <= record.end && record.end <= record.next && record.next > record.start);
        assert.ok(record.fields >= 1);
        assert.ok(
          window
            .subarray(record.start, record.next)
            .equals(bytes.subarray(offset, offset + record.next - record.start)),
        );
        const between = window.toString('latin1', record.end, record.next);
        assert.match(between, /^(?:\r\n|\n|\r|)$/);
        next = offset + record.next - record.start;
      });
      assert.equal(next, bytes.length);
    }),
    { numRuns: 150, seed: toSeed(t) },
  );
});

test('a record is the same whether its values are asked for or not, and however little of the file is there', (t) => {
  fc.assert(
    fc.property(files, grammars, (bytes, grammar) => {
      const prepared = prepareGrammar(grammar);
      const all = { bytes, limit: bytes.length, atEnd: true };
      const whole = emptyRecord();
      assert.equal(readRecord(all, 0, prepared, whole, true), true);
      assert.equal(whole.problem === null ? whole.values?.length : whole.fields, whole.fields);
      const counted = emptyRecord();
      readRecord(all, 0, prepared, counted, false);
      assert.deepEqual({ ...counted, values: null }, { ...whole, values: null });
      for (let limit = 0; limit < bytes.length; limit++) {
        const part = emptyRecord();
        const some = { bytes, limit, atEnd: false };
        if (readRecord(some, 0, prepared, part, true)) assert.deepEqual(part, whole);
      }
    }),
    { numRuns: 300, seed: toSeed(t) },
  );
});

test('rows in the file are rows passed on and rows quarantined; what is passed on reads as it was read', async (t) => {
  await fc.assert(
    fc.asyncProperty(files, async (bytes) => {
      const dialect = dialectOf(bytes);
      if (dialect === null) return;
      const work = await mkdtemp(join(ground.folder, 'fuzz-'));
      const [path, target] = [join(work, 'file.csv'), join(work, 'table.csv')];
      await writeFile(path, bytes);
      const quarantine = openQuarantine(join(work, 'quarantine.csv'));
      const text = { path, encoding: 'utf-8', start: 0, undecodable: null } as const;
      const source = await openCsv(text, target, {}, { quarantine, findings: createFindings() });
      await quarantine.close();
      const read = await readValues(path, dialect);
      assert.equal(source.rows + quarantine.count(), read.length);
      assert.deepEqual(quarantine.rows(), [...new Set(quarantine.rows())], 'a row is quarantined once');
      const width = dialect.titles.length;
      const kept = read.filter((_, index) => !quarantine.rows().includes(index + 1));
      if (source.csv.path === path) return;
      const written = await readValues(target, copied(width));
      assert.deepEqual(
        written,
        kept.map((values) => Array.from({ length: width }, (_, at) => values[at] ?? '')),
      );
    }),
    { numRuns: 150, seed: toSeed(t) },
  );
});

function copied(width: number): CsvDialect {
  const grammar = { delimiter: 0x2c, carriageReturnEnds: false };
  return {
    grammar,
    preamble: 0,
    doubts: { titleAsWide: false, rival: null },
    hasHeader: false,
    titles: Array.from({ length: width }, () => ''),
  };
}

/** The values of the rows, by the dialect, as the source counts them. */
async function readValues(path: string, dialect: CsvDialect): Promise<(readonly string[])[]> {
  const rows: (readonly string[])[] = [];
  let index = 0;
  const above = dialect.preamble + (dialect.hasHeader ? 1 : 0);
  let header: Buffer | null = null;
  await walkCsv(path, { grammar: dialect.grammar, start: 0, collect: true }, ({ record, bytes }) => {
    const own = bytes.subarray(record.start, record.end);
    if (dialect.hasHeader && index === dialect.preamble) header = Buffer.from(own);
    if (index++ < above || record.start === record.end) return;
    if (header?.equals(own) === true && record.fields > 1) return; // the header once more
    rows.push([...(record.values ?? [])]);
  });
  return rows;
}

test('publishing whatever is called CSV adds up, or is refused in words', async (t) => {
  await fc.assert(
    fc.asyncProperty(files, async (bytes) => {
      try {
        const { report } = await ground.ingest('file.csv', bytes);
        assert.equal(report.rowsInFile, report.rowsPublished + report.rowsQuarantined);
      } catch (error) {
        assert.ok(error instanceof PortalError && error.status < 500, String(error));
      }
    }),
    { numRuns: 15, seed: toSeed(t) },
  );
});

test('telling the dialect reads each byte a bounded number of times, whatever it repeats', (t) => {
  const fragment = bytesOf(pieces, 8).filter((bytes) => bytes.length > 0);
  fc.assert(
    fc.property(bytesOf(pieces, 6), fragment, (head, repeated) => {
      const { bytes, reads } = countReads(Buffer.concat([head, ...Array.from({ length: 600 }, () => repeated)]));
      dialectOf(bytes);
      assert.ok(reads() <= bytes.length * mostReadings, `${reads()} readings of ${bytes.length} bytes`);
    }),
    { numRuns: 150, seed: toSeed(t), examples: [[Buffer.from(''), Buffer.from('"|"\na')]] },
  );
});
