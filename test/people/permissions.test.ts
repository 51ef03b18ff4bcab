// Every action × every subject × no, its own and another department, against the table of docs/permissions.md.
// It must read what is allowed from the page that people read, never from the code it tests.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Actor, publicActor, type Role, roles } from '../../src/base/actor.ts';
import { PortalError } from '../../src/base/errors.ts';
import { type Action, actions, isAllowed, requirePermission, type Subject } from '../../src/people/permissions.ts';
import { projectFiles, readProject } from '../source.ts';
import { staffActor } from './staff.ts';

const kinds = ['public', 'machine', 'token', 'system', 'requester', 'delegate'] as const;
const subjects: readonly Subject[] = [...roles, ...kinds];

/** Rows `| action | what it means | who, who |` of the page. */
function readPage(): ReadonlyMap<string, ReadonlySet<string>> {
  const page = readFileSync(join(import.meta.dirname, '../../docs/permissions.md'), 'utf8');
  const rows = page.split('\n').flatMap((line) => {
    const cells = /^\| `([a-z-]+\.[a-z-]+)` +\| ([^|]+)\| ([^|]+)\|$/.exec(line);
    if (cells === null) return [];
    const [, action = '', meaning = '', who = ''] = cells;
    assert.ok(meaning.trim().length > 5, `${action} says what it means`);
    const named = [...who.matchAll(/`([a-z-]+)`/g)].map((match) => match[1] ?? '');
    assert.equal(new Set(named).size, named.length, `${action} names nobody twice`);
    return [[action, new Set(named)] as const];
  });
  const found = new Map(rows);
  assert.equal(found.size, rows.length, 'no action has two rows');
  return found;
}

const table = readPage();

function toActor(subject: Subject, department: string | null): Actor {
  switch (subject) {
    case 'public':
      return publicActor;
    case 'machine':
    case 'system':
      return { kind: subject, name: subject };
    case 'token':
      return { kind: 'token', id: 'x', name: 'loader' };
    case 'requester':
      return { kind: 'requester', requestId: 'r', delegate: null };
    case 'delegate':
      return { kind: 'requester', requestId: 'r', delegate: { id: 'd', mayAct: true } };
    default:
      return staffActor(subject, department);
  }
}

test('the page and the code have the same actions, and the page names only those who can stand in it', () => {
  assert.deepEqual([...table.keys()].sort(), [...actions].sort());
  for (const [action, who] of table) {
    for (const name of who) assert.ok(subjects.includes(name as Subject), `${action}: ${name}`);
    assert.ok(who.size > 0, action);
  }
});

test('every action of the table is named by what asks for it', () => {
  const named = new Set(
    projectFiles()
      .filter((path) => /^src\/.*\.ts$/u.test(path) && path !== 'src/people/permissions.ts')
      .flatMap((path) => [...readProject(path).matchAll(/'([a-z-]+\.[a-z-]+)'/gu)].map(([, action]) => action)),
  );
  assert.deepEqual(
    actions.filter((action) => !named.has(action)),
    [],
  );
});

test('each subject may do what its row says, in each department and in none', () => {
  let cells = 0;
  for (const action of actions) {
    for (const subject of subjects) {
      const may = table.get(action)?.has(subject) === true;
      const isRole = (roles as readonly string[]).includes(subject);
      const cases: readonly (readonly [granted: string | null, concerned: readonly string[], expected: boolean])[] = [
        [null, [], may],
        [null, ['parks'], may],
        ['parks', ['parks'], may],
        ['parks', ['police', 'parks'], may],
        ['parks', ['police'], isRole ? false : may],
        ['parks', [], isRole ? false : may],
      ];
      for (const [granted, departments, expected] of cases) {
        const actor = toActor(subject, granted);
        const about = `${subject} (${granted ?? 'whole city'}) ${action} of ${departments.join(', ') || 'no department'}`;
        assert.equal(isAllowed(actor, action, { departments }), expected, about);
        if (expected) requirePermission(actor, action, { departments });
        else assert.throws(() => requirePermission(actor, action, { departments }), refusal(subject), about);
        cells += 1;
      }
    }
  }
  assert.equal(cells, actions.length * subjects.length * 6);
});

function refusal(subject: Subject): (error: unknown) => boolean {
  const code = subject === 'public' ? 'unauthorized' : 'forbidden';
  return (error) => error instanceof PortalError && error.code === code;
}

test('a delegate who may only read follows the request and does nothing else', () => {
  const reader: Actor = { kind: 'requester', requestId: 'r', delegate: { id: 'd', mayAct: false } };
  const allowed = actions.filter((action) => isAllowed(reader, action));
  assert.deepEqual(allowed, ['request.follow']);
});

test('roles add up, each only for its own department', () => {
  const roleIn = (role: Role, department: string | null) => ({ role, department });
  const actor: Actor = {
    ...staffActor('auditor'),
    grants: [roleIn('publisher', 'parks'), roleIn('redactor', 'police'), roleIn('auditor', null)],
  };
  const may = (action: Action, ...departments: string[]) => isAllowed(actor, action, { departments });
  assert.deepEqual([may('dataset.publish', 'parks'), may('dataset.publish', 'police')], [true, false]);
  assert.deepEqual([may('document.redact', 'police'), may('document.redact', 'parks')], [true, false]);
  assert.deepEqual([may('people.list'), may('people.list', 'parks')], [true, true]);
  assert.equal(isAllowed({ ...actor, grants: [] }, 'people.list'), false);
});
