// A department's publisher publishes for that department, and not one row for another.
// It must go through the real publisher, engine and store.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import type { Actor } from '../../src/base/actor.ts';
import { parseMetadata } from '../../src/catalogue/metadata.ts';
import { openTestPortal } from '../portal.ts';
import { hasCode } from './ground.ts';
import { staffActor } from './staff.ts';

const site = await openTestPortal({ after });
const { catalogue, publisher } = site.portal;

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const publish = (actor: Actor, id: string, department: string, text = 'a,b\n1,2\n') =>
  publisher.publish({
    actor,
    id,
    department: { id: department, name: department },
    metadata: parseMetadata({ title: id }),
    note: null,
    upload: { bytes: once(text), name: `${id}.csv` },
  });

test('a department’s publisher publishes and describes for it alone, and moves nothing in or out', async () => {
  const [parks, city] = [staffActor('publisher', 'parks'), staffActor('publisher')];
  await publish(city, 'arrests', 'police');
  const { dataset } = await publish(parks, 'trees', 'parks');
  assert.equal(dataset.department.id, 'parks');
  await assert.rejects(publish(parks, 'stops', 'police'), hasCode('forbidden'));
  await assert.rejects(publish(parks, 'arrests', 'police', 'a,b\n3,4\n'), hasCode('forbidden'));
  await assert.rejects(publish(parks, 'arrests', 'parks', 'a,b\n3,4\n'), hasCode('forbidden'), 'not taken over');
  await assert.rejects(publish(parks, 'trees', 'police', 'a,b\n3,4\n'), hasCode('forbidden'), 'not given away');
  const metadata = parseMetadata({ title: 'Other words' });
  await assert.rejects(catalogue.saveMetadata(parks, { id: 'arrests', metadata }), hasCode('forbidden'));
  await assert.rejects(
    catalogue.saveMetadata(parks, { id: 'arrests', metadata, department: 'parks' }),
    hasCode('forbidden'),
  );
  await assert.rejects(
    catalogue.saveMetadata(parks, { id: 'trees', metadata, department: 'police' }),
    hasCode('forbidden'),
  );
  await catalogue.saveMetadata(parks, { id: 'trees', metadata });
  await catalogue.saveMetadata(city, { id: 'arrests', metadata });
  assert.equal(catalogue.view('arrests')?.department.id, 'police');
  assert.equal(catalogue.view('trees')?.metadata.title, 'Other words');
  await publish(city, 'trees', 'police', 'a,b\n5,6\n');
  assert.equal(catalogue.view('trees')?.department.id, 'police');
});

test('a department’s administrator changes that department, and nobody else’s publisher does', async () => {
  const save = (actor: Actor, id: string) =>
    catalogue.saveDepartment(actor, { id, name: `The ${id}`, description: null, contact: null });
  await save(staffActor('administrator', 'parks'), 'parks');
  await assert.rejects(save(staffActor('administrator', 'parks'), 'police'), hasCode('forbidden'));
  await assert.rejects(save(staffActor('publisher'), 'parks'), hasCode('forbidden'));
});
