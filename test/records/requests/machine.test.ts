// The state machine: what each state takes, what each guard says, and what holds after any history.
// It must judge the machine by rules of its own, not by the machine's.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { PortalError } from '../../../src/base/errors.ts';
import { addDays, daysBetween } from '../../../src/city/days.ts';
import { readLaw } from '../../../src/records/law/law-files.ts';
import { commands } from '../../../src/records/requests/commands.ts';
import { firstFacts, replay } from '../../../src/records/requests/facts.ts';
import type { Facts } from '../../../src/records/requests/facts.ts';
import { begin } from '../../../src/records/requests/machine-terms.ts';
import type { RunningClock } from '../../../src/records/requests/machine-terms.ts';
import { decide, dutyOf } from '../../../src/records/requests/machine.ts';
import type { Outcome, RequestCommand, RequestEvent, RequestState } from '../../../src/records/requests/request.ts';
import { requestStates } from '../../../src/records/requests/request.ts';
import { readProject } from '../../source.ts';
import { cityFolder } from '../records.ts';
import { arbitraryStep, commandKinds, examples, withheld } from './commands.ts';

const law = await readLaw(cityFolder);
const received = '2026-03-02';

/** A request without a database: what requests.ts would store. */
type Held = {
  facts: Facts;
  clocks: RunningClock[];
  seq: number;
  events: RequestEvent[];
  today: string;
  changes: number;
};

function open(today = received): Held {
  const c1 = begin(law, 'first-response', today);
  const event: RequestEvent = {
    seq: 1,
    at: `${today}T20:00:00.000Z`,
    onDate: today,
    kind: 'received',
    actor: 'public',
    audience: 'public',
    data: { receivedOn: today },
  };
  return { facts: firstFacts(today), clocks: [{ ...c1, seq: 1 }], seq: 1, events: [event], today, changes: 1 };
}

function give(held: Held, command: RequestCommand, actorId = 'staff-1'): void {
  const now = { at: `${held.today}T20:00:00.000Z`, onDate: held.today, actorId };
  const decision = decide({ facts: held.facts, clocks: held.clocks, text: 'records' }, command, law, now);
  const stopped = new Set(decision.stop.map(({ seq }) => seq));
  held.clocks = held.clocks.filter(({ seq }) => !stopped.has(seq));
  for (const start of decision.start) held.clocks.push({ ...start, seq: (held.seq += 1) });
  for (const event of decision.events) {
    const seq = held.events.length + 1;
    held.events.push({ ...event, seq, at: now.at, onDate: now.onDate, actor: 'staff' });
  }
  held.facts = decision.facts;
  held.changes += 1;
}

function refusalOf(run: () => void): PortalError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof PortalError, String(error));
    return error;
  }
  return assert.fail('was not refused');
}

/** A request led into each state by the shortest way. */
function inState(state: RequestState): Held {
  const held = open();
  const example = examples(received);
  const ways: Readonly<Record<RequestState, readonly RequestCommand[]>> = {
    received: [],
    in_progress: [example.acknowledge],
    clarification: [example.clarify],
    awaiting_payment: [example.acknowledge, example['await-payment']],
    notice_wait: [example.acknowledge, example.notify],
    installment_ready: [example.acknowledge, example.release],
    closed: [example.withdraw],
  };
  for (const command of ways[state]) give(held, command);
  assert.equal(held.facts.state, state);
  return held;
}

/** The words of the state table in docs/records-requests.md. */
const open6: readonly RequestState[] = requestStates.filter((state) => state !== 'closed');
const stateWords: Readonly<Record<string, readonly RequestState[]>> = {
  received: ['received'],
  'in progress': ['in_progress'],
  clarification: ['clarification'],
  'awaiting payment': ['awaiting_payment'],
  notice: ['notice_wait'],
  'installment ready': ['installment_ready'],
  closed: ['closed'],
  any: requestStates,
  'any open': open6,
  'see below': open6, // by outcome
  'open with an estimate': open6.filter((state) => state !== 'received'),
};

