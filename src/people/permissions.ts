// Who may do what: one table of role × action. Every function that does something for a person asks it in its first
// line. It must not look at a database: what somebody may do is known from the actor and the departments concerned.

import type { Actor, Role } from '../base/actor.ts';
import { PortalError } from '../base/errors.ts';

/** Who can stand in the table: a role of the staff, or a kind of actor that has no roles. */
export type Subject = Role | 'public' | 'machine' | 'token' | 'system' | 'requester' | 'delegate';

/** Everybody whose work is requests; what each may do with one is in the rows below. */
const desk = ['clerk', 'records-officer', 'department-lead', 'reviewer', 'redactor', 'attorney', 'cashier'] as const;
const asker = ['requester', 'delegate'] as const;

/** Reading what is public is no action. A delegate stands here only for one who may act; all delegates may read. */
export const permissions = {
  'dataset.publish': ['machine', 'token', 'publisher', 'department-lead'],
  'dataset.describe': ['machine', 'token', 'publisher', 'department-lead'], // change metadata
  'department.save': ['machine', 'token', 'administrator'],
  'token.create': ['machine', 'administrator'],
  'token.list': ['machine', 'administrator', 'auditor'],
  'token.revoke': ['machine', 'administrator'],
  'store.verify': ['machine', 'token', 'administrator'],
  'portal.backup': ['machine'],
  // People
  'people.list': ['machine', 'administrator', 'auditor'],
  'people.invite': ['machine', 'administrator'],
  'people.grant': ['machine', 'administrator'],
  'people.disable': ['machine', 'administrator'],
  'people.sign-in': ['public'],
  'people.account': [...desk, 'publisher', 'review-officer', 'administrator', 'auditor'], // one's own factors
  'mail.read': ['clerk', 'records-officer', 'administrator', 'auditor'],
  'mail.retry': ['clerk', 'records-officer', 'administrator'],
  'mail.receive': ['machine', 'token', 'system'],
  // Requests: asking and following
  'request.submit': ['public', 'clerk', 'records-officer', 'department-lead', 'system'],
  'request.follow': [...asker, ...desk, 'review-officer', 'auditor'], // what the requester sees
  'request.message': [...asker, 'clerk', 'records-officer', 'department-lead', 'system'],
  'request.delegate': ['requester'],
  'request.withdraw': [...asker, 'clerk', 'records-officer'],
  'request.answer-clarification': [...asker, 'clerk', 'records-officer', 'system'],
  'request.claim': [...asker, 'clerk', 'records-officer'],
  'request.petition': [...asker, 'clerk', 'records-officer'],
  'request.export-own': ['requester'],
  // Requests: working on them
  'request.enter': ['clerk', 'records-officer', 'department-lead'], // came by mail, email, counter or phone
  'request.work': [...desk, 'review-officer', 'auditor'], // see the staff's side of a request
  'request.see-requester': ['clerk', 'records-officer', 'attorney', 'cashier', 'auditor'],
  'request.respond': ['clerk', 'records-officer'], // acknowledge with an estimate, clarify, provide, link
  'request.revise-estimate': ['records-officer', 'clerk'],
  'request.notify-third-party': ['records-officer', 'attorney'],
  'request.deny': ['records-officer'],
  'request.release': ['records-officer'],
  'request.close': ['records-officer'],
  'request.reopen': ['records-officer'],
  'request.decide-review': ['review-officer'],
  'request.flag-litigation': ['attorney', 'records-officer'],
  'request.assign': ['clerk', 'records-officer'],
  'request.task': ['department-lead', 'reviewer', 'clerk', 'records-officer'], // answer a task, log a search
  'request.note': [...desk, 'review-officer'],
  'request.log-time': [...desk, 'review-officer'],
  'request.describe': ['clerk', 'records-officer'], // subject, requester type, public text
  'request.lapse': ['system'], // a clock ran out
  // Responsive records
  'document.upload': ['department-lead', 'reviewer', 'redactor', 'clerk', 'records-officer'],
  'document.see-original': ['department-lead', 'reviewer', 'redactor', 'clerk', 'records-officer', 'attorney'],
  'document.redact': ['redactor', 'records-officer', 'attorney'],
  'document.approve': ['reviewer', 'records-officer', 'attorney'], // never the one who redacted
  // Money
  'fee.read': ['clerk', 'records-officer', 'cashier', 'auditor', ...asker],
  'fee.estimate': ['clerk', 'records-officer', 'cashier'],
  'fee.invoice': ['records-officer', 'cashier'],
  'fee.waive': ['records-officer'],
  'fee.record-payment': ['cashier', 'system'],
  'fee.refund': ['cashier'],
  // The public archive, reports, retention
  'archive.publish': ['clerk', 'records-officer'],
  'archive.draft-dataset': ['clerk', 'records-officer', 'publisher'],
  'report.read': ['clerk', 'records-officer', 'attorney', 'auditor', 'administrator'],
  'report.enter': ['records-officer'], // yearly costs, claims
  'calendar.edit': ['records-officer', 'administrator'],
  'retention.hold': ['attorney', 'records-officer'],
  'retention.destroy': ['records-officer'], // with a second person
} as const satisfies Readonly<Record<string, readonly Subject[]>>;

export type Action = keyof typeof permissions;
export const actions = Object.keys(permissions) as readonly Action[];

/** The departments an act concerns. A grant for one department counts only where that department is named. */
export type Scope = { readonly departments: readonly string[] };

export function isAllowed(actor: Actor, action: Action, scope: Scope = { departments: [] }): boolean {
  const subjects: readonly Subject[] = permissions[action];
  switch (actor.kind) {
    case 'staff':
      return actor.grants.some(
        ({ role, department }) =>
          subjects.includes(role) && (department === null || scope.departments.includes(department)),
      );
    case 'requester':
      if (actor.delegate === null) return subjects.includes('requester');
      return subjects.includes('delegate') && (actor.delegate.mayAct || action === 'request.follow');
    default:
      return subjects.includes(actor.kind);
  }
}

/**
 * Every department the actor has a role for: to ask whether somebody may do a thing anywhere, before it is known where.
 */
export function anywhere(actor: Actor): Scope {
  if (actor.kind !== 'staff') return { departments: [] };
  return { departments: actor.grants.flatMap(({ department }) => (department === null ? [] : [department])) };
}

/** Throws unauthorized when nobody in particular asks, forbidden when the one who asks may not. */
export function requirePermission(actor: Actor, action: Action, scope?: Scope): void {
  if (isAllowed(actor, action, scope)) return;
  throw new PortalError(actor.kind === 'public' ? 'unauthorized' : 'forbidden', { extra: { action } });
}
