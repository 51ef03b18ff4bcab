// The engine's child process: reads requests from descriptor 3, runs them on DuckDB, streams answers back.
// It must not read settings from anywhere but its argument, and must not outlive the portal.

import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { deserialize } from 'node:v8';
import { buildDesk } from './child-build.ts';
import { queryDesk } from './child-query.ts';
import { frameKind, frameReader, toFrameHeader } from './frame.ts';
import type { Channel, ChildSettings, ParentMessage } from './frame.ts';
import { RowTooLarge } from './rows.ts';
import { RefusedStatement } from './statement.ts';

const settings = JSON.parse(process.argv[2] ?? '') as ChildSettings;
const socket = new Socket({ fd: 3, readable: true, writable: true });
const channel: Channel = {
  say: (message) => sendFrame(frameKind.message, Buffer.from(JSON.stringify(message), 'utf8')),
  rows: (bytes) => sendFrame(frameKind.rows, bytes),
};
const queries = queryDesk(settings, channel);
const builds = buildDesk(settings);

socket.on('data', frameReader({ message: (payload) => take(deserialize(payload) as ParentMessage), rows: () => {} }));
// The portal has gone: nobody can use the answer, and a query must not go on burning the machine.
socket.on('close', () => process.kill(process.pid, 'SIGKILL'));
socket.on('error', () => process.kill(process.pid, 'SIGKILL'));
channel.say({ kind: 'ready', dataLimitBytes: readDataLimit() });

function sendFrame(kind: number, payload: Uint8Array): void {
  socket.cork();
  socket.write(toFrameHeader(kind, payload.length));
  socket.write(payload);
  socket.uncork();
}

function take(message: ParentMessage): void {
  switch (message.kind) {
    case 'query':
      channel.say({ kind: 'begun', id: message.id });
      queries.run(message).catch((error: unknown) => fail(message.id, error));
      return;
    case 'credit':
      queries.credit(message.id, message.bytes);
      return;
    case 'cancel':
      queries.cancel(message.id);
      builds.cancel();
      return;
    case 'forget':
      queries.forget(message.path);
      return;
    case 'hash':
      answer(message.id, hashFile(message.path));
      return;
    case 'open-build':
      answer(message.id, builds.open(message.folders, message.attach));
      return;
    case 'run':
      answer(message.id, builds.run(message.text, message.params));
      return;
    case 'export':
      answer(message.id, builds.exportFile(message.text, message.params, message.path));
      return;
  }
}

function answer(id: number, work: Promise<unknown>): void {
  work.then((value) => channel.say({ kind: 'result', id, value })).catch((error: unknown) => fail(id, error));
}

function fail(id: number, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const cause =
    error instanceof RefusedStatement ? 'refused' : error instanceof RowTooLarge ? 'row-too-large' : 'engine';
  channel.say({ kind: 'failed', id, cause, message });
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** RLIMIT_DATA as the kernel sees it; null when there is none. */
function readDataLimit(): number | null {
  const line = /^Max data size\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return line === undefined || line === 'unlimited' ? null : Number(line);
}
