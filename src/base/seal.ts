// Seals what is personal before it is stored: values, addresses to be found again, whole files. The key stays outside.
// It must never write down a key, and never hand out a byte that it has not proven to be the one that was sealed.

import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';

import { PortalError } from './errors.ts';
import { say } from './say.ts';
import type { Sentence } from './say.ts';

/** A key and the number by which sealed bytes name it, 1 to 255. */
export type SealKey = { readonly id: number; readonly key: Buffer };

/**
 * `purpose` says what is sealed and is bound to it: bytes sealed for one purpose do not open for another. Give the
 * table and column, with the row's id where bytes of one row must not pass for another's. What does not open throws
 * stored-file-damaged.
 */
export type Seal = {
  /** Any JSON value → bytes for a `bytea` column. */
  seal(value: unknown, purpose?: string): Buffer;
  open(bytes: Uint8Array, purpose?: string): unknown;
  /** The same 32 bytes for the same text under this key: finds an address again without storing it. */
  blindIndex(text: string, purpose?: string): Buffer;
  /** Pieces of any size in, sealed pieces out; memory stays at one piece of 64 KiB. */
  sealPieces(pieces: Pieces, purpose?: string): AsyncGenerator<Buffer>;
  /** Each piece is proven before it is given; a file that was cut, swapped or lengthened throws at that place. */
  openPieces(pieces: Pieces, purpose?: string): AsyncGenerator<Buffer>;
  /** Writes a new file, synced to disk. Throws the system's error when `to` exists. */
  sealFile(from: string, to: string, purpose?: string): Promise<void>;
  openFile(from: string, purpose?: string): AsyncGenerator<Buffer>;
};

type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export const keyBytes = 32;
const valueMark = 0x53;
const fileMark = Buffer.from('PSEAL\x01', 'latin1');
const nonceBytes = 12;
const tagBytes = 16;
const saltBytes = 32;
const pieceBytes = 65_536;
const ordinary = 'personal detail';
const cipher = 'aes-256-gcm';

/**
 * One key, or several: the last seals, all open, and the first makes the blind indexes, so that they outlive a new key.
 */
export function openSeal(given: Buffer | readonly SealKey[]): Seal {
  const keys = Buffer.isBuffer(given) ? [{ id: 1, key: given }] : given;
  requireKeys(keys);
  const values = new Map(keys.map(({ id, key }) => [id, derive(key, '', 'value')]));
  const masters = new Map(keys.map(({ id, key }) => [id, key]));
  const indexKey = derive(keys[0]!.key, '', 'blind index');
  const current = keys.at(-1)!.id;
  const sealPieces = (pieces: Pieces, purpose = ordinary) =>
    sealedPieces(masters.get(current)!, current, pieces, purpose);
  const openPieces = (pieces: Pieces, purpose = ordinary) => openedPieces(masters, pieces, purpose);
  return Object.freeze({
    seal: (value: unknown, purpose = ordinary) => sealValue(values.get(current)!, current, value, purpose),
    open: (bytes: Uint8Array, purpose = ordinary) => openValue(values, bytes, purpose),
    blindIndex: (text: string, purpose = ordinary) =>
      createHmac('sha256', indexKey).update(`${purpose}\0${text}`, 'utf8').digest(),
    sealPieces,
    openPieces,
    sealFile: (from: string, to: string, purpose?: string) =>
      writeSynced(to, sealPieces(createReadStream(from), purpose)),
    openFile: (from: string, purpose?: string) => openPieces(createReadStream(from), purpose),
  });
}

function requireKeys(keys: readonly SealKey[]): void {
  const ids = new Set(keys.map(({ id }) => id));
  const sound = keys.every(({ id, key }) => key.length === keyBytes && Number.isInteger(id) && id >= 1 && id <= 255);
  if (keys.length === 0 || ids.size !== keys.length || !sound) {
    throw new PortalError('setting-invalid', `A seal needs keys of ${keyBytes} bytes, numbered apart from 1 to 255.`);
  }
}

function derive(key: Buffer, salt: string | Buffer, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, `portal seal 1 ${use}`, keyBytes));
}

/** mark · key id · nonce · ciphertext · tag */
function sealValue(key: Buffer, id: number, value: unknown, purpose: string): Buffer {
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError('what is sealed must be JSON');
  const head = Buffer.from([valueMark, id]);
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes });
  sealing.setAAD(bound(head, purpose));
  return Buffer.concat([head, nonce, sealing.update(text, 'utf8'), sealing.final(), sealing.getAuthTag()]);
}

function openValue(keys: ReadonlyMap<number, Buffer>, given: Uint8Array, purpose: string): unknown {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  if (bytes.length < 2 + nonceBytes + tagBytes || bytes[0] !== valueMark) throw damaged(say('store.sealed.no-value'));
  const key = requireKey(keys, bytes[1]!);
  const opening = createDecipheriv(cipher, key, bytes.subarray(2, 2 + nonceBytes), { authTagLength: tagBytes });
  opening.setAAD(bound(bytes.subarray(0, 2), purpose));
  opening.setAuthTag(bytes.subarray(-tagBytes));
  const text = proven(() => [opening.update(bytes.subarray(2 + nonceBytes, -tagBytes)), opening.final()]);
  return JSON.parse(text.toString('utf8'));
}

