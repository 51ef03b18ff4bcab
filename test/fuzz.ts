// Random input for readers of what strangers send: bytes that lean towards what a format is made of, whole files
// damaged, and a buffer that counts what is read of it. Work is counted and never timed.

import { randomInt } from 'node:crypto';
import type { TestContext } from 'node:test';
import fc from 'fast-check';

/** A new seed at every run, told in the report so that a failure can be had again: `FUZZ_SEED=… npm test -- file`. */
export function toSeed(t: TestContext): number {
  const seed = Number(process.env['FUZZ_SEED'] ?? '') || randomInt(1, 2 ** 31);
  t.diagnostic(`FUZZ_SEED=${seed}`);
  return seed;
}

/** Bytes of which most are one of `pieces`: what a format has a meaning for. */
export function bytesOf(pieces: readonly string[], maxLength: number): fc.Arbitrary<Buffer> {
  const piece = fc.constantFrom(...pieces).map((text) => Buffer.from(text, 'latin1'));
  const wild = fc.uint8Array({ minLength: 1, maxLength: 4 }).map((bytes) => Buffer.from(bytes));
  const either = fc.oneof({ weight: 9, arbitrary: piece }, { weight: 1, arbitrary: wild });
  return fc.array(either, { maxLength }).map((parts) => Buffer.concat(parts));
}

type Damage = {
  readonly kind: 'flip' | 'cut' | 'drop' | 'double' | 'insert';
  readonly at: number;
  readonly byte: number;
};

const damages: fc.Arbitrary<readonly Damage[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('flip' as const, 'cut' as const, 'drop' as const, 'double' as const, 'insert' as const),
    at: fc.nat({ max: 1_000_000 }),
    byte: fc.nat({ max: 255 }),
  }),
  { minLength: 1, maxLength: 4 },
);

/** Whole files that a few accidents have happened to. */
export function damaged(whole: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Buffer> {
  return fc.tuple(whole, damages).map(([bytes, list]) => list.reduce(damage, Buffer.from(bytes)));
}

function damage(bytes: Buffer, { kind, at, byte }: Damage): Buffer {
  const place = bytes.length === 0 ? 0 : at % bytes.length;
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (kind) {
    case 'flip':
      return Buffer.concat([before, Buffer.of(byte), after.subarray(1)]);
    case 'cut':
      return before;
    case 'drop':
      return Buffer.concat([before, after.subarray(1 + (byte % 16))]);
    case 'double':
      return Buffer.concat([before, after.subarray(0, byte), after]);
    case 'insert':
      return Buffer.concat([before, Buffer.of(byte), after]);
  }
}

/** The same bytes, and how many of them have been looked at, by index or by a method. */
export function countReads(bytes: Buffer): { readonly bytes: Buffer; readonly reads: () => number } {
  let reads = 0;
  const counted = new Proxy(bytes, {
    get(target, name) {
      if (typeof name === 'string' && /^\d+$/.test(name)) {
        reads += 1;
        return target[Number(name)];
      }
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given: readonly unknown[]): unknown => {
        const answer: unknown = Reflect.apply(value, target, given);
        reads += toReads(String(name), given, answer, target.length);
        return answer;
      };
    },
  });
  return { bytes: counted, reads: () => reads };
}

/** What the method has looked at: up to what was found, or the range that it was given. */
function toReads(method: string, given: readonly unknown[], answer: unknown, length: number): number {
  if (method === 'indexOf') return (answer === -1 ? length : Number(answer)) - Number(given[1] ?? 0) + 1;
  if (method === 'toString') return Number(given[2] ?? length) - Number(given[1] ?? 0);
  if (method === 'subarray') return 0;
  return length;
}
