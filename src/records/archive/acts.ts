// What the staff publish of a request, one row each: its page, a released file, a table as a draft of a dataset.
// It must hold no rule; publish.ts and the drafts do.

import { Type } from 'typebox';

import { isTicked, textOf } from '../../base/form.ts';
import { exact } from '../../base/schemas.ts';
import { check, line, own, ownOr, required, text, version } from '../../base/inputs.ts';
import { actsOf } from '../../people/act.ts';
import type { Archive } from './archive.ts';

const words = { title: required(line()), text: required(text()) };
const file = required(line());

const atRequest = actsOf<Archive, string>();

/** At a request, by its number. */
export const archiveActs = {
  check: atRequest(
    'archive.publish',
    'What may be personal in a text before it is published; each look is on the record',
    words,
    async (archive, actor, number, given) => ({ data: await archive.check(actor, number, given) }),
    {
      description: '`requester` is never let through.',
      schema: exact({ data: Type.Array(exact({ kind: Type.String(), text: Type.String() })) }),
    },
  ),
  publish: atRequest(
    'archive.publish',
    'Publish a request’s page; `looked`: how many findings were looked at and may stay',
    { version: version(), looked: ownOr(Type.Integer({ minimum: 0 }), 0, readLooked), ...words },
    (archive, actor, number, given) => archive.publishPage(actor, number, given),
  ),
  hide: atRequest(
    'archive.publish',
    'Take a request’s page and its files from the public',
    { version: version() },
    (archive, actor, number, given) => archive.hidePage(actor, number, given),
  ),
  file: atRequest(
    'archive.publish',
    'Publish a released file beside the page, or no longer',
    { file, isPublic: own(Type.Boolean(), (form) => textOf(form, 'isPublic') === 'yes') },
    (archive, actor, number, given) => archive.publishFile(actor, number, given),
  ),
  draft: atRequest(
    'archive.draft-dataset',
    'Make a released table a draft of a dataset',
    { file },
    async (archive, actor, number, given) => ({
      id: await archive.drafts.create(actor, { request: number, file: given.file }),
    }),
    { description: 'The draft.', schema: exact({ id: Type.String() }), status: 201 },
  ),
};

const atDraft = actsOf<Archive, string>();

/** At a draft of a dataset, by its id. */
export const draftActs = {
  publish: atDraft(
    'dataset.publish',
    'Publish a draft as a new dataset, from the bytes that were released',
    {
      version: version(),
      dataset: required(line()),
      title: required(line()),
      description: required(text()),
      isNoList: check(),
    },
    async (archive, actor, id, given) => ({ dataset: await archive.drafts.publish(actor, id, given) }),
    { description: 'The id of the dataset.', schema: exact({ dataset: Type.String() }), status: 201 },
  ),
  discard: atDraft('archive.draft-dataset', 'Discard a draft', { version: version() }, (archive, actor, id, given) =>
    archive.drafts.discard(actor, id, given),
  ),
};

function readLooked(form: Parameters<typeof textOf>[0]): number {
  return isTicked(form, 'looked') ? Number(textOf(form, 'looked')) : 0;
}
