// In the child: one query at a time on the serving files that are open, with credit from the reader.
// It must not decide how long a query may run; the portal's process does.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LRUCache } from 'lru-cache';
import { bindAll } from './binding.ts';
import type { Channel, ChildSettings, QueryMessage } from './frame.ts';
import { openParser, openServingFile } from './lockdown.ts';
import type { Opened } from './lockdown.ts';
import { emitRows } from './rows.ts';
import { requireHarmlessSelect } from './statement.ts';

type OpenFile = Opened & { readonly fingerprint: string; geo: boolean };

export type QueryDesk = {
  run(message: QueryMessage): Promise<void>;
  credit(id: number, bytes: number): void;
  cancel(id: number): void;
  forget(path: string): void;
};

/** What is known of the one query that runs. */
type Running = {
  readonly id: number;
  credit: number;
  cancelled: boolean;
  wake: (() => void) | null;
  connection: DuckDBConnection | null;
};

export function queryDesk(settings: ChildSettings, channel: Channel): QueryDesk {
  const files = openFiles(settings);
  const check = statementCheck();
  let running: Running | null = null;
  let settled: Promise<unknown> = Promise.resolve();

  const run = async (message: QueryMessage, current: Running): Promise<void> => {
    await check(message.text);
    const file = message.apart
      ? await openApart(settings, message)
      : await files.open(message.path, message.fingerprint);
    try {
      if (!file.geo && message.text.includes('geo_')) await addGeoFunctions(file);
      if (current.cancelled) throw new Error('INTERRUPT Error: Interrupted before it began');
      current.connection = file.connection;
      const early = await execute(message, current, file.connection, channel);
      // A result that was not read to its end keeps its memory until the connection's next statement.
      if (early && !message.apart) await file.connection.run('select 1');
    } finally {
      current.connection = null;
      if (message.apart) closeOpened(file);
    }
  };

  return {
    run: async (message) => {
      const current: Running = {
        id: message.id,
        credit: message.windowBytes,
        cancelled: false,
        wake: null,
        connection: null,
      };
      running = current;
      const work = settled.then(async () => await run(message, current));
      settled = work.catch(() => undefined); // the next query waits for this one's end, not for its success
      try {
        await work;
      } finally {
        if (running === current) running = null;
      }
    },
    credit: (id, bytes) => {
      if (running?.id !== id) return;
      running.credit += bytes;
      running.wake?.();
    },
    cancel: (id) => {
      if (running?.id !== id) return;
      running.cancelled = true;
      running.connection?.interrupt();
      running.wake?.();
    },
    forget: files.forget,
  };
}

function openFiles(settings: ChildSettings): {
  open(path: string, fingerprint: string): Promise<OpenFile>;
  forget(path: string): void;
} {
  const files = new LRUCache<string, OpenFile>({ max: settings.openFiles, dispose: closeOpened });
  return {
    open: async (path, fingerprint) => {
      const known = files.get(path);
      if (known !== undefined && known.fingerprint === fingerprint) return known;
      if (known !== undefined) files.delete(path);
      const file = { ...(await openServingFile(path, settings.limits)), fingerprint, geo: false };
      files.set(path, file);
      return file;
    },
    forget: (path) => {
      files.delete(path);
    },
  };
}

/**
 * DuckDB keeps what it read of a file until its budget is full: a table that only passes by would grow the child to all
 * of it, and push out what the next small queries need.
 */
const apartMemoryLimit = '128MB';

async function openApart({ limits }: ChildSettings, { path, fingerprint }: QueryMessage): Promise<OpenFile> {
  return { ...(await openServingFile(path, { ...limits, memoryLimit: apartMemoryLimit })), fingerprint, geo: false };
}

/** The wall of statement.ts, remembered by text: parameters are bound, so one text serves many queries. */
function statementCheck(): (text: string) => Promise<void> {
  const harmless = new LRUCache<string, true>({
    max: 1000,
    maxSize: 8 * 1024 * 1024,
    sizeCalculation: (_, text) => text.length + 1,
  });
  let parser: Promise<Opened> | null = null;
  return async (text) => {
    if (harmless.has(text)) return;
    parser ??= openParser();
    await requireHarmlessSelect((await parser).connection, text);
    harmless.set(text, true);
  };
}

/** The geometry library is loaded by the first query that needs it: most children never do. */
async function addGeoFunctions(file: OpenFile): Promise<void> {
  const { registerGeoFunctions } = await import('./geo-functions.ts');
  registerGeoFunctions(file.connection);
  file.geo = true;
}

/** True when it stopped before the end of the result. */
async function execute(
  message: QueryMessage,
  current: Running,
  connection: DuckDBConnection,
  channel: Channel,
): Promise<boolean> {
  const statement = await connection.prepare(message.text);
  try {
    bindAll(statement, message.params);
    const result = await statement.stream();
    const totals = await emitRows(result, message, {
      send: (bytes) => {
        channel.rows(bytes);
        current.credit -= bytes.length;
        return current.credit > 0 && !current.cancelled ? null : waitForCredit(current);
      },
    });
    channel.say({ kind: 'trailer', id: message.id, ...totals });
    return totals.more || totals.truncated;
  } finally {
    statement.destroySync();
  }
}

async function waitForCredit(current: Running): Promise<void> {
  while (current.credit <= 0 && !current.cancelled) {
    await new Promise<void>((resolve) => {
      current.wake = resolve;
    });
    current.wake = null;
  }
  if (current.cancelled) throw new Error('INTERRUPT Error: Interrupted while sending');
}

function closeOpened(file: Opened): void {
  file.connection.closeSync();
  file.instance.closeSync();
}
