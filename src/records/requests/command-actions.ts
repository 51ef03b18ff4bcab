// Which permission each command of a request needs: the table between the machine and src/people/permissions.ts.
// It must name every command.

import type { Actor } from '../../base/actor.ts';
import type { Action } from '../../people/permissions.ts';
import type { RequestCommand } from './request.ts';

const table = {
  provide: 'request.respond',
  link: 'request.respond',
  acknowledge: 'request.respond',
  clarify: 'request.respond',
  'answer-clarification': 'request.answer-clarification',
  'lapse-clarification': 'request.lapse',
  'revise-estimate': 'request.revise-estimate',
  notify: 'request.notify-third-party',
  'end-notice': 'request.notify-third-party',
  injunction: 'request.notify-third-party',
  'await-payment': 'fee.invoice',
  'payment-settled': 'fee.record-payment',
  release: 'request.release',
  claim: 'request.claim',
  close: 'request.close',
  deny: 'request.deny',
  withdraw: 'request.withdraw',
  'deny-bot': 'request.deny',
  reopen: 'request.reopen',
  petition: 'request.petition',
  'decide-review': 'request.decide-review',
  remind: 'request.lapse',
  'give-time': 'request.close',
  'flag-litigation': 'request.flag-litigation',
  assign: 'request.assign',
  describe: 'request.describe',
  'publish-page': 'archive.publish',
} as const satisfies Readonly<Record<RequestCommand['kind'], Action>>;

/**
 * A clock that ran out ends a notice without anybody; to waive or withdraw an invoice is another right than to be paid.
 */
export function actionOf(command: RequestCommand, actor: Actor): Action {
  if (command.kind === 'end-notice' && actor.kind === 'system') return 'request.lapse';
  if (command.kind === 'payment-settled' && command.how === 'waived') return 'fee.waive';
  if (command.kind === 'payment-settled' && command.how === 'agreed') return 'fee.invoice';
  return table[command.kind];
}

/** What the staff may do without having seen the latest state: none of these can undo what another just did. */
const blind: readonly RequestCommand['kind'][] = ['await-payment', 'payment-settled', 'claim'];

export function needsVersion(command: RequestCommand, actor: Actor): boolean {
  return actor.kind === 'staff' && !blind.includes(command.kind);
}
