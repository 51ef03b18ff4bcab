// The departments that a city names in city/<name>/departments.json, put into the catalogue when they are not there.
// It must never change a department that is there: what an office has said since is newer than the file.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';

import type { Actor } from '../base/actor.ts';
import { PortalError } from '../base/errors.ts';

const text = Type.String({ minLength: 1 });
const nullableText = Type.Union([text, Type.Null()]);

const departmentsSchema = Type.Array(
  Type.Object(
    {
      id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]*$' }),
      name: text,
      description: nullableText,
      contact: Type.Union([
        Type.Object(
          { name: nullableText, email: nullableText, phone: nullableText, url: nullableText },
          { additionalProperties: false },
        ),
        Type.Null(),
      ]),
      /** How the city's people know that the department is theirs; not shown. */
      source: text,
    },
    { additionalProperties: false },
  ),
);

export type CityDepartment = Static<typeof departmentsSchema>[number];

/** Reads the file; a city without one has no departments yet. Throws setting-invalid that names the field. */
export async function readCityDepartments(folder: string): Promise<readonly CityDepartment[]> {
  const content = await readFile(join(folder, 'departments.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '[]';
    throw error;
  });
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch (cause) {
    throw new PortalError('setting-invalid', { detail: 'The departments.json of the city is not JSON.', cause });
  }
  if (Value.Check(departmentsSchema, parsed)) return parsed;
  const [first] = Value.Errors(departmentsSchema, parsed);
  const where = first === undefined || first.instancePath === '' ? 'it' : first.instancePath;
  const sentence = `The departments.json of the city is not valid: ${where} ${first?.message ?? ''}.`;
  throw new PortalError('setting-invalid', sentence);
}

/** What keeps departments: the catalogue, which knows nothing of a city's files. */
type DepartmentsKept = {
  department(id: string): object | null;
  saveDepartment(actor: Actor, department: Omit<CityDepartment, 'source'>): Promise<unknown>;
};

/** Saves the departments that the catalogue does not know, and returns how many those were. */
export async function saveCityDepartments(
  catalogue: DepartmentsKept,
  actor: Actor,
  departments: readonly CityDepartment[],
): Promise<number> {
  const missing = departments.filter(({ id }) => catalogue.department(id) === null);
  for (const { id, name, description, contact } of missing) {
    await catalogue.saveDepartment(actor, { id, name, description, contact });
  }
  return missing.length;
}
