// The city's profile, city/<name>/profile.json: its name, its time zone, whom to ask.
// It must never fill in what the city has not said: what is null stays null and reads "not specified".

import { readFile } from 'node:fs/promises';

import { Type } from 'typebox';
import { Value } from 'typebox/value';

import { PortalError } from '../base/errors.ts';

/** The city's own words, from city/<name>/profile.json. A null reads "not specified". */
export type CityProfile = {
  readonly id: string;
  readonly name: string; // "City of Kent, Washington"
  readonly shortName: string; // "Kent"
  readonly timeZone: string; // IANA
  readonly language: string;
  readonly website: string | null;
  readonly clerk: {
    readonly name: string;
    readonly email: string | null;
    readonly phone: string | null;
    readonly address: string | null;
    readonly url: string | null;
  };
  readonly attorney: { readonly name: string; readonly email: string | null; readonly phone: string | null };
  readonly enforcement: readonly { readonly role: string; readonly about: string }[];
  readonly fees: { readonly schedule: string | null; readonly note: string };
  readonly fines: string | null;
  /** What datasets say that do not say it themselves: whom to write to about data, and what place it is about. */
  readonly openData: { readonly email: string | null; readonly spatial: string | null };
};

const nullableText = Type.Union([Type.String({ minLength: 1 }), Type.Null()]);
const text = Type.String({ minLength: 1 });

const profileSchema = Type.Object(
  {
    id: text,
    name: text,
    shortName: text,
    timeZone: text,
    language: text,
    website: nullableText,
    clerk: Type.Object({
      name: text,
      email: nullableText,
      phone: nullableText,
      address: nullableText,
      url: nullableText,
    }),
    attorney: Type.Object({ name: text, email: nullableText, phone: nullableText }),
    enforcement: Type.Array(Type.Object({ role: text, about: text })),
    fees: Type.Object({ schedule: nullableText, note: text }),
    fines: nullableText,
    openData: Type.Object({ email: nullableText, spatial: nullableText }),
  },
  { additionalProperties: false },
);

/** Throws setting-invalid with the file and the mend. */
export async function readProfile(path: string): Promise<CityProfile> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw new PortalError('setting-invalid', { detail: cityMend(path), cause });
    throw new PortalError('setting-invalid', { detail: `The city profile is not JSON: ${cause.message}.`, cause });
  }
  if (!Value.Check(profileSchema, parsed)) {
    const first = Value.Errors(profileSchema, parsed)[0];
    const where = first?.instancePath === '' ? 'it' : (first?.instancePath ?? 'it');
    throw new PortalError('setting-invalid', `The city profile is not complete: ${where} ${first?.message ?? ''}.`);
  }
  return Object.freeze(parsed);
}

function cityMend(path: string): string {
  const tail = path.split('/').slice(-3).join('/');
  return `CITY names a city whose profile cannot be read: ${tail}. Use the name of a folder in city/.`;
}
