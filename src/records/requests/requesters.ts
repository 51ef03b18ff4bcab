// Who asked, and whom they trust: sealed, found again by blind indexes, opened only here.
// It must never hand out a person without the caller having asked for the permission.

import type { Seal } from '../../base/seal.ts';
import type { Requester } from './request.ts';
import type { RequestRow } from './rows.ts';

function requesterPurpose(requestId: string): string {
  return `records_requests.requester ${requestId}`;
}

export function delegatePurpose(delegateId: string): string {
  return `records_delegates.person ${delegateId}`;
}

export function openRequester(seal: Seal, row: Pick<RequestRow, 'id' | 'requester'>): Requester | null {
  return row.requester === null ? null : (seal.open(row.requester, requesterPurpose(row.id)) as Requester);
}

export type Person = { readonly name: string; readonly email: string | null };

export function openPerson(seal: Seal, row: { readonly id: string; readonly person: Buffer }): Person {
  return seal.open(row.person, delegatePurpose(row.id)) as Person;
}

/** The columns of a requester; all null for nobody. */
export function sealRequester(seal: Seal, requestId: string, given: Requester | null) {
  const requester = given === null || Object.values(given).every((each) => each === null) ? null : given;
  return {
    requester: requester === null ? null : seal.seal(requester, requesterPurpose(requestId)),
    requesterEmailIndex: requester?.email ? emailIndex(seal, requester.email) : null,
    requesterNameIndex: requester?.name ? nameIndex(seal, requester.name) : null,
  };
}

export function emailIndex(seal: Seal, email: string): Buffer {
  return seal.blindIndex(email.trim().toLowerCase(), 'records requester email');
}

/** Upper and lower case, accents' spellings and runs of spaces do not tell two names apart. */
export function nameIndex(seal: Seal, name: string): Buffer {
  const plain = name.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
  return seal.blindIndex(plain, 'records requester name');
}
