// One installment goes out: approved renditions, the withholding index, the letter and the request's new state
// together. It must be one transaction: a crash at any step leaves all of it or nothing.

import { desc, eq, inArray } from '../../db/drizzle.ts';

import type { Actor, StaffActor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { refuseStep } from '../../base/fields.ts';
import { newId } from '../../base/ids.ts';
import { say, inEnglish, sayBoth } from '../../base/say.ts';
import type { Database, Transaction } from '../../db/open.ts';
import { recordsInstallments, recordsReleased } from '../../db/tables-archive.ts';
import { appendAudit } from '../../people/audit.ts';
import type { Documents } from '../documents/documents.ts';
import type { ReadyDocument, ReadyDocuments } from '../documents/approval.ts';
import { cityDateOf, longDate } from '../../city/days.ts';
import { exemptionsOn } from '../law/exemptions.ts';
import type { Law } from '../law/law.ts';
import type { CityDate, RequestCommand, RequestRecord, RequestsCore } from '../requests/request.ts';
import { requireSeen } from '../requests/scope.ts';
import { deliverySentence, requireChoice } from './delivery.ts';
import type { CitedWithholding, ReleaseChoice } from './installment.ts';

export type ReleaseDeps = {
  readonly db: Database;
  readonly requests: RequestsCore;
  readonly documents: Pick<Documents, 'ready' | 'list'>;
  readonly law: () => Law;
  readonly effects: Effects;
};

type Planned = {
  readonly choice: ReleaseChoice;
  readonly ready: ReadyDocuments;
  readonly withheld: readonly CitedWithholding[];
  readonly command: Extract<RequestCommand, { readonly kind: 'release' }>;
};

export type Released = { readonly installment: number; readonly request: RequestRecord };

function todayOf(deps: Pick<ReleaseDeps, 'law' | 'effects'>): CityDate {
  return cityDateOf(deps.effects.clock.now(), deps.law().city.timeZone);
}

/** Permission `request.release`. Throws not-found, forbidden, conflict, records-invalid with what is missing. */
export async function releaseInstallment(
  deps: ReleaseDeps,
  actor: Actor,
  idOrNumber: string,
  given: ReleaseChoice,
): Promise<Released> {
  const { staff, request } = await admit(deps, actor, idOrNumber);
  return deps.db.transaction((tx) => store(deps, tx, staff, request, given));
}

/** The first line of every act here: a member of the staff, and a request that is theirs to see. */
export async function admit(
  deps: Pick<ReleaseDeps, 'db' | 'requests'>,
  actor: Actor,
  idOrNumber: string,
): Promise<{ readonly staff: StaffActor; readonly request: RequestRecord }> {
  if (actor.kind !== 'staff') {
    throw new PortalError(actor.kind === 'public' ? 'unauthorized' : 'forbidden', {
      extra: { action: 'request.release' },
    });
  }
  const request = await deps.requests.find(idOrNumber);
  await requireSeen(deps.db, actor, request, 'request.release');
  return { staff: actor, request };
}

async function store(
  deps: ReleaseDeps,
  tx: Transaction,
  staff: StaffActor,
  request: RequestRecord,
  given: ReleaseChoice,
): Promise<Released> {
  const { choice, ready, withheld, command } = await plan(deps, tx, request, given);
  const seen = { id: request.id, expectedVersion: choice.version };
  const changed = await deps.requests.transition(tx, staff, seen, command);
  const now = deps.effects.clock.now();
  const installmentId = newId(deps.effects.clock);
  await tx.insert(recordsInstallments).values({
    id: installmentId,
    requestId: request.id,
    number: command.installment,
    releasedAt: toInstant(now),
    releasedOn: todayOf(deps),
    releasedBy: staff.id,
    releasedName: staff.name,
    delivery: choice.delivery,
    place: choice.place,
    fromOn: choice.fromOn,
    remains: command.remains?.what.trim() ?? null,
    nextOn: command.remains?.nextOn ?? null,
    pages: ready.pages,
    withheld,
  });
  const rows = ready.documents.map((document) => toRow(deps, request.id, installmentId, document));
  if (rows.length > 0) await tx.insert(recordsReleased).values(rows);
  const { installment, files, pages } = command;
  const details = { installment, files, pages, withheld: withheld.length, delivery: choice.delivery };
  const event = { action: 'request.release', subject: `request:${request.number}`, details } as const;
  await appendAudit(tx, staff, event, deps.effects);
  return { installment, request: changed };
}

function toRow(deps: ReleaseDeps, requestId: string, installmentId: string, document: ReadyDocument) {
  const { rendition } = document;
  return {
    id: newId(deps.effects.clock),
    installmentId,
    requestId,
    documentId: document.id,
    document: document.number,
    title: document.title,
    fileName: rendition?.fileName ?? null,
    mediaType: rendition?.mediaType ?? null,
    bytes: rendition?.bytes ?? null,
    pages: rendition?.pages ?? null,
    blob: rendition?.blob ?? null,
  };
}

/** What would go out, checked, and the command that says so. */
export async function plan(
  deps: ReleaseDeps,
  tx: Transaction,
  request: RequestRecord,
  given: ReleaseChoice,
): Promise<Planned> {
  const today = todayOf(deps);
  const choice = requireChoice(given, today);
  if (choice.documents.length === 0) refuseStep('documents', say('records.release-none-chosen'));
  const ready = await deps.documents.ready(tx, request.id, choice.documents);
  await requireNew(tx, ready.documents);
  const withheld = cite(deps, ready);
  const files = ready.documents.filter(({ rendition }) => rendition !== null).length;
  const way = files === 0 ? [] : [deliverySentence(choice, longDate)];
  const command = {
    kind: 'release',
    installment: request.installments + 1,
    pages: ready.pages,
    files,
    electronic: choice.delivery === 'electronic',
    scannedPages: choice.scannedPages,
    withheld: ready.withheld,
    message: [...way, choice.message].filter((part) => part !== '').join('\n\n'),
    remains: choice.remains,
  } as const;
  return { choice, ready, withheld, command };
}

/** The index by document: a published record is read together with its own lines (RCW 42.56.070(1)). */
function cite(deps: ReleaseDeps, { documents }: ReadyDocuments): readonly CitedWithholding[] {
  const cites = new Map(exemptionsOn(deps.law(), todayOf(deps)).map(({ id, cite: text }) => [id, text]));
  return documents.flatMap(({ number, withheld }) =>
    withheld.map((each) => ({ ...each, document: number, cite: cites.get(each.exemption) ?? each.exemption })),
  );
}

/** The same rendition, or the same withholding in full, is not told a second time as if it were new. */
async function requireNew(tx: Transaction, documents: readonly ReadyDocument[]): Promise<void> {
  const ids = documents.map(({ id }) => id);
  const { documentId, blob, installmentId } = recordsReleased;
  const before = await tx
    .select({ documentId, blob, number: recordsInstallments.number })
    .from(recordsReleased)
    .innerJoin(recordsInstallments, eq(recordsInstallments.id, installmentId))
    .where(inArray(documentId, ids))
    .orderBy(desc(recordsInstallments.number));
  const again = documents.flatMap((document) => {
    const sent = before.find(
      (each) => each.documentId === document.id && each.blob === (document.rendition?.blob ?? null),
    );
    return sent === undefined ? [] : [say('records.went-out', { document: document.title, installment: sent.number })];
  });
  if (again.length === 0) return;
  throw new PortalError('records-invalid', {
    detail: say('records.released-already', { again: again.reduce((first, second) => sayBoth(first, second)) }),
    extra: { field: 'documents', again: again.map(inEnglish) },
  });
}
