// How passwords are kept: the hashes of portals that run already open, and new ones have the same form.
// It must hold hashes that were made elsewhere: what makes and opens its own is no proof.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isPassword, scryptCost, toPasswordHash } from '../../src/people/passwords.ts';
import { cheapPasswords } from './cheap-passwords.ts';

/** Made by better-auth 1.7.25, which the portal hashed with until it did so itself. */
const kept = [
  [
    'otter lantern gravel violin',
    '6264c3e0b322ec00f5d3f9be563d063e:a8e73b55c75cbe7ccb94e4b08b54e3d44a562284b5ea6ab52c1aa32a264ae328' +
      '6c4ccf587a5da52958856e779c3b8b6c1791c83caf92dcba499c0b5d65d49084',
  ],
  [
    'caf\u00e9 \ufb01ne \u2460\u2461\u2462 \u212bngstr\u00f6m',
    '0fcc2fd6ce804e3de82d1cf6c37c67c5:5cce92c1c797566a23c37397a3d215a3b994da5033ed9aa893ceee137f0df6f5' +
      '163c86e2bef809a90e8d4fbac4253fbc400898077712a8e78a6868f84d2a1f38',
  ],
  [
    '  leading and trailing  ',
    '1483ecf4e9e85e541922267b28664633:b5a58652d0014a167cb763b79127c6a21ddd68943f108fa9fdf8a8bacf975c01' +
      'a0e6a048e4064b5d79683d7b2b3f26bd3acf8a39ce96c7c365f645adb616cbc6',
  ],
  [
    '\u{1f9a6} otters hold hands asleep',
    'f3f0d596a59c55276838e5be0fdb87bc:672ee0e790f3f1399ffa21bba9f3fcba4494af0ea109392c265f7ec4effcf2df' +
      '677826ea30e365c37eb5a66a97a9cf8f5bffb4d603215cd5c5feddf55a351d28',
  ],
] as const;

for (const [password, hash] of kept) {
  test(`a password that was kept earlier still opens: ${password}`, async () => {
    assert.equal(await isPassword(password, hash, scryptCost), true);
    assert.equal(await isPassword(`${password}!`, hash, scryptCost), false);
  });
}

test('the same letters typed in another way are the same password', async () => {
  const typed = 'cafe\u0301 fine 123 A\u030angstro\u0308m';
  assert.equal(await isPassword(typed, kept[1][1], scryptCost), true);
});

test('a new hash has the form of the old ones, and a salt of its own', async () => {
  const made = await Promise.all([1, 2].map(() => toPasswordHash(kept[0][0], cheapPasswords)));
  for (const hash of made) {
    assert.match(hash, /^[0-9a-f]{32}:[0-9a-f]{128}$/u);
    assert.equal(await isPassword(kept[0][0], hash, cheapPasswords), true);
  }
  assert.notEqual(made[0], made[1]);
});

test('another cost opens nothing', async () => {
  assert.equal(await isPassword(kept[0][0], kept[0][1], cheapPasswords), false);
});

test('a hash of another form is a fault, not a wrong password', async () => {
  for (const hash of ['', 'plain', 'aa:bb', `:${'0'.repeat(128)}`]) {
    await assert.rejects(isPassword('whatever it is', hash, cheapPasswords), /form/u, hash);
  }
});