/** Which states take which command, as the documentation tells. */
function readStateTable(): Readonly<Record<string, readonly RequestState[]>> {
  const text = readProject('docs/records-requests.md');
  const rows = text.split('\n').filter((line) => /^\| [a-z][a-z-]*[ ,]/u.test(line));
  return Object.fromEntries(
    rows.flatMap((row) => {
      const [names = '', from = ''] = row
        .split('|')
        .slice(1)
        .map((cell) => cell.trim());
      const words = from.startsWith('any,') ? ['any'] : from.split(', ');
      const states = words.flatMap((word) => stateWords[word] ?? assert.fail(`no state is called ${word}`));
      return names.split(', ').map((name) => [name, requestStates.filter((state) => states.includes(state))]);
    }),
  );
}

const takes = readStateTable();

test('the state table of the documentation is the one of the commands', () => {
  const table = Object.fromEntries(
    Object.entries(commands).map(([kind, { from }]) => [kind, requestStates.filter((state) => from.includes(state))]),
  );
  assert.deepEqual(takes, table);
});

/** The outcome of the example closes from these alone. */
const closes: readonly RequestState[] = ['received', 'in_progress'];

test('every command against every state: taken where the table says, else refused as a conflict that names why', () => {
  for (const state of requestStates) {
    for (const kind of commandKinds) {
      const held = inState(state);
      const command = examples(received)[kind];
      const before = structuredClone(held);
      if (takes[kind]!.includes(state) && (kind !== 'close' || closes.includes(state))) {
        try {
          give(held, command);
          assert.notDeepEqual(held.events, before.events, `${kind} in ${state} leaves an event`);
        } catch (error) {
          assert.ok(error instanceof PortalError && error.code === 'records-invalid', `${kind} in ${state}: ${error}`);
          assert.match(error.message, /.{10}/u);
        }
        continue;
      }
      const error = refusalOf(() => give(held, command));
      assert.equal(error.code, 'conflict', `${kind} in ${state}: ${error.message}`);
      assert.match(error.message, new RegExp(`“${kind}” needs`, 'u'));
      assert.deepEqual(held, before, 'a refusal changes nothing');
    }
  }
});

const guards: readonly (readonly [
  string,
  RequestState,
  Partial<RequestCommand> & { kind: RequestCommand['kind'] },
  RegExp,
])[] = [
  ['no estimate', 'received', { kind: 'acknowledge', estimateOn: '' }, /estimate of the date is needed/u],
  ['a past estimate', 'received', { kind: 'acknowledge', estimateOn: '2026-03-01' }, /in the past/u],
  ['no date at all', 'received', { kind: 'acknowledge', estimateOn: 'soon' }, /is not a date/u],
  ['a link nowhere', 'received', { kind: 'link', links: ['javascript:alert(1)'] }, /not a web address/u],
  ['no question', 'received', { kind: 'clarify', question: ' ' }, /what is unclear/u],
  ['neither estimate nor reason', 'received', { kind: 'clarify', estimateOn: null }, /say why none is possible/u],
  [
    'a clear part without a date',
    'received',
    { kind: 'clarify', extent: 'part', estimateOn: null, noEstimateReason: 'x' },
    /42\.56\.520\(3\)\(b\)/u,
  ],
  ['too early', 'clarification', { kind: 'lapse-clarification' }, /has until 2026-04-01, that day included\.$/u],
  ['another ground', 'in_progress', { kind: 'revise-estimate', ground: 'busy' as never }, /four grounds/u],
  ['no union', 'in_progress', { kind: 'notify', recipients: ['employee', 'requester'] }, /union is missing/u],
  ['too early', 'notice_wait', { kind: 'end-notice', reason: 'time-passed' }, /that day included/u],
  ['nothing to pay', 'in_progress', { kind: 'await-payment', cents: 0 }, /above zero/u],
  ['another invoice', 'awaiting_payment', { kind: 'payment-settled', invoice: 'x' }, /another invoice/u],
  ['a skipped installment', 'in_progress', { kind: 'release', installment: 2 }, /number 1/u],
  [
    'no explanation',
    'in_progress',
    { kind: 'release', withheld: [{ ...withheld, explanation: '' }] },
    /no explanation/u,
  ],
  ['an empty installment', 'in_progress', { kind: 'release', files: 0 }, /has records in it/u],
  ['unclaimed yet in time', 'installment_ready', { kind: 'close', outcome: 'abandoned_unclaimed' }, /has until/u],
  ['denied by closing', 'in_progress', { kind: 'close', outcome: 'denied' }, /by “deny”/u],
  ['nothing released', 'in_progress', { kind: 'close', outcome: 'fulfilled' }, /Nothing has been released/u],
  ['never asked', 'in_progress', { kind: 'close', outcome: 'not_identifiable' }, /Ask the requester first/u],
  [
    'no reason',
    'in_progress',
    { kind: 'close', outcome: 'not_our_records', reason: '' },
    /why the City does not have/u,
  ],
  ['nothing named', 'in_progress', { kind: 'deny', withheld: [] }, /each record/u],
  ['alone', 'received', { kind: 'deny-bot', others: [] }, /at least one other/u],
  ['no finding', 'received', { kind: 'deny-bot', interference: '' }, /essential functions/u],
  ['nothing refused', 'closed', { kind: 'petition' }, /Nothing has been refused/u],
  ['no review', 'closed', { kind: 'decide-review' }, /no review under way/u],
];

