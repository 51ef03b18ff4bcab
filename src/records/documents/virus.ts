// Asks whether a file carries malware: the industry's test file always, clamd when the city runs one.
// It must say when it could not ask; what was not scanned is never told as clean.

import { createReadStream } from 'node:fs';
import { connect } from 'node:net';

import type { ScannerAddress } from './deps.ts';

export type ScanVerdict = { readonly kind: 'clean' } | { readonly kind: 'infected' } | { readonly kind: 'not-scanned' };

/** The EICAR test file, in two halves so that no scanner takes this source for it. */
const eicar = Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'].join(''),
  'latin1',
);
const pieceBytes = 262_144;
const quietMs = 120_000;

export async function scanFile(path: string, scanner: ScannerAddress | null): Promise<ScanVerdict> {
  if (await holdsEicar(path)) return { kind: 'infected' };
  if (scanner === null) return { kind: 'not-scanned' };
  const answer = await askClamd(path, scanner);
  if (answer === null) return { kind: 'not-scanned' };
  if (/ FOUND\0?$/u.test(answer.trim())) return { kind: 'infected' };
  return /: OK\0?$/u.test(answer.trim()) ? { kind: 'clean' } : { kind: 'not-scanned' };
}

async function holdsEicar(path: string): Promise<boolean> {
  let tail = Buffer.alloc(0);
  for await (const piece of createReadStream(path, { highWaterMark: pieceBytes })) {
    const window = Buffer.concat([tail, piece as Buffer]);
    if (window.includes(eicar)) return true;
    tail = window.subarray(-eicar.length);
  }
  return false;
}

/** INSTREAM of clamd's protocol; null when it does not answer, or refuses a file of this size. */
function askClamd(path: string, { host, port }: ScannerAddress): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let answer = '';
    const end = (text: string | null) => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(quietMs, () => end(null));
    socket.on('error', () => end(answer === '' ? null : answer));
    socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
    socket.on('close', () => end(answer === '' ? null : answer));
    socket.once('connect', () => {
      send(path, socket).catch(() => end(answer === '' ? null : answer));
    });
  });
}

async function send(path: string, socket: ReturnType<typeof connect>): Promise<void> {
  const write = (bytes: Buffer) =>
    new Promise<void>((done, failed) => socket.write(bytes, (error) => (error ? failed(error) : done())));
  await write(Buffer.from('zINSTREAM\0', 'latin1'));
  for await (const piece of createReadStream(path, { highWaterMark: pieceBytes })) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE((piece as Buffer).length);
    await write(Buffer.concat([length, piece as Buffer]));
  }
  await write(Buffer.alloc(4));
}
