// The one object of dependencies that every plugin, route and page is handed.
// It must not do anything: main.ts opens the parts, this file only names them.

import type { Clock } from '../base/clock.ts';
import type { Dataset, Revision } from '../catalogue/dataset.ts';
import type { Engine } from '../engine/engine.ts';
import type { BlobStore } from '../store/store.ts';

export type Portal = {
  readonly clock: Clock;
  readonly store: BlobStore;
  readonly engine: Engine;
  readonly catalogue: {
    view(id: string): Dataset | null;
    asOf(id: string, ref: string): Promise<Revision | null>;
  };
};
