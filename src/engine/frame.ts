// The binary protocol between the portal and an engine child: length, kind, payload, over one socket pair.
// The parent never deserializes anything from a child but JSON and row bytes; it must not know what a query is.

import type { BoundValue, EngineQuery, EngineTrailer } from './engine.ts';
import type { Limits } from './lockdown.ts';

/** What the parent sets for a child's life, as one JSON argument. */
export type ChildSettings = { readonly limits: Limits; readonly openFiles: number };

/** What the parent asks of a child. Sent with v8.serialize, which keeps bigint and Uint8Array. */
export type ParentMessage =
  | (Pick<EngineQuery, 'text' | 'params' | 'keyColumns' | 'maxRows' | 'maxBytes' | 'separator'> & {
      readonly kind: 'query';
      readonly id: number;
      readonly path: string;
      /** Names the exact bytes that were verified; another fingerprint of the same path is opened afresh. */
      readonly fingerprint: string;
      /** The file is read through an instance of its own with little memory, closed at the end. */
      readonly apart: boolean;
      /** Bytes that may be on the way before the child waits for credit. */
      readonly windowBytes: number;
    })
  | { readonly kind: 'credit'; readonly id: number; readonly bytes: number }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'hash'; readonly id: number; readonly path: string }
  | { readonly kind: 'forget'; readonly path: string }
  | {
      readonly kind: 'open-build';
      readonly id: number;
      readonly folders: readonly string[];
      readonly attach: string | null;
    }
  | { readonly kind: 'run'; readonly id: number; readonly text: string; readonly params: readonly BoundValue[] }
  | {
      readonly kind: 'export';
      readonly id: number;
      readonly text: string;
      readonly params: readonly BoundValue[];
      readonly path: string;
    };

/** What a child says, as JSON. Row bytes travel in frames of their own. */
export type ChildMessage =
  | { readonly kind: 'ready'; readonly dataLimitBytes: number | null }
  /** The query has been read; what comes to the child from now on may come of it. */
  | { readonly kind: 'begun'; readonly id: number }
  | (Omit<EngineTrailer, 'elapsedMs'> & { readonly kind: 'trailer'; readonly id: number })
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly cause: FailureCause; readonly message: string };

/** `engine`: the message is DuckDB's own. */
export type FailureCause = 'engine' | 'refused' | 'row-too-large';

export type QueryMessage = Extract<ParentMessage, { kind: 'query' }>;

/** The child's end of the socket. */
export type Channel = {
  say(message: ChildMessage): void;
  /** Sends row bytes; the caller keeps count of its credit. */
  rows(bytes: Uint8Array): void;
};

export const frameKind = { message: 1, rows: 2 } as const;

const headerBytes = 5;
/** A message (not rows) longer than this is a fault of the child, not an answer. */
const longestMessageBytes = 256 * 1024 * 1024;

export function toFrameHeader(kind: number, payloadBytes: number): Buffer {
  const header = Buffer.allocUnsafe(headerBytes);
  header.writeUInt32LE(payloadBytes, 0);
  header[4] = kind;
  return header;
}

export type FrameSink = {
  message(payload: Buffer): void;
  /** A piece of a rows frame, as it arrived: frames are not put together again. */
  rows(bytes: Buffer): void;
};

/** Takes the socket's chunks as they come and hands on messages whole and row bytes in pieces, without copying rows. */
export function frameReader(sink: FrameSink): (chunk: Buffer) => void {
  let header = Buffer.alloc(0);
  let kind = 0;
  let missing = -1; // payload bytes still to come; -1: reading a header
  let parts: Buffer[] = [];
  return (chunk) => {
    let at = 0;
    while (at < chunk.length || missing === 0) {
      if (missing < 0) {
        const take = Math.min(headerBytes - header.length, chunk.length - at);
        header = Buffer.concat([header, chunk.subarray(at, at + take)]);
        at += take;
        if (header.length < headerBytes) return;
        missing = header.readUInt32LE(0);
        kind = header[4] ?? 0;
        header = Buffer.alloc(0);
        if (kind === frameKind.message && missing > longestMessageBytes) throw new Error('frame too long');
        continue;
      }
      const piece = chunk.subarray(at, at + missing);
      at += piece.length;
      missing -= piece.length;
      if (kind === frameKind.rows) {
        if (piece.length > 0) sink.rows(piece);
      } else {
        parts.push(piece);
      }
      if (missing > 0) continue;
      missing = -1;
      if (kind === frameKind.rows) continue;
      const whole = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
      parts = [];
      sink.message(whole);
    }
  };
}
