// Generated building permits in the shape of a city's, at any number of rows: about 160 bytes a row.

import { inPieces, toField } from './csv.ts';
import { dayOfRow, days, districtOf, randomBlock, randomPoint } from './place.ts';
import { seededRandom, type Random } from './random.ts';

type Kind = {
  readonly name: string;
  readonly works: readonly string[];
  readonly logCost: number;
  readonly homes: boolean;
};

const kinds: readonly Kind[] = [
  {
    name: 'Single-family, new',
    works: ['New house with garage', 'New house, two storeys', 'New house on a corner lot'],
    logCost: 12.6,
    homes: true,
  },
  {
    name: 'Residential alteration',
    works: ['Kitchen and bath, no change of use', 'Deck, "as built"', 'Attic to bedroom', 'Window replacement'],
    logCost: 9.6,
    homes: false,
  },
  {
    name: 'Multi-family',
    works: ['Apartments over shops', 'Townhouses, four units', 'Townhouses, six units'],
    logCost: 14.2,
    homes: true,
  },
  {
    name: 'Commercial',
    works: ['Tenant improvement', 'New warehouse, shell only', 'Roof replacement', 'Restaurant hood, fire suppression'],
    logCost: 11.3,
    homes: false,
  },
  { name: 'Mechanical', works: ['Heat pump', 'Furnace replacement', 'Rooftop unit'], logCost: 8.9, homes: false },
  { name: 'Electrical', works: ['Service upgrade', 'Solar panels, roof', 'Car charger'], logCost: 8.2, homes: false },
  {
    name: 'Demolition',
    works: ['House', 'Detached garage', 'Commercial building, partial'],
    logCost: 9.1,
    homes: false,
  },
];
const shares = [0.1, 0.31, 0.04, 0.12, 0.2, 0.19, 0.04];

export const permitHeader = [
  'permit_number', 'permit_type', 'work_description', 'status', 'applied_date', 'issued_date', 'finaled_date',
  'valuation', 'fees_paid', 'dwelling_units', 'floor_area_sqft', 'parcel_number', 'location_block', 'council_district',
  'longitude', 'latitude',
].join(','); // prettier-ignore

function randomKind(random: Random): Kind {
  let left = random.next();
  for (const [i, share] of shares.entries()) {
    left -= share;
    if (left < 0) return kinds[i]!;
  }
  return kinds[1]!;
}

type Course = { readonly status: string; readonly issued: string; readonly finaled: string };

/** What became of a permit applied for on day `applied`: dates run forward and never pass the last sample day. */
function randomCourse(random: Random, applied: number): Course {
  if (random.chance(0.03)) return { status: 'Withdrawn', issued: '', finaled: '' };
  const issued = applied + 1 + Math.floor(-Math.log(1 - random.next()) * 28);
  if (issued >= days.length) return { status: 'In review', issued: '', finaled: '' };
  const finaled = issued + 7 + Math.floor(-Math.log(1 - random.next()) * 140);
  if (random.chance(0.04)) return { status: 'Expired', issued: days[issued]!, finaled: '' };
  if (finaled >= days.length) return { status: 'Issued', issued: days[issued]!, finaled: '' };
  return { status: 'Finaled', issued: days[issued]!, finaled: days[finaled]! };
}

function* permitLines(rows: number, seed: number): Generator<string> {
  const random = seededRandom(seed);
  let year = '';
  let number = 0;
  for (let i = 0; i < rows; i++) {
    const applied = dayOfRow(i, rows);
    const date = days[applied]!;
    if (!date.startsWith(year) || year === '') {
      year = date.slice(0, 4);
      number = 0;
    }
    number += 1;
    const kind = randomKind(random);
    const course = randomCourse(random, applied);
    const cents = Math.round(Math.exp(kind.logCost + random.normal() * 0.7) * 100);
    const valuation = (cents / 100).toFixed(2);
    const fees = course.status === 'In review' ? '' : (75 + Math.round(cents * 0.013) / 100).toFixed(2);
    const units = kind.homes ? String(kind.name === 'Multi-family' ? random.integer(4, 60) : 1) : '';
    const area = random.chance(0.12) ? '' : String(Math.round(Math.exp(7.2 + random.normal() * 0.6)));
    const parcel = String(random.integer(0, 9_999_999_999)).padStart(10, '0');
    const point = randomPoint(random);
    yield [
      `BP${year}-${String(number).padStart(7, '0')}`,
      toField(kind.name),
      toField(random.pick(kind.works)),
      course.status,
      date,
      course.issued,
      course.finaled,
      valuation,
      fees,
      units,
      area,
      parcel,
      randomBlock(random),
      districtOf(point),
      point[0],
      point[1],
    ].join(',');
  }
}

/** CSV text of `rows` permits in the order they were applied for. */
export function buildingPermits(rows: number, seed = 1): Generator<string> {
  return inPieces(permitHeader, permitLines(rows, seed));
}
