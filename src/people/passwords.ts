// Passwords of the staff: which are taken, how they are kept (scrypt) and compared.
// It must never write a password down, and never ask for symbols, capitals or a change after so many days.

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

import { refuseField } from '../base/fields.ts';
import { say } from '../base/say.ts';
import type { Sentence } from '../base/say.ts';

/** NIST SP 800-63B-4 and ASVS 5.0 6.2: length counts, composition does not. */
const shortestPassword = 15;
const longestPassword = 200;

type Owner = { readonly email: string; readonly name: string };

/**
 * Throws form-invalid with the reason. Lists of common passwords have none of 15 characters but those built like the
 * ones refused here.
 */
export function requireGoodPassword(password: string, owner: Owner, ownWords: readonly string[]): void {
  const text = password.normalize('NFKC');
  const length = [...text].length;
  const refuse = (sentence: Sentence): never => {
    refuseField('password', sentence);
  };
  if (length < shortestPassword) refuse(say('people.password-too-short', { length, shortest: shortestPassword }));
  if (length > longestPassword) refuse(say('people.password-too-long', { longest: longestPassword }));
  const left = strip(text.toLowerCase(), [...wordsOf(owner), ...ownWords]);
  if (new Set(left).size < 6 || isRepeated(text.toLowerCase()) || isSequence(left)) {
    refuse(say('people.password-guessable'));
  }
}

/** What is left when everything an attacker would try first is taken out. */
function strip(text: string, ownWords: readonly string[]): string {
  let left = text;
  for (const word of [...ownWords, ...commonWords]) {
    const plain = word.toLowerCase();
    if (plain.length >= 3) left = left.replaceAll(plain, '');
  }
  return left.replace(/[\s._-]/gu, '');
}

function wordsOf({ email, name }: Owner): readonly string[] {
  return [...email.split(/[^\p{L}\p{N}]+/u), ...name.split(/\s+/u)];
}

/** The words that passwords are most often built from. */
const commonWords = [
  'password',
  'passwort',
  'passphrase',
  'letmein',
  'welcome',
  'administrator',
  'admin',
  'iloveyou',
  'changeme',
  'default',
  'secret',
  'qwertyuiop',
  'qwerty',
  'asdfghjkl',
  'zxcvbnm',
  '1q2w3e4r',
  'dragon',
  'monkey',
  'football',
  'baseball',
  'sunshine',
  'princess',
  'master',
  'login',
  'summer',
  'winter',
  'spring',
  'autumn',
] as const;

/** `abcabcabcabcabc`: one piece again and again. */
function isRepeated(text: string): boolean {
  return /^(.{1,7}?)\1+.{0,7}$/u.test(text);
}

const rows = ['01234567890', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'] as const;

/** Most of it runs along the alphabet, the digits or the keyboard, forwards or backwards. */
function isSequence(text: string): boolean {
  const lines = rows.flatMap((row) => [row, [...row].reverse().join('')]);
  const pairs = Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2));
  const running = pairs.filter((pair) => lines.some((line) => line.includes(pair))).length;
  return running >= pairs.length * 0.7;
}

/**
 * scrypt's parameters (RFC 7914, section 2). The stored form does not name them, so a portal keeps one cost for good.
 */
export type PasswordCost = { readonly N: number; readonly r: number; readonly p: number };

/** 32 MB and some 60 ms for every guess. Another cost opens no password that is kept already. */
export const scryptCost: PasswordCost = { N: 16_384, r: 16, p: 1 };

const saltBytes = 16;
const keyBytes = 64;

/**
 * The stored form: salt and key in hexadecimal, a colon between. The salt's text, not its bytes,
 * is what scrypt is given.
 */
export async function toPasswordHash(password: string, cost: PasswordCost): Promise<string> {
  const salt = randomBytes(saltBytes).toString('hex');
  return `${salt}:${(await toKey(password, salt, cost)).toString('hex')}`;
}

/** Takes the same time for every password; an overlong one is not worked on. Throws for a hash of another form. */
export async function isPassword(password: string, hash: string, cost: PasswordCost): Promise<boolean> {
  const [, salt, key] = /^([0-9a-f]+):([0-9a-f]{128})$/u.exec(hash) ?? [];
  if (salt === undefined || key === undefined) throw new Error('a stored password hash has not the form it should');
  return timingSafeEqual(await toKey(password.slice(0, longestPassword * 4), salt, cost), Buffer.from(key, 'hex'));
}

/** The same letters typed in another way (composed, full width) are the same password: NFKC, NIST SP 800-63B-4. */
function toKey(password: string, salt: string, { N, r, p }: PasswordCost): Promise<Buffer> {
  const text = password.normalize('NFKC');
  return new Promise((done, failed) => {
    scrypt(text, salt, keyBytes, { N, r, p, maxmem: 256 * N * r }, (error, key) => {
      if (error === null) done(key);
      else failed(error);
    });
  });
}
