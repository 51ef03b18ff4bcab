// `portal mail receive`: hands in one message as it came, from standard input, for a mail server's pipe.
// It must say nothing of what the message says: a mail server writes what a command prints into its log.

import type { Readable } from 'node:stream';

import { usageError } from './exit.ts';
import type { HttpClient } from './http-client.ts';
import { writeJson, writeLines } from './terminal.ts';
import type { Terminal } from './terminal.ts';

type ReceivedAnswer = { readonly became: string; readonly requestNumber: string | null };

const sentences: Readonly<Record<string, string>> = {
  threaded: 'It joined its request',
  unassigned: 'It waits for staff',
  stopped: 'A machine sent it, and nothing is answered',
  repeated: 'It has been here before',
};

/** Reads to the end before it asks: a message that is cut is never handed in as if whole. */
export async function readInput(input: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of input) pieces.push(Buffer.from(piece as Uint8Array));
  const bytes = Buffer.concat(pieces);
  if (bytes.length === 0) throw usageError('The message is read from standard input; there was nothing.');
  return bytes;
}

export async function receiveMail(client: HttpClient, raw: Buffer, terminal: Terminal, json: boolean): Promise<void> {
  const answer = (await client.post('/api/v1/mail/inbound', 'message/rfc822', raw)) as ReceivedAnswer;
  if (json) return writeJson(terminal, answer);
  const { became, requestNumber } = answer;
  writeLines(terminal, [`${sentences[became] ?? became}${requestNumber === null ? '' : ` (${requestNumber})`}.`]);
}