test('each guard says what is missing', () => {
  for (const [name, state, change, words] of guards) {
    const held = inState(state);
    const command = { ...examples(received)[change.kind], ...change } as RequestCommand;
    const error = refusalOf(() => give(held, command));
    assert.equal(error.code, 'records-invalid', `${name}: ${error.message}`);
    assert.match(error.message, words, name);
  }
});

test('a command that does not fit says which states would take it', () => {
  const error = refusalOf(() => give(inState('closed'), examples(received).clarify));
  const wanted = 'received and not yet answered, or being worked on';
  assert.equal(error.message, `“clarify” needs a request that is ${wanted}; this one is closed.`);
});

test('an estimate is revised before it passes, never after, and every date that stood is kept', () => {
  const held = inState('in_progress');
  const revise = (estimateOn: string) => give(held, { ...examples(received)['revise-estimate'], estimateOn });
  held.today = held.facts.estimateOn!;
  revise('2026-04-30');
  assert.deepEqual(held.events.at(-1)?.data['before'], '2026-03-22');
  held.today = '2026-05-01';
  assert.match(refusalOf(() => revise('2026-05-30')).message, /has passed/u);
});

test('the one who refused cannot review it; a reversal opens it again under its number, in a new cycle', () => {
  const held = open();
  give(held, examples(received).deny, 'officer-1');
  const final = held.clocks.find(({ clock }) => clock === 'final-action')?.dueOn;
  held.today = addDays(held.today, 1);
  give(held, examples(held.today).petition, 'requester');
  assert.equal(
    held.clocks.find(({ clock }) => clock === 'final-action')?.dueOn,
    final,
    'a petition does not move the final action',
  );
  const decision = examples(held.today)['decide-review'];
  assert.match(refusalOf(() => give(held, decision, 'officer-1')).message, /somebody else/u);
  give(held, decision, 'reviewer-1');
  assert.deepEqual([held.facts.state, held.facts.cycle, held.facts.outcome], ['in_progress', 2, null]);
  assert.deepEqual(held.clocks.map(({ clock }) => clock).sort(), ['estimate', 'final-action']);
});

test('an unclaimed installment is closed only after its time, and a reminder a week before', () => {
  const held = inState('installment_ready');
  const close = { ...examples(received).close, outcome: 'abandoned_unclaimed' } as RequestCommand;
  const due = held.clocks.find(({ clock }) => clock === 'claim')!.dueOn;
  held.today = addDays(due, 1);
  assert.match(refusalOf(() => give(held, close)).message, /No reminder/u);
  held.facts = { ...held.facts, reminders: { claim: addDays(due, -6) } };
  assert.match(refusalOf(() => give(held, close)).message, /No reminder/u);
  held.facts = { ...held.facts, reminders: { claim: addDays(due, -7) } };
  give(held, close);
  assert.equal(held.facts.outcome, 'abandoned_unclaimed');
});

