// What is published is what was written: in a column whose report claims no change, every cell of the CSV that people
// download is the text of the file.

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvFormat } from '../../src/formats/csv.ts';
import type { Ingested } from '../../src/publish/ingest.ts';
import { quoteName } from '../../src/query/value-type.ts';
import { isFull } from '../depth.ts';
import { openGround } from './ground.ts';

const ground = await openGround();

/** The cells of each column as plain CSV writes them; null where there is no value. */
async function downloaded(ingested: Ingested): Promise<Map<string, (string | null)[]>> {
  const cells = ingested.columns.map((column) => {
    const source = { name: column.name, type: column.type, source: column };
    // A second column keeps a field without a value empty.
    const one = { column: source, sql: quoteName(column.name), geojson: null };
    return `split_part(${csvFormat.row([one, { ...one, sql: `cast(null as varchar)`, column: { ...source, type: { kind: 'text' } } }])}, ',', 1) as ${quoteName(column.name)}`;
  });
  const rows = await ground.readServing(ingested, `select ${cells.join(', ')} from served.data order by ":id"`);
  return new Map(
    ingested.columns.map(({ name }) => [name, rows.map((row) => (row[name] === '' ? null : String(row[name])))]),
  );
}

const digit = fc.integer({ min: 0, max: 9 });
const padded = (value: number, width: number): string => String(value).padStart(width, '0');
const number = fc.integer({ min: -5000, max: 5000 }).map(String);
const places = (least: number, most: number) =>
  fc
    .tuple(number, fc.array(digit, { minLength: least, maxLength: most }))
    .map(([whole, after]) => (after.length === 0 ? whole : `${whole}.${after.join('')}`));
const day = fc.tuple(
  fc.integer({ min: 1990, max: 2030 }),
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 1, max: 28 }),
);
const clock = fc.tuple(
  fc.integer({ min: 0, max: 23 }),
  fc.integer({ min: 0, max: 59 }),
  fc.integer({ min: 0, max: 59 }),
);

/** Ways of writing, each for a whole column; no value holds a comma. */
const ways: readonly fc.Arbitrary<string>[] = [
  number,
  places(2, 2),
  places(0, 3),
  places(1, 4),
  places(2, 5),
  places(18, 20),
  fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc
    .double({ min: -1000, max: 1000, noNaN: true })
    .map((value) => (Number.isInteger(value) ? `${value}.0` : String(value))),
  fc.tuple(digit, digit).map(([a, b]) => `${a}E${b}`),
  fc.tuple(digit, digit, digit).map(([a, b, c]) => `${a}.${b}e+0${c}`),
  fc.tuple(digit, digit).map(([a, b]) => `${a}.${b}0`),
  fc.tuple(fc.constantFrom('+', '-', ''), number).map(([sign, value]) => `${sign}${value.replace('-', '')}`),
  fc.integer({ min: 0, max: 99_999 }).map((value) => padded(value, 5)),
  fc.constantFrom('.5', '0.25', '-.75', '3', '5.'),
  fc.constantFrom('0', '-0', '0.0', '-0.0', '0.00'),
  fc.constantFrom('true', 'false'),
  fc.constantFrom('TRUE', 'FALSE'),
  fc.constantFrom('True', 'false', 'TRUE'),
  fc.constantFrom('Y', 'N'),
  fc.constantFrom('Yes', 'no'),
  day.map(([y, m, d]) => `${y}-${padded(m, 2)}-${padded(d, 2)}`),
  day.map(([y, m, d]) => `${padded(m, 2)}/${padded(d, 2)}/${y}`),
  day.map(([y, m, d]) => `${m}/${d}/${y}`),
  fc
    .tuple(day, clock)
    .map(
      ([[y, m, d], [h, i, s]]) =>
        `${y}-${padded(m, 2)}-${padded(d, 2)}T${padded(h, 2)}:${padded(i, 2)}:${padded(s, 2)}`,
    ),
  fc
    .tuple(day, clock)
    .map(([[y, m, d], [h, i]]) => `${y}-${padded(m, 2)}-${padded(d, 2)} ${padded(h, 2)}:${padded(i, 2)}`),
  fc
    .tuple(day, clock, digit)
    .map(
      ([[y, m, d], [h, i, s], f]) =>
        `${y}-${padded(m, 2)}-${padded(d, 2)} ${padded(h, 2)}:${padded(i, 2)}:${padded(s, 2)}.${f}`,
    ),
  clock.map(([h, i]) => `${padded(h, 2)}:${padded(i, 2)}`),
  clock.map(([h, i, s]) => `${padded(h, 2)}:${padded(i, 2)}:${padded(s, 2)}`),
  fc.constantFrom('12%', '5.5%'),
  fc.constantFrom('$5', '$1200', '$0.50'),
  fc.constantFrom('NaN', 'NA', '5', '2.5', '-'),
  fc.constantFrom(' 5', '5 ', '6'),
  fc.constantFrom('word', 'Infinity', '1_000', '0x1F', "'1", '１２'),
];

/** Now and then nothing is given. */
const orNothing = (way: fc.Arbitrary<string>) =>
  fc.oneof({ arbitrary: way, weight: 9 }, { arbitrary: fc.constant(''), weight: 1 });

const titles = fc.constantFrom('n', 'code', 'date', 'start time', 'response', 'amount', 'id');

const columns = fc.array(
  fc
    .tuple(titles, fc.constantFrom(...ways), fc.option(fc.constantFrom(...ways), { freq: 4 }))
    .chain(([title, way, other]) =>
      fc.tuple(
        fc.constant(title),
        fc.array(
          orNothing(other === null ? way : fc.oneof({ arbitrary: way, weight: 9 }, { arbitrary: other, weight: 1 })),
          {
            minLength: 30,
            maxLength: 30,
          },
        ),
      ),
    ),
  { minLength: 12, maxLength: 12 },
);

test('cells of a column whose report claims no change come back as they were written', async (t) => {
  const seed = randomInt(2 ** 31);
  t.diagnostic(`seed ${seed}`);
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(columns, async (given) => {
      const header = given.map(([title], index) => `${title} ${index}`);
      const rows = Array.from({ length: 30 }, (_, row) => given.map(([, values]) => values[row]));
      const ingested = await ground.ingest('r.csv', [header, ...rows].map((cells) => cells.join(',')).join('\n'));
      const found = await downloaded(ingested);
      for (const [index, column] of ingested.columns.entries()) {
        const told = ingested.report.findings.some((finding) => finding.column === column.name);
        // A recorded form says how the file wrote them; those that CSV writes again are compared as well.
        const isKept = /^(1\.5, 2|0\.0+…|HH:MM)$/.test(column.sourceFormat ?? '');
        if (told || (column.sourceFormat !== null && !isKept)) continue;
        compared++;
        const written = given[index]?.[1].map((value) => (value === '' ? null : value));
        assert.deepEqual(found.get(column.name), written, `${column.type.kind} ${column.sourceFormat}`);
      }
    }),
    { numRuns: isFull ? 150 : 20, seed, endOnFailure: true },
  );
  assert.ok(compared > 40, `${compared} columns were compared`);
});
