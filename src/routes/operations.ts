// Checking every stored file, and copying everything into a folder of the portal's machine.
// It must hold no rule; catalogue/verification.ts and catalogue/backup.ts do.

import { isAbsolute } from 'node:path';

import { Type } from 'typebox';

import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import { backupPortal } from '../catalogue/backup.ts';
import { type CheckedFile, verifyAll } from '../catalogue/verification.ts';
import { requirePermission } from '../people/permissions.ts';
import type { Portal } from '../serve/portal.ts';
import { sendWork } from '../serve/http/progress.ts';
import { exact, nullable } from '../base/schemas.ts';
import { bodies, problems } from '../serve/http/schemas.ts';
import type { TypedApp } from '../serve/http/typed-app.ts';

const shared = { tags: ['Operations'], security: [{ token: [] }] };
const refusals = problems(['unauthorized', 'forbidden', 'bad-request']);

const withLines = (description: string, schema: ReturnType<typeof exact>) =>
  bodies(description, { 'application/json': schema, 'application/x-ndjson': Type.String() });

const verified = exact({
  files: Type.Integer(),
  bytes: Type.Integer(),
  damaged: Type.Array(exact({ sha256: Type.String(), sentence: Type.String() }), {
    description: 'Files whose bytes are not what their name says, or that are not there.',
  }),
  audit: exact(
    { events: Type.Integer(), head: Type.String(), brokenAt: nullable(Type.Integer()) },
    { description: 'The chain of hashes of the audit log; `brokenAt` is the first event that does not fit.' },
  ),
});

const backedUp = exact({ directory: Type.String(), files: Type.Integer(), bytes: Type.Integer() });

export async function operationRoutes(app: TypedApp, portal: Portal): Promise<void> {
  app.post(
    '/operations/verify',
    {
      config: { access: 'write' },
      schema: {
        ...shared,
        summary: 'Read every stored file again and compare it with its SHA-256',
        operationId: 'verify',
        response: { 200: withLines('What was found.', verified), ...refusals },
      },
    },
    async (request, reply) => {
      requirePermission(request.actor, 'store.verify');
      return sendWork(portal, request, reply, 200, async (tell) => {
        const found = await verifyAll(portal.database.db, portal.store, ({ done, total }) =>
          tell({ step: 'verify', done, total }),
        );
        const { files, bytes, audit } = found;
        const wrong = found.damaged.map((of) => ({ sha256: of.sha256, sentence: `${toWords(of)} is damaged.` }));
        const gone = found.missing.map((of) => ({ sha256: of.sha256, sentence: `${toWords(of)} is missing.` }));
        return { files, bytes, damaged: [...wrong, ...gone], audit };
      });
    },
  );
  app.post(
    '/operations/backup',
    {
      config: { access: 'write' },
      schema: {
        ...shared,
        summary: 'Copy everything into an empty folder of the portal’s machine',
        operationId: 'backup',
        body: exact({ directory: Type.String({ minLength: 1, maxLength: 4_096, examples: ['/srv/backups/portal'] }) }),
        response: {
          200: withLines('The backup is whole.', backedUp),
          ...refusals,
          ...problems(['already-exists', 'disk-full']),
        },
      },
    },
    async (request, reply) => {
      requirePermission(request.actor, 'portal.backup');
      const { directory } = request.body;
      if (!isAbsolute(directory) || directory.includes('\0')) {
        throw new PortalError('bad-request', say('routes.folder-absolute'));
      }
      return sendWork(portal, request, reply, 200, async (tell) => {
        const { database, store, effects } = portal;
        const holdings = { db: database.db, store };
        const onProgress = ({ done, total }: { done: number; total: number }) => tell({ step: 'backup', done, total });
        const manifest = await backupPortal(holdings, request.actor, directory, onProgress, effects);
        const files = [...manifest.tables, ...manifest.blobs];
        return { directory, files: files.length, bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
      });
    },
  );
}

function toWords({ sha256, reference }: CheckedFile): string {
  if (reference === null) return `The file ${sha256} of a records request or letter`;
  return `The ${reference.role} file of revision ${reference.number} of ${reference.dataset}`;
}
