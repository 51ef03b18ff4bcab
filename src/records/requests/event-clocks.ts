// How events spell the clocks that they name: C3 to C7, as the first events did, for events are never changed and a
// requester takes them away as they stand. It must spell nothing but events; everything else has a clock's name.

import type { ClockId } from '../law/law.ts';

type Data = Readonly<Record<string, unknown>>;

const spellings: readonly (readonly [name: ClockId, inEvents: string])[] = [
  ['clarification', 'C3'],
  ['employee-notice', 'C4'],
  ['third-party-notice', 'C5'],
  ['claim', 'C6'],
  ['payment', 'C7'],
];
const numberOf = new Map<string, string>(spellings);
const nameOf = new Map<string, string>(spellings.map(([name, inEvents]) => [inEvents, name]));

/** What an event is stored with, from facts that name clocks. */
export function toEventData(data: Data): Data {
  return respell(data, numberOf);
}

/** The data of a stored event, in the words of facts. */
export function fromEventData(data: Data): Data {
  return respell(data, nameOf);
}

/** Clocks stand in `clock`, in `set.notice.clock` and `set.undelivered.clock`, and as the keys of `set.reminders`. */
function respell(data: Data, words: ReadonlyMap<string, string>): Data {
  const { clock, set } = data;
  return {
    ...data,
    ...(typeof clock === 'string' ? { clock: words.get(clock) ?? clock } : {}),
    ...(isData(set) ? { set: respellSet(set, words) } : {}),
  };
}

function respellSet(set: Data, words: ReadonlyMap<string, string>): Data {
  const { notice, undelivered, reminders } = set;
  return {
    ...set,
    ...(isData(notice) ? { notice: respell(notice, words) } : {}),
    ...(isData(undelivered) ? { undelivered: respell(undelivered, words) } : {}),
    ...(isData(reminders) ? { reminders: respellKeys(reminders, words) } : {}),
  };
}

function respellKeys(data: Data, words: ReadonlyMap<string, string>): Data {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [words.get(key) ?? key, value]));
}

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
