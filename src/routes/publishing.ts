// Publishing a file, describing one without storing it, and changing what is said of a dataset.
// It must hold no rule: each route reads its form and makes one call.

import multipart from '@fastify/multipart';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';

import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import { parseMetadata } from '../catalogue/metadata.ts';
import { parseRecipe, type Recipe } from '../catalogue/recipe.ts';
import type { ReleaseInput } from '../catalogue/release.ts';
import { toDatasetDocument, toReportDocument } from '../dialects/native/metadata.ts';
import { anywhere, requirePermission } from '../people/permissions.ts';
import { noStore } from '../serve/http/headers.ts';
import type { Portal } from '../serve/portal.ts';
import { sendWork } from '../serve/http/progress.ts';
import type { Tell } from '../serve/http/progress.ts';
import { exact } from '../base/schemas.ts';
import { bodies, datasetParams, json, problems } from '../serve/http/schemas.ts';
import type { Asked, TypedApp } from '../serve/http/typed-app.ts';
import { multipartLimits, readUpload } from '../serve/http/upload.ts';
import type { Upload } from '../serve/http/upload.ts';

const refusals = problems(['unauthorized', 'forbidden', 'bad-request', 'unknown-parameter', 'metadata-invalid']);
const fileRefusals = problems([
  'unauthorized',
  'forbidden',
  'bad-request',
  'unknown-parameter',
  'conflict',
  'changes-need-decision',
  'upload-too-large',
  'unsupported-media-type',
  'metadata-invalid',
  'empty-file',
  'upload-truncated',
  'checksum-mismatch',
  'file-type-mismatch',
  'file-unreadable',
  'encoding-unknown',
  'overloaded',
  'disk-full',
]);
const security = [{ token: [] }];

const published = exact({
  status: Type.String({ enum: ['created', 'unchanged'] }),
  dataset: Type.Ref('Dataset'),
  report: Type.Ref('Report'),
});

const withLines = (description: string, schema: Parameters<typeof json>[1]) =>
  bodies(description, { 'application/json': schema, 'application/x-ndjson': Type.String() });

const recipeWords =
  'Before the file may also stand `recipe` (JSON): what is said of the file instead of being guessed, by the members ' +
  '`delimiter`, `encoding`, `header` (a line, or `none`), `skip`, `dateOrder` (`month-first`, `day-first`), `decimal` ' +
  '(`point`, `comma`), `types` (kinds by column name), `mostChanges` and `mostQuarantined` (how many columns may ' +
  'change, and how many rows be left out, without a decision). It is kept for later files; `{}` clears it. Beyond what ' +
  'may change the answer is `changes-need-decision`, and `acceptChanges` with `true` is the decision. ';

export async function publishingRoutes(app: TypedApp, portal: Portal): Promise<void> {
  await app.register(multipart, { limits: multipartLimits });
  const bodyLimit = Math.min(portal.config.maxUploadBytes + 1_048_576, Number.MAX_SAFE_INTEGER);
  const upload = { bodyLimit, config: { access: 'write', upload: true } } as const;
  app.post(
    '/datasets/:id/revisions',
    {
      ...upload,
      preParsing: async (request) => requirePermission(request.actor, 'dataset.publish', anywhere(request.actor)),
      schema: {
        summary: 'Publish a file as the dataset’s next revision',
        description:
          'A form with, in this order: `metadata` (JSON; needed when the dataset is new; with `department`), `note`, ' +
          '`expectRevision` (the number that must be current; 0: the dataset must be new), `sha256` of the ' +
          'file, and `file`; `sha256` may as well follow the file. ' +
          recipeWords +
          'With `Accept: application/x-ndjson` progress is told line by line and the last line holds `result` or `error`.',
        operationId: 'publish',
        tags: ['Publishing'],
        security,
        consumes: ['multipart/form-data'],
        params: datasetParams,
        response: {
          200: withLines('Nothing changed: the file holds what is published already.', published),
          201: withLines('Published.', published),
          ...fileRefusals,
        },
      },
    },
    (request, reply) => publish(portal, request, reply),
  );
  app.post(
    '/describe',
    {
      ...upload,
      preParsing: async (request) => requirePermission(request.actor, 'dataset.publish', anywhere(request.actor)),
      schema: {
        summary: 'What would be published from a file; nothing is stored',
        description: 'A form with `recipe` (as to publish), `sha256` and `file`.',
        operationId: 'describeFile',
        tags: ['Publishing'],
        security,
        consumes: ['multipart/form-data'],
        response: {
          200: withLines(
            'Columns and report.',
            exact({ columns: Type.Array(Type.Ref('Column')), report: Type.Ref('Report') }),
          ),
          ...fileRefusals,
        },
      },
    },
    (request, reply) => describe(portal, request, reply),
  );
  addMetadataRoute(app, portal);
}

const description = Type.Unsafe<Readonly<Record<string, unknown>>>(
  Type.Object({}, { additionalProperties: true, description: 'The members of Metadata, and `department`.' }),
);

function addMetadataRoute(app: TypedApp, portal: Portal): void {
  app.put(
    '/datasets/:id/metadata',
    {
      bodyLimit: 262_144,
      config: { access: 'write' },
      schema: {
        summary: 'Say anew what the dataset is',
        operationId: 'saveMetadata',
        tags: ['Publishing'],
        security,
        params: datasetParams,
        body: description,
        response: { 200: json('The dataset.', Type.Ref('Dataset')), ...refusals, ...problems(['dataset-not-found']) },
      },
    },
    (request, reply) => saveMetadata(portal, request, reply),
  );
}

type AtDataset = { readonly params: typeof datasetParams };

const publishFields = ['metadata', 'note', 'expectRevision', 'recipe', 'acceptChanges', 'sha256'];