function bound(head: Buffer, purpose: string): Buffer {
  return Buffer.concat([head, Buffer.from(purpose, 'utf8')]);
}

function requireKey(keys: ReadonlyMap<number, Buffer>, id: number): Buffer {
  const key = keys.get(id);
  if (key === undefined) throw damaged(say('store.sealed.no-key', { key: id }));
  return key;
}

/** What AES-GCM says when the tag is wrong is an Error without a name of its own. */
function proven(run: () => readonly Buffer[]): Buffer {
  try {
    return Buffer.concat(run());
  } catch (error) {
    throw damaged(say('store.sealed.changed'), error);
  }
}

function damaged(what: Sentence, cause?: unknown): PortalError {
  return new PortalError('stored-file-damaged', { detail: say('store.sealed-damaged', { what }), cause });
}

/**
 * mark · key id · salt, then pieces of 64 KiB, each with its tag. Every file has a key of its own (HKDF over the salt
 * and the purpose), so a nonce is the piece's number and whether it is the last: no piece can be moved, dropped or
 * added (the STREAM construction, as in age).
 */
async function* sealedPieces(master: Buffer, id: number, pieces: Pieces, purpose: string): AsyncGenerator<Buffer> {
  const salt = randomBytes(saltBytes);
  const head = Buffer.concat([fileMark, Buffer.from([id]), salt]);
  const key = fileKey(master, head, purpose);
  yield head;
  let number = 0;
  let last: Buffer | null = null;
  for await (const piece of inPieces(pieces, pieceBytes)) {
    if (last !== null) yield sealPiece(key, number++, false, last);
    last = piece;
  }
  yield sealPiece(key, number, true, last ?? Buffer.alloc(0));
}

async function* openedPieces(
  masters: ReadonlyMap<number, Buffer>,
  pieces: Pieces,
  purpose: string,
): AsyncGenerator<Buffer> {
  const headBytes = fileMark.length + 1 + saltBytes;
  let key: Buffer | null = null;
  let number = 0;
  let last: Buffer | null = null;
  for await (const piece of inPieces(pieces, pieceBytes + tagBytes, headBytes)) {
    if (key === null) {
      if (piece.length < headBytes || !piece.subarray(0, fileMark.length).equals(fileMark)) break;
      key = fileKey(requireKey(masters, piece[fileMark.length]!), piece, purpose);
      continue;
    }
    if (last !== null) yield openPiece(key, number++, false, last);
    last = piece;
  }
  if (key === null) throw damaged(say('store.sealed.no-file'));
  if (last === null) throw damaged(say('store.sealed.cut-short'));
  const end = openPiece(key, number, true, last);
  if (end.length > 0) yield end;
}

function fileKey(master: Buffer, head: Buffer, purpose: string): Buffer {
  return derive(master, head, `file ${purpose}`);
}

function pieceNonce(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(nonceBytes);
  nonce.writeUIntBE(number, 5, 6);
  nonce[nonceBytes - 1] = isLast ? 1 : 0;
  return nonce;
}

function sealPiece(key: Buffer, number: number, isLast: boolean, piece: Buffer): Buffer {
  const sealing = createCipheriv(cipher, key, pieceNonce(number, isLast), { authTagLength: tagBytes });
  return Buffer.concat([sealing.update(piece), sealing.final(), sealing.getAuthTag()]);
}

function openPiece(key: Buffer, number: number, isLast: boolean, piece: Buffer): Buffer {
  if (piece.length < tagBytes) throw damaged(say('store.sealed.cut-short'));
  const opening = createDecipheriv(cipher, key, pieceNonce(number, isLast), { authTagLength: tagBytes });
  opening.setAuthTag(piece.subarray(-tagBytes));
  return proven(() => [opening.update(piece.subarray(0, -tagBytes)), opening.final()]);
}

/** Cuts what comes into pieces of one size; the first may have a size of its own, the last what is left. */
async function* inPieces(pieces: Pieces, size: number, first = size): AsyncGenerator<Buffer> {
  let kept: Buffer[] = [];
  let [length, wanted] = [0, first];
  for await (const piece of pieces) {
    let rest = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    while (length + rest.length >= wanted) {
      const taken = rest.subarray(0, wanted - length);
      yield Buffer.concat([...kept, taken]);
      rest = rest.subarray(taken.length);
      [kept, length, wanted] = [[], 0, size];
    }
    if (rest.length === 0) continue;
    kept.push(Buffer.from(rest)); // whoever gave it may fill it again
    length += rest.length;
  }
  if (length > 0) yield Buffer.concat(kept);
}

async function writeSynced(to: string, pieces: AsyncIterable<Buffer>): Promise<void> {
  const file = await open(to, 'wx', 0o600);
  try {
    for await (const piece of pieces) await file.writeFile(piece);
    await file.sync();
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}
