// The network that a client belongs to, for counting how much comes from one: a whole IPv6 /64 is one household's.
// It must decide nothing about who may do what; an address is no proof of anybody.

import { isIPv6 } from 'node:net';

/** An IPv4 address as it stands, however an IPv6 socket writes it, or the /64 of an IPv6 one; other texts stay. */
export function toNetwork(client: string): string {
  const [address = ''] = client.split('%'); // fe80::1%eth0: the zone is this machine's name for the link
  if (!isIPv6(address)) return client;
  const groups = toGroups(address);
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (mapped) return groups.slice(6).flatMap(toBytes).join('.');
  const network = groups.slice(0, 4).map((group) => group.toString(16));
  return `${network.join(':')}::/64`;
}

function toBytes(group: number): readonly number[] {
  return [group >> 8, group & 0xff];
}

/** The eight numbers of an IPv6 address. */
function toGroups(address: string): readonly number[] {
  const [head = '', tail = ''] = address.split('::').map(withoutDots);
  const [left, right] = [readGroups(head), readGroups(tail)];
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

/** `ffff:10.0.0.1` → `ffff:a00:1` */
function withoutDots(part: string): string {
  return part.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/u, (_, ...bytes: readonly string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
}

function readGroups(part: string): readonly number[] {
  return part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
}
