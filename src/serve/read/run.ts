// Runs one compiled query for one or many clients: small answers are collected and kept, large ones are streamed.
// It must never give out a body whose end it has not seen without saying so by an error.

import { toNetwork } from '../../base/network.ts';
import type { BoundValue, Engine, EngineAnswer, EngineTrailer, ServingFile } from '../../engine/engine.ts';
import type { AnswerEnd } from '../../formats/format.ts';
import { openFlight } from './cache.ts';
import type { AnswerCache, StoredAnswer } from './cache.ts';
import type { ClientGate } from './gate.ts';

export type Run = {
  /** Names every part of the bytes: the entity tag. */
  readonly key: string;
  readonly file: ServingFile;
  readonly text: string;
  readonly params: readonly BoundValue[];
  readonly keyColumns: number;
  readonly maxRows: number | null;
  readonly estimatedRows: number;
  readonly passesOnce?: boolean;
  readonly separator: string;
  readonly deadlineMs: number;
  /** What an answer may take whose first part is on its way: cut then, all of it would have been for nothing. */
  readonly streamDeadlineMs: number;
  readonly begin: string;
  /** What stands after the last row, and how the answer ended. */
  readonly finish: (trailer: EngineTrailer) => { readonly text: string; readonly end: AnswerEnd };
  /** An export: streamed from the first byte, never shared or kept. */
  readonly streamed: boolean;
  readonly client: string | null;
  /** Whose turn it is in the engine's line; of pages too, which the gate does not count. */
  readonly turn: string | null;
};

export type RunOutcome =
  | ({ readonly kind: 'bytes' } & StoredAnswer)
  | {
      readonly kind: 'stream';
      readonly chunks: AsyncIterable<Uint8Array>;
      readonly end: Promise<AnswerEnd>;
      readonly cancel: () => void;
    };

type Parts = { readonly engine: Engine; readonly cache: AnswerCache; readonly gate: ClientGate };

/** The kept bytes, or another client's run of the same query, or a run of its own. */
export async function runShared(parts: Parts, run: Run, signal: AbortSignal): Promise<RunOutcome> {
  if (run.streamed) return runAlone(parts, run, signal);
  const kept = parts.cache.get(run.key);
  if (kept !== null) return { kind: 'bytes', ...kept };
  const going = parts.cache.flights.get(run.key);
  if (going !== undefined) {
    going.join(signal);
    const shared = await untilGone(going.outcome, signal);
    return shared === null ? runAlone(parts, run, signal) : { kind: 'bytes', ...shared };
  }
  const lead = openFlight(parts.cache, run.key);
  lead.flight.join(signal);
  try {
    const outcome = await runAlone(parts, run, lead.signal);
    if (outcome.kind === 'bytes') parts.cache.set(run.key, outcome);
    lead.settle(outcome.kind === 'bytes' ? outcome : null);
    return outcome;
  } catch (error) {
    lead.fail(error);
    throw error;
  }
}

/** A follower stops waiting when its own client has gone. */
async function untilGone<T>(outcome: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = () => reject(signal.reason);
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([outcome, promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

async function runAlone(parts: Parts, run: Run, signal: AbortSignal): Promise<RunOutcome> {
  const leave = parts.gate.enter(run.client);
  const controller = new AbortController();
  const stop = AbortSignal.any([signal, controller.signal]);
  try {
    const answer = await parts.engine.query(toEngineQuery(run), stop);
    const outcome = await collect(answer, run, run.streamed ? 0 : parts.cache.maxAnswerBytes);
    if (outcome.kind === 'bytes') {
      leave();
      return outcome;
    }
    answer.extend(run.streamDeadlineMs);
    outcome.end.then(leave, leave);
    return { ...outcome, cancel: () => controller.abort() };
  } catch (error) {
    leave();
    throw error;
  }
}

function toEngineQuery(run: Run) {
  const { file, text, params, keyColumns, maxRows, separator, deadlineMs, estimatedRows, passesOnce = false } = run;
  const client = run.turn === null ? null : toNetwork(run.turn);
  return {
    file,
    text,
    params,
    keyColumns,
    maxRows,
    maxBytes: null,
    separator,
    deadlineMs,
    estimatedRows,
    passesOnce,
    client,
  };
}

type Collected =
  | ({ readonly kind: 'bytes' } & StoredAnswer)
  | { readonly kind: 'stream'; readonly chunks: AsyncIterable<Uint8Array>; readonly end: Promise<AnswerEnd> };

/** Holds the first `mostBytes`; an answer that ends within them is bytes, one that does not is a stream. */
async function collect(answer: EngineAnswer, run: Run, mostBytes: number): Promise<Collected> {
  answer.trailer.catch(() => undefined); // told to whoever awaits it below; never an unhandled rejection
  const rest = answer.chunks[Symbol.asyncIterator]();
  const held: Uint8Array[] = [Buffer.from(run.begin)];
  let bytes = held[0]!.length;
  for (;;) {
    const next = await rest.next();
    if (next.done === true) break;
    held.push(next.value);
    bytes += next.value.length;
    if (bytes > mostBytes) return toStream(answer, run, held, rest);
  }
  const { text, end } = run.finish(await answer.trailer);
  held.push(Buffer.from(text));
  return { kind: 'bytes', body: Buffer.concat(held), end };
}

function toStream(
  answer: EngineAnswer,
  run: Run,
  held: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): Collected {
  const ended = Promise.withResolvers<AnswerEnd>();
  ended.promise.catch(() => undefined); // the reader of the chunks meets the same error
  answer.trailer.catch((error: unknown) => ended.reject(error));
  return { kind: 'stream', chunks: streamBody(answer, run, held, rest, ended), end: ended.promise };
}

async function* streamBody(
  answer: EngineAnswer,
  run: Run,
  held: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
  ended: PromiseWithResolvers<AnswerEnd>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* held;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
    const { text, end } = run.finish(await answer.trailer);
    ended.resolve(end);
    if (text !== '') yield Buffer.from(text);
  } catch (error) {
    ended.reject(error);
    throw error;
  } finally {
    await rest.return?.();
    ended.reject(new Error('the client left before the end'));
  }
}
