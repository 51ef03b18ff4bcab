// How a request comes in: sent by the form, or entered by the staff with the true date of its receipt.
// It must never refuse one for who asks or why; only an empty request and a date to come are refused.

import { eq, sql } from '../../db/drizzle.ts';

import { actorId } from '../../base/actor.ts';
import type { Actor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { refuseField } from '../../base/fields.ts';
import { newId, newToken } from '../../base/ids.ts';
import { say, inEnglish } from '../../base/say.ts';
import type { Transaction } from '../../db/open.ts';
import { recordsRequests } from '../../db/tables-records.ts';
import { parseMailAddress } from '../../mail/address.ts';
import { appendAudit } from '../../people/audit.ts';
import { requirePermission } from '../../people/permissions.ts';
import type { Action } from '../../people/permissions.ts';
import { basisSentences } from '../law/basis.ts';
import { cityDateOf, cityTimeOf, isCityDate, sayDay } from '../../city/days.ts';
import { firstFacts } from './facts.ts';
import { sendLetters } from './letters.ts';
import { begin, toLetter } from './machine-terms.ts';
import { sealRequester } from './requesters.ts';
import { channels, deliveries, requesterTypes } from './request.ts';
import type { Channel, CityDate, Delivery, NewEvent, Requester, RequesterType, RequestRecord } from './request.ts';
import { insertClocks, insertEvents, momentOf } from './requests.ts';
import type { RequestsParts } from './requests.ts';
import { accommodationPurpose, toColumns, toRecord } from './rows.ts';
import { hashSecret, secretOf } from './secrets.ts';
import { departmentsFor } from './scope.ts';

export type NewRequest = {
  readonly text: string;
  readonly requester: Requester | null;
  readonly delivery: Delivery;
  readonly language: string;
  readonly accommodation: string | null;
  /** A list of individuals is asked for: only then is the purpose asked (RCW 42.56.070(8)). */
  readonly asksForList: boolean;
  readonly listPurpose: string | null;
  /** The form's own key: one form is one request, however often it is sent. */
  readonly submitKey: string | null;
};

/** What the staff know besides. */
export type EnteredRequest = NewRequest & {
  readonly channel: Channel;
  /** The true date of receipt; today or before. */
  readonly receivedOn: CityDate;
  /** The moment, where it is known; it counts when it is of that day. */
  readonly receivedAt?: string | null;
  readonly subject: string | null;
  readonly requesterType: RequesterType | null;
  /** Whose lead enters it: one of theirs. Left out: the one that they lead; for who enters for the whole city, none. */
  readonly department?: string | null;
};

export type Submitted = {
  readonly request: RequestRecord;
  /** The secret link's own part; told now and never again, except to the same form. */
  readonly secret: string;
  /** False when this very form had been sent before. */
  readonly isNew: boolean;
};

/** More to do in the same transaction, once there is a row. */
export type OnCreated = (tx: Transaction, requestId: string) => Promise<void>;

export const longestText = 50_000;
const longestDetail = 2_000;

/** Throws form-invalid with the field that is missing or cannot be read. Permission `request.submit`. */
export async function submitRequest(
  parts: RequestsParts,
  actor: Actor,
  given: NewRequest,
  onCreated: OnCreated | null,
  effects: Effects,
): Promise<Submitted> {
  requirePermission(actor, 'request.submit');
  const now = effects.clock.now();
  const receipt = { channel: 'web', at: toInstant(now), enteredBy: null, ...unknownReceipt } as const;
  return create(parts, actor, { action: 'request.submit', given, receipt, onCreated }, effects);
}

const unknownReceipt = { subject: null, requesterType: null, department: null } as const;

/** Permission `request.enter`. Throws form-invalid for a date to come. */
export async function enterRequest(
  parts: RequestsParts,
  actor: Actor,
  given: EnteredRequest,
  onCreated: OnCreated | null,
  effects: Effects,
): Promise<Submitted> {
  const department = departmentOf(actor, given.department ?? null);
  const { channel, subject, requesterType, receivedOn } = given;
  if (!channels.includes(channel)) refuseField('channel', say('desk.channel'));
  if (requesterType !== null && !requesterTypes.includes(requesterType)) {
    refuseField('requesterType', say('records.requester-kind'));
  }
  const at = receivedAtOf(parts, receivedOn, given.receivedAt ?? null, effects);
  const words = { subject: subject?.trim() || null, requesterType };
  const receipt = { channel, at, enteredBy: actorId(actor), department, ...words };
  return create(parts, actor, { action: 'request.enter', given, receipt, onCreated }, effects);
}

/** A department's lead enters what came to the department, which leads it from then on: so they see it afterwards. */
function departmentOf(actor: Actor, asked: string | null): string | null {
  const own = departmentsFor(actor, 'request.enter');
  if (own === null) return null;
  if (asked === null && own.length > 1) refuseField('department', say('records.own-department'));
  const found = asked === null ? own[0] : own.find((each) => each === asked);
  if (found === undefined) refuseField('department', say('records.department-led'));
  return found;
}

const noon = 12 * 60;

/** Of a receipt of which only the day is known: now for today, else noon of that day in the city. */
function receivedAtOf(parts: RequestsParts, receivedOn: CityDate, receivedAt: string | null, effects: Effects): string {
  if (!isCityDate(receivedOn)) refuseField('receivedOn', say('records.receipt-date'));
  const { timeZone } = parts.law().city;
  const now = effects.clock.now();
  const today = cityDateOf(now, timeZone);
  if (receivedOn > today) refuseField('receivedOn', say('records.receipt-to-come', { on: sayDay(receivedOn) }));
  if (receivedAt !== null && cityDateOf(receivedAt, timeZone) === receivedOn) return receivedAt;
  if (receivedOn === today) return toInstant(now);
  const guess = Date.parse(`${receivedOn}T12:00:00Z`);
  const shown = cityTimeOf(guess, timeZone);
  const days = shown.date === receivedOn ? 0 : shown.date < receivedOn ? -1 : 1;
  return toInstant(guess + (noon - (shown.minutes + days * 24 * 60)) * 60_000);
}

type Receipt = {
  readonly channel: Channel;
  readonly at: string;
  readonly enteredBy: string | null;
  readonly subject: string | null;
  readonly requesterType: RequesterType | null;
  readonly department: string | null;
};

/** A request as it comes in: as what it is let in, what it says, and how and when the City received it. */
type Submission = {
  readonly action: Action;
  readonly given: NewRequest;
  readonly receipt: Receipt;
  readonly onCreated: OnCreated | null;
};

async function create(
  parts: RequestsParts,
  actor: Actor,
  { action, given: unchecked, receipt, onCreated }: Submission,
  effects: Effects,
): Promise<Submitted> {
  const given = requireSound(unchecked);
  const submitKey = given.submitKey ?? newToken('form');
  const secret = secretOf(parts.seal, submitKey);
  return parts.db.transaction(async (tx) => {
    const known = await findSent(tx, given.submitKey);
    if (known !== null) return { request: toRecord(known, parts.seal), secret, isNew: false };
    const { row, first } = await insertRequest(tx, parts, { ...given, submitKey }, receipt, effects);
    await onCreated?.(tx, row.id);
    const now = momentOf(parts, actor, effects);
    const { receivedOn, channel } = row;
    const data = {
      receivedOn,
      channel,
      dueOn: first.dueOn,
      to: 'received',
      ...(receipt.enteredBy === null ? {} : { entered: true }),
    };
    await insertClocks(tx, row.id, [first]);
    const events = [{ kind: 'received', audience: 'public', data } as const, ...givenTo(receipt.department)];
    await insertEvents(tx, { requestId: row.id, version: 1, events }, now, actor);
    const letter = toLetter('receipt', { dueOn: first.dueOn, basis: basisSentences(first.basis).map(inEnglish) });
    const link = `${parts.publicUrl}/records/follow/${secret}`;
    await sendLetters(tx, parts, [letter], { request: row, version: 1, actor, onDate: now.onDate, link }, effects);
    const details = { channel, receivedOn, isAnonymous: row.requester === null };
    await appendAudit(tx, actor, { action, subject: `request:${row.number}`, details }, effects);
    return { request: toRecord(row, parts.seal), secret, isNew: true };
  });
}

/** The event of a department that leads the request from its first moment on, as assigning it leaves one. */
function givenTo(department: string | null): readonly NewEvent[] {
  if (department === null) return [];
  const data = { department, assignee: null, from: 'received', to: 'received', set: { department } };
  return [{ kind: 'assigned', audience: 'staff', data }];
}

/** What became of a form that was sent before; null: nothing. Permission `request.submit`. */
export async function findSubmitted(parts: RequestsParts, actor: Actor, submitKey: string): Promise<Submitted | null> {
  requirePermission(actor, 'request.submit');
  const known = await parts.db.transaction((tx) => findSent(tx, submitKey));
  if (known === null) return null;
  return { request: toRecord(known, parts.seal), secret: secretOf(parts.seal, submitKey), isNew: false };
}

/** The same form sent twice at once waits here for its twin. */
async function findSent(tx: Transaction, submitKey: string | null) {
  if (submitKey === null) return null;
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`records form ${submitKey}`}, 0))`);
  const [row] = await tx.select().from(recordsRequests).where(eq(recordsRequests.submitKey, submitKey));
  return row ?? null;
}

/** The row, and the clock of the first response that its due date is from. */
async function insertRequest(
  tx: Transaction,
  parts: RequestsParts,
  given: NewRequest & { readonly submitKey: string },
  receipt: Receipt,
  effects: Effects,
) {
  const id = newId(effects.clock);
  const receivedOn = cityDateOf(receipt.at, parts.law().city.timeZone);
  const first = begin(parts.law(), 'first-response', receivedOn, { receivedAt: receipt.at });
  const at = toInstant(effects.clock.now());
  const { accommodation } = given;
  const isAnonymous = given.requester === null || Object.values(given.requester).every((each) => each === null);
  const [row] = await tx
    .insert(recordsRequests)
    .values({
      ...toColumns({ ...firstFacts(receivedOn), department: receipt.department }, [first]),
      id,
      number: await nextNumber(tx, receivedOn),
      version: 1,
      text: given.text,
      subject: receipt.subject,
      receivedAt: receipt.at,
      receivedOn,
      channel: receipt.channel,
      enteredBy: receipt.enteredBy,
      asksForList: given.asksForList,
      listPurpose: given.listPurpose,
      requesterType: receipt.requesterType ?? (isAnonymous ? 'anonymous' : null),
      ...sealRequester(parts.seal, id, given.requester),
      secretHash: hashSecret(secretOf(parts.seal, given.submitKey)),
      submitKey: given.submitKey,
      delivery: given.delivery,
      language: given.language,
      accommodation: accommodation === null ? null : parts.seal.seal(accommodation, accommodationPurpose(id)),
      respondDueOn: first.dueOn,
      createdAt: at,
      changedAt: at,
    })
    .returning();
  return { row: row!, first };
}

/** Without a gap: the row is locked until the transaction ends, and a request that fails gives its number back. */
async function nextNumber(tx: Transaction, receivedOn: CityDate): Promise<string> {
  const year = Number(receivedOn.slice(0, 4));
  const { rows } = await tx.execute<{ last: number }>(sql`
    insert into records_numbers (year, last) values (${year}, 1)
    on conflict (year) do update set last = records_numbers.last + 1 returning last`);
  return `${year}-${String(rows[0]!.last).padStart(6, '0')}`;
}

const emptyRequester: Requester = { name: null, organization: null, email: null, phone: null, address: null };

/** Trimmed, with nothing but what the form has. */
function requireSound(given: NewRequest): NewRequest {
  const text = given.text.replace(/\r\n?/gu, '\n').trim();
  if (text === '') refuseField('text', say('records.text-missing'));
  if (text.length > longestText) refuseField('text', say('records.request-long', { longest: longestText }));
  if (!deliveries.includes(given.delivery)) refuseField('delivery', say('records.delivery-choose'));
  if (!/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/u.test(given.language))
    refuseField('language', say('records.language-unknown'));
  if (given.submitKey !== null && !/^[\w-]{20,100}$/u.test(given.submitKey))
    refuseField('submitKey', say('records.form-unknown'));
  const requester = given.requester === null ? null : requireRequester(given.requester);
  return {
    ...given,
    text,
    requester,
    accommodation: cut(given.accommodation, 'accommodation'),
    listPurpose: given.asksForList ? cut(given.listPurpose, 'listPurpose') : null,
  };
}

export function requireRequester(given: Requester): Requester {
  const fields = Object.keys(emptyRequester) as readonly (keyof Requester)[];
  const requester = Object.fromEntries(fields.map((field) => [field, cut(given[field], field)])) as Requester;
  if (requester.email !== null && parseMailAddress(requester.email) === null) {
    refuseField('email', say('records.email-shape'));
  }
  return requester;
}

function cut(value: string | null, field: string): string | null {
  const words = value?.trim() ?? '';
  if (words.includes('\0') || words.length > longestDetail)
    refuseField(field, say('records.detail-long', { longest: longestDetail }));
  return words === '' ? null : words;
}
