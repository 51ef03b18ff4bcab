// Generated business licences, written the way offices export them: US dates, dollar signs, numbers with leading zeros.

import { inPieces } from './csv.ts';
import { days, districtOf, randomPoint } from './place.ts';
import { seededRandom } from './random.ts';

const sectors: readonly string[] = [
  'Construction', 'Retail', 'Food and drink', 'Manufacturing', 'Warehousing', 'Health', 'Education', 'Repair',
  'Professional services',
]; // prettier-ignore

const businessLicenceHeader =
  'License Number,Business,Sector,Opened,Renewed,Employees,Annual Fee,Home-based?,Council District';

function toUsDate(isoDate: string): string {
  const [year, month, day] = isoDate.split('-');
  return `${Number(month)}/${Number(day)}/${year}`;
}

function toDollars(cents: number): string {
  const whole = String(Math.floor(cents / 100)).replace(/\B(?=(\d{3})+$)/g, ',');
  return `$${whole}.${String(cents % 100).padStart(2, '0')}`;
}

function* licenceLines(rows: number, seed: number): Generator<string> {
  const random = seededRandom(seed);
  for (let i = 0; i < rows; i++) {
    const opened = random.integer(0, days.length - 400);
    const renewed = random.chance(0.7) ? toUsDate(days[opened + 365]!) : '';
    const employees = Math.max(1, Math.round(Math.exp(1.1 + random.normal() * 1.2)));
    const fee = toDollars(10_100 + Math.min(employees, 400) * 850);
    const number = String(i + 1).padStart(6, '0');
    yield [
      number,
      `Sample Business ${number}`,
      random.pick(sectors),
      toUsDate(days[opened]!),
      renewed,
      employees,
      fee.includes(',') ? `"${fee}"` : fee,
      employees === 1 && random.chance(0.8) ? 'Yes' : 'No',
      districtOf(randomPoint(random)),
    ].join(',');
  }
}

export function businessLicences(rows: number, seed = 3): Generator<string> {
  return inPieces(businessLicenceHeader, licenceLines(rows, seed));
}
