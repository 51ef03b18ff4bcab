// The city's departments: read strictly, put into the catalogue once, and never written over what an office has said.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'node:test';
import type { Department } from '../../src/catalogue/dataset.ts';
import { readCityDepartments, saveCityDepartments } from '../../src/city/departments.ts';

const machine = { kind: 'machine', name: 'this machine' } as const;

test('every department of the city is saved once; one that is there stays as it is', async () => {
  const departments = await readCityDepartments(resolve(import.meta.dirname, '../../city/kent'));
  assert.ok(departments.length >= 4);
  const planning: Department = {
    id: 'planning',
    name: 'Planning Services',
    description: null,
    contact: null,
    datasets: 3,
  };
  const saved = new Map<string, Department>([['planning', planning]]);
  const catalogue = {
    department: (id: string) => saved.get(id) ?? null,
    saveDepartment: (_actor: unknown, given: Omit<Department, 'datasets'>) => {
      const department = { ...given, datasets: 0 };
      saved.set(given.id, department);
      return Promise.resolve(department);
    },
  };
  assert.equal(await saveCityDepartments(catalogue, machine, departments), departments.length - 1);
  assert.equal(saved.get('planning'), planning);
  assert.equal(saved.get('city-clerk')?.name, 'City Clerk');
  assert.ok(![...saved.values()].some((each) => 'source' in each));
  assert.equal(await saveCityDepartments(catalogue, machine, departments), 0);
});

test('a wrong file is refused with the field; a city without one has none', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'portal-city-'));
  t.after(() => rmSync(folder, { recursive: true }));
  assert.deepEqual(await readCityDepartments(folder), []);
  const path = join(folder, 'departments.json');
  writeFileSync(path, '[{"id":"X Y","name":"n","description":null,"contact":null,"source":"s"}]');
  await assert.rejects(readCityDepartments(folder), { code: 'setting-invalid', message: /\/0\/id/ });
  writeFileSync(path, '[');
  await assert.rejects(readCityDepartments(folder), { code: 'setting-invalid', message: /is not JSON/ });
});
