// Generated service requests (street lights, potholes, litter …) in the shape of a city's, at any number of rows.

import { inPieces, toField } from './csv.ts';
import { dayOfRow, days, districtOf, randomBlock, randomPoint } from './place.ts';
import { seededRandom, type Random } from './random.ts';

const categories: readonly { readonly name: string; readonly details: readonly string[]; readonly meanDays: number }[] =
  [
    { name: 'Streets', details: ['Pothole', 'Faded crosswalk', 'Street sign missing', 'Ice or snow'], meanDays: 6 },
    { name: 'Lights and signals', details: ['Street light out', 'Signal timing', 'Walk button'], meanDays: 9 },
    { name: 'Litter and dumping', details: ['Illegal dumping', 'Litter bin full', 'Shopping cart'], meanDays: 3 },
    { name: 'Parks', details: ['Play equipment', 'Tree down', 'Restroom', 'Trail, blocked'], meanDays: 5 },
    { name: 'Water and drainage', details: ['Drain blocked', 'Leak', 'Low pressure'], meanDays: 2 },
    { name: 'Graffiti', details: ['Public property', 'Sign', 'Bridge or wall'], meanDays: 7 },
    { name: 'Noise', details: ['Construction', 'Other'], meanDays: 4 },
  ];
const channels: readonly string[] = ['Web', 'Web', 'Web', 'Phone', 'Phone', 'App', 'App', 'In person'];

const serviceRequestHeader = [
  'request_id', 'opened_at', 'closed_at', 'status', 'category', 'detail', 'channel', 'priority', 'days_to_close',
  'location_block', 'council_district', 'longitude', 'latitude',
].join(','); // prettier-ignore

function clockTime(random: Random): number {
  const hour = Math.min(23, Math.max(0, Math.round(13 + random.normal() * 3.5)));
  return hour * 3600 + random.integer(0, 3599);
}

function toTimestamp(day: number, second: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${days[day]!}T${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
}

function* requestLines(rows: number, seed: number): Generator<string> {
  const random = seededRandom(seed);
  for (let i = 0; i < rows; i++) {
    const day = dayOfRow(i, rows);
    const second = clockTime(random);
    const category = random.pick(categories);
    const taken = -Math.log(1 - random.next()) * category.meanDays;
    const end = day * 86_400 + second + Math.round(taken * 86_400);
    const endDay = Math.floor(end / 86_400);
    const isClosed = endDay < days.length;
    const isDuplicate = isClosed && random.chance(0.05);
    const point = randomPoint(random);
    yield [
      `SR-${String(i + 1).padStart(8, '0')}`,
      toTimestamp(day, second),
      isClosed ? toTimestamp(endDay, end % 86_400) : '',
      isDuplicate ? 'Closed as duplicate' : isClosed ? 'Closed' : 'Open',
      category.name,
      toField(random.pick(category.details)),
      random.pick(channels),
      random.chance(0.08) ? 'High' : random.chance(0.3) ? 'Low' : 'Normal',
      isClosed ? taken.toFixed(2) : '',
      randomBlock(random),
      districtOf(point),
      point[0],
      point[1],
    ].join(',');
  }
}

/** CSV text of `rows` requests in the order they were opened, give or take a day. */
export function serviceRequests(rows: number, seed = 2): Generator<string> {
  return inPieces(serviceRequestHeader, requestLines(rows, seed));
}