async function publish(portal: Portal, request: Asked<AtDataset>, reply: FastifyReply): Promise<FastifyReply> {
  const { id } = request.params;
  const watched = watchUpload(request);
  const form = await readUpload(request, publishFields, (done) => watched.onBytes(done));
  const { metadata, department } = readDescription(portal, id, form.fields.get('metadata') ?? null);
  const expected = readExpected(form.fields.get('expectRevision'));
  const recipe = readRecipe(form.fields.get('recipe'));
  return sendWork(portal, request, reply, 201, async (tell) => {
    watched.tell = tell;
    const { outcome, dataset, report } = await portal.publisher.publish({
      actor: request.actor,
      id,
      department,
      metadata,
      note: form.fields.get('note')?.trim() || null,
      ...(expected === undefined ? {} : { expected }),
      upload: toReceive(form),
      recipe,
      acceptsChanges: form.fields.get('acceptChanges') === 'true',
      onStep: (step) => tell({ step, done: null, total: null }),
    });
    const status = outcome.kind === 'unchanged' ? 'unchanged' : 'created';
    if (status === 'unchanged' && !reply.sent) reply.code(200);
    else reply.header('location', `${portal.config.publicUrl}/api/v1/datasets/${dataset.id}`);
    return { status, dataset: toDatasetDocument(portal.config.publicUrl, dataset), report: toReportDocument(report) };
  });
}

/** Bytes are told from before there is anybody to tell. */
function watchUpload(request: FastifyRequest): { tell: Tell | null; onBytes(done: number): void } {
  const total = Number(request.headers['content-length']);
  const known = Number.isSafeInteger(total) ? total : null;
  return {
    tell: null,
    onBytes(done) {
      this.tell?.({ step: 'receive', done, total: known });
    },
  };
}

function toReceive(form: Upload) {
  return { bytes: form.bytes, name: form.fileName, declaredSha256: () => form.fields.get('sha256') ?? null };
}

function readExpected(given: string | undefined): number | null | undefined {
  if (given === undefined || given === '') return undefined;
  if (!/^\d{1,9}$/u.test(given)) {
    throw new PortalError('bad-request', say('routes.expect-revision'));
  }
  return given === '0' ? null : Number(given);
}

/** Left out, it stays as it was; `{}` has everything guessed again. */
function readRecipe(given: string | undefined): Recipe | undefined {
  if (given === undefined || given.trim() === '') return undefined;
  return parseRecipe(parseJsonObject(given));
}

type Description = Pick<ReleaseInput, 'metadata' | 'department'>;

/** The form's metadata, or what the dataset has. Throws metadata-invalid when a new dataset is not described. */
function readDescription(portal: Portal, id: string, text: string | null): Description {
  const current = portal.catalogue.view(id);
  if (text === null || text.trim() === '') {
    if (current === null) {
      throw new PortalError('metadata-invalid', say('routes.dataset-new'));
    }
    return { metadata: null, department: { id: current.department.id, name: current.department.name } };
  }
  const { department: named, ...given } = parseJsonObject(text);
  const department = readDepartment(portal, named) ?? current?.department ?? null;
  if (department === null) {
    throw new PortalError('metadata-invalid', {
      detail: say('routes.department-needed'),
      extra: { field: 'department' },
    });
  }
  return { metadata: parseMetadata(given), department: { id: department.id, name: department.name } };
}

function parseJsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new PortalError('metadata-invalid', {
      detail: say('routes.metadata-not-json', { reason: cause.message }),
      cause,
    });
  }
  throw new PortalError('metadata-invalid', say('routes.metadata-no-object'));
}

/** An id, a name, or both: `"planning"`, `"Planning"`, `{"id": "planning", "name": "Planning"}`. */
function readDepartment(portal: Portal, given: unknown): { readonly id: string; readonly name: string } | null {
  if (given === undefined || given === null) return null;
  if (typeof given === 'object' && 'id' in given) {
    const { id, name } = given as { id: unknown; name?: unknown };
    return { id: String(id), name: String(name ?? portal.catalogue.department(String(id))?.name ?? id) };
  }
  if (typeof given !== 'string') {
    throw new PortalError('metadata-invalid', {
      detail: say('routes.department-id'),
      extra: { field: 'department' },
    });
  }
  const words = given.trim().toLowerCase();
  const known = portal.catalogue.departments().find(({ id, name }) => id === words || name.toLowerCase() === words);
  return known ?? { id: words.replace(/[^a-z0-9]+/gu, '-').replace(/^-|-$/gu, ''), name: given.trim() };
}

async function describe(portal: Portal, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const watched = watchUpload(request);
  const form = await readUpload(request, ['recipe', 'sha256'], (done) => watched.onBytes(done));
  const recipe = readRecipe(form.fields.get('recipe'));
  return sendWork(portal, request, reply, 200, async (tell) => {
    watched.tell = tell;
    const { columns, report } = await portal.publisher.describe(toReceive(form), { recipe });
    return { columns, report: toReportDocument(report) };
  });
}

async function saveMetadata(
  portal: Portal,
  request: Asked<AtDataset & { readonly body: typeof description }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  requirePermission(request.actor, 'dataset.describe', anywhere(request.actor));
  const { id } = request.params;
  const current = portal.catalogue.view(id);
  if (current === null) throw new PortalError('dataset-not-found');
  const { department: named, ...given } = request.body;
  const department = readDepartment(portal, named) ?? current.department;
  const metadata = parseMetadata(given);
  const dataset = await portal.catalogue.saveMetadata(request.actor, {
    id: current.id,
    metadata,
    department: department.id,
  });
  return reply.header('cache-control', noStore).send(toDatasetDocument(portal.config.publicUrl, dataset));
}
