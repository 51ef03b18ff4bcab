// Refusals that name a field. It must hold no sentence of the portal.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PortalError } from '../../src/base/errors.ts';
import { refuseField, refuseStep } from '../../src/base/fields.ts';
import { say } from '../../src/base/say.ts';
import { projectFiles, readProject } from '../source.ts';

function refusalOf(run: () => never): unknown {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof PortalError);
    const { detail, extra } = error.details;
    return { code: error.code, status: error.status, detail, extra };
  }
}

test('a refusal says its sentence and names its field', () => {
  const [detail, extra] = [say('form.choose'), { field: 'name' }];
  const form = refusalOf(() => refuseField('name', detail));
  assert.deepEqual(form, { code: 'form-invalid', status: 422, detail, extra });
  const step = refusalOf(() => refuseStep('name', detail));
  assert.deepEqual(step, { code: 'records-invalid', status: 422, detail, extra });
  const whole = refusalOf(() => refuseStep(null, detail));
  assert.deepEqual(whole, { code: 'records-invalid', status: 422, detail, extra: {} });
});

test('no other file makes such a refusal itself', () => {
  const made = /'(?:form|records)-invalid',\s*\{\s*detail[^;]*?,\s*extra: \{ field\b[^,}]*\}/u;
  const making = projectFiles().filter((path) => /^src\/.*\.ts$/u.test(path) && made.test(readProject(path)));
  assert.deepEqual(making, ['src/base/fields.ts']);
});
