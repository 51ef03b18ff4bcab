// Which clients count as one: every way to write an address of a network leads to the same words.

import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import test from 'node:test';

import { toNetwork } from '../../src/base/network.ts';

const alike: Readonly<Record<string, readonly string[]>> = {
  '10.0.0.1': ['10.0.0.1', '::ffff:10.0.0.1', '::FFFF:10.0.0.1', '::ffff:a00:1', '0:0:0:0:0:ffff:10.0.0.1'],
  '2001:db8:0:0::/64': [
    '2001:db8::',
    '2001:db8::1',
    '2001:DB8::1',
    '2001:0db8:0000:0000:ffff:ffff:ffff:ffff',
    '2001:db8:0:0:1::9',
    '2001:db8::10.0.0.1',
  ],
  '2001:db8:0:1::/64': ['2001:db8:0:1::1', '2001:db8:0:1:2:3:4:5'],
  'fe80:0:0:0::/64': ['fe80::1%eth0', 'fe80::1%eth1', 'fe80::1'],
  '0:0:0:0::/64': ['::1', '::', '::10.0.0.1'],
  '0:1:2:3::/64': ['::1:2:3:4:5:10.0.0.1', '0:1:2:3:4:5:a00:1'],
};

test('a network is an IPv4 address or the /64 of an IPv6 one, however the address is written', () => {
  for (const [network, addresses] of Object.entries(alike)) {
    for (const address of addresses) {
      assert.notEqual(isIP(address.split('%')[0]!), 0, address);
      assert.equal(toNetwork(address), network, address);
    }
  }
});

test('what is no address stands for itself', () => {
  const texts = ['', 'unix:', 'localhost', 'a%b', '::ffff:10.0.0.256', '1:2:3'];
  assert.deepEqual(texts.map(toNetwork), texts);
});
