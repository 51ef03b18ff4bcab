// Problem bodies: the caret stands under the mistake, nothing of the machine leaks, docs and table say the same codes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { errorTable, PortalError } from '../../src/base/errors.ts';
import { say } from '../../src/base/say.ts';
import { toPointer, toPortalError, toProblem } from '../../src/serve/http/problem.ts';

const place = { publicUrl: 'http://localhost:8080', requestId: 'r-1' };

describe('toPointer', () => {
  it('puts carets under the part that is wrong', () => {
    assert.equal(toPointer('wrad = 3 AND x', { start: 0, end: 4 }), 'wrad = 3 AND x\n^^^^');
    assert.equal(toPointer('ward = ', { start: 7, end: 7 }), 'ward = \n       ^');
  });
  it('cuts a long text around the place', () => {
    const text = `${'a'.repeat(500)}!${'b'.repeat(500)}`;
    const [shown = '', carets = ''] = toPointer(text, { start: 500, end: 501 }).split('\n');
    assert.equal(shown[carets.indexOf('^')], '!');
    assert.ok(shown.length < 130);
  });
  it('keeps to two lines whatever the text holds', () => {
    for (const text of ['a\nb', '\u0000\u001b[31m', '\ud800x', '']) {
      for (const start of [-5, 0, 1, 99]) {
        assert.equal(toPointer(text, { start, end: start + 1 }).split('\n').length, 2);
      }
    }
  });
});

describe('toProblem', () => {
  it('has the RFC 9457 members and the position', () => {
    const error = new PortalError('unknown-column', {
      detail: say('query.no-column', { name: '“wrad”' }),
      position: { parameter: 'where', start: 0, end: 4 },
      text: 'wrad = 3',
      extra: { column: 'wrad', code: 'cannot replace a member' },
    });
    assert.deepEqual(toProblem(error, place), {
      type: 'http://localhost:8080/errors#unknown-column',
      title: errorTable['unknown-column'][1],
      status: 400,
      detail: 'There is no column called “wrad”.',
      instance: 'urn:request:r-1',
      code: 'unknown-column',
      position: { parameter: 'where', start: 0, end: 4 },
      pointer: 'wrad = 3\n^^^^',
      column: 'wrad',
    });
  });
  it('says nothing of an unexpected error', () => {
    const thrown = new Error('ENOENT: /srv/secret/path select * from people');
    const problem = toProblem(toPortalError(thrown), place);
    assert.equal(problem.code, 'internal-error');
    assert.ok(!JSON.stringify(problem).includes('secret'));
    assert.equal(toPortalError(thrown).details.cause, thrown);
  });
  it('knows a full disk', () => {
    assert.equal(toPortalError(Object.assign(new Error('no space'), { code: 'ENOSPC' })).code, 'disk-full');
  });
});

describe('docs/errors.md', () => {
  const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z-]+)` +\| (\d{3}) +\| (.+?) +\|$/gmu)];
  it('has every code of the table with its status and sentence, and no other', () => {
    const documented = Object.fromEntries(rows.map(([, code, status, sentence]) => [code, [Number(status), sentence]]));
    assert.deepEqual(documented, Object.fromEntries(Object.entries(errorTable).map(([code, row]) => [code, [...row]])));
  });
});
