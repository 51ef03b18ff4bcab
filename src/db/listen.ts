// Hears what other nodes tell through PostgreSQL's NOTIFY, on one connection of its own that comes back after a loss.
// It must call `onBack` after every loss: what was told meanwhile is gone, and only reading again makes up for it.

import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { Effects } from '../base/effects.ts';

export type Listener = { close(): Promise<void> };

export type ListenHandlers = {
  readonly onMessage: (payload: string) => void;
  /** Runs once the channel is heard again, before further messages count. A rejection makes the listener try anew. */
  readonly onBack: () => Promise<void>;
};

const longestPauseMs = 5_000;

/** Resolves when the channel is heard for the first time; rejects when that first connection cannot be made. */
export async function listen(
  connection: pg.ClientConfig,
  channel: string,
  handlers: ListenHandlers,
  effects: Effects,
): Promise<Listener> {
  const stopping = new AbortController();
  let current = await subscribe(connection, channel, handlers.onMessage);
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const reason = await current.lost;
      if (stopping.signal.aborted) return;
      effects.observe({ kind: 'catalogue-listener-lost', reason });
      const next = await resubscribe(connection, channel, handlers, stopping.signal, effects);
      if (next === null) return;
      current = next;
      effects.observe({ kind: 'catalogue-listener-back' });
    }
  };
  const running = loop();
  const close = async (): Promise<void> => {
    stopping.abort();
    await current.end();
    await running;
  };
  return { close };
}

type Subscription = { readonly lost: Promise<string>; end(): Promise<void> };

async function subscribe(
  connection: pg.ClientConfig,
  channel: string,
  onMessage: (payload: string) => void,
): Promise<Subscription> {
  const client = new pg.Client({ ...connection, application_name: 'portal listener' });
  const lost = new Promise<string>((done) => {
    client.once('error', (error) => done(error.message));
    client.once('end', () => done('the connection was closed'));
  });
  client.on('error', () => undefined); // said through `lost`; a second error of a dead connection adds nothing
  client.on('notification', (message) => onMessage(message.payload ?? ''));
  try {
    await client.connect();
    await client.query(`listen ${pg.escapeIdentifier(channel)}`);
  } catch (error) {
    await client.end();
    throw error;
  }
  return { lost, end: () => client.end() };
}

async function resubscribe(
  connection: pg.ClientConfig,
  channel: string,
  handlers: ListenHandlers,
  stopping: AbortSignal,
  effects: Effects,
): Promise<Subscription | null> {
  for (let attempt = 1; !stopping.aborted; attempt += 1) {
    try {
      const subscription = await subscribe(connection, channel, handlers.onMessage);
      try {
        await handlers.onBack();
        return subscription;
      } catch (error) {
        await subscription.end();
        throw error;
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      effects.observe({ kind: 'database-retry', attempt, reason });
      const asked = new Promise((done) => stopping.addEventListener('abort', done, { once: true }));
      await Promise.race([wait(Math.min(longestPauseMs, 100 * 2 ** attempt)), asked]);
    }
  }
  return null;
}
