// What is known of the state of stored files: damage as it is found, and how many were read, damaged and mended.
// It must not read or change a file; it counts, and tells whoever mends.

import type { Effects } from '../base/effects.ts';
import type { BlobName } from './store.ts';

export type StoreStats = {
  /** Files and bytes that were read to the end and compared with their names, without anybody asking for them. */
  readonly checkedFiles: number;
  readonly checkedBytes: number;
  readonly damaged: number;
  readonly mended: number;
};

export type StoreHealth = {
  /** The same effects; what the store tells through them about damage is heard here, too. */
  watch(effects: Effects): Effects;
  /** One listener, called whenever a file is found to be damaged: more than once for one that stays so. */
  onDamage(listener: (name: BlobName) => void): void;
  countChecked(bytes: number): void;
  countMended(): void;
  stats(): StoreStats;
};

export function openStoreHealth(): StoreHealth {
  const known = new Set<BlobName>();
  let stats: StoreStats = { checkedFiles: 0, checkedBytes: 0, damaged: 0, mended: 0 };
  let tell: (name: BlobName) => void = () => undefined;
  const found = (name: BlobName): void => {
    known.add(name);
    stats = { ...stats, damaged: known.size };
    tell(name);
  };
  return {
    watch: (effects) => ({
      ...effects,
      observe: (event) => {
        effects.observe(event);
        if (event.kind === 'stored-file-damaged') found(event.sha256);
      },
    }),
    onDamage: (listener) => {
      tell = listener;
    },
    countChecked: (bytes) => {
      stats = { ...stats, checkedFiles: stats.checkedFiles + 1, checkedBytes: stats.checkedBytes + bytes };
    },
    countMended: () => {
      stats = { ...stats, mended: stats.mended + 1 };
    },
    stats: () => stats,
  };
}
