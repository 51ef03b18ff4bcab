// One good example of every command of a request, and random ones, good and bad, for histories that nobody thought of.
// It must name every command: the type of `examples` sees to that.

import fc from 'fast-check';

import { addDays } from '../../../src/city/days.ts';
import { channels, estimateGrounds, outcomes } from '../../../src/records/requests/request.ts';
import type { CityDate, RequestCommand, Withholding } from '../../../src/records/requests/request.ts';

export const withheld: Withholding = {
  record: 'E-mail of 2026-01-05, 2 pages',
  extent: 'part',
  exemption: 'employee-privacy',
  explanation: 'The home address of an employee is redacted.',
};

type Examples = { readonly [K in RequestCommand['kind']]: Extract<RequestCommand, { readonly kind: K }> };

/** Each passes its guards on `today` in a state that takes it, as far as a command alone can. */
export function examples(today: CityDate, exemption = withheld.exemption): Examples {
  const later = addDays(today, 20);
  const hidden = { ...withheld, exemption };
  return {
    provide: { kind: 'provide', message: 'Here they are.', withheld: [], electronic: true },
    link: { kind: 'link', links: ['https://kent.example/records/1'], message: '' },
    acknowledge: { kind: 'acknowledge', estimateOn: later, message: '' },
    clarify: { kind: 'clarify', question: 'Which year?', extent: 'whole', estimateOn: later, noEstimateReason: null },
    'answer-clarification': { kind: 'answer-clarification', answer: 'The year 2025.', via: 'web' },
    'lapse-clarification': { kind: 'lapse-clarification' },
    'revise-estimate': {
      kind: 'revise-estimate',
      estimateOn: later,
      ground: 'locate_and_assemble',
      message: 'More boxes.',
    },
    notify: {
      kind: 'notify',
      notice: 'employee-file',
      recipients: ['employee', 'union', 'requester'],
      records: 'A performance review',
      noticeOn: today,
    },
    'end-notice': { kind: 'end-notice', reason: 'consent' },
    injunction: { kind: 'injunction', until: null, note: 'King County Superior Court, temporary order' },
    'await-payment': { kind: 'await-payment', invoice: '2026-1', cents: 1200, purpose: 'invoice' },
    'payment-settled': { kind: 'payment-settled', invoice: '2026-1', how: 'paid' },
    release: {
      kind: 'release',
      installment: 1,
      pages: 12,
      files: 3,
      electronic: true,
      scannedPages: 0,
      withheld: [],
      message: 'The first part.',
      remains: { what: 'The e-mails.', nextOn: later },
    },
    claim: { kind: 'claim', installment: 1, how: 'download' },
    close: {
      kind: 'close',
      outcome: 'no_responsive_records',
      reason: 'Searched the mail archive for “elm”.',
      letter: '',
    },
    deny: { kind: 'deny', withheld: [{ ...hidden, extent: 'full' }], letter: '' },
    withdraw: { kind: 'withdraw', via: 'web' },
    'deny-bot': {
      kind: 'deny-bot',
      belief: 'Sent every second.',
      interference: 'Stops the desk.',
      others: ['2026-000002'],
    },
    reopen: { kind: 'reopen', reason: 'More records were found.', estimateOn: later },
    petition: { kind: 'petition', text: 'Please look again.', via: 'web' },
    'decide-review': {
      kind: 'decide-review',
      decision: 'reversed',
      reasons: 'The exemption does not apply.',
      estimateOn: later,
    },
    remind: { kind: 'remind', question: 'Which year?' },
    'give-time': { kind: 'give-time', message: 'We had not written in time.' },
    'letter-returned': { kind: 'letter-returned', letter: 'time-again' },
    'flag-litigation': { kind: 'flag-litigation', on: true, note: 'Claim 26-2-00001' },
    assign: { kind: 'assign', department: null, assignee: 'staff-clerk' },
    describe: { kind: 'describe', subject: 'Inspections' },
    'publish-page': { kind: 'publish-page', visibility: 'public' },
  };
}

export const commandKinds = Object.keys(examples('2026-03-02')) as readonly RequestCommand['kind'][];

export type Step = {
  readonly days: number;
  readonly pick: (today: CityDate, next: { installment: number }) => RequestCommand;
};

/** A command some days later: mostly an example, sometimes with a field turned into something else. */
export function arbitraryStep(): fc.Arbitrary<Step> {
  return fc
    .record({
      days: fc.oneof({ weight: 5, arbitrary: fc.nat(4) }, { weight: 2, arbitrary: fc.nat(45) }),
      kind: fc.constantFrom(...commandKinds),
      turn: fc.nat(9),
      outcome: fc.constantFrom(...outcomes),
      ground: fc.constantFrom(...estimateGrounds),
      via: fc.constantFrom(...channels),
      ahead: fc.integer({ min: -3, max: 40 }),
    })
    .map(({ days, kind, turn, outcome, ground, via, ahead }) => ({
      days,
      pick(today, { installment }) {
        const on = addDays(today, ahead);
        const command = examples(today)[kind];
        switch (command.kind) {
          case 'release': {
            const remains = turn < 5 ? command.remains : null;
            return { ...command, installment, remains, withheld: turn % 3 === 0 ? [withheld] : [] };
          }
          case 'claim':
            return { ...command, installment: installment - 1 };
          case 'clarify':
            return {
              ...command,
              extent: turn < 5 ? 'whole' : 'part',
              estimateOn: turn % 2 === 0 ? on : null,
              noEstimateReason: turn > 7 ? 'unknown' : null,
            };
          case 'close':
            return { ...command, outcome, reason: turn === 0 ? '' : command.reason };
          case 'acknowledge':
            return { ...command, estimateOn: on };
          case 'revise-estimate':
            return { ...command, estimateOn: on, ground };
          case 'end-notice':
            return { ...command, reason: turn < 4 ? 'time-passed' : turn < 8 ? 'consent' : 'court-order' };
          case 'decide-review':
            return {
              ...command,
              decision: turn < 3 ? 'affirmed' : turn < 6 ? 'modified' : 'reversed',
              estimateOn: turn % 2 === 0 ? on : null,
            };
          case 'provide':
            return { ...command, withheld: turn < 3 ? [withheld] : [] };
          case 'answer-clarification':
          case 'petition':
          case 'withdraw':
            return { ...command, via };
          case 'flag-litigation':
            return { ...command, on: turn < 5 };
          default:
            return command;
        }
      },
    }));
}
