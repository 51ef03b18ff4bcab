// Who is asking. Everybody may read what is public; every other act needs somebody in particular.
// It must not know what anybody may do; people/permissions.ts does.

/** The work of a member of staff. A grant may be for one department or, with null, for the whole city. */
export const roles = [
  'publisher',
  'reviewer',
  'department-lead',
  'clerk',
  'records-officer',
  'redactor',
  'attorney',
  'cashier',
  'review-officer',
  'administrator',
  'auditor',
] as const;
export type Role = (typeof roles)[number];

export type Grant = { readonly role: Role; readonly department: string | null };

export type Actor =
  | { readonly kind: 'public' }
  | { readonly kind: 'machine'; readonly name: string } // the machine that owns DATA_DIR
  | { readonly kind: 'token'; readonly id: string; readonly name: string }
  | StaffActor
  | RequesterActor
  | { readonly kind: 'system'; readonly name: string }; // a clock that ran out, a job

/** A signed-in member of staff. */
export type StaffActor = {
  readonly kind: 'staff';
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly grants: readonly Grant[];
};

/** Whoever holds the secret link of one records request: the requester, or a delegate with a link of their own. */
export type RequesterActor = {
  readonly kind: 'requester';
  readonly requestId: string;
  readonly delegate: { readonly id: string; readonly mayAct: boolean } | null;
};

export const publicActor: Actor = { kind: 'public' };

/** A name for the record. A requester has none there: who asked is sealed. */
export function actorName(actor: Actor): string {
  switch (actor.kind) {
    case 'public':
      return 'public';
    case 'requester':
      return actor.delegate === null ? 'requester' : 'delegate of the requester';
    default:
      return actor.name;
  }
}

/** What tells this actor from others of the same name, where there is such a thing. */
export function actorId(actor: Actor): string | null {
  switch (actor.kind) {
    case 'token':
    case 'staff':
      return actor.id;
    case 'requester':
      return actor.delegate?.id ?? actor.requestId;
    default:
      return null;
  }
}