const close = (outcome: Outcome): RequestCommand => ({ ...examples(received).close, outcome });
const remind = examples(received).remind;
const giveTime = examples(received)['give-time'];

const waitings = [
  ['clarification', 'clarification', 'abandoned_unclarified'],
  ['installment_ready', 'claim', 'abandoned_unclaimed'],
  ['awaiting_payment', 'payment', 'abandoned_unpaid'],
] as const;

for (const [state, clock, outcome] of waitings) {
  test(`${state}: a reminder in time moves no date; one that goes out late takes the date with it`, () => {
    for (const late of [-20, -7, -6, 0, 3]) {
      const held = inState(state);
      const due = held.clocks.find((each) => each.clock === clock)!.dueOn;
      held.today = addDays(due, late);
      give(held, remind);
      const now = held.clocks.find((each) => each.clock === clock)!.dueOn;
      if (late <= -7) assert.equal(now, due);
      else assert.ok(now > due && daysBetween(held.today, now) >= 7 && daysBetween(held.today, now) < 11, now);
      assert.match(refusalOf(() => give(held, remind)).message, /already/u);
      held.today = now;
      assert.match(refusalOf(() => give(held, close(outcome))).message, /that day included/u);
      held.today = addDays(now, 1);
      give(held, close(outcome));
      assert.equal(held.facts.outcome, outcome);
      requireSound(held);
    }
  });

  test(`${state}: the time given again is whole, only ever later, and needs a reminder of its own`, () => {
    const held = inState(state);
    const due = held.clocks.find((each) => each.clock === clock)!.dueOn;
    assert.match(refusalOf(() => give(held, giveTime)).message, /already/u);
    held.today = addDays(due, -10);
    give(held, remind);
    held.today = addDays(due, 5);
    give(held, giveTime);
    const again = held.clocks.find((each) => each.clock === clock)!.dueOn;
    assert.ok(daysBetween(held.today, again) >= 30);
    assert.deepEqual([held.facts.reminders, held.facts.proposal, held.facts.state], [{}, null, state]);
    held.today = addDays(again, 1);
    assert.match(refusalOf(() => give(held, close(outcome))).message, /give the requester the time again/u);
    requireSound(held);
  });
}

const letters = { clarification: 'clarification', claim: 'installment', payment: 'invoice' } as const;

for (const [state, clock, outcome] of waitings) {
  test(`${state}: no time runs against who was not reached, until the time is given again`, () => {
    const held = inState(state);
    const due = held.clocks.find((each) => each.clock === clock)!.dueOn;
    give(held, { kind: 'letter-returned', letter: 'five-day' });
    assert.equal(held.facts.undelivered, null, 'an older letter is told, and changes no date');
    give(held, { kind: 'letter-returned', letter: letters[clock] });
    requireSound(held);
    assert.equal(dutyOf(held.facts, held.clocks).waitingOn, 'city');
    held.today = addDays(due, 20);
    for (const late of [remind, close(outcome)])
      assert.match(refusalOf(() => give(held, late)).message, /came back undelivered/u);
    give(held, { kind: 'letter-returned', letter: letters[clock] });
    give(held, giveTime);
    const again = held.clocks.find((each) => each.clock === clock)!.dueOn;
    assert.ok(daysBetween(held.today, again) >= 30 && held.facts.undelivered === null);
    assert.equal(dutyOf(held.facts, held.clocks).waitingOn, 'requester');
    requireSound(held);
  });
}

test('an answer that comes all the same ends it: the letter that came back no longer matters', () => {
  const held = inState('clarification');
  give(held, { kind: 'letter-returned', letter: 'clarification' });
  give(held, examples(received)['answer-clarification']);
  assert.equal(held.facts.undelivered, null);
  requireSound(held);
});

