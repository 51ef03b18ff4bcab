// Reads the city's law from city/<name>/records/*.json and letters/*.txt, once at start; refuses what does not hold.
// It must never fill in what the city has not said; an error names the file and the field.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';

import { PortalError } from '../../base/errors.ts';
import { daysOfMonth, isCityDate } from '../../city/days.ts';
import type { CityDate } from '../../city/days.ts';
import { requireLawfulFees } from './fee-caps.ts';
import {
  calendarSchema,
  citationsSchema,
  clocksSchema,
  exemptionsSchema,
  feesSchema,
  profileSchema,
} from './law-schemas.ts';
import { clockIds } from './law.ts';
import { toCalendarVersion } from '../../city/calendar.ts';
import type { CalendarLaw } from '../../city/calendar.ts';
import type { Citation, ClocksLaw, ExemptionsLaw, Law, LawCity } from './law.ts';
import type { FeesLaw } from './fees-law.ts';
import { parseLetter, requireLetters } from './letters.ts';

/** `folder` is city/<name>. Throws setting-invalid. */
export async function readLaw(folder: string): Promise<Law> {
  const records = join(folder, 'records');
  const [city, cited, calendar, clocks, fees, exemptions, letters] = await Promise.all([
    readJson<LawCity>(join(folder, 'profile.json'), profileSchema),
    readJson<{ citations: readonly Citation[] }>(join(records, 'citations.json'), citationsSchema),
    readVersions<CalendarLaw>(join(records, 'calendar.json'), calendarSchema),
    readVersions<ClocksLaw>(join(records, 'clocks.json'), clocksSchema),
    readVersions<FeesLaw>(join(records, 'fees.json'), feesSchema),
    readVersions<ExemptionsLaw>(join(records, 'exemptions.json'), exemptionsSchema),
    readLetters(join(records, 'letters')),
  ]);
  const law: Law = {
    city,
    citations: cited.citations,
    calendar: calendar.map(toCalendarVersion),
    clocks,
    fees,
    exemptions,
    letters,
    closures: [],
  };
  requireWhole(law);
  requireLetters(letters);
  return Object.freeze(law);
}

async function readJson<T>(path: string, schema: TSchema): Promise<T> {
  const parsed: unknown = await readFile(path, 'utf8')
    .then((content) => JSON.parse(content))
    .catch((cause: unknown) => {
      throw new PortalError('setting-invalid', { detail: `The law file ${tail(path)} cannot be read.`, cause });
    });
  if (!Value.Check(schema, parsed)) {
    const first = Value.Errors(schema, parsed)[0];
    const field = first === undefined || first.instancePath === '' ? 'it' : first.instancePath;
    refuse(tail(path), field, first?.message ?? 'is not valid');
  }
  return parsed as T; // the schema says so
}

/** Throws setting-invalid; versions follow one another. */
export async function readVersions<T extends { readonly effectiveFrom: CityDate | null }>(
  path: string,
  schema: TSchema,
): Promise<readonly T[]> {
  const { versions } = await readJson<{ versions: readonly T[] }>(path, schema);
  versions.forEach(({ effectiveFrom }, at) => {
    const field = `/versions/${at}/effectiveFrom`;
    if (effectiveFrom !== null && !isCityDate(effectiveFrom)) refuse(tail(path), field, 'is no date of the calendar');
    const before = versions[at - 1];
    if (before === undefined) return;
    const follows = effectiveFrom !== null && (before.effectiveFrom === null || before.effectiveFrom < effectiveFrom);
    if (!follows) refuse(tail(path), field, 'must be later than that of the version before it');
  });
  return versions;
}

async function readLetters(folder: string): Promise<Law['letters']> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new PortalError('setting-invalid', { detail: `The folder ${tail(folder)} cannot be read.`, cause });
  });
  const files = names.filter((name) => name.endsWith('.txt')).sort();
  const letters = await Promise.all(
    files.map(async (name) => parseLetter(name, await readFile(join(folder, name), 'utf8'))),
  );
  return letters.sort((a, b) => ((a.effectiveFrom ?? '') < (b.effectiveFrom ?? '') ? -1 : 1));
}

/** What no schema of one file can say: ids are known and distinct, every clock is there, fees keep to their caps. */
function requireWhole(law: Law): void {
  requireDistinct('citations.json', '/citations', law.citations);
  const known = new Set(law.citations.map(({ id }) => id));
  const cite = (file: string, field: string, id: string): void => {
    if (!known.has(id)) refuse(file, field, `names “${id}”, which citations.json does not have`);
  };
  law.calendar.forEach((version, at) => {
    const field = `/versions/${at}`;
    requireDistinct('calendar.json', `${field}/holidays`, version.holidays);
    cite('calendar.json', `${field}/weekend/citation`, version.weekend.citation);
    cite('calendar.json', `${field}/shifts/citation`, version.shifts.citation);
    version.holidays.forEach(({ citation, rule }, each) => {
      cite('calendar.json', `${field}/holidays/${each}/citation`, citation);
      // A date that only leap years have would be a holiday that most years do not
      if (rule.kind === 'fixed' && rule.day > daysOfMonth(2023, rule.month)) {
        refuse('calendar.json', `${field}/holidays/${each}/rule/day`, 'is no day that every year has');
      }
    });
  });
  law.clocks.forEach((version, at) => {
    const field = `/versions/${at}/clocks`;
    requireDistinct('clocks.json', field, version.clocks);
    const codes = version.clocks.map(({ code }) => ({ id: code }));
    requireDistinct('clocks.json', field, codes);
    for (const id of clockIds) {
      if (!version.clocks.some((clock) => clock.id === id)) refuse('clocks.json', field, `has no clock ${id}`);
    }
    version.receipt.citations.forEach((id) => cite('clocks.json', `/versions/${at}/receipt/citations`, id));
    version.clocks.forEach(({ citations }, each) =>
      citations.forEach((id) => cite('clocks.json', `${field}/${each}/citations`, id)),
    );
  });
  law.exemptions.forEach(({ exemptions }, at) =>
    requireDistinct('exemptions.json', `/versions/${at}/exemptions`, exemptions),
  );
  law.fees.forEach((version, at) => {
    const field = `/versions/${at}`;
    Object.entries(version.citations).forEach(([name, id]) => cite('fees.json', `${field}/citations/${name}`, id));
    version.caps.forEach(({ citation }, each) => cite('fees.json', `${field}/caps/${each}/citation`, citation));
    requireLawfulFees(version, (place, what) => refuse('fees.json', `${field}${place}`, what), law.citations);
  });
}

function requireDistinct(file: string, field: string, list: readonly { readonly id: string }[]): void {
  const seen = new Set<string>();
  for (const { id } of list) {
    if (seen.has(id)) refuse(file, field, `has “${id}” twice`);
    seen.add(id);
  }
}

function refuse(file: string, field: string, what: string): never {
  throw new PortalError('setting-invalid', `The law file ${file} does not hold: ${field} ${what}.`);
}

function tail(path: string): string {
  return path.split('/').slice(-3).join('/');
}
