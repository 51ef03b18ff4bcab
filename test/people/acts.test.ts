// Acts of the staff over HTTP, cell by cell: every act that the description of the API names, by everybody.
// Who may is refused for the empty body, who may not for who they are, before a byte of it is read.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';

import { roles } from '../../src/base/actor.ts';
import type { Role } from '../../src/base/actor.ts';
import { permissions } from '../../src/people/permissions.ts';
import type { Action } from '../../src/people/permissions.ts';
import { openTestPortal } from '../portal.ts';
import { signIn } from './staff.ts';

type Operation = { readonly description?: string; readonly requestBody?: object; readonly operationId: string };
type Description = { readonly paths: Readonly<Record<string, { readonly post?: Operation }>> };

const site = await openTestPortal({ after });
const { paths } = (await site.ask('/openapi.json')).json<Description>();
const acts = Object.entries(paths).flatMap(([path, { post }]) => {
  const permission = /^Permissions? ((?:`[a-z.-]+`(?: and | or )?)+)\./u.exec(post?.description ?? '')?.[1];
  if (post === undefined || permission === undefined) return [];
  const needed = permission.split(' and ').map((any) => any.split(' or ').map((name) => name.slice(1, -1) as Action));
  const url = path
    .replace('{number}', '2026-000001')
    .replace('{task}', '01890a5d-ac96-774b-bcce-b302099a8057')
    .replaceAll(/\{\w+\}/gu, '1');
  return [{ url, post, needed }];
});

/** Of each group one action will do. */
const may = (subject: Role | 'machine', needed: readonly (readonly Action[])[]): boolean =>
  needed.every((any) => any.some((action) => (permissions[action] as readonly string[]).includes(subject)));

async function post(url: string, headers: Readonly<Record<string, string>>) {
  const sent = { ...headers, 'content-type': 'application/json' };
  return site.ask({ method: 'POST', url, headers: sent, payload: '{"nothing of this kind":1}' });
}

test('every act by every role: refused for the body by who may, for who they are by who may not', async () => {
  assert.ok(acts.length >= 80, `${acts.length} acts`);
  for (const role of roles) {
    for (const department of [null, 'planning']) {
      const { headers } = await signIn(site, role, department);
      for (const { url, post: operation, needed } of acts) {
        const { status, body } = await post(url, headers);
        const cell = `${operation.operationId} by ${role} of ${department ?? 'the city'}: ${status} ${body}`;
        if (!may(role, needed)) assert.equal(status, 403, cell);
        else if (operation.requestBody === undefined) assert.ok(![401, 500].includes(status), cell);
        else assert.equal(status, 400, cell);
      }
    }
  }
});

test('nobody acts without a session of the staff, nor from a page of another site', async () => {
  const officer = await signIn(site, 'records-officer');
  for (const { url, post: operation, needed } of acts) {
    assert.equal((await post(url, {})).status, 401, operation.operationId);
    const byMachine = (await post(url, site.machine)).status;
    assert.equal(byMachine, may('machine', needed) ? 400 : 403, `${operation.operationId} by the machine`);
    const foreign = await post(url, { ...officer.headers, origin: 'https://elsewhere.example' });
    assert.equal(foreign.status, 403, `${operation.operationId} from elsewhere`);
  }
});