test('where a part is clear, a late reminder moves nothing: the clear part goes on', () => {
  const held = open();
  give(held, { ...examples(received).clarify, extent: 'part' });
  const due = held.clocks.find(({ clock }) => clock === 'clarification')!.dueOn;
  held.today = addDays(due, -2);
  give(held, remind);
  assert.equal(held.clocks.find(({ clock }) => clock === 'clarification')!.dueOn, due);
  held.facts = { ...held.facts, reminders: {} };
  held.today = addDays(due, 1);
  assert.match(refusalOf(() => give(held, remind)).message, /goes on/u);
  give(held, { kind: 'lapse-clarification' });
  assert.equal(held.facts.state, 'in_progress');
});

const lasting = ['final-action', 'petition', 'court-limit', 'retention'];

function requireSound(held: Held): void {
  const { facts, clocks } = held;
  const running = clocks.map(({ clock }) => clock);
  const own = running.filter((clock) => clock === 'first-response' || clock === 'estimate');
  const duty = dutyOf(facts, clocks);
  if (facts.state === 'closed') {
    assert.deepEqual(
      running.filter((clock) => !lasting.includes(clock)),
      [],
      'a closed request has no clock left to meet',
    );
    assert.ok(facts.outcome !== null && facts.closedAt !== null && duty.waitingOn === null);
  } else {
    assert.ok(facts.outcome === null && facts.closedAt === null && duty.waitingOn !== null);
    assert.ok(own.length <= 1, `one duty at a time, not ${own.join()}`);
    const isCitys = duty.waitingOn !== 'requester' && facts.undelivered === null;
    if (isCitys) assert.equal(own.length, 1, `${facts.state} has its date`);
    if (isCitys && !running.includes('petition')) assert.equal(duty.nextDuty, own[0]);
  }
  assert.equal(facts.state === 'received', running.includes('first-response'), 'only an answer stops the five days');
  const stands = facts.undelivered?.clock;
  assert.equal(facts.state === 'clarification', running.includes('clarification') || stands === 'clarification');
  assert.equal(facts.state === 'awaiting_payment', running.includes('payment') || stands === 'payment');
  assert.equal(facts.state === 'installment_ready', running.includes('claim') || stands === 'claim');
  assert.ok(stands === undefined || !running.includes(stands), 'a clock that stands still does not run');
  assert.equal(
    facts.state === 'notice_wait',
    running.includes('employee-notice') || running.includes('third-party-notice'),
  );
  assert.equal(facts.reviewState === 'under_review', running.includes('petition'));
  for (const clock of new Set(running)) assert.equal(running.filter((each) => each === clock).length, 1, clock);
  assert.deepEqual(replay(held.events), facts, 'the events alone tell how it stands');
  assert.deepEqual(
    held.events.map(({ seq }) => seq),
    held.events.map((_, index) => index + 1),
  );
}

test('after any history, taken or refused, everything that must hold holds', () => {
  let taken = 0;
  const seen = new Set<string>();
  const history = fc.array(arbitraryStep(), { minLength: 20, maxLength: 60 });
  fc.assert(
    fc.property(history, (steps) => {
      const held = open();
      const c1 = held.clocks[0]!.dueOn;
      for (const { days, pick } of steps) {
        held.today = addDays(held.today, days);
        const command = pick(held.today, { installment: held.facts.installments + 1 });
        const before = { ...held, clocks: [...held.clocks], events: [...held.events] };
        try {
          give(held, command, command.kind === 'decide-review' ? 'reviewer' : 'staff-1');
          taken += 1;
          seen.add(command.kind);
        } catch (error) {
          assert.ok(
            error instanceof PortalError && ['conflict', 'records-invalid'].includes(error.code),
            String(error),
          );
          assert.deepEqual(held, before);
        }
        const first = held.clocks.find(({ clock }) => clock === 'first-response');
        if (first !== undefined) assert.equal(first.dueOn, c1, 'nothing moves the five days');
        requireSound(held);
      }
    }),
    { numRuns: 150, seed: 20_261_123 },
  );
  assert.ok(taken > 1_000, `${taken} commands were taken`);
  assert.deepEqual(
    commandKinds.filter((kind) => !seen.has(kind)),
    [],
    'every command was taken in some history',
  );
});
